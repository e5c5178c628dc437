from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .allowance_common import AllowanceCommon


@tagged("post_install", "-at_install")
class TestAllowanceWarning(AllowanceCommon):
    """A pack of 100 messages from 10 March to 9 June 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.write({"email": "ada@example.com", "lang": "en_US"})

    def setUp(self):
        super().setUp()
        self.contract = self._metered()
        self.allowance = self.contract._add_pack(self.pack, date(2026, 3, 10))

    def _run_jobs(self, day="2026-03-10"):
        """Let the jobs run; return the messages about the pack that were sent then."""
        before = self._get_sent()
        with freeze_time(f"{day} 12:00:00"), self._commits_flush():
            self.env.invalidate_all()
            self.env["subscription.allowance"]._cron_warn()
            self.env["subscription.message"]._cron_send()
        return self._get_sent() - before

    def _get_sent(self):
        return self.env["subscription.message"].search(
            [("allowance_id", "=", self.allowance.id), ("state", "=", "sent")]
        )

    def test_a_sale_is_confirmed(self):
        message = self._run_jobs()
        self.assertEqual((message.kind, message.allowance_id), ("pack_added", self.allowance))
        body = message.mail_message_id.body
        self.assertIn("100 messages, valid from 03/10/2026 to 06/09/2026", body)
        self.assertIn("is lost", body)

    def test_each_threshold_once(self):
        self._run_jobs()
        self._use(self.contract, ("2026-03-10", 79))
        self.assertFalse(self._run_jobs())
        self._use(self.contract, ("2026-03-11", 5))
        message = self._run_jobs("2026-03-11")
        self.assertEqual(message.kind, "pack_used")
        self.assertIn("84 % used", message.mail_message_id.subject)
        self.assertIn("16 of 100 messages", message.mail_message_id.body)
        self.assertIn(f"/my/subscriptions/{self.contract.id}/packs?", message.mail_message_id.body)
        self.assertFalse(self._run_jobs("2026-03-11"))
        self._use(self.contract, ("2026-03-12", 50))
        self.assertIn("used up", self._run_jobs("2026-03-12").mail_message_id.body)
        self._use(self.contract, ("2026-03-12", -60), ("2026-03-13", 40))
        self.assertFalse(self._run_jobs("2026-03-13"))

    def test_after_an_outage_the_highest_only(self):
        self._run_jobs()
        self._use(self.contract, ("2026-03-10", 100))
        self.assertEqual(len(self._run_jobs("2026-03-20")), 1)
        states = self.allowance.message_told_ids.filtered(lambda m: m.kind == "pack_used")
        self.assertEqual(sorted(states.mapped("state")), ["covered", "sent"])

    def test_before_the_expiry_who_has_units_left_is_told_once(self):
        self._run_jobs()
        self.assertFalse(self._run_jobs("2026-06-02"))
        message = self._run_jobs("2026-06-03")
        self.assertEqual(message.kind, "pack_expiring")
        self.assertIn("expires on 06/09/2026", message.mail_message_id.subject)
        self.assertFalse(self._run_jobs("2026-06-04"))
        self.allowance.date_end = "2026-07-09"
        self.assertFalse(self._run_jobs("2026-06-05"))
        self.assertTrue(self._run_jobs("2026-07-04"), "caught up, for the new day")

    def test_who_has_nothing_left_is_not_told_of_the_expiry(self):
        self._use(self.contract, ("2026-03-10", 100))
        self._run_jobs()
        self.assertFalse(self._run_jobs("2026-06-03"))

    def test_in_german(self):
        self.partner_a.lang = "de_DE"
        self._use(self.contract, ("2026-03-10", 80))
        messages = self._run_jobs()
        bodies = " ".join(messages.mail_message_id.mapped("body"))
        self.assertIn("09.06.2026", bodies)

    def test_switched_off_nobody_is_told(self):
        rules = self.env["subscription.message.rule"]
        rules.action_open_company_rules()
        for kind in ("pack_added", "pack_used", "pack_expiring"):
            rules.search(
                [("kind", "=", kind), ("company_id", "=", self.env.company.id)]
            ).is_sent = False
        self._use(self.contract, ("2026-03-10", 90))
        self.assertFalse(self._run_jobs())
        self.pack.write({"warning_percents": "", "expiry_warning_days": 0})
        self.assertEqual(self.pack._get_thresholds(), [])

    def test_the_setting_says_numbers(self):
        for wrong in ("eighty", "0", "101", "80;100"):
            with self.assertRaisesRegex(ValidationError, "such as 80, 100"), self.cr.savepoint():
                self.pack.warning_percents = wrong
