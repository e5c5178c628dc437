from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.subscription_base.tests.common import shows

from .common import TODAY, WalletCommon


@tagged("post_install", "-at_install")
class TestWallet(WalletCommon):
    @shows("SD-32")
    def test_topped_up_spent_and_seen_in_a_statement(self):
        self._top_up(50.0)
        self.assertEqual(self.wallet.balance, 50.0)
        self.wallet._settle(self._invoice(35.7))
        self.assertEqual(self.wallet.balance, 14.3)
        rows = self.wallet.entry_ids.sorted("id")
        self.assertEqual(rows.mapped("amount"), [50.0, -35.7])
        self.assertEqual(rows.mapped("running_balance"), [50.0, 14.3])
        self.assertTrue(all(rows.mapped("move_id")))
        self.assertEqual(rows[0].description, "Payment received")
        self.assertIn(rows[1].move_id.ref, rows[1].description)
        booked = -sum(
            self.env["account.move.line"]
            .search([("account_id", "=", self.account.id)])
            .mapped("balance")
        )
        self.assertAlmostEqual(booked, 14.3)

    def test_a_top_up_is_booked_at_once_and_bears_no_tax(self):
        payment = self._top_up(50.0)
        lines = payment.move_id.line_ids
        self.assertEqual(payment.move_id.state, "posted")
        self.assertFalse(lines.tax_ids | lines.tax_line_id)
        credit = lines.filtered("credit")
        self.assertEqual((credit.account_id, credit.credit), (self.account, 50.0))
        self.assertEqual(credit.partner_id, self.partner_a)
        receivable = self.env["account.move.line"].search(
            [("partner_id", "=", self.partner_a.id), ("account_type", "=", "asset_receivable")]
        )
        self.assertFalse(receivable)

    def test_it_is_in_the_books_though_the_method_has_no_account(self):
        self.inbound_payment_method_line.payment_account_id = False
        payment = self._top_up(20.0)
        self.assertEqual(payment.move_id.state, "posted")
        self.assertEqual(self.wallet.balance, 20.0)

    def test_what_is_left_is_paid_out_in_full_and_no_more(self):
        self._top_up(14.3)
        action = self.wallet.action_pay_out()
        self.assertEqual(action["context"]["default_amount"], 14.3)
        with self.assertRaisesRegex(UserError, "the balance is"):
            self._top_up(14.31, payment_type="outbound")
        self.assertEqual(self.wallet.balance, 14.3)
        payout = self._top_up(14.3, payment_type="outbound")
        self.assertEqual(self.wallet.balance, 0.0)
        self.assertEqual(len(payout.move_id.line_ids), 2, "nothing is kept")
        self.assertTrue(all(self.wallet.entry_ids.move_line_id.mapped("reconciled")))
        with self.assertRaisesRegex(UserError, "nothing to pay out"):
            self.wallet.action_pay_out()

    def test_a_payment_that_is_cancelled_is_taken_back(self):
        payment = self._top_up(50.0)
        payment.action_draft()
        payment.action_cancel()
        self.assertEqual(self.wallet.balance, 0.0)

    def test_there_is_one_balance_a_customer_company_and_currency(self):
        child = self.env["res.partner"].create({"name": "Ann", "parent_id": self.partner_a.id})
        self.assertEqual(self._get_wallet(child), self.wallet)
        self.assertNotEqual(self._get_wallet(self.partner_b), self.wallet)
        with self.assertRaisesRegex(ValidationError, "choose the customer itself"):
            self.env["subscription.wallet"].create({"partner_id": child.id})

    def test_a_payment_of_somebody_else_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "the same customer"):
            self._top_up(10.0, partner_id=self.partner_b.id)

    def test_what_is_booked_by_hand_counts(self):
        self._book(self.partner_b, 25.0)
        wallet = self.env["subscription.wallet"].search([("partner_id", "=", self.partner_b.id)])
        self.assertEqual(wallet.balance, 25.0)

    def test_an_item_without_a_customer_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "name the customer"):
            self._book(self.env["res.partner"], 25.0)

    def _book(self, partner, amount):
        sides = [
            (self.company_data["default_account_revenue"], amount),
            (self.account, -amount),
        ]
        self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": TODAY,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": partner.id,
                            "balance": balance,
                            "name": "By hand",
                        }
                    )
                    for account, balance in sides
                ],
            }
        ).action_post()

    def test_balances_are_found_by_their_amount(self):
        self._top_up(50.0)
        Wallet = self.env["subscription.wallet"]
        other = self._get_wallet(self.partner_b)
        self.assertIn(self.wallet, Wallet.search([("balance", ">", 0)]))
        self.assertNotIn(other, Wallet.search([("balance", ">", 0)]))
        self.assertIn(other, Wallet.search([("balance", "=", 0)]))
        self.assertFalse(Wallet.search([("difference", "!=", 0)]))

    def test_it_stays_once_it_is_in_the_books(self):
        self._top_up(1.0)
        with self.assertRaisesRegex(UserError, "stays there"):
            self.wallet.sudo().unlink()
        self._get_wallet(self.partner_b).sudo().unlink()
