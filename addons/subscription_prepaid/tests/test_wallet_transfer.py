from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import TODAY, WalletCommon


@tagged("post_install", "-at_install")
class TestWalletTransfer(WalletCommon):
    """Money that comes by bank transfer."""

    def _transfer(self, label, amount, partner=None, **values):
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": TODAY,
                "payment_ref": label,
                "amount": amount,
                "partner_id": partner and partner.id,
                **values,
            }
        )

    def _match(self):
        self.env["account.bank.statement.line"]._cron_match_wallets()

    def test_a_transfer_that_names_the_balance_is_booked_into_it(self):
        reference = self.wallet.name
        label = f"SEPA {reference[:3].lower()} {reference[3:]} thanks"
        line = self._transfer(label, 50.0)
        self._match()
        self.assertEqual(self.wallet.balance, 50.0)
        self.assertEqual((line.partner_id, line.is_reconciled), (self.partner_a, True))
        self._match()
        self.assertEqual(self.wallet.balance, 50.0)

    def test_a_longer_number_is_another_one(self):
        self._transfer(f"{self.wallet.name}1", 50.0)
        self._match()
        self.assertEqual(self.wallet.balance, 0.0)

    def test_what_goes_out_or_names_two_is_left_to_a_person(self):
        other = self._get_wallet(self.partner_b)
        lines = self._transfer(self.wallet.name, -50.0) + self._transfer(
            f"{self.wallet.name} {other.name}", 10.0
        )
        self._match()
        self.assertEqual((self.wallet.balance, other.balance), (0.0, 0.0))
        self.assertEqual(lines.mapped("is_reconciled"), [False, False])

    def test_another_currency_is_left_to_a_person(self):
        currency = self.setup_other_currency("GBP")
        line = self._transfer(
            self.wallet.name, 50.0, foreign_currency_id=currency.id, amount_currency=40.0
        )
        self._match()
        self.assertEqual((self.wallet.balance, line.is_reconciled), (0.0, False))

    def test_one_that_cannot_be_booked_stops_nobody_else(self):
        bad, good = self._transfer(self.wallet.name, 5.0), self._transfer(self.wallet.name, 7.0)
        Line = type(bad)
        original = Line._book_for_wallet

        def book(line, wallet):
            if line == bad:
                raise ValueError("books are closed")
            return original(line, wallet)

        self.patch(Line, "_book_for_wallet", book)
        self._match()
        self.assertEqual(self.wallet.balance, 7.0)
        self.assertTrue(good.is_reconciled)
        self.assertIn(bad.payment_ref, self.wallet.activity_ids.summary)

    def test_an_overpayment_stays_in_the_receivables_until_it_is_moved(self):
        invoice = self._invoice(20.0)
        payment = self._top_up(50.0, subscription_wallet_id=False)
        receivable = invoice.line_ids.account_id.filtered(
            lambda account: account.account_type == "asset_receivable"
        )
        items = (invoice + payment.move_id).line_ids
        items.filtered(lambda line: line.account_id == receivable).reconcile()
        self.assertEqual(self.wallet.balance, 0.0)
        self.wallet.action_move_credits()
        self.assertEqual(self.wallet.balance, 30.0)
        self.assertFalse(self.wallet._find_loose_credits())
        with self.assertRaisesRegex(UserError, "left over"):
            self.wallet.action_move_credits()
