"""Subscriptions that come from another system: what that has billed is not billed again."""

from dataclasses import replace

from odoo import api, fields, models

from .subscription_timeline import first_day_after


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    billed_elsewhere_until = fields.Date(
        copy=False,
        tracking=True,
        help="Last day that another system has billed, for subscriptions that come from there: "
        "billing begins on the day after, and one-time charges until then are not billed.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """What comes from another system was concluded there, not today."""
        for vals in vals_list:
            if vals.get("billed_elsewhere_until"):
                vals.setdefault("date_concluded", vals.get("date_start"))
        return super().create(vals_list)

    def _get_locked_fields(self):
        return super()._get_locked_fields() | {"billed_elsewhere_until"}

    @api.depends("billed_elsewhere_until")
    def _compute_next_billing_date(self):
        return super()._compute_next_billing_date()


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    def _is_billed(self):
        """A one-time charge of the time before has been billed there; a line may be over."""
        until = self.subscription_id.billed_elsewhere_until
        if until and self.charge_type in ("setup", "one_time") and self.date_start <= until:
            return False
        return super()._is_billed() and not (until and self.date_end and self.date_end <= until)

    def _get_timeline_line(self):
        line = super()._get_timeline_line()
        first = first_day_after(self.subscription_id.billed_elsewhere_until)
        return replace(line, start=max(line.start, first)) if first else line
