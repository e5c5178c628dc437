from lxml import html

from odoo.tests import JsonRpcException, tagged
from odoo.tools import mute_logger

from odoo.addons.account_payment.tests.common import AccountPaymentCommon
from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestWalletPortal(WalletCommon, AccountPaymentCommon, PaymentHttpCommon):
    """The customer looks at the balance and pays in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.demo = cls._prepare_provider("demo")
        cls.demo_method = cls.demo.payment_method_ids[:1]
        cls.ada = cls._create_portal_user("ada")
        cls.wallet = cls._get_wallet(cls.ada.partner_id)

    def _open(self, login="ada", query=""):
        self.env.flush_all()
        self.authenticate(login, login)
        return self.url_open(f"/my/balance{query}")

    def _ask_to_pay(self, page, **values):
        form = html.fromstring(page.text).xpath("//form[@id='o_payment_form']")[0]
        return self.make_jsonrpc_request(
            form.get("data-transaction-route"),
            {
                "access_token": form.get("data-access-token"),
                "amount": float(form.get("data-amount")),
                "provider_id": self.demo.id,
                "payment_method_id": self.demo_method.id,
                "token_id": None,
                "flow": "direct",
                "tokenization_requested": False,
                "landing_route": form.get("data-landing-route"),
                **values,
            },
        )

    def _answer(self, reference, state="done"):
        transaction = self.env["payment.transaction"].sudo().search([("reference", "=", reference)])
        transaction._process(
            "demo",
            {"reference": reference, "payment_details": "1111", "simulated_state": state},
        )
        with mute_logger("odoo.addons.payment.models.payment_transaction"):
            transaction._post_process()
        return transaction

    def test_pays_in_and_finds_it_in_the_balance(self):
        self.assertIn(self.wallet.name, self._open().text)
        page = self._open(query="?amount=25,50")
        reference = self._ask_to_pay(page)["reference"]
        transaction = self._answer(reference)
        self.assertEqual(transaction.amount, 25.5)
        self.assertEqual(transaction.payment_id.subscription_wallet_id, self.wallet)
        self.assertEqual(self.wallet.balance, 25.5)
        self.assertIn("25.50", self._open().text)

    def test_a_payment_that_fails_changes_nothing(self):
        reference = self._ask_to_pay(self._open(query="?amount=20"))["reference"]
        self._answer(reference, "cancel")
        self.assertEqual(self.wallet.balance, 0.0)

    def test_answered_twice_it_counts_once(self):
        reference = self._ask_to_pay(self._open(query="?amount=20"))["reference"]
        for _time in range(2):
            self._answer(reference)
        self.assertEqual(self.wallet.balance, 20.0)

    def test_the_amount_is_signed(self):
        page = self._open(query="?amount=20")
        for values in ({"amount": 1.0}, {"access_token": "wrong"}):
            with mute_logger("odoo.http"), self.assertRaises(JsonRpcException):
                self._ask_to_pay(page, **values)

    def test_an_amount_that_is_none_or_too_small_is_explained(self):
        for amount in ("abc", "9.99", "-5", "1e9", "nan"):
            page = self._open(query=f"?amount={amount}")
            self.assertEqual(page.status_code, 200)
            self.assertIn("at least", page.text, amount)
            self.assertNotIn("o_payment_form", page.text)

    def test_everybody_sees_the_own_balance_only(self):
        self._top_up(77.77, self.wallet)
        self.assertIn("77.77", self._open().text)
        self._create_portal_user("bob")
        page = self._open("bob")
        self.assertNotIn("77.77", page.text)
        self.assertNotIn(self.wallet.name, page.text)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open("/my/balance").url)

    def test_what_else_there_is_for_the_next_invoices(self):
        page = self._open()
        self.assertNotIn("For your next invoices", page.text)
        contract = self._create_subscription(
            date_start="2026-03-10", partner_id=self.ada.partner_id.id
        )
        self._top_up(
            33.33,
            self._get_wallet(self.ada.partner_id, kind="service", subscription=contract),
        )
        self.env["subscription.bonus"].create(
            {
                "partner_id": self.ada.partner_id.id,
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "amount": 11.11,
                "reason": "Sorry",
            }
        )
        page = self._open()
        for text in ("For your next invoices", "33.33", contract.name, "Bonus credit", "11.11"):
            self.assertIn(text, page.text)

    def test_for_a_contract_in_another_currency_that_balance_is_topped_up(self):
        euro = self.setup_other_currency("EUR", rates=[("2025-01-01", 0.5)])
        self._top_up(77.77, self.wallet)
        contract = self._create_subscription(
            date_start="2026-03-10", partner_id=self.ada.partner_id.id, currency_id=euro.id
        )
        path = contract._get_top_up_path(1.0)
        self.assertIn("amount=5.0&", path, "at least 10.00, in euros")
        page = self._open(query=path.removeprefix("/my/balance"))
        self.assertIn("77.77", page.text, "the other balance is listed")
        self._answer(self._ask_to_pay(page)["reference"])
        wallet = self._get_wallet(self.ada.partner_id, euro)
        self.assertEqual((wallet.balance, self.wallet.balance), (5.0, 77.77))
        self.assertIn("in EUR", " ".join(self._open().text.split()))

    def test_a_contract_that_somebody_else_pays_for_leads_to_the_own_balance(self):
        pound = self.setup_other_currency("GBP", rates=[("2025-01-01", 0.5)])
        contract = self._create_subscription(
            date_start="2026-03-10",
            partner_id=self.ada.partner_id.id,
            partner_invoice_id=self.partner_b.id,
            currency_id=pound.id,
        )
        other = self._get_wallet(self.partner_b, pound)
        page = self._open(query=f"?extend={contract.id}")
        self.assertIn(self.wallet.name, page.text)
        self.assertNotIn(other.name, page.text)

    def test_where_it_is_switched_off_there_is_no_page(self):
        self.company.subscription_wallet_online = False
        self.assertTrue(self._open().url.rstrip("/").endswith("/my"))

    def test_a_company_that_takes_advances_only_takes_no_money_without_purpose(self):
        self._top_up(14.3, self.wallet)
        page = self._open(query="?amount=20")
        self.company.subscription_top_up_kind = "dedicated"
        shown = self._open(query="?amount=20").text
        self.assertIn("14.30", shown)
        self.assertNotIn("o_payment_form", shown)
        with mute_logger("odoo.http"), self.assertRaises(JsonRpcException):
            self._ask_to_pay(page)
