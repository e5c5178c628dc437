"""An invoice for money that is paid in advance bears a name of its own."""

from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"
    _keeps_bulk_invoices = True  # what a billing run makes states services

    def _is_advance_invoice(self):
        """Whether the invoice asks for money in advance, and states no service.

        :rtype: bool
        """
        self.ensure_one()
        if self.move_type != "out_invoice":
            return False
        lines = self.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        return bool(lines) and all(line._is_subscription_advance() for line in lines)

    def _compute_type_name(self):
        result = super()._compute_type_name()
        advances = self.filtered(lambda move: move._is_advance_invoice())
        advances.type_name = self.env._("Advance Invoice")
        return result
