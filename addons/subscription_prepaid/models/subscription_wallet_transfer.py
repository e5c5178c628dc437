"""Money that moves from one balance of a customer into another."""

from odoo import models


class SubscriptionWallet(models.Model):
    _inherit = "subscription.wallet"

    def _transfer(self, other, amount, text):
        """Move an amount into another balance of the same customer.

        :param other: ``subscription.wallet`` record.
        :param float amount: in their currency, not more than is there.
        :param str text: what for, in the language of the customer.
        :return: the entry.
        """
        self.ensure_one()
        values = self._prepare_settlement(other.account_id, amount, self._get_today(), text)
        values["line_ids"][-1][2]["subscription_wallet_id"] = other.id
        entry = self.env["account.move"].create(values)
        entry.with_context(skip_readonly_check=True).action_post()
        self._use(entry.line_ids.filtered(lambda line: line.account_id == self.account_id))
        return entry
