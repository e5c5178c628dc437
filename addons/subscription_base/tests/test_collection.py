from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import SubscriptionCommon, shows


@tagged("post_install", "-at_install")
class TestCollection(SubscriptionCommon, AccountPaymentCommon):
    """Posted invoices are charged to the saved payment method, once."""

    def setUp(self):
        super().setUp()
        self.token = self._create_token(partner_id=self.partner_a.id)
        self.subscription = self._create_subscription(payment_token_id=self.token.id)

    def _process(self, date, answer):
        """Process a run; the provider answers every charge by ``answer(transaction)``."""
        Transaction = type(self.env["payment.transaction"])
        with (
            self._commits_flush(),
            patch.object(Transaction, "_send_payment_request", answer),
        ):
            self._create_run(date)._process()
        return self.subscription._get_invoices()

    @shows("PA-02")
    def test_the_invoice_is_paid_by_the_saved_method(self):
        move = self._process("2026-01-01", lambda tx: tx._set_done())
        self.assertEqual(move.payment_state, move._get_invoice_in_payment_state())
        self.assertEqual(move.transaction_ids.amount, move.amount_total)
        self.assertEqual(move.transaction_ids.token_id, self.token)
        self.assertEqual(move.amount_residual, 0.0)

    @shows("LAW-26")
    def test_a_payment_method_costs_the_customer_nothing(self):
        """Nothing in the way from charge to payment adds to the price of what was agreed."""
        plain = self._bill(self._create_subscription(), "2026-01-01")
        for code in ("sepa_direct_debit", "card"):
            methods = self.env["payment.method"].with_context(active_test=False)
            method = methods.search([("code", "=", code)], limit=1)
            self.assertTrue(method, code)
            self.token.payment_method_id = method
            self.subscription = self._create_subscription(payment_token_id=self.token.id)
            move = self._process("2026-01-01", lambda tx: tx._set_done())
            self.assertEqual(move.transaction_ids.amount, plain.amount_total)
            self.assertEqual(
                move.invoice_line_ids.mapped("price_subtotal"),
                plain.invoice_line_ids.mapped("price_subtotal"),
            )
        for model in ("payment.provider", "payment.method", "payment.transaction"):
            fees = [
                name for name in self.env[model]._fields if "fee" in name or "surcharge" in name
            ]
            self.assertFalse(fees, model)

    def test_no_run_charges_an_invoice_twice(self):
        charged = []
        for answer in ("_set_done", "_set_pending", "_set_error"):
            with self.subTest(answer):

                def answer_and_count(tx, answer=answer):
                    charged.append(tx)
                    getattr(tx, answer)(*(["declined"] if answer == "_set_error" else []))

                charged.clear()
                self.subscription = self._create_subscription(payment_token_id=self.token.id)
                move = self._process("2026-01-01", answer_and_count)
                self._process("2026-01-02", answer_and_count)
                self.assertEqual(len([tx for tx in charged if tx.invoice_ids == move]), 1)

    def test_a_failing_provider_leaves_the_invoice_open_with_the_reason(self):
        def fail(tx):
            raise ValueError("provider is down")

        with self.assertLogs("odoo.addons.subscription_base.models.subscription_payment_asking"):
            move = self._process("2026-01-01", fail)
        self.assertEqual(move.state, "posted")
        self.assertEqual(move.payment_state, "not_paid")
        self.assertEqual(move.subscription_error, "provider is down")
        self.assertEqual(self.subscription.billing_error, "provider is down")

    def test_a_saved_method_of_another_customer_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "another customer"):
            self._create_subscription(partner_id=self.partner_b.id, payment_token_id=self.token.id)
        with self.assertRaisesRegex(ValidationError, "another customer"):
            self.subscription.partner_id = self.partner_b

    def test_other_invoices_are_left_alone(self):
        other = self._create_subscription()
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner_a.id,
                "invoice_date": "2026-01-01",
                "invoice_line_ids": [
                    Command.create({"product_id": self.hosting.id, "price_unit": 1.0})
                ],
            }
        )
        move.action_post()
        self._process("2026-01-01", lambda tx: tx._set_done())
        self.assertFalse(move.transaction_ids)
        self.assertFalse(other._get_invoices().transaction_ids)

    def _begin_online_payment(self, move):
        return self.env["payment.transaction"].create(
            {
                "provider_id": self.token.provider_id.id,
                "payment_method_id": self.token.payment_method_id.id,
                "amount": move.amount_total,
                "currency_id": move.currency_id.id,
                "partner_id": self.partner_a.id,
                "operation": "online_redirect",
                "reference": "left behind",
                "invoice_ids": [Command.set(move.ids)],
            }
        )

    def test_a_pending_payment_of_the_customer_blocks_but_a_wire_transfer_does_not(self):
        """Nobody ever tells what became of a wire transfer, so it would block for good."""
        move = self._bill(self.subscription, "2026-01-01")
        begun = self._begin_online_payment(move)
        begun._set_pending()
        module = "odoo.addons.subscription_base.models.payment_transaction.BY_HAND"
        with patch(module, ("custom",)):
            self._process("2026-01-02", lambda tx: tx._set_done())
            self.assertEqual(move.transaction_ids, begun)
            self.assertTrue(move._get_payments_under_way())
        self.assertEqual(begun.provider_code, "none")
        self.assertFalse(move._get_payments_under_way())
        self._process("2026-01-03", lambda tx: tx._set_done())
        self.assertEqual(move.amount_residual, 0.0)

    def test_an_abandoned_payment_page_blocks_for_a_day_only(self):
        move = self._bill(self.subscription, "2026-01-01")
        abandoned = self._begin_online_payment(move)
        self._process("2026-01-02", lambda tx: tx._set_done())
        self.assertEqual(move.transaction_ids, abandoned)
        self.env.cr.execute(
            "UPDATE payment_transaction SET create_date = create_date - INTERVAL '25 hours' "
            "WHERE id = %s",
            [abandoned.id],
        )
        self._process("2026-01-03", lambda tx: tx._set_done())
        self.assertEqual(move.amount_residual, 0.0)
