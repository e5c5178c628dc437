"""The trial: a state of its own, in which nothing recurs and recurring revenue is nil."""

from dataclasses import replace
from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .locking import changed_fields

TRIAL_FIELDS = {"trial_length", "trial_unit"}
TRIAL_STATES = ("draft", "pending", "trial")


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_managed_fields(self):
        return super()._get_managed_fields() | {"date_trial_end"}

    def write(self, vals):
        for subscription in self.filtered(lambda s: s.state not in TRIAL_STATES):
            if changed_fields(subscription, vals, TRIAL_FIELDS):
                raise UserError(
                    self.env._("The trial of %s is over: it cannot be changed.", subscription.name)
                )
        return super().write(vals)

    def _get_running_state(self, today):
        state = super()._get_running_state(today)
        in_trial = self.date_trial_end and self.date_trial_end >= today
        return "trial" if state == "active" and in_trial else state

    def _is_recurring(self, day):
        """Nothing recurs before the first paid day."""
        last = self.date_trial_end
        is_free = self.state == "trial" or (last and (self.state == "pending" or day <= last))
        return not is_free and super()._is_recurring(day)

    @api.depends("date_trial_end")
    def _compute_next_billing_date(self):
        return super()._compute_next_billing_date()

    def _get_timeline(self, usage):
        """Recurring lines are charged from the first day after the trial."""
        timeline = super()._get_timeline(usage)
        if not self.date_trial_end:
            return timeline
        first_paid = timeline.moment(self.date_trial_end + timedelta(days=1))
        return replace(timeline, anchor=first_paid, start=timeline.anchor)


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    def _get_follow_conditions(self):
        """Also subscriptions whose trial is over."""
        return [
            *super()._get_follow_conditions(),
            SQL("state = 'trial' AND date_trial_end < %s", self._get_follow_date()),
        ]
