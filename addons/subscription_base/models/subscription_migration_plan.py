"""What a new version does to the subscriptions of the version before: tried out, then planned."""

from contextlib import closing
from datetime import timedelta
from decimal import Decimal

from odoo import models
from odoo.tools import split_every

from ..billing import first_invoice_for, is_charged, is_dearer, periods_per_month
from ..billing.calendar import as_day
from .subscription_migration import OPEN_STATES

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
            found = self._try_batch({s: s._get_switch_date() for s in subscriptions})
            noticed = [s for s, vals in found.items() if s._needs_notice(vals)]
            for subscription in noticed:
                del found[subscription]
            days = self.company_id.subscription_change_notice
            found |= self._try_batch({s: s._get_switch_date(days) for s in noticed})
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
                return {
                    s: s.with_context(lang=s.partner_id.lang)._try_move(self, day)
                    for s, day in dates.items()
                }
        except Exception as error:
            if self.env["subscription.billing.run"]._is_worth_another_try(error):
                raise
            if len(dates) > 1:
                return {s: v for d in dates.items() for s, v in self._try_batch(dict([d])).items()}
            [(subscription, day)] = dates.items()
            values = subscription._prepare_migration(self, day)
            return {subscription: values | {"state": "failed", "error": str(error)}}


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_next_period_start(self, day):
        """The first day after the billing period of ``day``, or after the first one to come."""
        self.ensure_one()
        timeline = self._get_timeline(self.line_ids._read_usage())
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

    def _try_move(self, plan, on):
        """Move to ``plan`` and say what comes of it, for a savepoint that is rolled back.

        :return: values of a ``subscription.migration``.
        """
        values = self._prepare_migration(plan, on)
        before = self._get_outlook(on)
        ends = {line: line.date_end for line in self.line_ids}
        lost = self._get_lost_entitlements(plan)
        worse = self._get_worse_terms(plan)
        new_lines = self._move_to_plan(plan, on, whole_periods=True)
        after = self._get_outlook(on)
        gone = self.env["subscription.line"].union(
            *(line for line, end in ends.items() if line.date_end != end)
        )
        worse += [
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
                and line.charge_type in ("recurring", "usage")
                and line._has_individual_price()
            )
        )
        values |= {
            **{f"{name}_before": value for name, value in before.items()},
            **{f"{name}_after": value for name, value in after.items()},
            "is_dearer": any(line._is_dearer_than_before() for line in new_lines),
            "disadvantages": "\n".join(worse) or False,
            "lost_entitlements": "\n".join(lost) or False,
            "individual_lines": "\n".join(own_price.mapped("name")) or False,
        }
        harmed = values["is_dearer"] or worse or lost
        if harmed and self.customer_kind == "consumer":
            values["state"] = "requested"
        return values

    def _get_outlook(self, day):
        """What the subscription is worth from a day on, and its first invoice for what follows."""
        timeline, _ledger = self._get_billing_inputs()[self.id]
        due, amount = first_invoice_for(timeline, day)
        lines = self.line_ids.filtered(lambda line: line._is_current(day))
        return {
            "monthly": sum(lines.mapped("recurring_monthly")),
            "invoice_date": due,
            "invoice_amount": float(amount),
        }

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

    def _is_dearer_than_before(self):
        """Whether the line costs more than the one that it continues, for any quantity."""
        self.ensure_one()
        before, measured = self.previous_line_id, self.charge_type == "usage"
        pricing, quantity = self._get_pricing(), Decimal(str(self.quantity))
        if not before:
            return is_charged(pricing, quantity, measured)
        if before.rollover_periods > self.rollover_periods:
            return True
        if before.free_every and not 0 < self.free_every <= before.free_every:
            return True
        schedules = before._get_schedule(), self._get_schedule()
        return is_dearer(before._get_pricing(), pricing, quantity, *schedules, measured)
