"""Balances that hold deposits: what is held of them, and how it leaves them (SM-20, LAW-46)."""

from odoo import api, models


class SubscriptionWallet(models.Model):
    _inherit = "subscription.wallet"

    @api.model
    def _forget(self):
        result = super()._forget()
        self.env["subscription.subscription"].invalidate_model(
            ["deposit_held", "deposit_requested", "instalment_residual", "instalment_next_date"]
        )
        return result

    def _get_unpaid(self):
        """What the customer has been asked to deposit and has not paid; it is in the balance."""
        self.ensure_one()
        requests = self.subscription_id._get_deposit_requests()
        own = requests.filtered(lambda move: move._get_deposit_wallet() == self)
        return sum(own.mapped("amount_residual"))

    def _get_held(self):
        """What the customer has paid of the balance."""
        self.ensure_one()
        if self.kind != "deposit" or not self.subscription_id:
            return self.balance
        return self.currency_id.round(self.balance - self._get_unpaid())

    def _get_customer_deposits(self):
        """The deposits of the customer, for the page of the balance.

        :rtype: subscription.wallet
        """
        self.ensure_one()
        deposits = self.sudo().search(
            [
                ("kind", "=", "deposit"),
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
            ]
        )
        return deposits.filtered("entry_ids")

    def _give_up(self, request, amount):
        """Book that a part of a deposit is not asked for any more."""
        text = self._in_language_of(request.partner_id).env._("%s taken back", request.name)
        self._book_against(request, amount, text)

    def _keep(self, amount, account, reason):
        """Book that a part of a deposit is kept for damage, without tax."""
        entry = self.env["account.move"].create(
            self._prepare_settlement(account, amount, self._get_today(), reason)
        )
        entry.with_context(skip_readonly_check=True).action_post()
        self._use(entry.line_ids.filtered(lambda line: line.account_id == self.account_id))

    def _return(self, amount, text, journal=None):
        """Pay back a part of a deposit.

        :return: the ``account.payment``.
        """
        values = {
            "payment_type": "outbound",
            "partner_type": "customer",
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "amount": amount,
            "date": self._get_today(),
            "memo": text,
            "subscription_wallet_id": self.id,
        }
        if journal:
            values["journal_id"] = journal.id
        payment = self.env["account.payment"].with_company(self.company_id).create(values)
        payment.action_post()
        return payment
