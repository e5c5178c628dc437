from odoo.tests import tagged

from odoo.addons.subscription_base.tests.common import shows

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestWalletLow(WalletCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.subscription_wallet_low = 5.0
        cls.partner_a.email = "ada@example.com"

    def _get_mails(self):
        mails = self.env["mail.mail"].sudo()
        return mails.search(
            [("model", "=", "subscription.wallet"), ("res_id", "=", self.wallet.id)]
        )

    def test_told_once_for_each_time_that_it_gets_low(self):
        self._top_up(20.0)
        self.wallet._settle(self._invoice(15.0))
        self.assertFalse(self._get_mails(), "5.00 is not below 5.00")
        self.wallet._settle(self._invoice(0.01))
        self.assertEqual(len(self._get_mails()), 1)
        self.assertIn("4.99", self._get_mails().subject)
        self.assertIn("/my/balance", self._get_mails().body_html)
        self.wallet._settle(self._invoice(1.0))
        self.wallet._cron_watch()
        self.assertEqual(len(self._get_mails()), 1)
        self._top_up(10.0)
        self.wallet._settle(self._invoice(10.0))
        self.assertEqual(len(self._get_mails()), 2, "topped up and used within a day")

    def test_a_first_top_up_below_the_limit_is_no_fall(self):
        self._top_up(3.0)
        self.assertFalse(self._get_mails())

    def test_a_message_that_fails_undoes_no_payment(self):
        def send(template, record_id, **_options):
            raise ValueError("Broken template")

        self.patch(type(self.env["mail.template"]), "send_mail", send)
        self._top_up(20.0)
        invoice = self._invoice(19.0)
        self.wallet._settle(invoice)
        self.assertEqual((invoice.amount_residual, self.wallet.balance), (0.0, 1.0))
        self.assertIn("could not be sent", self.wallet.message_ids[0].body)
        self.assertFalse(self._get_mails())

    @shows("SM-30")
    def test_told_below_five_and_the_configured_action_at_zero_each_once(self):
        model = self.env["ir.model"]._get("subscription.wallet")
        self.company.subscription_wallet_empty_action_id = self.env["ir.actions.server"].create(
            {
                "name": "Note it",
                "model_id": model.id,
                "state": "code",
                "code": "record.message_post(body='used up')",
            }
        )
        self._top_up(20.0)
        self.wallet._settle(self._invoice(15.01))
        self.assertEqual((len(self._get_mails()), self._count_notes()), (1, 0))
        self.wallet._settle(self._invoice(4.99))
        self.assertEqual((len(self._get_mails()), self._count_notes()), (1, 1))
        self.wallet._cron_watch()
        self.assertEqual((len(self._get_mails()), self._count_notes()), (1, 1))
        self._top_up(10.0)
        self._top_up(10.0, payment_type="outbound")
        self.wallet._cron_watch()
        self.assertEqual((len(self._get_mails()), self._count_notes()), (2, 2))

    def _count_notes(self):
        return len(self.wallet.message_ids.filtered(lambda m: "used up" in (m.body or "")))

    def test_an_action_that_fails_undoes_no_payment(self):
        self.company.subscription_wallet_empty_action_id = self.env["ir.actions.server"].create(
            {
                "name": "Cannot",
                "model_id": self.env["ir.model"]._get("subscription.wallet").id,
                "state": "code",
                "code": "raise UserError('cannot')",
            }
        )
        self._top_up(20.0)
        invoice = self._invoice(20.0)
        self.wallet._settle(invoice)
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertIn("Cannot", self.wallet.activity_ids.summary)

    def test_who_has_never_paid_in_is_not_told(self):
        self.wallet._cron_watch()
        self.assertFalse(self._get_mails())

    def test_without_a_limit_nobody_is_told(self):
        self.company.subscription_wallet_low = 0.0
        self._top_up(20.0)
        self.wallet._settle(self._invoice(19.0))
        self.wallet._cron_watch()
        self.assertFalse(self._get_mails())
