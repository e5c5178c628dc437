from odoo.tests import freeze_time, tagged

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import SubscriptionCommon, shows


@tagged("post_install", "-at_install")
class TestOffset(SubscriptionCommon, AccountPaymentCommon):
    """Open credit notes are set off against new invoices before money is collected."""

    def setUp(self):
        super().setUp()
        self.hosting.taxes_id = False
        self.subscription = self._create_subscription(date_start="2026-04-01")
        first = self._bill(self.subscription, "2026-04-01")
        self._register_payment(first)
        with freeze_time("2026-04-11"):
            self.subscription.line_ids._end("2026-04-11")
            self.credit = self._bill(self.subscription, "2026-04-11")
        self.other = self._create_subscription(date_start="2026-05-01")
        self.other.line_ids.price_unit = 50.0
        self.invoice = self._bill(self.other, "2026-05-01")

    def _offset(self):
        run = self._create_run("2026-05-01")
        if "offset" in run._get_steps():
            while found := run._claim_offset(set()):
                run._do_offset(found)
                self.env.flush_all()
                break

    @shows("SM-07")
    def test_a_credit_of_20_leaves_30_of_an_invoice_of_50(self):
        self.assertEqual((self.credit.amount_residual, self.credit.payment_state), (20, "not_paid"))
        self.assertEqual(self.invoice.amount_residual, 50.0)
        self._offset()
        self.assertEqual(self.credit.amount_residual, 0.0)
        self.assertEqual(self.invoice.amount_residual, 30.0)
        self.assertEqual((self.credit.amount_total, self.invoice.amount_total), (20.0, 50.0))
        self.assertEqual((self.credit + self.invoice).mapped("state"), ["posted", "posted"])

    def test_the_saved_method_is_charged_for_the_rest_only(self):
        token = self._create_token(partner_id=self.partner_a.id)
        self.other.payment_token_id = token
        self._offset()
        self.assertEqual(self.invoice._prepare_collection_values(1)["amount"], 30.0)

    def test_a_company_can_do_without(self):
        self.company.subscription_offset_credits = False
        self._offset()
        self.assertEqual(self.invoice.amount_residual, 50.0)

    def test_other_customers_and_currencies_are_left_alone(self):
        self.other = self._create_subscription(
            partner_id=self.partner_b.id, date_start="2026-05-01"
        )
        invoice = self._bill(self.other, "2026-05-01")
        self._offset()
        self.assertEqual(invoice.amount_residual, 30.0)

    def test_an_invoice_that_is_being_collected_waits_for_the_outcome(self):
        """The debit that is under way is for all that is open; a set-off would collect too much."""
        self.other.payment_token_id = self._create_token(partner_id=self.partner_a.id)
        attempt = self.env["subscription.payment.attempt"].sudo()._schedule(self.invoice)
        attempt.transaction_id._set_pending()
        self._offset()
        self.invoice._offset_subscription_credits()
        self.assertEqual((self.invoice.amount_residual, self.credit.amount_residual), (50, 20))
        attempt.transaction_id._set_error("Returned")
        self._offset()
        self.assertEqual((self.invoice.amount_residual, self.credit.amount_residual), (30, 0))
