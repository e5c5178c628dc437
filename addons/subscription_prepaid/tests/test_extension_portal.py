from lxml import html

from odoo.http import Request
from odoo.tests import HttpCase, tagged

from odoo.addons.subscription_base.tests.common import shows

from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestExtensionPortal(PrepaidCommon, HttpCase):
    """The customer extends the contract; today is 10 March, it expires on 31 March 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls._create_portal_user("ada")
        cls.bob = cls._create_portal_user("bob")
        cls.wallet = cls._get_wallet(cls.ada.partner_id)

    def setUp(self):
        super().setUp()
        plan = self._create_prepaid_plan("March hosting", schedule_type="daily", interval_count=30)
        self.prepaid = plan
        self.contract = self._sell("2026-03-01", plan, partner_id=self.ada.partner_id.id)
        self.authenticate("ada", "ada")

    def _open(self, suffix="", **query):
        self.env.flush_all()
        arguments = "&".join(f"{name}={value}" for name, value in query.items())
        return self.url_open(f"/my/subscriptions/{self.contract.id}{suffix}?{arguments}")

    def _confirm(self, page, **values):
        form = html.fromstring(page.text).xpath("//form[@method='post']")[0]
        data = {**dict(form.form_values()), **values}
        self.env.flush_all()
        return self.url_open(f"/my/subscriptions/{self.contract.id}/extend", data=data)

    def _get_new_invoices(self):
        self.env.invalidate_all()
        return self.contract._get_invoices().filtered(lambda move: str(move.date) >= "2026-03-10")

    @shows("SD-05", "SD-06")
    def test_the_page_tells_the_rest_and_has_a_button_for_each_package(self):
        self._top_up(1000.0)
        page = html.fromstring(self._open().text)
        text = " ".join(page.text_content().split())
        self.assertIn("21 days left", text)
        self.assertIn("03/31/2026", text)
        buttons = page.xpath("//div[hasclass('o_subscription_packages')]//a[hasclass('btn')]")
        self.assertEqual(len(buttons), 3)
        term = self._create_subscription(partner_id=self.ada.partner_id.id)
        self.env.flush_all()
        other = self.url_open(f"/my/subscriptions/{term.id}")
        self.assertNotIn("o_subscription_packages", other.text)

    @shows("SD-10", "SD-11")
    def test_the_summary_writes_nothing(self):
        self._top_up(1000.0)
        page = self._open("/extend", package_id=self._package(90).id)
        text = " ".join(html.fromstring(page.text).text_content().split())
        for part in ("03/31/2026", "90 days", "06/29/2026", "101.75", "33.92", "not bound"):
            self.assertIn(part, text)
        self.assertIn("Order with obligation to pay", text)
        self.assertFalse(self._get_new_invoices())
        self.assertEqual(str(self.contract.date_expiry), "2026-03-31")

    @shows("SD-12", "SD-13")
    def test_ordered_it_is_extended_in_the_same_answer(self):
        self._top_up(200.0)
        answer = self._confirm(self._open("/extend", package_id=self._package(90).id))
        self.assertIn("06/29/2026", answer.text)
        self.assertIn("has been extended", answer.text)
        invoice = self._get_new_invoices()
        self.assertEqual(len(invoice), 1)
        self.assertEqual(invoice.amount_residual, 0.0)
        period = invoice.invoice_line_ids
        self.assertEqual(str(period.subscription_period_start), "2026-03-31")
        self.assertEqual(str(period.subscription_period_end), "2026-06-28")

    @shows("SD-12")
    def test_a_double_click_buys_once(self):
        self._top_up(500.0)
        page = self._open("/extend", package_id=self._package(90).id)
        for _click in range(2):
            answer = self._confirm(page)
            self.assertIn("has been extended", answer.text)
        self.assertEqual(len(self._get_new_invoices()), 1)

    @shows("SD-14")
    def test_what_the_balance_does_not_cover_is_shown_but_cannot_be_ordered(self):
        self._top_up(100.0)
        page = html.fromstring(self._open("/extend").text)
        cards = page.xpath("//div[hasclass('o_subscription_packages')]//div[hasclass('card')]")
        links = [bool(card.xpath(".//a[hasclass('btn')]")) for card in cards]
        self.assertEqual(links, [True, False, False])
        self.assertIn("1.75", " ".join(cards[1].text_content().split()))
        self.assertTrue(cards[1].xpath(".//a[starts-with(@href, '/my/balance?amount=')]"))
        forged = {
            "csrf_token": Request.csrf_token(self),
            "package_id": self._package(90).id,
            "date_from": "2026-03-31",
            "total": "101.75",
        }
        answer = self.url_open(f"/my/subscriptions/{self.contract.id}/extend", data=forged)
        self.assertIn("not enough", answer.text)
        self.assertFalse(self._get_new_invoices())

    @shows("SD-11")
    def test_a_forged_link_or_post_orders_nothing(self):
        self._top_up(500.0)
        values = {"package_id": self._package(90).id, "date_from": "2026-03-31", "total": "101.75"}
        self._open("/extend", **values)
        page = self._open("/extend", package_id=self._package(90).id)
        self.assertEqual(self._confirm(page, csrf_token="wrong").status_code, 400)
        for wrong in (
            {"total": "1"},
            {"total": "x"},
            {"date_from": "2026-03-30"},
            {"package_id": "0"},
        ):
            self.assertEqual(self._confirm(page, **wrong).status_code, 200)
        self.assertFalse(self._get_new_invoices())
        self.assertEqual(self.wallet.balance, 500.0)

    @shows("SD-24")
    def test_the_token_of_the_contract_opens_its_packages_and_nothing_else(self):
        token = self.contract._portal_ensure_token()
        self.authenticate(None, None)
        self.assertIn("o_subscription_packages", self._open("/extend", access_token=token).text)
        page = self._open("/extend", access_token="")
        self.assertNotIn("o_subscription_packages", page.text)
        self.assertIn("/web/login", self.url_open("/my/balance").url)
        self.authenticate("bob", "bob")
        self.assertNotIn("o_subscription_packages", self._open("/extend").text)

    @shows("SD-24")
    def test_the_token_of_another_customers_contract_is_not_found(self):
        other = self._sell("2026-03-01", partner_id=self.bob.partner_id.id)
        theirs = other._portal_ensure_token()
        self._top_up(200.0)
        page = self._open("/extend", package_id=self._package(90).id)
        for login in (None, "bob"):
            self.authenticate(login, login)
            for token in (theirs, "wrong"):
                answer = self._open("/extend", access_token=token)
                self.assertEqual(answer.status_code, 404)
                self.assertNotIn("o_subscription_packages", answer.text)
                forged = {"access_token": token, "csrf_token": Request.csrf_token(self)}
                self.assertEqual(self._confirm(page, **forged).status_code, 404)
        self.assertFalse(self._get_new_invoices())

    @shows("SD-16")
    def test_an_add_on_of_a_running_contract_is_paid_from_the_balance(self):
        self.prepaid.allow_self_options = "allow"
        option = self.prepaid.component_ids.filtered("is_optional")
        option.is_self_service = True
        page = self._open("/do/add", option=option.id)
        self.assertIn("paid from your balance at once", page.text)
        (form,) = html.fromstring(page.text).xpath(
            "//form[contains(@action, '/do/add')][@method='post']"
        )
        data = dict(form.form_values())

        def order():
            self.env.flush_all()
            return self.url_open(f"/my/subscriptions/{self.contract.id}/do/add", data=data)

        self.assertIn("not enough", order().text)
        self.assertFalse(self._get_new_invoices())
        self.assertNotIn(option, self.contract.line_ids.component_id)
        self._top_up(10.0)
        self.assertNotIn("not enough", order().text)
        invoice = self._get_new_invoices()
        self.assertEqual((invoice.amount_untaxed, invoice.amount_residual), (4.2, 0.0), "21 of 30")
        self.assertIn(option, self.contract.line_ids.component_id)

    def test_the_balance_leads_back_to_the_own_contract_only(self):
        path = f"/my/balance?extend={self.contract.id}"
        self.env.flush_all()
        self.assertIn("You were about to extend", self.url_open(path).text)
        self.authenticate("bob", "bob")
        for address in (path, "/my/balance?extend=nothing", "/my/balance?extend=0"):
            page = self.url_open(address)
            self.assertEqual(page.status_code, 200, address)
            self.assertNotIn("You were about to extend", page.text, address)
