"""Which invoices a credit note corrects."""

from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _get_corrected_invoices(self):
        """The posted invoices that a credit note refers to: Odoo's link, else those that its
        charges give days back of.

        :rtype: account.move
        """
        self.ensure_one()
        if self.move_type != "out_refund":
            return self.browse()
        if self.reversed_entry_id:
            return self.reversed_entry_id
        found = self.sudo().browse()
        charges = self.sudo().invoice_line_ids.subscription_charge_id
        for subscription, credits in charges.grouped("subscription_id").items():
            found |= subscription._get_credited_invoices(credits)
        return found.sorted(lambda move: (move.invoice_date, move.id))
