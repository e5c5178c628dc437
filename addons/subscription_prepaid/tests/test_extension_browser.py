from lxml import html

from odoo.tests import HttpCase, freeze_time, tagged

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .prepaid_common import PrepaidCommon

PATIENCE = 240  # seconds


class ExtensionStory(PrepaidCommon, AccountPaymentCommon, HttpCase):
    """From the warning to a new expiry, in a real browser. The contract expires on 31 March."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        plan = cls._create_prepaid_plan("March hosting", schedule_type="daily", interval_count=30)
        cls.prepaid = plan
        cls.customer = cls._create_portal_user("carla").partner_id
        cls.customer.write({"email": "carla@example.com", "lang": "en_US"})
        cls.wallet = cls._get_wallet(cls.customer)
        cls.provider.state = "disabled"
        demo = cls.env.ref("payment.payment_provider_demo").sudo()
        cls.provider = demo.copy({"company_id": cls.company.id, "state": "test"})
        cls.provider.is_published = True

    def _play(self, day, tour, url, login=None):
        with freeze_time(f"{day} 09:00:00", tick=True):
            self.start_tour(url, tour, login=login, timeout=PATIENCE)
        self.env.invalidate_all()

    def _get_warning_link(self, day):
        """The link to the packages in the warning that is sent on a day, without the host."""
        with freeze_time(f"{day} 06:00:00"), self._commits_flush():
            self.contract.invalidate_recordset(["days_left"])
            self.env["subscription.subscription"]._cron_warn_of_expiry()
            self.env["subscription.message"]._cron_send()
        message = self.contract.message_ids.filtered(lambda one: "/extend" in (one.body or ""))[:1]
        (link,) = {
            link for link in html.fromstring(message.body).xpath("//a/@href") if "/extend" in link
        }
        return link.replace(self.base_url(), "")

    def _tell(self):
        self.contract = self._sell("2026-03-01", partner_id=self.customer.id)
        self._top_up(50.0)
        self._play("2026-03-24", "subscription_extend", self._get_warning_link("2026-03-24"))
        self.assertEqual(str(self.contract.date_expiry), "2026-04-30")
        self.assertEqual(self.wallet.balance, 14.3)

        page = f"/my/subscriptions/{self.contract.id}/extend"
        self._play("2026-04-23", "subscription_top_up_and_extend", page, login="carla")
        self.assertEqual(str(self.contract.date_expiry), "2026-07-29")
        self.assertEqual(self.wallet.balance, 0.0)
        invoices = self.contract.extension_ids.move_id
        self.assertEqual(sorted(invoices.mapped("amount_total")), [35.7, 101.75])
        self.assertFalse(any(invoices.mapped("amount_residual")))


@tagged("post_install", "-at_install")
class TestExtensionBrowser(ExtensionStory):
    def test_from_the_warning_to_the_new_expiry(self):
        self._tell()


@tagged("post_install", "-at_install")
class TestExtensionBrowserPhone(ExtensionStory):
    browser_size = "390x844"
    touch_enabled = True

    def test_from_the_warning_to_the_new_expiry_on_a_phone(self):
        self._tell()
