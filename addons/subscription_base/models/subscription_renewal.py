"""Contract terms that go on by themselves, and ends that come by themselves."""

from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL, format_date

from ..billing import TermType
from .subscription_subscription import RUNNING_STATES

END_FIELDS = {
    "term_type", "fixed_cycles", "initial_term_length", "initial_term_unit", "full_last_period",
    "trial_length", "trial_unit", "date_start",
}  # fmt: skip


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    _to_renew_idx = models.Index(
        "(date_term_end) WHERE date_term_end IS NOT NULL AND date_end IS NULL"
    )

    def _get_managed_fields(self):
        return super()._get_managed_fields() | {"date_term_end"}

    def action_start(self):
        result = super().action_start()
        for subscription in self:
            subscription.date_concluded = subscription.date_concluded or self._get_today()
        self._follow_automatic_end()
        self._follow_renewals(fields.Date.context_today(self))
        return result

    def write(self, vals):
        result = super().write(vals)
        if END_FIELDS & vals.keys():
            self.filtered(lambda s: s.state in RUNNING_STATES)._follow_automatic_end()
        return result

    def _get_automatic_end(self):
        """The last day on which the subscription ends by itself; ``False`` when it goes on."""
        self.ensure_one()
        terms = self._get_terms(self.date_start)
        if not terms or terms.type is TermType.RENEWING:
            return False
        return terms.end - timedelta(days=1)

    def _follow_automatic_end(self):
        """Set the end that comes by itself, unless it has been terminated."""
        for subscription in self.filtered(lambda s: not s.termination_kind):
            if end := subscription._get_automatic_end():
                subscription.sudo().date_end = end

    def _follow_calendar(self, today):
        result = super()._follow_calendar(today)
        self._follow_renewals(today)
        return result

    def _follow_renewals(self, today):
        """Move the contract term on, over all renewals that have been missed."""
        for subscription in self:
            end = subscription.date_term_end
            running = subscription.state in RUNNING_STATES and not subscription.date_end
            if running and end and end < today:
                subscription.sudo().date_term_end = subscription._get_date_term_end(today)
                subscription._log_event(
                    "renewed", description=subscription._get_renewal_description()
                )

    def _get_renewal_description(self):
        if self.date_term_end:
            return self.env._("until %s", format_date(self.env, self.date_term_end))
        return self.env._("open-ended from now on")


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    def _get_follow_conditions(self):
        """Also subscriptions whose contract term is over."""
        return [
            *super()._get_follow_conditions(),
            SQL(
                "state IN %s AND date_end IS NULL AND date_term_end < %s",
                RUNNING_STATES,
                self._get_follow_date(),
            ),
        ]
