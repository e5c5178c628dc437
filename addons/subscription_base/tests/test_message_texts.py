from html import unescape

from odoo import fields
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .payment_common import SubscriptionPaymentCommon
from .prepayment_common import PrepaymentCommon
from .test_messages import MessageCommon


class TextCommon(MessageCommon):
    """A company that may have a bank account."""

    def _give_account(self):
        self.company.partner_id.bank_ids = [
            Command.clear(),
            Command.create({"acc_number": "DE89370400440532013000"}),
        ]

    def _bill_and_post(self, subscription, day):
        with self._on(day):
            move = self._bill(subscription, day)
            move.filtered(lambda move: move.state == "draft").action_post()
        return move


@tagged("post_install", "-at_install")
class TestMessagePrices(TextCommon):
    """Consumers read prices with taxes, businesses as they were agreed."""

    def test_consumers_are_told_gross_prices(self):
        subscription = self._start()
        self.assertEqual(subscription.customer_kind, "consumer")
        self.assertIn("34.50 including 15", subscription._get_message_price())
        self.hosting.taxes_id = [Command.set((self.tax_sale_a + self.tax_sale_b).ids)]
        self.assertIn("39.00 including taxes", subscription._get_message_price())

    def test_businesses_are_told_net_prices(self):
        self.partner_a.is_company = True
        self.assertIn("30.00 plus taxes", self._start()._get_message_price())

    def test_prices_that_were_agreed_with_taxes_are_told_so(self):
        self.partner_a.is_company = True
        plan = self._create_plan(
            "Gross", [{"product_id": self.hosting.id}], price_includes_tax=True
        )
        self.assertIn("30.00 including 15", self._start(plan=plan)._get_message_price())


@tagged("post_install", "-at_install")
class TestMessageItems(TextCommon):
    """The confirmation of a change names each item and what is different."""

    def _change(self, subscription):
        hosting = subscription.line_ids.filtered(lambda line: line.product_id == self.hosting)
        with self._on("2026-05-10"):
            hosting._change(fields.Date.to_date("2026-06-01"), quantity=3)
            subscription._add_option(
                self.plan.component_ids.filtered("is_optional"), fields.Date.to_date("2026-06-01")
            )
        return {
            item.name: item
            for item in subscription._get_message_items(fields.Date.to_date("2026-06-01"))
        }

    def test_a_change_lists_quantity_price_and_total(self):
        subscription = self._started_and_welcomed(self.plan)
        items = self._change(subscription)
        hosting, domain, traffic = (items[n] for n in ("Hosting", "Extra domain", "Traffic"))
        for text, parts in (
            (hosting.price, ("3 × ", "34.50")),
            (hosting.before, ("1 × ", "34.50")),
            (hosting.total, ("103.50",)),
            (domain.total, ("6.90",)),
            (traffic.price, ("0.0575", "per Units")),
        ):
            for part in parts:
                self.assertIn(part, text)
        self.assertTrue(domain.is_new)
        self.assertFalse(hosting.is_new or traffic.is_new or traffic.before or traffic.total)
        [mail] = self._send("2026-05-10 09:00:00")
        body = unescape(mail.body_html)
        for text in (hosting.price, hosting.before, hosting.total, "until then", "new"):
            self.assertIn(text, body)

    def test_businesses_read_net_items(self):
        self.partner_a.is_company = True
        hosting = self._change(self._started_and_welcomed(self.plan))["Hosting"]
        self.assertIn("30.00", hosting.price)
        self.assertIn("90.00", hosting.total)

    def test_what_is_no_longer_included_is_named(self):
        subscription = self._started_and_welcomed(self.plan)
        traffic = subscription.line_ids.filtered(lambda line: line.product_id == self.traffic)
        day = fields.Date.to_date("2026-06-01")
        with self._on("2026-05-10"):
            traffic._end(day)
        gone = [item.name for item in subscription._get_message_items(day) if item.is_gone]
        self.assertEqual(gone, ["Traffic"])


