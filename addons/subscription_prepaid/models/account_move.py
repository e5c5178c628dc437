from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"
    _keeps_bulk_invoices = True  # balances are never on customer invoices

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self.env["subscription.wallet"]._forget()
        return result

    def _post(self, soft=True):
        """What is booked on an account of balances is some customer's balance."""
        self.line_ids._claim_for_wallets()
        return super()._post(soft)
