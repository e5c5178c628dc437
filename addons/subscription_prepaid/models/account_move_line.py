from odoo import models
from odoo.exceptions import UserError


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _is_on_wallet_account(self):
        """The items that belong to a customer's balance."""
        return self.filtered(lambda line: line.account_id in line.company_id._get_wallet_accounts())

    def reconcile(self):
        """What one customer has paid in never settles what another has used."""
        items = self._is_on_wallet_account()
        owners = {(line.partner_id.commercial_partner_id, line.currency_id) for line in items}
        if len(owners) > 1:
            raise UserError(
                self.env._(
                    "These are the balances of several customers or currencies: %s. Reconcile "
                    "them apart.",
                    ", ".join(sorted({partner.display_name or "-" for partner, _c in owners})),
                )
            )
        result = super().reconcile()
        self.env["subscription.wallet"]._forget()
        return result

    def remove_move_reconcile(self):
        result = super().remove_move_reconcile()
        self.env["subscription.wallet"]._forget()
        return result
