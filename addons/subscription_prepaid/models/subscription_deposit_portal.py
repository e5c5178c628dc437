"""Deposit requests among the documents that customers see of a subscription."""

from odoo import models


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_portal_documents(self):
        documents = super()._get_portal_documents()
        customer = self.partner_id.commercial_partner_id
        own = self._get_deposit_requests().filtered(
            lambda move: move.commercial_partner_id == customer and not move.is_deposit_void
        )
        return documents + [
            {
                "title": self.env._("Deposit request %s", move.name),
                "name": move.name,
                "date": move.invoice_date,
                "date_due": move.invoice_date_due,
                "amount": move.currency_id.format(move.amount_total),
                "amount_due": move.currency_id.format(move.amount_residual),
                "url": move.get_portal_url(),
                "is_open": move._has_to_be_paid(),
                "lapses": False,
            }
            for move in own
        ]
