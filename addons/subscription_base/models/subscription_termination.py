"""Terminations: ordinary ones keep to the terms, extraordinary ones need a reason."""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from ..billing import bill
from .house_language import in_house_language

MANAGER = "subscription_base.group_subscription_manager"


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    termination_kind = fields.Selection(
        [("ordinary", "Ordinary"), ("extraordinary", "Extraordinary")],
        "Termination",
        readonly=True,
        copy=False,
        tracking=True,
    )
    date_notice = fields.Date("Notice Given on", readonly=True, copy=False)

    def _get_managed_fields(self):
        return super()._get_managed_fields() | {"termination_kind", "date_notice"}

    def _terminate(self, date_end=None, date_notice=None, reason=None, description=None):
        """Terminate with notice, not before the terms allow it (RE-93, RE-97, RE-99).

        :param date date_end: last day that is wished for; the earliest possible when left out.
        :param date date_notice: day on which notice was given; today when left out.
        :raise UserError: when ``date_end`` is too early.
        """
        today = fields.Date.context_today(self)
        date_notice = fields.Date.to_date(date_notice) or today
        for subscription in self:
            earliest = subscription.get_next_termination_date(date_notice)
            last = fields.Date.to_date(date_end) or earliest
            if last < earliest:
                raise UserError(subscription._get_too_early_message(date_notice, earliest))
            automatic = subscription._get_automatic_end()
            subscription._finish_on(
                "ordinary", min(last, automatic or last), date_notice, reason, description
            )
        self._follow_calendar(today)
        return True

    def _terminate_extraordinarily(self, date_end, reason, description=None, rule=None):
        """Terminate for good cause, whatever the terms say (SM-61 to SM-63).

        :param reason: a ``subscription.close.reason`` record, always needed.
        :param str rule: the rule that forces it, when no person decides; it is recorded as done
            by the system.
        :raise AccessError: when the user is no manager of subscriptions.
        """
        if not reason:
            raise UserError(self.env._("Extraordinary termination needs a reason."))
        if rule:
            self = self._by_rule(rule)  # noqa: PLW0642
            description = self.env._("Rule: %s", rule)
        elif not self.env.user.has_group(MANAGER):
            raise AccessError(
                self.env._("Only managers of subscriptions may terminate extraordinarily.")
            )
        today = fields.Date.context_today(self)
        date_end = fields.Date.to_date(date_end) or today
        for subscription in self:
            subscription._finish_on("extraordinary", date_end, today, reason, description)
        self._follow_calendar(today)
        return True

    def _finish_on(self, kind, date_end, date_notice, reason, description):
        """Set the end, and record the termination and its grounds."""
        self.ensure_one()
        self = in_house_language(self)  # noqa: PLW0642
        self._set_end(date_end, reason)
        self.sudo().write({"termination_kind": kind, "date_notice": date_notice})
        kinds = dict(self._fields["termination_kind"]._description_selection(self.env))
        grounds = (kinds[kind], reason and reason.name, description)
        text = self.env._(
            "%(grounds)s; last day %(day)s",
            grounds=", ".join(filter(None, grounds)),
            day=format_date(self.env, self.date_end),
        )
        self._log_event("terminated", description=text)

    def _get_too_early_message(self, date_notice, earliest):
        terms = self.terms_text
        return self.env._(
            "Notice given on %(notice)s ends %(subscription)s on %(day)s at the earliest. "
            "%(terms)s",
            notice=format_date(self.env, date_notice),
            subscription=self.name,
            day=format_date(self.env, earliest),
            terms=terms or self.env._("What has been billed in advance is used up first."),
        )

    def action_withdraw_termination(self):
        """Let subscriptions whose end is still to come go on as agreed."""
        self.check_access("write")
        for subscription in self:
            if subscription.state in ("draft", "closed") or not subscription.date_end:
                raise UserError(
                    self.env._("%s has no end that could be withdrawn.", subscription.name)
                )
            subscription.sudo().write(
                {
                    "termination_kind": False,
                    "date_notice": False,
                    "close_reason_id": False,
                    "date_end": subscription._get_automatic_end(),
                }
            )
        self._log_event("termination_withdrawn")
        return True

    def _get_end_outlook(self, date_end):
        """What an end on ``date_end`` would still bill, and what it would credit.

        :return: amounts without taxes: billed, credited.
        :rtype: tuple[Decimal, Decimal]
        """
        self.ensure_one()
        ended = self.new(origin=self)
        ended.date_end = date_end
        timeline, ledger = ended._get_billing_inputs()[ended.id]
        until = max(date_end + timedelta(days=1), fields.Date.context_today(self))
        amounts = [entry.charge.amount for entry in bill(timeline, ledger, until).entries]
        return sum(a for a in amounts if a > 0), -sum(a for a in amounts if a < 0)


class SubscriptionCharge(models.Model):
    _inherit = "subscription.charge"

    def _get_billed_until(self, lines):
        """The first day after the last that the charges of ``lines`` state; ``None`` for none."""
        if not lines.ids:
            return None
        self.flush_model(["line_id", "period_start", "period_end", "sign"])
        [[last_day]] = self.env.execute_query(
            SQL(
                """
                WITH steps AS (
                    SELECT line_id, period_start AS day, sign AS step
                      FROM subscription_charge WHERE line_id IN %(lines)s
                    UNION ALL
                    SELECT line_id, period_end + 1, -sign
                      FROM subscription_charge WHERE line_id IN %(lines)s
                ), totals AS (
                    SELECT line_id, day,
                           SUM(SUM(step)) OVER (PARTITION BY line_id ORDER BY day) AS total
                      FROM steps GROUP BY line_id, day
                ), stretches AS (
                    SELECT day, LAG(total) OVER (PARTITION BY line_id ORDER BY day) AS before
                      FROM totals
                )
                SELECT MAX(day) FROM stretches WHERE before > 0
                """,
                lines=tuple(lines.ids),
            )
        )
        return last_day
