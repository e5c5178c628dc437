from lxml import html

from odoo.exceptions import AccessError
from odoo.tests import Form, HttpCase, new_test_user, tagged

from .deposit_common import DepositCommon


@tagged("post_install", "-at_install")
class TestDepositPortal(DepositCommon, HttpCase):
    """What customers see of their deposit, and who may settle it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls._create_portal_user("ada")
        cls.bob = cls._create_portal_user("bob")

    def setUp(self):
        super().setUp()
        self.subscription = self._subscribe(partner_id=self.ada.partner_id.id)

    def _read(self, path, login="ada"):
        self.env.flush_all()
        self.authenticate(login, login)
        page = html.fromstring(self.url_open(path).text)
        return page, " ".join(page.text_content().split())

    def test_the_request_is_on_the_page_of_the_subscription_and_can_be_opened(self):
        request = self._get_request(self.subscription)
        page, text = self._read(f"/my/subscriptions/{self.subscription.id}")
        self.assertIn(f"Deposit request {request.name}", text)
        (url,) = page.xpath(f"//a[contains(@href, '/my/invoices/{request.id}')]/@href")
        opened = self.url_open(url)
        self.assertEqual(opened.status_code, 200)
        self.assertIn(request.name, opened.text)
        self._pay_request(self.subscription)
        _page, text = self._read(f"/my/subscriptions/{self.subscription.id}")
        self.assertIn("Deposit that we hold for you: $ 100.00", text)

    def test_the_balance_page_shows_what_is_held_apart_from_the_balance(self):
        self._pay_request(self.subscription, 60.0)
        page, _text = self._read("/my/balance")
        (part,) = page.xpath("//section[hasclass('o_balance_deposits')]")
        text = " ".join(part.text_content().split())
        self.assertIn(f"{self.subscription.name}: $ 60.00", text)
        self.assertIn("Still to be paid: $ 40.00", text)
        (balance,) = page.xpath("//p[hasclass('display-6')]")
        self.assertIn("0.00", balance.text_content())
        other, _text = self._read("/my/balance", "bob")
        self.assertFalse(other.xpath("//section[hasclass('o_balance_deposits')]"))

    def test_the_paper_is_called_a_deposit_request(self):
        request = self._get_request(self.subscription)
        self.assertEqual(request.type_name, "Deposit Request")
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "account.report_invoice", request.ids
        )
        text = " ".join(html.fromstring(content).text_content().split())
        self.assertIn(f"Deposit Request {request.name}", text)
        self.assertIn("This is no invoice", text)

    def test_salespeople_do_not_settle_deposits(self):
        self._pay_request(self.subscription)
        seller = new_test_user(
            self.env,
            "seller",
            "subscription_base.group_subscription_user,sales_team.group_sale_salesman_all_leads",
            company_id=self.company.id,
        )
        with self.assertRaises(AccessError):
            self.env["subscription.deposit.wizard"].with_user(seller).create(
                {"subscription_id": self.subscription.id}
            ).action_settle()

    def test_the_forms_open(self):
        self._pay_request(self.subscription)
        with Form(self.subscription) as form:
            self.assertEqual(form.deposit_held, 100.0)
        wallet = self.subscription._get_deposit_wallet()
        self.assertEqual(self.subscription.action_view_deposit()["res_id"], wallet.id)
