from unittest.mock import patch

from odoo.tests import JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.payment.controllers.post_processing import PaymentPostProcessing
from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .common import shows
from .payment_common import SubscriptionPaymentCommon, done, pending, silence
from .test_payment_attempts import ASKING


@tagged("post_install", "-at_install")
class TestPortalPayment(SubscriptionPaymentCommon, PaymentHttpCommon):
    """The customer pays an invoice of a subscription in the portal."""

    def setUp(self):
        super().setUp()
        self.env["ir.config_parameter"].set_param("account_payment.enable_portal_payment", "True")

    def _open_to_pay(self, url):
        """Open a page with a payment form.

        :return: what the form sends when the customer pays.
        """
        page = self._make_http_get_request(self._build_url(url))
        self.assertEqual(page.status_code, 200)
        context = self._get_payment_context(page)
        form = {
            "tx_route": context["transaction_route"],
            "provider_id": self.provider.id,
            "payment_method_id": self.payment_method_id,
            "token_id": None,
            "flow": "direct",
            "tokenization_requested": False,
            "landing_route": context["landing_route"],
        }
        return form | {name: context[name] for name in ("access_token",) if name in context}

    def _pay_online(self, move):
        """Open the invoice with its link and pay it.

        :return: the transaction that this has begun.
        """
        form = self._open_to_pay(move.get_portal_url())
        values = self._get_processing_values(**form, amount=move.amount_residual)
        return self._get_tx(values["reference"])

    def _log_in_as_customer(self):
        new_test_user(self.env, "ada", "base.group_portal", partner_id=self.partner_a.id)
        self.authenticate("ada", "ada")

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

    def _count_transactions(self, moves):
        moves.invalidate_recordset(["transaction_ids"])
        return len(moves.transaction_ids)

    @mute_logger(ASKING, "odoo.http", "odoo.addons.payment.tests.http_common")
    def test_a_page_that_was_open_when_collecting_began_does_not_pay(self):
        subscription = self._subscribe()
        move = self._bill(subscription, "2026-01-01")
        form = self._open_to_pay(move.get_portal_url())
        for answer in (silence, pending):
            attempt = self._attempts(move)
            if attempt:
                attempt.action_confirm_unpaid()
                with self._answers(answer):
                    attempt.action_retry()
            else:
                self._process("2026-01-01", answer)
            before = self._count_transactions(move)
            with self.assertRaisesRegex(JsonRpcException, "ValidationError"):
                self._get_processing_values(**form, amount=move.amount_residual)
            self.assertEqual(self._count_transactions(move), before)

    @mute_logger(ASKING, "odoo.http")
    def test_overdue_invoices_that_are_collected_are_not_paid_together(self):
        open_move = self._bill(self._create_subscription(), "2026-01-01")
        collected = self._bill(self._subscribe(), "2026-01-01")
        self.assertEqual(open_move.partner_id, collected.partner_id)
        self._log_in_as_customer()
        form = self._open_to_pay("/my/invoices/overdue")
        form["payment_reference"] = "overdue"
        self._process("2026-01-01", silence)
        self.assertEqual(self._attempts(collected).state, "unknown")
        before = self._count_transactions(open_move + collected)
        total = open_move.amount_residual + collected.amount_residual
        with self.assertRaisesRegex(JsonRpcException, "ValidationError"):
            self._get_processing_values(**form, amount=total)
        self.assertEqual(self._count_transactions(open_move + collected), before)
        self._open_to_pay("/my/invoices/overdue")
        self._get_processing_values(**form, amount=open_move.amount_residual)
        self.assertEqual(self._count_transactions(open_move), 1)
        self.assertEqual(open_move.transaction_ids.invoice_ids, open_move)
        self._register_payment(open_move)
        with self.assertRaisesRegex(JsonRpcException, "ValidationError"):
            self._get_processing_values(**form, amount=1.0)
        page = self._make_http_get_request(self._build_url("/my/invoices/overdue"))
        self.assertNotIn("o_payment_form", page.text)
