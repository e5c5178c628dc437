from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.subscription_base.tests.common import shows

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestWalletSettlement(WalletCommon):
    @shows("SM-19")
    def test_it_pays_as_far_as_it_is_enough_and_the_rest_stays_due(self):
        self._top_up(12.0)
        invoice = self._invoice(20.0)
        entry = self.wallet._settle(invoice)
        self.assertEqual((invoice.amount_residual, self.wallet.balance), (8.0, 0.0))
        self.assertEqual(invoice.payment_state, "partial")
        self.assertRecordValues(
            entry.line_ids.sorted("balance"),
            [
                {"account_id": self.partner_a.property_account_receivable_id.id, "balance": -12.0},
                {"account_id": self.account.id, "balance": 12.0},
            ],
        )
        self.assertTrue(all(entry.line_ids.mapped("reconciled")))
        self.assertEqual(entry.journal_id, self.company.subscription_wallet_journal_id)
        self.assertIn(invoice.name, entry.ref)

    def test_what_came_in_first_is_used_first(self):
        first, second = self._top_up(10.0), self._top_up(10.0)
        entry = self.wallet._settle(self._invoice(15.0))
        credits = [payment.move_id.line_ids.filtered("credit") for payment in (first, second)]
        self.assertEqual([credit.amount_residual for credit in credits], [0.0, -5.0])
        used = entry.line_ids.matched_credit_ids.filtered(
            lambda partial: partial.credit_move_id.account_id == self.account
        )
        self.assertEqual(used.credit_move_id, credits[0] | credits[1], "each use names its source")

    def test_in_full_or_not_at_all(self):
        self._top_up(100.0)
        invoice = self._invoice(101.75)
        with self.assertRaisesRegex(UserError, "Top up the balance first"):
            self.wallet._settle(invoice, in_full=True)
        self.assertEqual((invoice.payment_state, self.wallet.balance), ("not_paid", 100.0))
        self._top_up(1.75)
        self.wallet._settle(invoice, in_full=True)
        self.assertEqual(invoice.payment_state, invoice._get_invoice_in_payment_state())
        self.assertEqual((invoice.amount_residual, self.wallet.balance), (0.0, 0.0))

    def test_of_several_invoices_the_one_that_is_due_first(self):
        self._top_up(30.0)
        early, late = self._invoice(20.0), self._invoice(20.0)
        late.line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        ).date_maturity = "2027-01-01"
        self.wallet._settle(late | early)
        self.assertEqual((early.amount_residual, late.amount_residual), (0.0, 10.0))

    def test_it_is_good_for_its_customer_and_company_only(self):
        self._top_up(50.0)
        with self.assertRaisesRegex(UserError, "must be the same"):
            self.wallet._settle(self._invoice(10.0, partner=self.partner_b))
        draft = self.init_invoice("out_invoice", partner=self.partner_a, amounts=[10.0])
        with self.assertRaisesRegex(UserError, "must be the same"):
            self.wallet._settle(draft)

    def test_one_customer_never_settles_what_another_has_used(self):
        mine = self._top_up(10.0).move_id.line_ids.filtered("credit")
        other = self._get_wallet(self.partner_b)
        self._top_up(10.0, other)
        payout = self._top_up(10.0, other, payment_type="outbound").move_id
        items = payout.line_ids.filtered(lambda line: line.account_id == self.account)
        items.remove_move_reconcile()
        with self.assertRaisesRegex(UserError, "several balances"):
            (mine + items).reconcile()
        other._use(items)

    def test_a_top_up_that_is_returned_overdraws_the_balance_only(self):
        """The invoice that it paid stays paid (decision C14)."""
        payment = self._top_up(35.7)
        invoice = self._invoice(35.7)
        self.wallet._settle(invoice)
        payment.move_id._reverse_moves([{"date": payment.date}])
        reversal = payment.move_id.reversal_move_ids
        reversal.action_post()
        self.assertEqual(self.wallet.balance, -35.7)
        self.assertEqual(invoice.amount_residual, 0.0)
        self._top_up(35.7)
        self.assertEqual(self.wallet.balance, 0.0)

    def test_in_the_currency_of_the_balance(self):
        currency = self.setup_other_currency("GBP")
        wallet = self._get_wallet(currency=currency)
        self._top_up(50.0, wallet)
        invoice = self._invoice(20.0, currency=currency)
        wallet._settle(invoice)
        self.assertEqual((wallet.balance, invoice.amount_residual), (30.0, 0.0))
        self.assertEqual(self.wallet.balance, 0.0)
