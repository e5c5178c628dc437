from odoo import fields
from odoo.tests import tagged

from .common import shows
from .test_messages import MessageCommon


@tagged("post_install", "-at_install")
class TestInvoiceMessages(MessageCommon):
    """Odoo sends the invoice, with the text of the plan; the subscription says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flat_plan.invoice_policy = "send"
        cls.partner_a.invoice_sending_method = "email"

    def _bill_and_send(self, *subscriptions):
        subscription = self.env["subscription.subscription"].union(*subscriptions)
        with self._on("2026-05-01"):
            self._process_run(self._create_run("2026-05-01"))
        return subscription._get_invoices()

    def _send_invoices(self):
        """Let Odoo's own job send what billing has handed to it.

        :return: the e-mails to the customer.
        """
        before = self.env["mail.message"].search([])
        with self._on("2026-05-01"), self._commits_flush():
            self.env["account.move"]._cron_account_move_send(job_count=10)
        posted = self.env["mail.message"].search([]) - before
        return posted.filtered(lambda message: message.partner_ids)

    @shows("PA-13")
    def test_the_invoice_mail_names_plan_period_amount_and_due_date_and_is_logged(self):
        subscription = self._start()
        move = self._bill_and_send(subscription)
        self.assertFalse(self._messages(subscription, "invoice"))
        [mail] = self._send_invoices()
        self.assertEqual(mail.subject, f"Invoice {move.name} from {self.company.name}")
        self.assertEqual(mail.partner_ids, self.partner_a)
        total = move.currency_id.format(move.amount_total)
        due = move.invoice_date_due.strftime("%m/%d/%Y")
        for text in ("Flat monthly", "05/01/2026", "05/31/2026", total, due, "View and pay"):
            self.assertIn(text, mail.body.replace("&nbsp;", "\xa0"))
        self.assertIn(f"/my/invoices/{move.id}", mail.body)
        message = self._messages(subscription, "invoice")
        self.assertEqual((message.state, message.move_id), ("sent", move))
        self.assertEqual(message.mail_message_id, mail)
        logged = subscription.message_ids.filtered(lambda log: move.name in log.body)
        self.assertIn("sent to", logged.body)
        self.assertFalse(self._send_invoices())

    @shows("SM-39")
    def test_a_charge_is_delivered_when_its_invoice_was_sent(self):
        subscription = self._start()
        charge_states = []
        for step in (self._bill_and_send, lambda *_ids: self._send_invoices()):
            step(subscription)
            charge = subscription.charge_ids
            charge.invalidate_recordset()
            charge_states.append(charge.settlement_state)
        self.assertEqual(charge_states, ["posted", "delivered"])
        self.assertEqual(self._messages(subscription, "invoice").move_id, charge.move_id)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=charge.move_id.ids
        ).create({})._create_payments()
        charge.invalidate_recordset()
        self.assertEqual(charge.settlement_state, "paid")

    def test_an_invoice_of_several_subscriptions_is_logged_on_each(self):
        self.flat_plan.invoice_grouping = "customer"
        first, second = self._start(), self._start()
        move = self._bill_and_send(first, second)
        self.assertEqual(len(move), 1)
        self._send_invoices()
        for subscription in (first, second):
            self.assertEqual(self._messages(subscription, "invoice").state, "sent")

    def test_sending_again_by_hand_is_logged_but_no_second_message(self):
        subscription = self._start()
        move = self._bill_and_send(subscription)
        self._send_invoices()
        self.env["account.move.send"]._generate_and_send_invoices(move, sending_methods={"email"})
        self.assertEqual(len(self._messages(subscription, "invoice")), 1)
        logged = subscription.message_ids.filtered(lambda log: "sent to" in (log.body or ""))
        self.assertEqual(len(logged), 2)

    def test_what_is_collected_asks_nobody_to_pay(self):
        subscription = self._start()
        move = self._bill_and_send(subscription)
        provider = self.env["payment.provider"].sudo().search([], limit=1)
        provider = provider.copy({"company_id": self.company.id, "state": "test"})
        method = self.env["payment.method"].sudo().search([], limit=1)
        token = (
            self.env["payment.token"]
            .sudo()
            .create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": method.id,
                    "payment_details": "4242",
                    "provider_ref": "token",
                    "partner_id": self.partner_a.id,
                }
            )
        )
        subscription.payment_token_id = token
        [mail] = self._send_invoices()
        self.assertIn("collected from your saved payment method", mail.body)
        self.assertIn("4242", mail.body)
        self.assertNotIn("View and pay", mail.body)
        self.assertEqual(move.payment_state, "not_paid")

    def test_a_plan_has_an_invoice_template_of_its_own(self):
        usual = self.env.ref("subscription_base.mail_template_invoice")
        own = usual.copy({"subject": "Your rent {{ object.name }}"})
        self.env["subscription.message.rule"].create(
            {"kind": "invoice", "plan_id": self.flat_plan.id, "template_id": own.id}
        )
        move = self._bill_and_send(self._start())
        [mail] = self._send_invoices()
        self.assertEqual(mail.subject, f"Your rent {move.name}")

    def test_other_invoices_are_sent_as_ever(self):
        move = self.init_invoice("out_invoice", partner=self.partner_a, products=self.product_a)
        template = self.env.ref("account.email_template_edi_invoice")
        self.assertEqual(move._get_mail_template(), template)

    def test_a_credit_note_of_a_subscription_names_what_it_corrects(self):
        subscription = self._start()
        move = self._bill_and_send(subscription)
        with self._on("2026-05-10"):
            subscription._close(fields.Date.to_date("2026-05-10"))
            refund = self._bill(subscription, "2026-05-11").filtered(
                lambda document: document.move_type == "out_refund"
            )
            if refund.state == "draft":
                refund.action_post()
            refund._queue_subscription_mail()
        mails = self._send_invoices().filtered(lambda mail: mail.res_id == refund.id)
        self.assertEqual(mails.subject, f"Credit Note {refund.name} from {self.company.name}")
        self.assertIn(move.name, mails.body)
        self.assertEqual(self._messages(subscription, "credit_note").move_id, refund)
