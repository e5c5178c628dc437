"""What the e-mail with an invoice says about its payment."""

from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _get_message_token(self):
        """Only a method that is going to be charged; not where the customer has to pay himself."""
        token = super()._get_message_token()
        plans = self.sudo().subscription_ids.plan_id
        tried = self.sudo().payment_attempt_ids.filtered(
            lambda attempt: attempt.state in ("failed", "cancelled") and attempt.date_asked
        )
        if (
            self.subscription_fallback
            or tried
            or "invoice" in plans.mapped("collection_method")
            or not (token and token._is_chargeable(self.company_id))
        ):
            return token.browse()
        return token
