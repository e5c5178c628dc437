"""Charge types that set the moment of their next run by themselves, or end the subscription."""

from datetime import timezone
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import SQL


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    next_run_at = fields.Datetime(
        "Next Run at",
        readonly=True,
        copy=False,
        help="The moment at which a charge type of the subscription wants to be billed next.",
    )

    def _get_managed_fields(self):
        return super()._get_managed_fields() | {"next_run_at"}

    @api.depends("next_run_at")
    def _compute_next_billing_date(self):
        result = super()._compute_next_billing_date()
        self._respect_next_run()
        return result

    def _respect_next_run(self):
        """Let the next billing not be later than the moment that a charge type has set."""
        for subscription in self.filtered("next_run_at"):
            days = (subscription.next_billing_date, subscription._get_next_run_day())
            subscription.next_billing_date = min(filter(None, days))

    def _get_next_run_day(self):
        """The day of the next run in the time zone of the company."""
        zone = ZoneInfo(self.company_id._get_timezone())
        return self.next_run_at.replace(tzinfo=timezone.utc).astimezone(zone).date()

    def action_start(self):
        result = super().action_start()
        self._plan_next_run()
        return result

    def _charge(self, run):
        """What has run its course is charged to its end only; a charge may be its last one."""
        self._end_by_charge_type(run.date)
        charges = super()._charge(run)
        self._end_by_charge_type(run.date)
        self._plan_next_run()
        return charges

    def _plan_next_run(self):
        """Ask the charge types when they want to run next, and let the scheduler come then."""
        now = fields.Datetime.now()
        for subscription in self:
            moments = [line._ask_charge_type("next_run", now) for line in subscription.line_ids]
            moment = min(filter(None, moments), default=False)
            if moment != subscription.next_run_at:
                subscription.sudo().next_run_at = moment
            if moment:
                subscription.sudo()._respect_next_run()
                self.env.ref("subscription_base.ir_cron_billing").sudo()._trigger(at=moment)

    def _end_by_charge_type(self, today):
        """End subscriptions whose charge type has run its course."""
        for subscription in self.filtered(lambda s: not s.date_end):
            days = {
                line: line._ask_charge_type("last_day", today) for line in subscription.line_ids
            }
            line = min(filter(days.get, days), key=days.get, default=None)
            if line and days[line] <= today:
                subscription._end_by_rule(days[line], line._get_rule_text())

    def _get_charge_type_termination_date(self, on):
        """The first day on which the charge types allow the subscription to end.

        :param date on: the day of the notice.
        :return: the latest of the days that the charge types give; ``None`` when none does.
        """
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: not line.date_end or line.date_end >= on)
        days = [line._ask_charge_type("termination_date", on) for line in lines]
        return max(filter(None, days), default=None)


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    def _due_condition(self):
        """What is due today but has set a moment waits for it."""
        return SQL(
            """%s AND (next_run_at IS NULL OR next_run_at <= %s
                       OR next_billing_date < (next_run_at AT TIME ZONE 'UTC'
                                               AT TIME ZONE %s)::date)""",
            super()._due_condition(),
            fields.Datetime.now(),
            self.company_id._get_timezone(),
        )
