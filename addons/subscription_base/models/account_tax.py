"""Down payments and global discounts of an order leave out what a subscription bills.

Both end up on invoices of the order, which plan lines never reach: a share of them would be paid
or given twice.
"""

from odoo import api, models


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
