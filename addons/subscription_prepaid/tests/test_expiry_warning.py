from datetime import date, timedelta

from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from odoo.addons.subscription_base.tests.common import shows

from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestExpiryWarning(PrepaidCommon):
    """The contract of 1 March expires on 31 March 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls._create_prepaid_plan("March", schedule_type="daily", interval_count=30)
        cls.partner_a.write({"email": "ada@example.com", "lang": "en_US"})

    def setUp(self):
        super().setUp()
        self.contract = self._sell("2026-03-01", self.plan)

    def _run_job(self, day):
        """Let the jobs run; return the warnings that were sent on that day."""
        before = self._get_warnings()
        with freeze_time(f"{day} 06:00:00"), self._commits_flush():
            self.contract.invalidate_recordset(["days_left"])
            self.env["subscription.subscription"]._cron_warn_of_expiry()
            self.env["subscription.message"]._cron_send()
        return self._get_warnings() - before

    def _get_warnings(self):
        return self.env["subscription.message"].search(
            [
                ("subscription_id", "=", self.contract.id),
                ("kind", "=", "expiring"),
                ("state", "=", "sent"),
            ]
        )

    def _play(self, first, last, without=()):
        """The days on which a warning was sent."""
        day, last = date.fromisoformat(first), date.fromisoformat(last)
        sent = []
        while day <= last:
            if str(day) not in without:
                sent += [str(day)] * len(self._run_job(day))
            day += timedelta(1)
        return sent

    @shows("SD-20", "SD-21", "SD-22")
    def test_seven_three_and_one_day_before_each_once(self):
        sent = self._play("2026-03-20", "2026-03-31")
        self.assertEqual(sent, ["2026-03-24", "2026-03-28", "2026-03-30"])
        self.assertFalse(self._run_job("2026-03-30"))

    @shows("SD-22")
    def test_what_an_outage_has_delayed_is_sent_once(self):
        sent = self._play("2026-03-20", "2026-03-26", without=["2026-03-24"])
        self.assertEqual(sent, ["2026-03-25"])

    @shows("SD-25")
    def test_extended_the_series_starts_anew(self):
        self._top_up(500.0)
        self.assertTrue(self._run_job("2026-03-24"))
        with freeze_time("2026-03-25 09:00:00"):
            self.contract._extend(self._package(90, self.plan))
        self.assertEqual(str(self.contract.date_expiry), "2026-06-29")
        self.assertFalse(self._play("2026-03-25", "2026-03-31"))
        sent = [day for day in ("2026-06-22", "2026-06-26", "2026-06-28") if self._run_job(day)]
        self.assertEqual(sent, ["2026-06-22", "2026-06-26", "2026-06-28"])

    def test_one_that_waits_is_not_sent_once_the_contract_is_extended(self):
        self._top_up(500.0)
        with freeze_time("2026-03-24 06:00:00"), self._commits_flush():
            self.env["subscription.subscription"]._cron_warn_of_expiry()
            self.contract._extend(self._package(90, self.plan))
            self.env["subscription.message"]._cron_send()
        self.assertFalse(self._get_warnings())

    @shows("SD-23", "SD-24")
    def test_in_the_customers_language_with_a_link_to_the_packages(self):
        self.partner_a.lang = "de_DE"
        message = self._run_job("2026-03-24").mail_message_id
        self.assertEqual(message.partner_ids, self.partner_a)
        self.assertIn("31.03.2026", message.body)
        self.assertIn("noch 7 Tage", message.body)
        self.assertIn("Guten Tag", message.body)
        link = f"/my/subscriptions/{self.contract.id}/extend?access_token="
        self.assertIn(link + self.contract.access_token, message.body.replace("&amp;", "&"))
        self.assertIn("March", message.subject)

    def test_the_days_are_a_setting_of_the_plan(self):
        self.plan.expiry_warning_days = "14,2"
        self.assertEqual(self._play("2026-03-15", "2026-03-31"), ["2026-03-17", "2026-03-29"])
        self.plan.expiry_warning_days = ""
        self.assertEqual(self.plan._get_expiry_stages(), [])
        for wrong in ("seven", "0", "-1", "1000", "7;3"):
            with self.assertRaisesRegex(ValidationError, "such as 7, 3, 1"), self.cr.savepoint():
                self.plan.expiry_warning_days = wrong

    def test_who_has_terminated_is_not_warned(self):
        self.contract._terminate(None, date(2026, 3, 10))
        self.assertFalse(self._run_job("2026-03-24"))

    def test_switched_off_nobody_is_warned(self):
        rules = self.env["subscription.message.rule"]
        rules.action_open_company_rules()
        rule = rules.search([("kind", "=", "expiring"), ("company_id", "=", self.env.company.id)])
        rule.is_sent = False
        self.assertFalse(self._run_job("2026-03-24"))
