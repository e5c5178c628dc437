"""Which payment methods an order that sells plans may be paid with."""

from odoo import models

from odoo.addons.payment import utils as payment_utils


class PaymentMethod(models.Model):
    _inherit = "payment.method"

    def _get_compatible_payment_methods(
        self, *args, force_tokenization=False, report=None, sale_order_id=None, **kwargs
    ):
        """Those that the plans of the order allow; if one must be saved, those that can be."""
        provider = self.env["payment.provider"]
        methods = super()._get_compatible_payment_methods(
            *args,
            force_tokenization=force_tokenization
            or provider._is_tokenization_required(sale_order_id=sale_order_id, **kwargs),
            report=report,
            sale_order_id=sale_order_id,
            **kwargs,
        )
        order = self.env["sale.order"].sudo().browse(sale_order_id or ()).exists()
        refused = methods.filtered(lambda method: not order._allows_payment_method(method))
        payment_utils.add_to_report(
            report,
            refused,
            available=False,
            reason=self.env._("not allowed by the subscription plan"),
        )
        return methods - refused
