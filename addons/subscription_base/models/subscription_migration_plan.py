"""What a new version does to the subscriptions of the version before: tried out, then planned."""

from contextlib import closing
from datetime import timedelta
from decimal import Decimal

from odoo import models
from odoo.tools import split_every

from ..billing import first_invoice_for, is_charged, is_dearer, periods_per_month
from ..billing.calendar import as_day
from .subscription_migration import OPEN_STATES
from .subscription_plan_move import MOVED_TYPES
from .subscription_recurring import SILENT

TRIED_AT_ONCE = 100
NOT_RUNNING = ("draft", "closed")


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    def _get_version_subscriptions(self):
        """The running subscriptions of the version before, and those on their way to it."""
        previous = self.previous_version_id
        migrations = self.env["subscription.migration"].search(
            [("plan_to_id", "=", previous.id), ("state", "in", OPEN_STATES)]
        )
        return migrations.subscription_id | self.env["subscription.subscription"].search(
            [("plan_id", "=", previous.id), ("state", "not in", NOT_RUNNING)]
        )

    def _try_version(self):
        """Find out what publishing the version would do, and leave no trace.

        Every subscription is moved for real, in a savepoint that is rolled back. Those that end
        with their current billing period are left out.

        :return: values of ``subscription.migration``.
        :rtype: list[dict]
        """
        self.ensure_one()
        result = []
        if self.version_audience != "all":
            return result
        for ids in split_every(TRIED_AT_ONCE, self._get_version_subscriptions().sorted("id").ids):
            subscriptions = self.env["subscription.subscription"].browse(ids)
            dates = {s: s._get_switch_date() for s in subscriptions}
            found = self._try_batch(dates)
            days = self.company_id.subscription_change_notice
            later = {s: s._get_switch_date(days) for s, v in found.items() if s._needs_notice(v)}
            for subscription in [s for s, day in later.items() if day > dates[s]]:
                del found[subscription]
            found |= self._try_batch({s: day for s, day in later.items() if day > dates[s]})
            result += found.values()
        return result

    def _try_batch(self, dates):
        """Try to move subscriptions, each on its day.

        :param dict dates: the day of each subscription.
        :return: ``{subscription: values of a subscription.migration}``
        :rtype: dict
        """
        dates = {s: day for s, day in dates.items() if not s.date_end or s.date_end >= day}
        try:
            with closing(self.env.cr.savepoint()):
                return self._move_and_compare(dates)
        except Exception as error:
            if self.env["subscription.billing.run"]._is_worth_another_try(error):
                raise
            if len(dates) > 1:
                return {s: v for d in dates.items() for s, v in self._try_batch(dict([d])).items()}
            [(subscription, day)] = dates.items()
            values = subscription._prepare_migration(self, day)
            return {subscription: values | {"state": "failed", "error": str(error)}}

    def _move_and_compare(self, dates, whole_periods=True, **policy):
        """Move subscriptions and say what comes of it, for a savepoint that is rolled back.

        :param policy: how ``_move_to_plan`` does it.
        """
        subscriptions = self.env["subscription.subscription"].union(*dates)
        before = subscriptions._get_outlooks(dates, "before")
        values = {s: s._prepare_migration(self, day) for s, day in dates.items()}
        lost = {s: s._in_customer_language()._get_lost_entitlements(self) for s in dates}
        worse = {s: s._in_customer_language()._get_worse_terms(self) for s in dates}
        ends = {line: line.date_end for line in subscriptions.line_ids}
        silent = subscriptions.with_context(**{SILENT: True})
        new_lines = self.env["subscription.line"].union(
            *(
                group._move_to_plan(self, day, whole_periods=whole_periods, **policy)
                for day, group in silent.grouped(lambda s: dates[s]).items()
            )
        )
        after = subscriptions._get_outlooks(dates, "after")
        begun = new_lines.grouped("subscription_id")
        for subscription, vals in values.items():
            lines = begun.get(subscription, new_lines.browse())
            comparison = subscription._in_customer_language()._prepare_comparison(
                dates[subscription], ends, lines, worse[subscription]
            )
            losses = {"lost_entitlements": "\n".join(lost[subscription]) or False}
            vals.update(before[subscription] | after[subscription] | comparison | losses)
            harmed = vals["is_dearer"] or vals["disadvantages"] or vals["lost_entitlements"]
            if harmed and subscription.customer_kind == "consumer":
                vals["state"] = "requested"
        return values


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_next_period_start(self, day):
        """The first day after the billing period of ``day``, or after the first one to come."""
        self.ensure_one()
        timeline = self._get_timeline(lambda _line, _period: 0)
        first = as_day(timeline.anchor)
        main = self._get_main_line(day)
        grid = timeline.grid(main._get_timeline_line()) if main else timeline.schedule.grid(first)
        return grid.containing(max(day, first)).end

    def _get_switch_date(self, notice=0):
        """The end of the current billing period, or of the one in which a notice runs out.

        :param int notice: days from today.
        """
        today = self._get_today()
        last_day_of_notice = today + timedelta(days=max(notice - 1, 0))
        return self._get_next_period_start(last_day_of_notice)

    def _needs_notice(self, vals):
        """Whether a business has to be told some time before."""
        harmed = vals["is_dearer"] or vals["disadvantages"] or vals["lost_entitlements"]
        return harmed and vals["state"] == "planned" and self.customer_kind == "business"

    def _prepare_migration(self, plan, on):
        return {
            "subscription_id": self.id,
            "plan_from_id": self.plan_id.id,
            "plan_to_id": plan.id,
            "date_switch": on,
            "state": "planned",
            "is_dearer": False,
            "disadvantages": False,
            "lost_entitlements": False,
        }

    def _in_customer_language(self):
        return self.with_context(lang=self.partner_id.lang)

    def _prepare_comparison(self, on, ends, new_lines, worse):
        """What the move has changed for the customer.

        :param dict ends: the last day that each line had before.
        :param new_lines: the lines that have begun.
        :param list worse: the terms that are worse.
        """
        gone = self.line_ids.filtered(lambda line: line in ends and line.date_end != ends[line])
        worse = worse + [
            self.env._("%s is no longer included.", line.name)
            for line in gone - new_lines.previous_line_id
            if line.charge_type == "recurring"
        ]
        worse += [
            self.env._("%s is charged in advance.", line.name)
            for line in new_lines
            if (line.previous_line_id.timing, line.timing) == ("arrears", "advance")
        ]
        own_price = self.line_ids.filtered(
            lambda line: (
                line.component_id
                and line._is_current(on)
                and line.charge_type in MOVED_TYPES
                and line._has_individual_price()
            )
        )
        return {
            "is_dearer": any(line._is_dearer_than_before() for line in new_lines),
            "disadvantages": "\n".join(worse) or False,
            "individual_lines": "\n".join(own_price.mapped("name")) or False,
        }

    def _get_outlooks(self, dates, suffix):
        """What each subscription is worth from its day on, and its first invoice from then on.

        :rtype: dict
        """
        inputs, outlooks = self._get_billing_inputs(), {}
        for subscription in self:
            day = dates[subscription]
            due, amount = first_invoice_for(inputs[subscription.id][0], day)
            lines = subscription.line_ids.filtered(lambda line, day=day: line._is_current(day))
            outlooks[subscription] = {
                f"monthly_{suffix}": sum(lines.mapped("recurring_monthly")),
                f"monthly_total_{suffix}": subscription._get_consumer_monthly(day),
                f"invoice_date_{suffix}": due,
                f"invoice_amount_{suffix}": float(amount),
            }
        return outlooks

    def _get_consumer_monthly(self, day):
        """What a month costs a consumer on a day, with taxes; businesses are told net prices."""
        if self.customer_kind != "consumer":
            return 0.0
        return sum(price.monthly for price in self._get_period_prices(day))

    def _get_worse_terms(self, plan):
        """In which terms ``plan`` is worse for the customer, one sentence each.

        :rtype: list[str]
        """
        old, new = (version._get_schedule() for version in (self.plan_id, plan))
        if periods_per_month(new) < periods_per_month(old):
            return [
                self.env._(
                    "Billed for longer periods: %(new)s instead of %(old)s.",
                    new=plan.with_env(self.env).frequency,
                    old=self.plan_id.frequency,
                )
            ]
        return []

    def _get_lost_entitlements(self, plan):
        """What the customer may use no longer, or less of, under ``plan``; one line each.

        :rtype: list[str]
        """
        return []


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    def _rolls_over_less(self, before):
        """Whether less goes over to the next period than by the line ``before``."""
        limits = (before.rollover_maximum, self.rollover_maximum)
        least_before, least_now = (limit or float("inf") for limit in limits)
        return bool(before.rollover_periods) and least_now < least_before

    def _is_dearer_than_before(self):
        """Whether the line costs more than the one that it continues, for any quantity."""
        self.ensure_one()
        before, measured = self.previous_line_id, self.charge_type == "usage"
        pricing, quantity = self._get_pricing(), Decimal(str(self.quantity))
        if not before:
            return is_charged(pricing, quantity, measured)
        if before.price_includes_tax and not self.price_includes_tax:
            return True
        if before.rollover_periods > self.rollover_periods or self._rolls_over_less(before):
            return True
        if before.free_every and not 0 < self.free_every <= before.free_every:
            return True
        schedules = before._get_schedule(), self._get_schedule()
        return is_dearer(before._get_pricing(), pricing, quantity, *schedules, measured)
