from odoo import models
from odoo.exceptions import ValidationError


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
        items = self.line_ids._is_on_wallet_account()
        if ownerless := items.filtered(lambda line: not line.partner_id):
            raise ValidationError(
                self.env._(
                    "%(account)s holds the balances of customers: name the customer on each item "
                    "of it (%(items)s).",
                    account=ownerless.account_id[:1].display_name,
                    items=", ".join(line.name or "-" for line in ownerless),
                )
            )
        posted = super()._post(soft)
        for line in posted.line_ids._is_on_wallet_account():
            self.env["subscription.wallet"]._get(line.partner_id, line.company_id, line.currency_id)
        return posted
