from odoo import fields, models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    subscription_wallet_id = fields.Many2one(
        "subscription.wallet",
        "Balance",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    def _create_payment(self, **extra_create_values):
        if self.subscription_wallet_id:
            extra_create_values["subscription_wallet_id"] = self.subscription_wallet_id.id
        return super()._create_payment(**extra_create_values)
