from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_credit_account_id = fields.Many2one(
        related="company_id.subscription_credit_account_id", readonly=False
    )
    subscription_service_account_id = fields.Many2one(
        related="company_id.subscription_service_account_id", readonly=False
    )
    subscription_deposit_account_id = fields.Many2one(
        related="company_id.subscription_deposit_account_id", readonly=False
    )
    subscription_wallet_journal_id = fields.Many2one(
        related="company_id.subscription_wallet_journal_id", readonly=False
    )
    subscription_wallet_minimum = fields.Monetary(
        related="company_id.subscription_wallet_minimum", readonly=False
    )
    subscription_wallet_online = fields.Boolean(
        related="company_id.subscription_wallet_online", readonly=False
    )
