from odoo import models
from odoo.exceptions import UserError


class SaleAdvancePaymentInv(models.TransientModel):
    _inherit = "sale.advance.payment.inv"

    def _create_invoices(self, sale_orders):
        down_payment = self.advance_payment_method != "delivered"
        if down_payment and not sale_orders._get_once_lines():
            raise UserError(
                self.env._(
                    "The order only sells plans. Their subscriptions bill them, so there is "
                    "nothing to make a down payment for."
                )
            )
        return super()._create_invoices(sale_orders)
