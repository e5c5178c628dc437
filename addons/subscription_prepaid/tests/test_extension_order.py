from lxml import html

from odoo.tests import HttpCase, tagged

from odoo.addons.subscription_base.tests.common import shows

from .prepaid_common import PrepaidCommon

BUTTON = "Zahlungspflichtig bestellen"


@tagged("post_install", "-at_install")
class TestExtensionOrder(PrepaidCommon, HttpCase):
    """What German law asks of an order: the button, what is above it, and the confirmation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("de_DE")
        cls.customer = cls._create_portal_user("ada").partner_id
        cls.customer.write({"email": "ada@example.com", "lang": "de_DE"})
        cls.wallet = cls._get_wallet(cls.customer)

    def setUp(self):
        super().setUp()
        self.contract = self._sell(partner_id=self.customer.id)
        self._top_up(200.0)
        self.authenticate("ada", "ada")

    def _open_summary(self):
        self.env.flush_all()
        package = self._package(90).id
        address = f"/my/subscriptions/{self.contract.id}/extend?package_id={package}"
        cookies = {"frontend_lang": "de_DE"}
        return html.fromstring(self.url_open(address, cookies=cookies).text)

    @shows("LAW-13")
    def test_the_button_and_what_is_said_above_it(self):
        page = self._open_summary()
        (button,) = page.xpath("//form[@method='post']//button[@type='submit']")
        self.assertEqual(" ".join(button.text_content().split()), BUTTON)
        text = " ".join(page.xpath("string(//div[@id='wrap'])").split())
        above = text[: text.index(BUTTON)]
        for fact in (
            "28.03.2026",  # the old expiry
            "90 Tage",  # the term
            "26.06.2026",  # the new expiry
            "101,75",  # the price of the term, taxes included
            "33,92",  # the same a month
            "keine Einrichtungsgebühr",
            "verlängert sich nicht von selbst",
            "nicht gekündigt werden",
        ):
            self.assertIn(fact, above)

    @shows("LAW-13")
    def test_the_order_is_confirmed_by_e_mail(self):
        self.contract._extend(self._package(90))
        message = self.env["subscription.message"].search(
            [("subscription_id", "=", self.contract.id), ("kind", "=", "extended")]
        )
        self.assertEqual(len(message), 1)
        with self._commits_flush():
            message._cron_send()
        self.assertEqual(message.state, "sent")
        mail = message.mail_message_id
        self.assertEqual(mail.notified_partner_ids, self.customer)
        self.assertIn("26.06.2026", mail.subject)
        text = " ".join(html.fromstring(mail.body).text_content().split())
        invoice = self.contract.extension_ids.move_id
        for fact in ("90 Tage", "26.06.2026, 0:00", "101,75", "98,25", invoice.name):
            self.assertIn(fact, text)
