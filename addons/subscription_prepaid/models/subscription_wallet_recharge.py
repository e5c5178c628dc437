from odoo import api, fields, models


class SubscriptionWallet(models.Model):
    _inherit = "subscription.wallet"

    recharge_ids = fields.One2many("subscription.recharge", "wallet_id", "Automatic Top-Ups")
    recharge_id = fields.Many2one(
        "subscription.recharge", "Automatic Top-Up", compute="_compute_recharge_id"
    )

    @api.depends("recharge_ids.state")
    def _compute_recharge_id(self):
        for wallet in self:
            wallet.recharge_id = wallet.recharge_ids.filtered(lambda one: one.state == "active")
