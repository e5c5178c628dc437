from odoo import api, fields, models


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    use_balance = fields.Boolean(related="plan_id.use_balance")
    wallet_balance = fields.Monetary(
        "Balance of the Customer", compute="_compute_wallet_balance", compute_sudo=True
    )

    @api.depends("partner_invoice_id", "company_id", "currency_id")
    def _compute_wallet_balance(self):
        for subscription in self:
            subscription.wallet_balance = subscription._find_wallet().balance

    def _find_wallet(self):
        """The balance that pays for the subscription's invoices; empty when there is none."""
        self.ensure_one()
        return self.env["subscription.wallet"].search(
            [
                ("partner_id", "=", self.partner_invoice_id.commercial_partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("currency_id", "=", self.currency_id.id),
                ("kind", "=", "credit"),
            ]
        )

    def action_view_wallet(self):
        self.ensure_one()
        wallet = self.env["subscription.wallet"]._get(
            self.partner_invoice_id, self.company_id, self.currency_id
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Balance"),
            "res_model": "subscription.wallet",
            "view_mode": "form",
            "res_id": wallet.id,
        }
