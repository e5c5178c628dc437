"""When something is billed again: the schedule of a plan, and of a component that has its own."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..billing import Schedule, ScheduleKind

MAX_FIXED_DAY = 28


class SubscriptionScheduleMixin(models.AbstractModel):
    _name = "subscription.schedule.mixin"
    _description = "Billing Schedule"

    schedule_type = fields.Selection(
        [
            (ScheduleKind.DAILY.value, "Every N days"),
            (ScheduleKind.WEEKLY_FIXED.value, "Fixed weekday every N weeks"),
            (ScheduleKind.MONTH_START.value, "Every N months from the start date"),
            (ScheduleKind.MONTH_FIXED.value, "Fixed day every N months"),
            (ScheduleKind.MONTH_LAST.value, "Last day every N months"),
            (ScheduleKind.MANUAL.value, "Manual, on request"),
        ],
    )
    interval_count = fields.Integer("Interval", default=1, required=True)
    weekday = fields.Selection(
        [
            ("1", "Monday"),
            ("2", "Tuesday"),
            ("3", "Wednesday"),
            ("4", "Thursday"),
            ("5", "Friday"),
            ("6", "Saturday"),
            ("7", "Sunday"),
        ],
        default="1",
    )
    fixed_day = fields.Integer("Day of the Month", default=1)
    frequency = fields.Char(compute="_compute_frequency")
    schedule_text = fields.Char("Billed", compute="_compute_frequency")

    _positive_interval = models.Constraint(
        "CHECK (interval_count > 0)", "The billing interval must be at least 1."
    )

    @api.depends("schedule_type", "interval_count", "weekday", "fixed_day")
    @api.depends_context("lang")
    def _compute_frequency(self):
        for record in self:
            record.frequency = record._get_frequency_text()
            record.schedule_text = record._get_schedule_text()

    def _get_frequency_text(self):
        """The billing frequency in words, such as "every 3 months on the 1st" (RE-12)."""
        count = self.interval_count
        months = self._get_months_text()
        match self.schedule_type:
            case "daily":
                return self.env._("daily") if count == 1 else self.env._("every %s days", count)
            case "weekly_fixed":
                weekday = dict(self._fields["weekday"]._description_selection(self.env))[
                    self.weekday
                ]
                if count == 1:
                    return self.env._("weekly on %s", weekday)
                return self.env._(
                    "every %(count)s weeks on %(weekday)s", count=count, weekday=weekday
                )
            case "month_start":
                return months
            case "month_fixed":
                day = self._get_ordinal(self.fixed_day)
                return self.env._("%(months)s on the %(day)s", months=months, day=day)
            case "month_last":
                return self.env._("%s on the last day", months)
            case _:
                return self.env._("on request")

    def _get_months_text(self):
        match self.interval_count:
            case 1:
                return self.env._("monthly")
            case 12:
                return self.env._("yearly")
            case count:
                return self.env._("every %s months", count)

    def _get_ordinal(self, day):
        """A day of the month, such as "1st" or "15th"."""
        match day:
            case 1 | 21:
                return self.env._("%sst", day)
            case 2 | 22:
                return self.env._("%snd", day)
            case 3 | 23:
                return self.env._("%srd", day)
            case _:
                return self.env._("%sth", day)

    def _get_schedule_text(self):
        """The billing frequency for reading, such as "monthly, on the 1st of the month"."""
        count = self.interval_count
        match self.schedule_type:
            case "weekly_fixed":
                weekdays = dict(self._fields["weekday"]._description_selection(self.env))
                return self.env._(
                    "%(interval)s, on %(weekday)s",
                    interval=self.env._("weekly")
                    if count == 1
                    else self.env._("every %s weeks", count),
                    weekday=weekdays[self.weekday],
                )
            case "month_fixed":
                return self.env._(
                    "%(interval)s, on the %(day)s of the month",
                    interval=self._get_months_text(),
                    day=self._get_ordinal(self.fixed_day),
                )
            case "month_last":
                return self.env._("%s, on the last day of the month", self._get_months_text())
            case _:
                return self._get_frequency_text()

    @api.constrains("schedule_type", "fixed_day", "weekday")
    def _check_schedule(self):
        for record in self:
            if record.schedule_type == "month_fixed" and not 1 <= record.fixed_day <= MAX_FIXED_DAY:
                raise ValidationError(
                    self.env._(
                        "The fixed day must be 1 to %s, so that every month has it. "
                        "For the end of the month choose 'Last day every N months'.",
                        MAX_FIXED_DAY,
                    )
                )
            if record.schedule_type == "weekly_fixed" and not record.weekday:
                raise ValidationError(self.env._("Choose the weekday on which to bill."))

    def _get_schedule(self):
        """The schedule for the billing core.

        :rtype: ~odoo.addons.subscription_base.billing.Schedule
        """
        return self._get_own_schedule()

    def _get_own_schedule(self):
        """The schedule that the record states; ``None`` when it states none."""
        self.ensure_one()
        if not self.schedule_type:
            return None
        fixed_day = {"weekly_fixed": int(self.weekday or 0), "month_fixed": self.fixed_day}
        return Schedule(
            ScheduleKind(self.schedule_type),
            self.interval_count,
            fixed_day.get(self.schedule_type),
        )
