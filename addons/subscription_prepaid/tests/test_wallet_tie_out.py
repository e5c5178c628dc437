from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import TODAY, WalletCommon


@tagged("post_install", "-at_install")
class TestWalletTieOut(WalletCommon):
    """What is on the accounts of balances is somebody's balance, or is seen."""

    def _get_rows(self, **values):
        domain = [("company_id", "=", self.company.id)]
        domain += [(name, "=", value.id) for name, value in values.items()]
        Row = self.env["subscription.wallet.tie.out"]
        Row.invalidate_model()
        return Row.search(domain)

    def _book(self, account, amount, partner=None):
        revenue = self.company_data["default_account_revenue"]
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": TODAY,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": one.id,
                            "partner_id": partner and partner.id,
                            "balance": balance,
                            "name": "By hand",
                        }
                    )
                    for one, balance in ((revenue, amount), (account, -amount))
                ],
            }
        )
        move.action_post()
        return move

    def test_each_account_agrees_with_its_balances(self):
        self._top_up(50.0)
        self.wallet._settle(self._invoice(35.7))
        self._top_up(7.0, self._get_wallet(self.partner_b))
        row = self._get_rows(partner_id=self.partner_a)
        self.assertEqual((row.account_id, row.currency_id), (self.account, self.wallet.currency_id))
        self.assertEqual((row.ledger_balance, row.wallet_balance, row.difference), (14.3, 14.3, 0))
        items = self.env["account.move.line"].search(row.action_view_items()["domain"])
        self.assertEqual(items, self.wallet.entry_ids.move_line_id)
        self.assertEqual(sum(self._get_rows(account_id=self.account).mapped("difference")), 0.0)

    def test_what_is_nobodys_balance_is_seen(self):
        """Booked by hand before the account was that of balances, so no balance was asked for."""
        used, fresh = self.company.subscription_service_account_id, self.account.copy()
        for partner in (self.partner_a, None):
            self._book(fresh, 25.0, partner)
        self.company.subscription_service_account_id = fresh
        rows = self._get_rows(account_id=fresh)
        self.assertEqual(rows.partner_id, self.partner_a)
        self.assertEqual(rows.mapped("difference"), [25.0, 25.0])
        self.assertEqual(self.env[rows._name].search([("difference", "!=", 0)]), rows)
        for row in rows:
            items = self.env["account.move.line"].search(row.action_view_items()["domain"])
            self.assertEqual(items.mapped("balance"), [-25.0])
        self.company.subscription_service_account_id = used

    def test_the_account_stays_while_there_are_balances_on_it(self):
        other = self.account.copy()
        self.company.subscription_credit_account_id = other
        self.company.subscription_credit_account_id = self.account
        self._top_up(50.0)
        for wrong in (other, False):
            with self.assertRaisesRegex(ValidationError, "Keep the"), self.cr.savepoint():
                self.company.subscription_credit_account_id = wrong
        self.assertEqual(self.company.subscription_credit_account_id, self.account)
        self.assertEqual(self.wallet.balance, 50.0)
