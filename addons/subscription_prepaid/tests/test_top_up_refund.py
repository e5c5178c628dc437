from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestTopUpRefund(PrepaidCommon, AccountPaymentCommon):
    """A top-up that was paid online and is given back online."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.demo = cls._prepare_provider("demo")

    def _pay_in(self, amount):
        transaction = self._create_transaction(
            "direct",
            reference=f"{self.wallet.name}-{amount}",
            provider_id=self.demo.id,
            payment_method_id=self.demo.payment_method_ids[:1].id,
            amount=amount,
            currency_id=self.wallet.currency_id.id,
            partner_id=self.partner_a.id,
            subscription_wallet_id=self.wallet.id,
        )
        transaction._set_done()
        self._book(transaction)
        return transaction

    def _book(self, transaction):
        with mute_logger("odoo.addons.payment.models.payment_transaction"):
            transaction._post_process()
        self.wallet.invalidate_recordset()

    def test_what_is_given_back_leaves_the_balance(self):
        transaction = self._pay_in(50.0)
        self._book(transaction._refund(20.0))
        self.assertEqual(self.wallet.balance, 30.0)
        refund = transaction._refund(30.0)
        self._book(refund)
        self.assertEqual(self.wallet.balance, 0.0)
        self.assertEqual(refund.payment_id.subscription_wallet_id, self.wallet)
        self.assertTrue(all(self.wallet.entry_ids.move_line_id.mapped("reconciled")))
        receivable = self.partner_a.property_account_receivable_id
        self.assertNotIn(receivable, refund.payment_id.move_id.line_ids.account_id)

    def test_what_has_been_used_is_not_given_back(self):
        transaction = self._pay_in(50.0)
        self.wallet._settle(self._invoice(35.7))
        with self.assertRaisesRegex(UserError, "cannot be paid out"):
            transaction._refund()
        self._book(transaction._refund(14.3))
        self.assertEqual(self.wallet.balance, 0.0)

    def test_what_the_provider_has_given_back_anyway_is_booked(self):
        transaction = self._pay_in(50.0)
        self.wallet._settle(self._invoice(35.7))
        refund = transaction._create_child_transaction(50.0, is_refund=True)
        refund._set_done()
        self._book(refund)
        self.assertEqual((self.wallet.balance, self.wallet.is_overdrawn), (-35.7, True))

    def test_a_part_that_is_captured_comes_into_the_balance(self):
        transaction = self._create_transaction(
            "direct",
            reference="authorized",
            provider_id=self.demo.id,
            payment_method_id=self.demo.payment_method_ids[:1].id,
            amount=50.0,
            currency_id=self.wallet.currency_id.id,
            partner_id=self.partner_a.id,
            subscription_wallet_id=self.wallet.id,
            state="authorized",
        )
        captured = transaction._create_child_transaction(20.0)
        captured._set_done()
        self._book(captured)
        self.assertEqual(self.wallet.balance, 20.0)

    def test_what_is_still_on_its_way_never_comes_in(self):
        self.company.subscription_debit_window = 56
        self.demo.payment_method_ids[:1].code = "sepa_direct_debit"
        transaction = self._pay_in(50.0)
        self.assertEqual((self.wallet.balance, self.wallet.amount_on_its_way), (0.0, 50.0))
        self._book(transaction._refund())
        self.assertEqual((self.wallet.balance, self.wallet.amount_on_its_way), (0.0, 0.0))
        self.assertFalse(self.wallet.entry_ids)
