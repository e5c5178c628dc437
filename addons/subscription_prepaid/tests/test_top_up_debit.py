from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestTopUpDebit(PrepaidCommon):
    """Top-ups by direct debit, which the payer's bank may return (decision C14)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inbound_payment_method_line.payment_method_id.code = "sepa_direct_debit"

    def _credit_final(self, day):
        with freeze_time(f"{day} 06:00:00"), self._commits_flush():
            self.env["subscription.wallet"].sudo()._cron_credit_final()
        self.wallet.invalidate_recordset()

    def _return(self, payment):
        payment.move_id._reverse_moves([{"date": payment.date}], cancel=True)
        self.wallet.invalidate_recordset()

    def test_by_the_setting_it_can_be_used_at_once(self):
        self._top_up(50.0)
        self.assertEqual((self.wallet.balance, self.wallet.amount_on_its_way), (50.0, 0.0))

    def test_or_only_when_its_return_window_is_over(self):
        self.company.subscription_debit_window = 56
        payment = self._top_up(50.0)
        self.assertEqual(str(payment.subscription_credit_date), "2026-05-05")
        self.assertEqual(payment.move_id.state, "posted")
        self.assertEqual((self.wallet.balance, self.wallet.amount_on_its_way), (0.0, 50.0))
        self.assertFalse(payment.move_id.subscription_receipt)
        with self.assertRaisesRegex(UserError, "Top up the balance first"):
            self.wallet._settle(self._invoice(10.0), in_full=True)
        with self.assertRaisesRegex(UserError, "no payment"):
            self.wallet.action_move_credits()
        self._credit_final("2026-05-04")
        self.assertEqual(self.wallet.balance, 0.0)
        for _time in range(2):
            self._credit_final("2026-05-05")
            self.assertEqual((self.wallet.balance, self.wallet.amount_on_its_way), (50.0, 0.0))
        entry = self.wallet.entry_ids.move_id
        self.assertEqual(entry.subscription_receipt, "due")
        receivable = self.partner_a.property_account_receivable_id
        items = (payment.move_id | entry).line_ids.filtered(lambda i: i.account_id == receivable)
        self.assertTrue(all(items.mapped("reconciled")))

    def test_returned_within_the_window_it_never_comes_in(self):
        self.company.subscription_debit_window = 56
        self._return(self._top_up(50.0))
        self.assertEqual(self.wallet.amount_on_its_way, 0.0)
        self._credit_final("2026-05-05")
        self.assertEqual(self.wallet.balance, 0.0)

    def test_other_payments_do_not_wait(self):
        self.company.subscription_debit_window = 56
        self.inbound_payment_method_line.payment_method_id.code = "manual"
        payment = self._top_up(50.0)
        self.assertFalse(payment.subscription_credit_date)
        self.assertEqual(self.wallet.balance, 50.0)

    def test_the_window_is_a_number_of_days(self):
        with self.assertRaisesRegex(ValidationError, "0 to 400 days"):
            self.company.subscription_debit_window = -1

    def test_a_top_up_that_is_returned_flags_the_contracts_and_opens_no_invoice(self):
        contract = self._sell("2026-02-28")
        other = self._create_subscription(date_start="2026-03-10")
        payment = self._top_up(35.7)
        renewal = contract._extend(self._package(30)).move_id
        self.assertFalse(contract.has_overdrawn_balance)
        self._return(payment)
        self.assertEqual(self.wallet.balance, -35.7)
        self.assertEqual((renewal.amount_residual, renewal.state), (0.0, "posted"))
        contract.invalidate_recordset()
        self.assertTrue(contract.has_overdrawn_balance)
        self.assertFalse(other.has_overdrawn_balance)
        Subscription = self.env["subscription.subscription"]
        self.assertEqual(Subscription.search([("has_overdrawn_balance", "=", True)]), contract)
        self.assertIn(other, Subscription.search([("has_overdrawn_balance", "=", False)]))
        self.assertIn("35.70", contract.activity_ids.summary)
        self.assertEqual(str(contract.date_expiry), "2026-04-27", "it runs as before")
        self.env["subscription.wallet"]._cron_watch()
        self.assertEqual(len(contract.activity_ids), 1, "told once")
        self._top_up(40.0)
        contract.invalidate_recordset()
        self.assertFalse(contract.has_overdrawn_balance)

    def test_of_service_credit_the_own_contract_is_flagged_and_owes_it_at_the_end(self):
        contract = self._create_subscription(date_start="2026-03-10")
        other = self._sell("2026-02-28")
        wallet = self._get_wallet(kind="service", subscription=contract)
        payment = self._top_up(30.0, wallet)
        self._run_cron("2026-03-10 10:00:00")
        wallet.invalidate_recordset()
        self.assertEqual(wallet.balance, 0.0)
        self._return(payment)
        wallet.invalidate_recordset()
        self.assertEqual(wallet.balance, -30.0)
        (contract + other).invalidate_recordset()
        self.assertTrue(contract.has_overdrawn_balance)
        self.assertFalse(other.has_overdrawn_balance)
        flagged = self.env["subscription.subscription"].search(
            [("has_overdrawn_balance", "=", True)]
        )
        self.assertEqual(flagged, contract)
        self.assertIn("30.00", contract.activity_ids.summary)
        with freeze_time("2026-03-20 09:00:00"):
            contract._close("2026-03-15")
        self._run_cron("2026-03-20 10:00:00")
        contract.invalidate_recordset()
        self.assertEqual(contract.state, "closed")
        rows = contract.settlement_line_ids
        self.assertEqual(
            [(row.kind, row.outcome, row.amount) for row in rows], [("service", "owed", -30.0)]
        )
