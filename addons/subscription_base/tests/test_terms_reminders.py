from unittest.mock import patch

from odoo.tests import freeze_time, tagged

from .common import shows
from .test_terms import TermsCommon


@tagged("post_install", "-at_install")
class TestReminders(TermsCommon):
    def setUp(self):
        super().setUp()
        self.partner_a.email = "customer@example.com"
        cron = self.env.registry["ir.cron"]
        self.startPatcher(
            patch.object(cron, "_commit_progress", lambda *args, **values: float("inf"))
        )

    def _remind(self, day):
        """What the nightly job asks for on ``day``, and the job that sends messages sends."""
        with freeze_time(f"{day} 04:00:00"):
            before = self.env["mail.mail"].search([])
            self.env["subscription.subscription"]._cron_remind()
            self.env["subscription.message"]._cron_send()
            return self.env["mail.mail"].search([]) - before

    def _start(self, day, **terms):
        plan = self._create_terms_plan(**terms)
        with freeze_time(f"{day} 08:00:00"):
            subscription = self._create_subscription(plan, day)
            self.env["subscription.message"]._cron_send()  # the welcome
            return subscription

    @shows("RE-62")
    def test_a_renewal_reminder_is_sent_once(self):
        subscription = self._start(
            "2025-05-01",
            renewal_reminder=True,
            renewal_reminder_days=7,
            **self._months("initial_term", 12),
            **self._months("renewal_term", 12),
        )
        self.assertFalse(self._remind("2026-04-23"))
        [mail] = self._remind("2026-04-24")
        self.assertIn("05/01/2026", mail.subject)
        self.assertEqual(mail.recipient_ids, self.partner_a)
        self.assertIn("please terminate it by <strong>04/30/2026", mail.body_html)
        for day in ("2026-04-24", "2026-04-25", "2026-05-01", "2026-05-02"):
            self.assertFalse(self._remind(day))
        event = subscription.event_ids.filtered(lambda e: e.event_type == "renewal_reminded")
        self.assertEqual(event.date_effective, self._day("2026-05-01"))
        self.assertTrue(self._remind("2027-04-24"))

    def test_who_cannot_end_it_in_time_is_told_no_day_for_it(self):
        self._start(
            "2025-05-01",
            renewal_reminder=True,
            renewal_reminder_days=7,
            **self._months("initial_term", 12),
            **self._months("renewal_term", 12),
            **self._months("notice", 1),
        )
        [mail] = self._remind("2026-04-24")
        self.assertNotIn("please terminate it", mail.body_html)
        self.assertIn("You can end it on", mail.body_html)

    def test_without_a_term_each_billing_period_is_a_renewal(self):
        self._start("2026-04-01", renewal_reminder=True, renewal_reminder_days=7)
        self.assertFalse(self._remind("2026-04-01"))
        self.assertTrue(self._remind("2026-04-24"))
        self.assertFalse(self._remind("2026-05-01"))
        self.assertTrue(self._remind("2026-05-25"))

    @shows("RE-63")
    def test_no_reminder_unless_asked_for_and_zero_is_the_day_itself(self):
        terms = self._months("initial_term", 12) | self._months("renewal_term", 12)
        self._start("2025-05-01", **terms)
        for day in ("2026-04-24", "2026-04-30", "2026-05-01"):
            self.assertFalse(self._remind(day))
        self._start("2025-05-01", renewal_reminder=True, renewal_reminder_days=0, **terms)
        self.assertFalse(self._remind("2026-04-30"))
        self.assertTrue(self._remind("2026-05-01"))

    @shows("RE-106")
    def test_a_reminder_of_the_end_of_the_trial_is_sent_once(self):
        subscription = self._start(
            "2026-05-01", trial_length=14, trial_reminder=True, trial_reminder_days=3
        )
        self.assertFalse(self._remind("2026-05-11"))
        [mail] = self._remind("2026-05-12")
        self.assertIn("05/14/2026", mail.subject)
        self.assertIn("30.00 plus taxes", mail.body_html)
        self.assertIn("please cancel by <strong>05/14/2026", mail.body_html)
        for day in ("2026-05-12", "2026-05-13", "2026-05-15"):
            self.assertFalse(self._remind(day))
        self.assertIn("trial_reminded", subscription.event_ids.mapped("event_type"))

    @shows("RE-107")
    def test_the_reminder_of_the_trial_can_be_off(self):
        self._start("2026-05-01", trial_length=14, trial_reminder_days=3)
        for day in ("2026-05-12", "2026-05-15"):
            self.assertFalse(self._remind(day))

    def test_what_an_outage_delayed_is_sent_while_it_is_of_use(self):
        terms = {"trial_length": 14, "trial_reminder": True, "trial_reminder_days": 3}
        self._start("2026-05-01", **terms)
        self.assertTrue(self._remind("2026-05-14"))
        self._start("2026-05-01", **terms)
        self.assertFalse(self._remind("2026-05-16"))

    def test_who_has_terminated_is_not_reminded(self):
        subscription = self._start(
            "2026-05-01", trial_length=14, trial_reminder=True, trial_reminder_days=3
        )
        with freeze_time("2026-05-10 08:00:00"):
            subscription._terminate()
            self.env["subscription.message"]._cron_send()  # its confirmation
        self.assertFalse(self._remind("2026-05-12"))

    def test_one_that_cannot_be_reminded_stops_nobody_else(self):
        terms = {"trial_length": 14, "trial_reminder": True, "trial_reminder_days": 3}
        broken, sound = self._start("2026-05-01", **terms), self._start("2026-05-01", **terms)
        original = type(broken)._get_reminder_day

        def failing(record, *args):
            if record == broken:
                raise ValueError
            return original(record, *args)

        with (
            patch.object(
                self.env.registry["subscription.subscription"], "_get_reminder_day", failing
            ),
            self.assertLogs("odoo.addons.subscription_base.models.subscription_reminder", "ERROR"),
        ):
            self.assertEqual(len(self._remind("2026-05-12")), 1)
        self.assertIn("trial_reminded", sound.event_ids.mapped("event_type"))

    @shows("PA-35")
    def test_the_next_mail_uses_the_text_that_the_company_wrote_in_each_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        template = self.env.ref("subscription_base.mail_template_trial_end")
        german = template.with_context(lang="de_DE")
        self.assertTrue(template.with_user(self.env.user).has_access("write"))
        self.partner_b.write({"email": "german@example.com", "lang": "de_DE"})
        for day, english_text, german_text in (
            ("01", "Your trial is over soon", "Ihre Testphase endet bald"),
            ("02", "Stay with us", "Bleiben Sie bei uns"),
        ):
            template.write({"subject": english_text, "body_html": f"<p>{english_text}!</p>"})
            german.write({"subject": german_text, "body_html": f"<p>{german_text}!</p>"})
            plan = self._create_terms_plan(
                trial_length=14, trial_reminder=True, trial_reminder_days=3
            )
            with freeze_time(f"2026-05-{day} 08:00:00"):
                for partner in (self.partner_a, self.partner_b):
                    self._create_subscription(plan, f"2026-05-{day}", partner_id=partner.id)
                self.env["subscription.message"]._cron_send()  # the welcome
            mails = self._remind(f"2026-05-{11 + int(day)}")
            texts = {mail.recipient_ids: (mail.subject, mail.body_html) for mail in mails}
            for partner, text in ((self.partner_a, english_text), (self.partner_b, german_text)):
                subject, body = texts[partner]
                self.assertEqual(subject, text)
                self.assertIn(f"<p>{text}!</p>", body)
