from lxml import html

from odoo.tests import HttpCase, tagged

from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestAdvancePortal(PrepaidCommon, HttpCase):
    """The customer pays in advance for a contract that costs 35.70 for 30 days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls._create_portal_user("ada")
        cls._create_portal_user("bob")
        cls.wallet = cls._get_wallet(cls.ada.partner_id)

    def setUp(self):
        super().setUp()
        self.company.subscription_top_up_kind = "dedicated"
        self.contract = self._sell("2026-02-28", partner_id=self.ada.partner_id.id)
        self.path = f"/my/subscriptions/{self.contract.id}/advance"
        self.authenticate("ada", "ada")

    def _open(self, path):
        self.env.flush_all()
        return self.url_open(path)

    def _send(self, amount):
        form = html.fromstring(self._open(self.path).text).xpath("//form[@method='post']")[0]
        data = {**dict(form.form_values()), "amount": amount}
        return self.url_open(self.path, data=data)

    def _get_advances(self):
        self.env.invalidate_all()
        return self.contract._get_advances().move_id

    def test_what_an_extension_lacks_is_asked_for_by_an_invoice(self):
        page = html.fromstring(self._open(f"/my/subscriptions/{self.contract.id}/extend").text)
        links = page.xpath("//div[hasclass('o_subscription_packages')]//p/a/@href")
        self.assertEqual(links[0], f"{self.path}?amount=35.70")
        form = html.fromstring(self._open(links[0]).text)
        self.assertEqual(form.xpath("//input[@id='amount']/@value"), ["35.70"])
        self.assertFalse(self._get_advances(), "looking writes nothing")
        shown = self._send("35,70")
        move = self._get_advances()
        self.assertEqual((move.state, move.amount_total), ("posted", 35.7))
        self.assertIn(f"/my/invoices/{move.id}", shown.url)

    def test_asked_for_twice_it_is_the_same_invoice_until_it_is_paid(self):
        self._send("20")
        self._send("30")
        first = self._get_advances()
        self.assertEqual(first.amount_total, 20.0)
        self._pay_by_bank(first)
        self._send("30")
        self.assertEqual(sum(self._get_advances().mapped("amount_total")), 50.0)

    def test_what_is_no_amount_is_explained(self):
        for amount in ("abc", "-5", "0", "nan", "1e9"):
            self.assertIn("at least", self._send(amount).text, amount)
        self.assertFalse(self._get_advances())

    def test_a_contract_paid_from_the_balance_has_no_advances(self):
        self.contract.plan_id.top_up_kind = "general"
        page = self._open(self.path)
        self.assertIn("paid from your balance", page.text)
        self.assertNotIn("csrf_token", page.text.split("</header>")[-1].split("<footer")[0])

    def test_nobody_else_gets_there(self):
        self.authenticate("bob", "bob")
        page = self._open(self.path)
        self.assertTrue(page.url.rstrip("/").endswith("/my"))
