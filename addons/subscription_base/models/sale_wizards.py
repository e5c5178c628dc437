"""Down payments and global discounts of an order leave out what a subscription bills.

Both end up on invoices of the order, which plan lines never reach: a share of them would be paid
or given twice.
"""

from odoo import api, models
from odoo.exceptions import UserError


def _without_subscriptions(base_lines):
    """The base lines for taxes that do not stem from a line that a subscription bills."""
    return [
        line
        for line in base_lines
        if getattr(line["record"], "_name", None) != "sale.order.line"
        or not line["record"]._get_subscription_lines()
    ]


class AccountTax(models.Model):
    _inherit = "account.tax"

    @api.model
    def _prepare_down_payment_lines(self, base_lines, *args, **kwargs):
        return super()._prepare_down_payment_lines(
            _without_subscriptions(base_lines), *args, **kwargs
        )

    @api.model
    def _prepare_global_discount_lines(self, base_lines, *args, **kwargs):
        return super()._prepare_global_discount_lines(
            _without_subscriptions(base_lines), *args, **kwargs
        )


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


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _generate_downpayment_invoices(self):
        return super(
            SaleOrder, self.filtered(lambda order: order._get_once_lines())
        )._generate_downpayment_invoices()


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
