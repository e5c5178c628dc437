"""Closing what a customer has declared to end, or may end because the button is offline."""

from odoo import api, fields, models
from odoo.tools import format_date

from ..models.subscription_declaration_effect import CONFIRMED_KINDS
from ..models.subscription_event import TOLD


class SubscriptionCloseWizard(models.TransientModel):
    _inherit = "subscription.close.wizard"

    offline_text = fields.Char(compute="_compute_offline_text")
    description = fields.Char(compute="_compute_description", store=True, readonly=False)

    @api.depends("subscription_ids", "date_notice")
    def _compute_offline_text(self):
        """What to propose while consumers may end at once (requirement LAW-09)."""
        for wizard in self:
            subscriptions = wizard.subscription_ids._origin
            notice = wizard.date_notice or fields.Date.context_today(wizard)
            may_end = subscriptions and all(
                s._may_end_without_button(notice) for s in subscriptions
            )
            since = may_end and subscriptions[0].company_id.subscription_button_offline_since
            wizard.offline_text = since and self.env._(
                "Immediate, § 312k (6) BGB: the cancellation button has been offline since %s.",
                format_date(self.env, since),
            )

    @api.depends("offline_text")
    def _compute_description(self):
        for wizard in self:
            wizard.description = wizard.description or wizard.offline_text

    def action_close(self):
        declaration = self.env["subscription.declaration"].browse(
            self.env.context.get("declaration_id")
        )
        if not declaration.subscription_id & self.subscription_ids:
            return super().action_close()
        declaration._check_open()
        told = self.with_context(**{TOLD: CONFIRMED_KINDS})
        result = super(SubscriptionCloseWizard, told).action_close()
        declaration._conclude("ends", declaration.subscription_id.date_end)
        declaration._send_confirmation()
        return result