@tagged("post_install", "-at_install")
class TestMessagePayment(SubscriptionPaymentCommon, TextCommon):
    """What is open, by when, and how it is paid."""

    def test_a_failed_payment_names_each_open_invoice(self):
        subscription = self._subscribe(date_start="2026-04-01")
        for day in ("2026-04-01", "2026-05-01"):
            self._bill_and_post(subscription, day)
            with self._on(day):
                subscription._log_event("payment_failed")
            [mail] = self._send(f"{day} 09:00:00").filtered(
                lambda mail: "could not collect" in mail.subject
            )
            for move in subscription._get_invoices():
                self.assertIn(move.name, mail.body_html)
                self.assertIn(move.invoice_date_due.strftime("%m/%d/%Y"), mail.body_html)
            is_one = day == "2026-04-01"
            text = "pay the open invoice in" if is_one else "pay the open invoices in"
            self.assertIn(text, mail.body_html)
            self.assertIn(self.token._get_message_name(), mail.body_html)
        self.assertIn("•••• 4242", self.token._get_message_name())
        self.assertTrue(
            self.token._get_message_name().startswith(self.token.payment_method_id.name)
        )

    def test_the_end_names_the_settlement_and_how_to_pay(self):
        self._give_account()
        subscription = self._started_and_welcomed()
        move = self._bill_and_post(subscription, "2026-05-01")
        with self._on("2026-05-10"):
            subscription._terminate()
        self._send("2026-05-10 09:00:00")
        with self._on("2026-06-02"):
            subscription._follow_calendar(subscription._get_today())
        [mail] = self._send("2026-06-02 09:00:00")
        for text in ("final settlement", "DE89", move.payment_reference, "34.50"):
            self.assertIn(text, mail.body_html)
        [row] = subscription._get_settlement().rows
        self.assertEqual((row.kind, row.due_on), ("Invoice", move.invoice_date_due))
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "subscription_base.report_settlement", subscription.ids
        )
        text = " ".join(html.decode().split())
        for part in ("Total billed", "Your contact", "DE89", "Payment reference", "due on"):
            self.assertIn(part, text)

    def test_what_is_collected_asks_for_no_transfer(self):
        self._give_account()
        subscription = self._subscribe(date_start="2026-05-01")
        self._bill_and_post(subscription, "2026-05-01")
        self.assertEqual(subscription._get_message_token(), self.token)
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "subscription_base.report_settlement", subscription.ids
        )
        self.assertIn("is collected from your saved payment method", html.decode())
        self.assertNotIn("Payment reference", html.decode())


@tagged("post_install", "-at_install")
class TestProformaBank(PrepaymentCommon, TextCommon):
    """Who is asked to pay in advance is told where to."""

    def test_mail_and_paper_name_the_bank_account(self):
        self._give_account()
        _subscription, proforma = self._prepay()
        mail = self.env["mail.mail"].search(
            [("model", "=", proforma._name), ("res_id", "=", proforma.id)]
        )
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "subscription_base.report_proforma", proforma.ids
        )
        account = self.company.partner_id.bank_ids.acc_number
        for text in (mail.body_html, html.decode()):
            self.assertIn(account, text)
            self.assertIn(proforma.name, text)
        self.assertIn("your order lapses", mail.body_html)

    def _prepay(self):
        with freeze_time("2026-05-01 09:00:00"):
            _order, subscription = self._confirm_order(self.plan_prepaid)
        self._follow("2026-05-01 10:00:00")
        return subscription, subscription.proforma_ids

    def test_the_account_is_one_of_the_company_in_the_currency(self):
        other = self.setup_other_company()["company"]
        foreign = self.setup_other_currency("GBP")
        self._give_account()
        self.company.partner_id.bank_ids = [
            Command.create({"acc_number": "ELSEWHERE", "company_id": other.id, "sequence": 1}),
            Command.create({"acc_number": "ABROAD", "currency_id": foreign.id}),
        ]
        account = self.company._get_customer_bank_account(self.company.currency_id)
        self.assertEqual(account.sanitized_acc_number, "DE89370400440532013000")
