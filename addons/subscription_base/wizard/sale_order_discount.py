from odoo import models
from odoo.exceptions import UserError


class SaleOrderDiscount(models.TransientModel):
    _inherit = "sale.order.discount"

    def _create_discount_lines(self):
        if not self.sale_order_id._get_once_lines():
            raise UserError(
                self.env._(
                    "The order only sells plans. Choose 'On All Order Lines': then every bill "
                    "of the subscription gets the discount."
                )
            )
        return super()._create_discount_lines()
