"""What a period costs that a subscription fills only in part: by days or to the minute."""

from dataclasses import replace
from datetime import datetime, time, timedelta

from odoo import api, fields, models

from ..billing import DayCount, PartialPeriod
from .subscription_timeline import first_day_after


def _at(day, hours):
    """The local date and time ``hours`` after the beginning of ``day``, to the minute."""
    return datetime.combine(day, time()) + timedelta(minutes=round(hours * 60))


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    waive_stub = fields.Boolean(
        "Waive the First Part",
        tracking=True,
        help="What comes before the first billing date is not charged at all.",
    )
    proration_unit = fields.Selection(
        [
            ("days", "Whole days"),
            ("thirty_days", "Days of 30-day months"),
            ("minutes", "To the minute"),
        ],
        "Proration",
        default="days",
        required=True,
        tracking=True,
        help="Whole days: the days of the start and of the end count in full, each as one of the "
        "days that its period really has. Days of 30-day months: a day costs the same in every "
        "month, and the 31st nothing. To the minute: from "
        "the time at which a subscription starts up to the time at which it ends, on the clock of "
        "the company's time zone; a day counts 24 hours even where the clock is changed.",
    )

    def _get_used_locked_fields(self):
        return super()._get_used_locked_fields() | {"waive_stub", "proration_unit"}

    def _get_partial_period(self):
        """The partial-period mode for the billing core.

        :rtype: ~odoo.addons.subscription_base.billing.PartialPeriod
        """
        self.ensure_one()
        mode = PartialPeriod(self.partial_period)
        return PartialPeriod.WAIVED if mode is PartialPeriod.NO_BILL and self.waive_stub else mode

    def _is_prorated_by(self, unit):
        """Whether parts are charged by ``unit``; modes other than prorated ignore it."""
        self.ensure_one()
        return self.partial_period == "prorated" and self.proration_unit == unit


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    time_start = fields.Float(
        "Start Time",
        copy=False,
        help="Time of the first day at which charging to the minute begins, on the clock of the "
        "company's time zone.",
    )
    time_end = fields.Float(
        "End Time",
        copy=False,
        default=24.0,
        help="Time of the last day at which charging to the minute ends, on the clock of the "
        "company's time zone; 24:00 for the end of the day.",
    )
    is_prorated_to_the_minute = fields.Boolean(compute="_compute_is_prorated_to_the_minute")

    _times = models.Constraint(
        "CHECK (time_start >= 0 AND time_start < 24 AND time_end > 0 AND time_end <= 24)",
        "The start time must be from 0:00 to 23:59, the end time from 0:01 to 24:00.",
    )
    _times_in_order = models.Constraint(
        "CHECK (date_end IS NULL OR date_end > date_start OR time_end > time_start)",
        "A subscription cannot end before it starts: check the times.",
    )

    @api.depends("plan_id.partial_period", "plan_id.proration_unit")
    def _compute_is_prorated_to_the_minute(self):
        for subscription in self:
            plan = subscription.plan_id
            subscription.is_prorated_to_the_minute = plan and plan._is_prorated_by("minutes")

    @api.depends(
        "plan_id.partial_period", "plan_id.waive_stub", "plan_id.proration_unit", "time_start",
        "time_end",
    )  # fmt: skip
    def _compute_next_billing_date(self):
        return super()._compute_next_billing_date()

    def _get_locked_fields(self):
        return super()._get_locked_fields() | {"time_start"}

    def _get_timeline(self, usage):
        timeline = super()._get_timeline(usage)
        if self.plan_id._is_prorated_by("thirty_days"):
            return replace(timeline, day_count=DayCount.THIRTY)
        if not self.is_prorated_to_the_minute:
            return timeline
        ends_by_date = self.date_end and timeline.end == first_day_after(self.date_end)
        starts_at = self.time_start if timeline.anchor == self.date_start else 0.0
        return replace(
            timeline,
            anchor=_at(timeline.anchor, starts_at),
            end=_at(self.date_end, self.time_end) if ends_by_date else timeline.end,
        )
