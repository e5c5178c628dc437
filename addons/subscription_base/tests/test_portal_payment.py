from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.payment.controllers.post_processing import PaymentPostProcessing
from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .common import shows
from .payment_common import SubscriptionPaymentCommon, done, silence
from .test_payment_attempts import ASKING


@tagged("post_install", "-at_install")
class TestPortalPayment(SubscriptionPaymentCommon, PaymentHttpCommon):
    """The customer pays an invoice of a subscription in the portal."""

    def setUp(self):
        super().setUp()
        self.env["ir.config_parameter"].set_param("account_payment.enable_portal_payment", "True")

    def _pay_online(self, move):
        """Open the invoice with its link and pay it.

        :return: the transaction that this has begun.
        """
        page = self._make_http_get_request(self._build_url(move.get_portal_url()))
        self.assertEqual(page.status_code, 200)
        context = self._get_payment_context(page)
        values = self._get_processing_values(
            tx_route=context["transaction_route"],
            provider_id=self.provider.id,
            payment_method_id=self.payment_method_id,
            token_id=None,
            amount=move.amount_residual,
            flow="direct",
            tokenization_requested=False,
            landing_route=context["landing_route"],
            access_token=context["access_token"],
        )
        return self._get_tx(values["reference"])

    @shows("PA-12")
    @mute_logger("odoo.addons.payment.models.payment_transaction")
    def test_an_invoice_is_paid_online_and_not_charged_again(self):
        subscription = self._subscribe()
        move = self._bill(subscription, "2026-01-01")
        transaction = self._pay_online(move)
        self.assertEqual(transaction.invoice_ids, move)
        self.assertFalse(self._process("2026-01-01", done))  # the customer is about to pay
        transaction._set_done()
        with patch.object(
            PaymentPostProcessing, "_get_monitored_transaction", lambda controller: transaction
        ):
            self._make_json_request(self._build_url("/payment/status/poll"), data={})
        move.invalidate_recordset()
        self.assertEqual(move.payment_state, move._get_invoice_in_payment_state())
        self.assertFalse(self._process("2026-01-02", done))
        self.assertEqual(subscription.charge_ids.settlement_state, "paid")

    @mute_logger(ASKING)
    def test_what_the_provider_may_be_collecting_is_not_offered_for_payment(self):
        subscription = self._subscribe()
        self._process("2026-01-01", silence)
        move = subscription._get_invoices()
        page = self._make_http_get_request(self._build_url(move.get_portal_url()))
        self.assertNotIn("o_payment_form", page.text)
