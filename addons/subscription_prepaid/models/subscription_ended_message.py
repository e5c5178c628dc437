"""Who is told of the end is told what became of the balances: the letter waits for it (SM-65)."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

#: How long the message waits for the settlement, which a draft invoice may hold up.
PATIENCE = timedelta(days=3)


class SubscriptionMessage(models.Model):
    _inherit = "subscription.message"

    @api.model
    def _get_due_domain(self):
        return Domain(super()._get_due_domain()) & self._get_settled_domain()

    @api.model
    def _get_settled_domain(self):
        """All but messages about an end whose customer has balances that are not settled yet."""
        wallets = "subscription_id.partner_invoice_id.commercial_partner_id.subscription_wallet_ids"
        return (
            Domain("kind", "!=", "ended")
            | Domain("subscription_id.cleaned_on", "!=", False)
            | Domain(wallets, "=", False)
            | Domain("event_id.date", "<", fields.Datetime.now() - PATIENCE)
        )
