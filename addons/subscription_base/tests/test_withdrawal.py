from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from .common import shows
from .prepayment_common import PrepaymentCommon


class WithdrawalCommon(PrepaymentCommon):
    """A consumer who buys hosting for 30.00 a month, with a set-up fee of 50.00."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.consumer = cls.env["res.partner"].create(
            {"name": "Ada", "email": "ada@example.com", "company_id": cls.company.id}
        )
        cls.company.subscription_instructs = True
        cls.setup_plan = cls._create_plan(
            "With set-up",
            [
                {"product_id": cls.hosting.id},
                {"product_id": cls.setup_fee.id, "charge_type": "setup"},
            ],
        )

    def _conclude(self, moment="2026-06-01 08:00:00", plan=None, **values):
        """A subscription that was started by hand, after the consumer has been instructed."""
        if self.company.subscription_instructs:
            values = {"date_instructed": moment[:10], **values}
        with freeze_time(moment):
            return self._create_subscription(
                plan or self.flat_plan, moment[:10], partner_id=self.consumer.id, **values
            )

    def _order(self, plan=None, moment="2026-03-01 08:00:00", sent=True, **values):
        """An order of the consumer; the subscription that it has started."""
        with freeze_time(moment):
            order = self._draft_order(plan or self.flat_plan, partner_id=self.consumer.id, **values)
            if sent:
                order.action_quotation_sent()
            order.action_confirm()
        return order.subscription_ids

    def _revoke(self, subscription, moment="2026-06-10 09:30:00", **values):
        with freeze_time(moment):
            return subscription._revoke(**values)


@tagged("post_install", "-at_install")
class TestRevocation(WithdrawalCommon):
    @shows("LAW-16")
    def test_with_an_early_start_the_days_used_are_paid(self):
        subscription = self._conclude(early_start_requested=True)
        invoice = self._run_cron("2026-06-01 12:00:00")
        self._pay_invoice(invoice)
        withdrawal = self._revoke(subscription, content="I withdraw.", channel="letter")
        credit = withdrawal.credit_ids
        self.assertEqual((credit.state, credit.amount_untaxed), ("posted", 20.0))
        self.assertEqual(credit.reversed_entry_id, invoice)
        self.assertEqual(withdrawal.refund_amount, 23.0)
        self.assertEqual(str(withdrawal.refund_deadline), "2026-06-24")
        self.assertEqual(str(withdrawal.date_last_used), "2026-06-10")
        self.assertRecordValues(
            subscription,
            [
                {
                    "state": "closed",
                    "termination_kind": "withdrawal",
                    "withdrawal_state": "exercised",
                    "next_billing_date": False,
                }
            ],
        )
        self.assertEqual(self._events(subscription)[-1], "revoked")
        self.assertEqual(sum(subscription.event_ids.mapped("recurring_delta")), 0.0)
        self.assertFalse(self._run_cron("2026-07-01 12:00:00"))

    @shows("LAW-16")
    def test_without_one_all_is_given_back(self):
        subscription = self._conclude(plan=self.setup_plan)
        invoice = self._run_cron("2026-06-01 12:00:00")
        self.assertEqual(invoice.amount_untaxed, 80.0)
        self._pay_invoice(invoice)
        withdrawal = self._revoke(subscription)
        self.assertEqual(withdrawal.credit_ids.amount_untaxed, 80.0)
        self.assertEqual(withdrawal.refund_amount, invoice.amount_total)
        self.assertFalse(withdrawal.date_last_used)
        self.assertEqual(sum(subscription.charge_ids.mapped("amount")), 0.0)

    @shows("LAW-16")
    def test_a_task_names_deadline_and_means(self):
        subscription = self._conclude()
        self._pay_invoice(self._run_cron("2026-06-01 12:00:00"))
        withdrawal = self._revoke(subscription)
        activity = subscription.activity_ids
        self.assertEqual(str(activity.date_deadline), "2026-06-24")
        self.assertIn("34.50", activity.summary)
        self.assertTrue(withdrawal.refund_means)
        self.assertIn(withdrawal.refund_means, activity.note)
        self.assertFalse(withdrawal.is_refunded)
        self.assertEqual(withdrawal.refund_state, "open")

    def test_what_became_of_the_refund(self):
        first, second = self._conclude(), self._conclude()
        for invoice in self._run_cron("2026-06-01 12:00:00"):
            self._pay_invoice(invoice)
        paid_back, used_up = self._revoke(first), self._revoke(second)
        action = paid_back.credit_ids.action_register_payment()
        wizard = self.env["account.payment.register"].with_context(**action["context"])
        wizard.create({})._create_payments()
        self.assertEqual((paid_back.refund_state, paid_back.is_refunded), ("refunded", True))
        credit = used_up.credit_ids
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": credit.partner_id.id,
                "invoice_date": "2026-06-10",
                "invoice_line_ids": [
                    Command.create({"product_id": self.hosting.id, "price_unit": 100.0})
                ],
            }
        )
        invoice.action_post()
        receivable = (invoice + credit).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        receivable.reconcile()
        self.assertEqual(used_up.refund_state, "set_off")

    def test_what_was_not_paid_is_only_set_off(self):
        subscription = self._conclude()
        invoice = self._run_cron("2026-06-01 12:00:00")
        withdrawal = self._revoke(subscription)
        self.assertEqual((invoice.amount_residual, withdrawal.refund_amount), (0.0, 0.0))
        self.assertEqual(withdrawal.refund_state, "none")
        self.assertFalse(withdrawal.refund_means)
        self.assertFalse(subscription.activity_ids)

    def test_what_is_being_collected_is_refunded(self):
        """A debit that is under way pays the invoice: the credit is not used up by it."""
        subscription = self._conclude()
        invoice = self._run_cron("2026-06-01 12:00:00")
        subscription.payment_token_id = self._create_token(partner_id=self.consumer.id)
        attempt = self.env["subscription.payment.attempt"].sudo()._schedule(invoice)
        attempt.transaction_id._set_pending()
        withdrawal = self._revoke(subscription)
        self.assertEqual((invoice.amount_residual, withdrawal.refund_amount), (34.5, 34.5))
        self.assertIn("34.50", subscription.activity_ids.summary)
        attempt.transaction_id._set_done()
        attempt.transaction_id._post_process()
        self.assertEqual((invoice.amount_residual, withdrawal.refund_state), (0.0, "open"))

    def test_set_up_stays_charged_with_an_early_start(self):
        subscription = self._conclude(plan=self.setup_plan, early_start_requested=True)
        self._run_cron("2026-06-01 12:00:00")
        withdrawal = self._revoke(subscription)
        self.assertEqual(withdrawal.credit_ids.amount_untaxed, 20.0)

    def test_what_is_billed_in_arrears_is_billed_for_the_days_used(self):
        plan = self._create_plan(
            "In arrears", [{"product_id": self.hosting.id, "timing": "arrears"}]
        )
        subscription = self._conclude(plan=plan, early_start_requested=True)
        self._revoke(subscription)
        invoice = subscription._get_invoices()
        self.assertEqual((invoice.move_type, invoice.amount_untaxed), ("out_invoice", 10.0))
        other = self._conclude(plan=plan)
        self._revoke(other)
        self.assertFalse(other._get_invoices())

    def test_a_draft_invoice_is_not_credited_but_cancelled(self):
        self.flat_plan.invoice_policy = "draft"
        subscription = self._conclude()
        invoice = self._run_cron("2026-06-01 12:00:00")
        self.assertEqual(invoice.state, "draft")
        self._revoke(subscription)
        self.assertEqual(invoice.state, "cancel")
        posted = subscription._get_invoices().filtered(lambda m: m.state == "posted")
        self.assertEqual(sum(posted.mapped("amount_total_signed")), 0.0)

    @shows("LAW-16")
    def test_digital_content_delivered_with_consent_is_not_given_back(self):
        self.flat_plan.is_digital_content = True
        subscription = self._conclude(date_digital_consent="2026-06-01")
        with self.assertRaisesRegex(UserError, "digital content"):
            self._revoke(subscription)

    def test_late_it_needs_goodwill(self):
        subscription = self._conclude()
        with self.assertRaisesRegex(UserError, "period of"):
            self._revoke(subscription, "2026-06-16 09:00:00")
        withdrawal = self._revoke(subscription, "2026-06-16 09:00:00", accept_late=True)
        self.assertTrue(withdrawal.is_late)

    def test_on_the_last_evening_it_is_in_time(self):
        self.company.partner_id.tz = "Europe/Berlin"
        subscription = self._conclude()
        with self.assertRaises(UserError):
            self._revoke(subscription, "2026-06-20", received_at="2026-06-15 22:01:00")
        withdrawal = self._revoke(subscription, "2026-06-20", received_at="2026-06-15 21:59:00")
        self.assertFalse(withdrawal.is_late)
        self.assertEqual(str(withdrawal.refund_deadline), "2026-06-29")

    @shows("SM-53")
    def test_what_does_not_bind_yet_is_given_back_whatever_was_requested(self):
        plan = self._create_legal_plan("delivery")
        subscription = self._conclude(plan=plan, early_start_requested=True)
        withdrawal = self._revoke(subscription)
        self.assertEqual((withdrawal.refund_amount, withdrawal.date_last_used), (0.0, False))
        self.assertFalse(subscription.charge_ids)

    def test_once_withdrawn_from_it_stays_so(self):
        subscription = self._conclude()
        withdrawal = self._revoke(subscription)
        with self.assertRaisesRegex(UserError, "not running"):
            self._revoke(subscription)
        with self.assertRaisesRegex(UserError, "stays as it was received"):
            withdrawal.sudo().content = "Nothing"
        with self.assertRaisesRegex(UserError, "it is evidence"):
            withdrawal.sudo().unlink()
        with self.assertRaises(UserError):
            subscription.unlink()
        withdrawal.sudo()._confirm_receipt()
        self.assertTrue(withdrawal.confirmed_on)

    def test_the_wizard_shows_what_it_gives_back(self):
        subscription = self._conclude(early_start_requested=True)
        self._pay_invoice(self._run_cron("2026-06-01 12:00:00"))
        with freeze_time("2026-06-10 09:00:00"):
            action = subscription.action_open_withdrawal_wizard()
            form = Form(self.env[action["res_model"]].with_context(**action["context"]))
            self.assertTrue(form.early_start)
            self.assertEqual(form.amount_credited, 20.0)
            form.early_start = False
            self.assertEqual(form.amount_credited, 30.0)
            result = form.save().action_withdraw()
        withdrawal = self.env["subscription.withdrawal"].browse(result["res_id"])
        self.assertEqual(withdrawal.credit_ids.amount_untaxed, 30.0)

    def _pay_invoice(self, invoice):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": invoice.partner_id.id,
                "amount": invoice.amount_total,
                "date": invoice.invoice_date,
                "journal_id": self.journal.id,
                "payment_method_line_id": self.inbound_payment_method_line.id,
                "invoice_ids": [Command.set(invoice.ids)],
            }
        )
        payment.action_post()
        lines = (payment.move_id | invoice).line_ids
        lines.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        self.assertEqual(invoice.amount_residual, 0.0)


@tagged("post_install", "-at_install")
class TestSettlement(WithdrawalCommon):
    def _get_text(self, report, records):
        html, _type = self.env["ir.actions.report"]._render_qweb_html(report, records.ids)
        return " ".join(html.decode().split())

    @shows("SM-33")
    def test_the_final_settlement_says_what_is_left(self):
        subscription = self._conclude()
        with self.assertRaisesRegex(UserError, "has not ended"):
            subscription.action_print_settlement()
        invoice = self._run_cron("2026-06-01 12:00:00")
        reason = self.env.ref("subscription_base.close_reason_unsatisfied")
        with freeze_time("2026-06-10"):
            subscription._terminate_extraordinarily("2026-06-10", reason)
        self._run_cron("2026-06-11 12:00:00")
        self.assertEqual(subscription.state, "closed")
        settlement = subscription._get_settlement()
        self.assertEqual((settlement.billed, settlement.credited), (34.5, 23.0))
        self.assertEqual(len(settlement.rows), 2)
        self.assertEqual(settlement.due - settlement.refund + settlement.settled, 11.5)
        text = self._get_text("subscription_base.report_settlement", subscription)
        for expected in (invoice.name, "34.50", "Total billed", "Credited"):
            self.assertIn(expected, text)
        self.assertTrue(subscription.action_print_settlement())

    def test_a_termination_is_confirmed_with_receipt_and_end(self):
        subscription = self._conclude()
        with self.assertRaisesRegex(UserError, "nothing to confirm"):
            subscription.action_print_termination()
        with freeze_time("2026-06-10"):
            subscription._terminate()
        text = self._get_text("subscription_base.report_termination", subscription)
        for expected in (subscription.name, "06/10/2026", "Ordinary", "Received on"):
            self.assertIn(expected, text)
        [document] = subscription._get_message_attachments("terminated")
        self.assertIn(subscription.name, document.name)
        self.assertIn(b"06/10/2026", document.raw)
        self.assertFalse(subscription._get_message_attachments("welcome"))
        self.assertTrue(subscription.action_print_termination())

    def test_documents_are_named_in_the_language_of_the_customer(self):
        subscription = self._conclude()
        self.env["res.lang"]._activate_lang("de_DE")
        subscription.partner_id.lang = "de_DE"
        with freeze_time("2026-06-10"):
            subscription._terminate()
        message = self.env["subscription.message"].new(
            {"subscription_id": subscription.id, "kind": "terminated"}
        )
        spoken = []

        def attach(own, *_arguments):
            spoken.append(own.env.lang)
            return own.env["ir.attachment"]

        with patch.object(type(subscription), "_attach_document", attach):
            message._get_attachments()
        self.assertEqual(spoken, ["de_DE"])

    def test_money_that_was_not_used_is_named(self):
        subscription, proforma = self._start()
        self._pay(proforma, 20.0, "2026-05-04")
        subscription.sale_order_id.action_cancel()
        self.assertEqual(subscription._get_settlement().unused, 20.0)
        text = self._get_text("subscription_base.report_settlement", subscription)
        self.assertIn("Nothing was billed", text)
        self.assertIn("unused payments", text)
