from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_bill_ahead = fields.Boolean(
        related="company_id.subscription_bill_ahead", readonly=False
    )
