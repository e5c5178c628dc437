"""Service dates and charged dates: a change may leave the rest of a period charged, or free."""

from dataclasses import replace

from odoo import api, fields, models

from .subscription_timeline import first_day_after


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    billed_from = fields.Date(
        "Charged from",
        copy=False,
        help="First day that is charged, where it is not the first day of the line: the days "
        "before a later day are free, an earlier one charges a whole period.",
    )
    billed_until = fields.Date(
        "Charged until",
        copy=False,
        help="Last day that is charged, where the line has ended before without a credit.",
    )

    def _get_locked_fields(self):
        return super()._get_locked_fields() | {"billed_from"}

    def _is_billed(self):
        """Whether the line has a day that is charged."""
        self.ensure_one()
        return bool(
            self.billed_until or not self.date_end or self.date_end >= self.date_start
        )  # a line that was changed on its first day has no day left

    def _get_timeline_line(self):
        """The core is told the charged dates; the service dates are for people."""
        line = super()._get_timeline_line()
        ends = filter(None, (self.date_end, self.subscription_id.date_end))
        last = self.billed_until or min(ends, default=None)
        return replace(line, start=self.billed_from or line.start, end=first_day_after(last))


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    @api.depends("line_ids.billed_from", "line_ids.billed_until")
    def _compute_next_billing_date(self):
        return super()._compute_next_billing_date()

    def _get_timeline(self, usage):
        """The timeline; it reaches beyond the end where a line is charged beyond it."""
        timeline = super()._get_timeline(usage)
        last = max(filter(None, self.line_ids.mapped("billed_until")), default=None)
        if not timeline.end or not last or last <= self.date_end:
            return timeline
        return replace(timeline, end=first_day_after(last))
