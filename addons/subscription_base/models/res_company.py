from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_bill_ahead = fields.Boolean(
        "Bill Future Days",
        help="Allow billing runs as of a day that is still to come. Their invoices bear that date.",
    )
