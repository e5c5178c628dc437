from lxml import html

from odoo.tests import HttpCase, tagged

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import WalletCommon

PATH = "/my/balance/recharge"


@tagged("post_install", "-at_install")
class TestRechargePortal(WalletCommon, AccountPaymentCommon, HttpCase):
    """The customer agrees to automatic top-ups, and switches them off."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada, cls.bob = cls._create_portal_user("ada"), cls._create_portal_user("bob")
        cls.wallet = cls._get_wallet(cls.ada.partner_id)

    def setUp(self):
        super().setUp()
        self.token = self._create_token(partner_id=self.ada.partner_id.id)
        self.other = self._create_token(partner_id=self.bob.partner_id.id, payment_details="9876")
        self.authenticate("ada", "ada")

    def _open(self, **query):
        self.env.flush_all()
        arguments = "&".join(f"{name}={value}" for name, value in query.items())
        return self.url_open(f"{PATH}?{arguments}")

    def _choose(self, **values):
        chosen = {"threshold": "10", "amount": "20,50", "limit": "", "token": self.token.id}
        return self._open(**chosen | values)

    def _get_agreements(self):
        self.env.invalidate_all()
        return self.env["subscription.recharge"].search([("wallet_id", "=", self.wallet.id)])

    def _agree(self, page, **values):
        form = html.fromstring(page.text).xpath("//form[hasclass('o_recharge_agree')]")[0]
        data = {**dict(form.form_values()), "consent": "1", **values}
        return self.url_open(PATH, data={k: v for k, v in data.items() if v is not None})

    def test_agreed_with_the_text_that_was_shown_and_switched_off(self):
        page = self._choose(limit="50")
        self.assertFalse(self._get_agreements(), "looking writes nothing")
        shown = html.fromstring(page.text).xpath("//label[@for='consent']")[0].text_content()
        done = self._agree(page)
        agreement = self._get_agreements()
        self.assertEqual((agreement.threshold, agreement.amount, agreement.limit), (10, 20.5, 50))
        self.assertEqual(agreement.consent_text, shown.strip())
        self.assertEqual(agreement.consented_by_id, self.ada.partner_id)
        self.assertEqual(agreement.token_id, self.token)
        off = html.fromstring(done.text).xpath("//form[contains(@action, '/off')]")[0]
        self.url_open(f"{PATH}/off", data=dict(off.form_values()))
        self.assertEqual(self._get_agreements().state, "ended")
        self.assertEqual(self._get_agreements().end_reason, "By the customer")

    def test_nothing_is_agreed_without_the_box(self):
        page = self._agree(self._choose(), consent=None)
        self.assertIn("tick the box", page.text)
        self.assertFalse(self._get_agreements())

    def test_what_was_chosen_wrongly_is_explained(self):
        for values, text in (
            ({"amount": "abc"}, "at least zero"),
            ({"amount": "9"}, "at least"),
            ({"threshold": "-1"}, "at least zero"),
            ({"limit": "15"}, "must not be below"),
            ({"token": self.other.id}, "choose a payment method"),
            ({"token": "x"}, "choose a payment method"),
        ):
            page = self._choose(**values)
            self.assertEqual(page.status_code, 200)
            self.assertIn(text, page.text, values)
            self.assertNotIn("o_recharge_agree", page.text)

    def test_nobody_uses_the_card_of_another(self):
        page = self._agree(self._choose(), token=self.other.id)
        self.assertIn("choose a payment method", page.text)
        self.assertFalse(self._get_agreements())
        self.assertNotIn(self.other.payment_details, self._open().text)

    def test_who_has_saved_no_method_is_told_where(self):
        self.token.active = False
        self.assertIn("/my/payment_method", self._open().text)

    def test_the_balance_page_leads_there_and_says_whether_it_is_on(self):
        self._agree(self._choose())
        self.env.flush_all()
        page = self.url_open("/my/balance").text
        self.assertIn(f'href="{PATH}"', page)
        self.assertIn("text-bg-success", page)

    def test_where_it_is_not_offered_there_is_no_page(self):
        self.company.subscription_wallet_online = False
        self.assertTrue(self._open().url.rstrip("/").endswith("/my"))
