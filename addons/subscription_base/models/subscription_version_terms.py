"""Terms and plan versions: what is locked with the prices, and what gets worse for a customer."""

from odoo import models

from ..billing import Unit, periods_per_month
from ..billing.recurring import DAYS_A_MONTH
from .subscription_own_schedule import SCHEDULE_FIELDS
from .subscription_terms_mixin import TERM_FIELDS
from .subscription_usage_terms import USAGE_TERMS

REMINDERS = {
    "trial_reminder", "trial_reminder_days", "renewal_reminder", "renewal_reminder_days",
}  # fmt: skip
COMMERCIAL_TERMS = set(TERM_FIELDS) - REMINDERS
#: A trial belongs to the beginning: no later version gives another one.
ONLY_AT_START = {"trial_length", "trial_unit"}
DAYS = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: DAYS_A_MONTH}
DURATIONS = ("notice", "initial_term", "renewal_term", "minimum_term")
ANY_DAY = "any_day"


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    def _get_used_locked_fields(self):
        return super()._get_used_locked_fields() | COMMERCIAL_TERMS


class SubscriptionPlanComponent(models.Model):
    _inherit = "subscription.plan.component"

    def _get_used_locked_fields(self):
        return super()._get_used_locked_fields() | {*SCHEDULE_FIELDS, *USAGE_TERMS}


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_followed_terms(self, plan):
        """Names of the terms in which the subscription follows from its plan to ``plan``."""
        return {
            name
            for name in set(TERM_FIELDS) - ONLY_AT_START
            if self[name] == self.plan_id[name] != plan[name]
        }

    def _prepare_plan_terms(self, plan):
        terms = {name: plan[name] for name in self._get_followed_terms(plan)}
        return super()._prepare_plan_terms(plan) | terms

    def _get_worse_terms(self, plan):
        followed = self._get_followed_terms(plan)
        texts = super()._get_worse_terms(plan)
        for name in DURATIONS:
            if {f"{name}_length", f"{name}_unit"} & followed and (
                _days(plan, name) > _days(self, name)
            ):
                texts.append(
                    self.env._(
                        "%(term)s: %(new)s instead of %(old)s.",
                        term=self.fields_get([f"{name}_length"])[f"{name}_length"]["string"],
                        new=plan.with_env(self.env)._get_duration_text(name),
                        old=self._get_duration_text(name) or self.env._("none"),
                    )
                )
        if "termination_effect" in followed and self.termination_effect == ANY_DAY:
            texts.append(self.env._("Terminations no longer take effect on any day."))
        if "notice_start" in followed and plan.notice_start == "period_end":
            texts.append(self.env._("Notice is counted from the end of the billing period."))
        return texts


def _days(terms, name):
    """About how many days an agreed duration is, to compare it."""
    duration = terms._get_duration(name)
    if not duration:
        return 0
    if duration.unit is Unit.PERIOD:
        schedule = terms._get_terms_plan()._get_schedule()
        return duration.count * DAYS_A_MONTH / periods_per_month(schedule)
    return duration.count * DAYS[duration.unit]
