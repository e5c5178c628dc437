import base64
import re
from io import BytesIO

from lxml import html
from PIL import Image

from odoo.fields import Command
from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .common import shows
from .prepayment_common import PrepaymentCommon


@tagged("post_install", "-at_install")
class TestPrepaymentPortal(PrepaymentCommon, PaymentHttpCommon):
    """The customer pays on the page that the e-mail links to, or with the order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.demo = cls._prepare_provider("demo")
        cls.demo_method = cls.demo.payment_method_ids[:1]

    def _order(self, **values):
        order, subscription = self._confirm_order(self.plan_prepaid, **values)
        return order, subscription, subscription.proforma_ids

    def _run_job(self):
        with self._commits_flush():
            self.env["subscription.proforma"].sudo()._cron_follow()

    def _pay_with_order(self, order, amount, reference):
        """The customer has paid an amount online when ordering."""
        transaction = self._create_transaction(
            "direct",
            amount=amount,
            currency_id=order.currency_id.id,
            partner_id=self.partner_a.id,
            provider_id=self.demo.id,
            payment_method_id=self.demo_method.id,
            sale_order_ids=[Command.set(order.ids)],
            reference=reference,
        )
        self._answer(transaction)

    def _open(self, proforma, token):
        return self.url_open(f"/my/subscription-proforma/{proforma.id}?access_token={token}")

    def _ask_to_pay(self, proforma, token, **values):
        return self.make_jsonrpc_request(
            f"/my/subscription-proforma/{proforma.id}/transaction",
            {
                "access_token": token,
                "provider_id": self.demo.id,
                "payment_method_id": self.demo_method.id,
                "token_id": None,
                "amount": proforma.amount_total,
                "flow": "direct",
                "tokenization_requested": True,
                "landing_route": proforma.get_portal_url(),
                **values,
            },
        )

    def _answer(self, transaction, state="done"):
        transaction._process(
            "demo",
            {
                "reference": transaction.reference,
                "payment_details": "1111",
                "simulated_state": state,
            },
        )
        with mute_logger("odoo.addons.payment.models.payment_transaction"):
            transaction._post_process()

    @shows("SM-43", "SM-44", "K3-30")
    def test_paid_on_the_page_the_service_starts(self):
        _order, subscription, proforma = self._order()
        page = self._open(proforma, proforma.access_token)
        self.assertIn(proforma.name, page.text)
        self.assertIn("For a bank transfer", page.text)
        values = self._ask_to_pay(proforma, proforma.access_token, amount=1.0)
        transaction = (
            self.env["payment.transaction"].sudo().search([("reference", "=", values["reference"])])
        )
        self.assertEqual(transaction.amount, 34.5)
        self.assertEqual(transaction.partner_id, self.partner_a)
        self.assertEqual(transaction.subscription_proforma_id, proforma)
        self._answer(transaction)
        self._run_job()
        self.assertEqual((proforma.state, subscription.state), ("paid", "active"))
        self.assertEqual(subscription.payment_token_id, transaction.token_id)
        invoice = subscription._get_invoices()
        self.assertEqual((invoice.state, invoice.amount_residual), ("posted", 0.0))
        paid = self._open(proforma, proforma.access_token).text
        for shown in ("Your payment has arrived", invoice.name, subscription.name):
            self.assertIn(shown, paid)
        self.assertNotIn("This is not an invoice", paid)
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self._ask_to_pay(proforma, proforma.access_token)

    def test_the_page_says_where_to_transfer_the_money(self):
        self.company.partner_id.bank_ids.unlink()
        _order, _subscription, proforma = self._order()
        self.assertNotIn("Account holder", self._open(proforma, proforma.access_token).text)
        self.env["res.partner.bank"].create(
            {
                "partner_id": self.company.partner_id.id,
                "acc_number": "DE89 3704 0044 0532 0130 00",
            }
        )
        page = self._open(proforma, proforma.access_token).text
        for shown in ("please state this reference", "DE89 3704 0044 0532 0130 00"):
            self.assertIn(shown, page)

    def test_tax_totals_are_in_the_language_of_the_reader(self):
        _order, _subscription, proforma = self._order()
        names = [subtotal["name"] for subtotal in proforma._get_shown_tax_totals()["subtotals"]]
        self.assertEqual(names, ["Untaxed Amount"])
        totals = proforma.sudo().tax_totals
        totals["subtotals"][0]["name"] = "Nettobetrag"
        proforma.sudo().tax_totals = totals
        shown = proforma._get_shown_tax_totals()
        self.assertEqual(shown["subtotals"][0]["name"], "Untaxed Amount")
        self.assertEqual(shown["total_amount_currency"], 34.5)

    def test_the_page_of_the_subscription_asks_for_the_payment(self):
        _order, subscription, proforma = self._order()
        page = html.fromstring(self.url_open(subscription.get_portal_url()).text)
        text = re.sub(r"\s+", " ", page.text_content())
        self.assertRegex(text, r"Please pay .*34\.50.* by .*, otherwise your order lapses")
        self.assertIn(f"Pro-forma invoice {proforma.name}", text)
        self.assertIn("to be paid by", text)
        self.assertIn("after your payment", text)
        self.assertNotIn("Next invoice", text)

    def test_a_payment_that_is_not_confirmed_yet_holds_the_deadline(self):
        _order, subscription, proforma = self._order()
        values = self._ask_to_pay(proforma, proforma.access_token)
        transaction = (
            self.env["payment.transaction"].sudo().search([("reference", "=", values["reference"])])
        )
        self._answer(transaction, "pending")
        proforma.sudo().date_due = "2020-01-01"
        self._run_job()
        self.assertEqual((proforma.state, subscription.state), ("open", "pending"))
        self.assertIn("being processed", self._open(proforma, proforma.access_token).text)
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self._ask_to_pay(proforma, proforma.access_token)

    def test_an_announced_wire_transfer_holds_neither_the_mail_nor_the_deadline(self):
        self.partner_a.email = "ada@example.com"
        _order, subscription, proforma = self._order()
        values = self._ask_to_pay(
            proforma,
            proforma.access_token,
            provider_id=self.provider.id,
            payment_method_id=self.payment_method_id,
            tokenization_requested=False,
        )
        transaction = self._get_tx(values["reference"])
        transaction._set_pending()
        self.assertEqual(transaction.provider_code, "none")
        self._run_job()
        self.assertTrue(proforma.sent_on)
        proforma.sudo().date_due = "2020-01-01"
        self._run_job()
        self.assertEqual((proforma.state, subscription.termination_kind), ("expired", "void"))

    def test_a_link_opens_its_own_document_only(self):
        _order, _subscription, proforma = self._order()
        _other_order, _other, other = self._order()
        for token in ("", "wrong", other.access_token):
            self.assertNotIn(proforma.name, self._open(proforma, token).text)
            with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
                self._ask_to_pay(proforma, token)
        self.assertNotIn("For a bank transfer", self._open(proforma.browse(0), "x").text)
        self.assertFalse(proforma.sudo().transaction_ids)

    def test_its_pdf_is_behind_the_same_link(self):
        _order, _subscription, proforma = self._order()
        url = proforma.get_portal_url(report_type="pdf")
        self.assertIn(proforma.name.encode(), self.url_open(url).content)

    @shows("SM-55", "SM-47")
    def test_the_customer_signs_and_pays_the_order_online(self):
        """Signing binds where the plan says so; what is paid with the order is asked for once."""
        signed_plan = self._create_legal_plan("signature")
        order = self._quote(signed_plan, require_signature=True)
        picture = BytesIO()
        Image.new("RGB", (8, 8)).save(picture, "PNG")
        self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept",
            {
                "access_token": order._portal_ensure_token(),
                "name": "Ada",
                "signature": base64.b64encode(picture.getvalue()).decode(),
            },
        )
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.subscription_ids.affirmed_on, order.signed_on)
        self.assertIn("Ada", order.subscription_ids.affirmed_by)

        order = self._quote(self.plan_prepaid, require_payment=True)
        self._pay_with_order(order, order.amount_total, "paid with the order")
        self.assertEqual(order.state, "sale")
        subscription = order.subscription_ids
        self._run_job()
        self.assertEqual(subscription.proforma_ids.state, "paid")
        self.assertFalse(subscription.proforma_ids.sent_on)
        self.assertEqual((subscription.state, bool(subscription.affirmed_on)), ("active", True))
        self.assertEqual(subscription._get_invoices().amount_residual, 0.0)

    @shows("SM-54")
    def test_a_part_paid_with_the_order_is_paid_back_when_the_order_lapses(self):
        order = self._quote(self.plan_prepaid, require_payment=True, prepayment_percent=0.5)
        amount = order._get_prepayment_required_amount()
        self._pay_with_order(order, amount, "half with the order")
        self.assertEqual(order.state, "sale")
        subscription = order.subscription_ids
        proforma = subscription.proforma_ids
        self._run_job()
        self.assertEqual((proforma.state, proforma.amount_due), ("open", 17.25))
        proforma.sudo().date_due = "2020-01-01"
        self._run_job()
        self.assertEqual((proforma.state, subscription.termination_kind), ("expired", "void"))
        tasks = subscription.activity_ids.filtered(lambda a: "Pay back" in a.summary)
        self.assertIn("17.25", tasks.summary)
        self.assertEqual(subscription._get_settlement().unused, 17.25)

    def _quote(self, plan, **values):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner_a.id,
                "require_signature": False,
                "require_payment": False,
                "order_line": [
                    Command.create({"product_id": self.hosting.id, "subscription_plan_id": plan.id})
                ],
                **values,
            }
        )
        order.state = "sent"
        return order
