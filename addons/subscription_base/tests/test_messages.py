from contextlib import contextmanager
from tempfile import NamedTemporaryFile
from unittest.mock import patch

import polib

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger
from odoo.tools.translate import TranslationImporter

from odoo.addons.subscription_base.models.subscription_message_events import NO_MESSAGES

from .common import SubscriptionCommon, shows

SENDER = "odoo.addons.subscription_base.models.subscription_message"
GERMAN_BODY = """<p>Beginn: <t t-out="format_date(object.date_start)">01.05.2026</t></p>"""


class MessageCommon(SubscriptionCommon):
    """Customers with e-mail addresses, and a job that sends what waits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.email = "customer@example.com"
        cls.partner_b.email = "other@example.com"
        cls.Message = cls.env["subscription.message"].sudo()

    def _send(self, moment="2026-05-01 09:00:00"):
        """Let the job run that sends messages.

        :return: the e-mails that it has queued.
        """
        with freeze_time(moment), self._commits_flush():
            before = self.env["mail.mail"].sudo().search([])
            self.Message._cron_send()
            return self.env["mail.mail"].sudo().search([]) - before

    @contextmanager
    def _on(self, day):
        with freeze_time(f"{day} 08:00:00"):
            yield

    def _start(self, day="2026-05-01", plan=None, **values):
        with self._on(day):
            return self._create_subscription(plan, day, **values)

    def _messages(self, subscription, *kinds):
        messages = self.Message.search([("subscription_id", "=", subscription.id)], order="id")
        return messages.filtered(lambda message: not kinds or message.kind in kinds)

    def _started_and_welcomed(self, plan=None, **values):
        subscription = self._start(plan=plan, **values)
        self._send()
        return subscription


@tagged("post_install", "-at_install")
class TestMessages(MessageCommon):
    """What happens to a subscription tells its customer, once."""

    @shows("PA-13")
    def test_a_welcome_is_sent_once_and_logged_on_the_subscription(self):
        subscription = self._start()
        [mail] = self._send()
        self.assertEqual(mail.subject, "Welcome to Flat monthly")
        self.assertEqual((mail.recipient_ids, mail.state), (self.partner_a, "outgoing"))
        self.assertIn("34.50 including 15&nbsp;% VAT", mail.body_html)
        self.assertIn(f"/my/subscriptions/{subscription.id}", mail.body_html)
        [message] = self._messages(subscription)
        self.assertEqual((message.kind, message.state), ("welcome", "sent"))
        self.assertFalse(message.delivery_error)
        self.assertIn(message.mail_message_id, subscription.message_ids)
        self.assertFalse(self._send())

    def test_a_subscription_that_starts_later_is_welcomed_on_its_day(self):
        with self._on("2026-05-01"):
            subscription = self._create_subscription(date_start="2026-06-01")
        self.assertFalse(self._send())
        with self._on("2026-06-01"):
            subscription._follow_calendar(subscription._get_today())
        [mail] = self._send("2026-06-01 09:00:00")
        self.assertIn("Welcome", mail.subject)

    def test_a_trial_is_welcomed_and_its_end_is_not_a_second_start(self):
        plan = self._create_plan("Trial", [{"product_id": self.hosting.id}], trial_length=14)
        subscription = self._start(plan=plan)
        [mail] = self._send()
        self.assertIn("05/14/2026", mail.body_html)
        with self._on("2026-05-15"):
            subscription._follow_calendar(subscription._get_today())
        self.assertIn("activated", subscription.event_ids.mapped("event_type"))
        self.assertFalse(self._send("2026-05-15 09:00:00"))

    def test_who_began_long_ago_is_not_welcomed(self):
        with self._on("2026-05-01"):
            subscription = self._create_subscription(date_start="2026-01-01")
        self.assertFalse(self._send())
        self.assertEqual(self._messages(subscription).reason, "It began long ago.")

    def test_changes_made_together_are_confirmed_together(self):
        subscription = self._started_and_welcomed(self.plan)
        line = subscription.line_ids[0]
        with self._on("2026-05-10"):
            line._change(fields.Date.to_date("2026-06-01"), quantity=3)
            subscription._add_option(
                self.plan.component_ids.filtered("is_optional"), fields.Date.to_date("2026-06-01")
            )
        [mail] = self._send("2026-05-10 09:00:00")
        self.assertIn("06/01/2026", mail.subject)
        self.assertIn("Extra domain", mail.body_html)
        self.assertEqual(
            self._messages(subscription, "changed").mapped("state"), ["covered", "sent"]
        )
        with self._on("2026-06-01"):
            subscription._follow_calendar(subscription._get_today())
        self.assertFalse(self._send("2026-06-01 09:00:00"))

    def test_a_pause_and_its_end_are_told_once_each(self):
        subscription = self._started_and_welcomed()
        with self._on("2026-05-10"):
            subscription._pause("2026-06-01", "2026-06-30")
        [mail] = self._send("2026-05-10 09:00:00")
        self.assertIn("is paused", mail.subject)
        self.assertIn("06/30/2026", mail.body_html)
        for day, subject in (("2026-06-01", None), ("2026-07-02", "runs again")):
            with self._on(day):
                subscription._follow_calendar(subscription._get_today())
            mails = self._send(f"{day} 09:00:00")
            self.assertEqual(len(mails), 1 if subject else 0)
        self.assertIn("runs again", mails.subject)
        self.assertIn("07/01/2026", mails.body_html)

    def test_a_termination_its_withdrawal_and_the_end_are_told(self):
        subscription = self._started_and_welcomed()
        with self._on("2026-05-01"):
            self._bill(subscription, "2026-05-01")
        with self._on("2026-05-10"):
            subscription._terminate()
        [mail] = self._send("2026-05-10 09:00:00")
        self.assertIn("05/31/2026", mail.subject)
        self.assertIn("05/10/2026", mail.body_html)
        with self._on("2026-05-12"):
            subscription.action_withdraw_termination()
        [mail] = self._send("2026-05-12 09:00:00")
        self.assertIn("continues", mail.subject)
        with self._on("2026-05-14"):
            subscription._terminate()
        self.assertEqual(len(self._send("2026-05-14 09:00:00")), 1)
        with self._on("2026-06-02"):
            self._bill(subscription, "2026-06-02")
            subscription._follow_calendar(subscription._get_today())
        [mail] = self._send("2026-06-02 09:00:00")
        self.assertIn("has ended", mail.subject)

    def test_a_payment_that_fails_is_told_each_time(self):
        subscription = self._started_and_welcomed()
        for day in ("2026-05-10", "2026-05-13"):
            with self._on(day):
                subscription._log_event("payment_failed")
            [mail] = self._send(f"{day} 09:00:00")
            self.assertIn("could not collect", mail.subject)

    def test_what_does_not_hold_any_more_is_not_sent(self):
        subscription = self._started_and_welcomed()
        with self._on("2026-05-10"):
            subscription._terminate()
            subscription.action_withdraw_termination()
        [mail] = self._send("2026-05-10 09:00:00")
        self.assertIn("continues", mail.subject)
        self.assertEqual(self._messages(subscription, "terminated").state, "skipped")

    def test_a_change_that_is_only_tried_tells_nobody(self):
        subscription = self._started_and_welcomed()
        with self._on("2026-05-10"):
            subscription._try_out(lambda trial: trial._terminate())
            subscription._try_out(
                lambda trial: trial.line_ids._change(fields.Date.to_date("2026-06-01"), quantity=3)
            )
        self.assertFalse(self._send("2026-05-10 09:00:00"))
        self.assertEqual(self._messages(subscription).mapped("kind"), ["welcome"])

    def test_imports_tell_nobody(self):
        with self._on("2026-05-01"):
            subscription = self._create_subscription(date_start="2026-05-01", start=False)
            subscription.with_context(**{NO_MESSAGES: True}).action_start()
        self.assertFalse(self._send())

    def test_what_customers_were_told_cannot_be_deleted(self):
        subscription = self._started_and_welcomed()
        with self.assertRaises(UserError):
            self._messages(subscription).unlink()


@tagged("post_install", "-at_install")
class TestMessageSettings(MessageCommon):
    """Company and plan choose what is sent and with which text."""

    def _set(self, kind, plan=None, **values):
        return self.env["subscription.message.rule"].create(
            {"kind": kind, "plan_id": plan and plan.id, **values}
        )

    def _create_template(self, subject):
        return self.env.ref("subscription_base.mail_template_welcome").copy({"subject": subject})

    def test_the_company_switches_a_kind_off_and_a_plan_on_again(self):
        self._set("welcome", is_sent=False)
        quiet = self._start()
        self._set("welcome", self.flat_plan, is_sent=True)
        told = self._start()
        self.assertEqual(len(self._send()), 1)
        self.assertFalse(self._messages(quiet))
        self.assertEqual(self._messages(told).state, "sent")

    def test_a_plan_has_a_template_of_its_own(self):
        self._set("welcome", template_id=self._create_template("Of the company").id)
        self._set("welcome", self.plan, template_id=self._create_template("Of the plan").id)
        for plan, subject in ((self.flat_plan, "Of the company"), (self.plan, "Of the plan")):
            self._start(plan=plan)
            self.assertEqual(self._send().subject, subject)

    def test_a_new_version_of_a_plan_keeps_its_messages(self):
        self._set("welcome", self.plan, is_sent=False)
        copy = self.plan.copy()
        self.assertEqual(copy.message_rule_ids.mapped("is_sent"), [False])

    def test_the_list_of_the_company_has_each_kind_once(self):
        rules = self.env["subscription.message.rule"]
        for _again in range(2):
            action = rules.action_open_company_rules()
            found = rules.search(action["domain"])
            self.assertEqual(len(found), len(set(found.mapped("kind"))))
            self.assertEqual(set(found.mapped("kind")), set(dict(rules._fields["kind"].selection)))
        self.assertTrue(all(found.mapped("is_sent")))

    @shows("PA-35")
    def test_the_next_message_uses_the_text_of_the_company_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        template = self.env.ref("subscription_base.mail_template_welcome")
        self.assertTrue(template.with_user(self.env.user).has_access("write"))
        for english, german in (("Hello there", "Guten Tag"), ("Good to see you", "Schön")):
            template.subject = english
            template.with_context(lang="de_DE").subject = german
            for partner, lang, subject in (
                (self.partner_a, "en_US", english),
                (self.partner_b, "de_DE", german),
            ):
                partner.lang = lang
                self._start(partner_id=partner.id)
                self.assertEqual(self._send().subject, subject)

    def test_a_german_customer_reads_german_once_the_terms_are_translated(self):
        self.env["res.lang"]._activate_lang("de_DE")
        terms = polib.POFile()
        terms.metadata = {"Content-Type": "text/plain; charset=utf-8"}
        template = self.env.ref("subscription_base.mail_template_welcome")
        for field, source, german in (
            ("subject", template.subject, "Willkommen bei {{ object.plan_id.name }}"),
            ("body_html", template.body_html, GERMAN_BODY),
        ):
            occurrence = f"model:mail.template,{field}:subscription_base.mail_template_welcome"
            terms.append(
                polib.POEntry(
                    msgid=source,
                    msgstr=german,
                    occurrences=[(occurrence, "")],
                    comment="module: subscription_base",
                )
            )
        importer = TranslationImporter(self.env.cr)
        with NamedTemporaryFile(suffix=".po") as file:
            file.write(str(terms).encode())
            file.seek(0)
            importer.load(file, "po", "de_DE")
        importer.save(overwrite=True, force_overwrite=True)
        self.env.invalidate_all()
        for lang, subject, text in (
            ("de_DE", "Willkommen bei Flat monthly", "Beginn: 01.05.2026"),
            ("en_US", "Welcome to Flat monthly", "05/01/2026"),
        ):
            self.partner_a.lang = lang
            self._start()
            mail = self._send()
            self.assertEqual(mail.subject, subject)
            self.assertIn(text, mail.body_html)


@tagged("post_install", "-at_install")
class TestMessageFaults(MessageCommon):
    """A message that fails stops no other, and none is sent twice."""

    def test_a_failing_message_is_shown_and_tried_again(self):
        broken = self._create_plan("Broken", [{"product_id": self.hosting.id}])
        template = self.env.ref("subscription_base.mail_template_welcome").copy()
        template.body_html = '<p><t t-out="object.nothing_of_the_kind()">Text</t></p>'
        self.env["subscription.message.rule"].create(
            {"kind": "welcome", "plan_id": broken.id, "template_id": template.id}
        )
        failing, sound = self._start(plan=broken), self._start(plan=self.flat_plan)
        with self.assertLogs(SENDER, "WARNING"), mute_logger("odoo.addons.mail"):
            self.assertEqual(len(self._send()), 1)
        message = self._messages(failing)
        self.assertEqual((message.state, message.attempts), ("failed", 1))
        self.assertIn("nothing_of_the_kind", message.reason)
        self.assertEqual(failing.failed_message_ids, message)
        self.assertEqual(self._messages(sound).state, "sent")
        template.body_html = "<p>Mended</p>"
        self.assertFalse(self._send("2026-05-01 09:01:00"))
        [mail] = self._send("2026-05-01 09:06:00")
        self.assertIn("Mended", mail.body_html)
        self.assertFalse(failing.failed_message_ids)

    def test_it_is_given_up_after_some_attempts_and_can_be_sent_by_hand(self):
        subscription = self._start()
        with (
            patch.object(self.env.registry["subscription.message"], "_prepare_composer") as prepare,
            self.assertLogs(SENDER, "WARNING") as logs,
        ):
            prepare.side_effect = ValueError("no")
            for day in range(1, 20):
                self._send(f"2026-05-{day:02} 10:00:00")
        self.assertEqual(len(logs.records), 6)
        subscription.action_send_messages_again()
        self.assertEqual(self._messages(subscription).state, "sent")

    def test_a_customer_without_address_is_named(self):
        self.partner_a.email = False
        subscription = self._start()
        self.assertFalse(self._send())
        message = self._messages(subscription)
        self.assertEqual(message.state, "skipped")
        self.assertIn("no e-mail address", message.reason)
        self.partner_a.email = "customer@example.com"
        message.with_user(self.env.user).action_send_again()
        self.assertEqual(message.state, "sent")

    def test_a_run_that_crashed_before_its_commit_sends_once_when_it_is_repeated(self):
        self._start()
        mails = self.env["mail.mail"].sudo()
        before = mails.search_count([])
        with (
            self.assertRaises(ZeroDivisionError),
            self.env.cr.savepoint(),
            patch.object(
                self.env.registry["ir.cron"], "_commit_progress", lambda *args, **values: 1 / 0
            ),
            freeze_time("2026-05-01 09:00:00"),
        ):
            self.Message._cron_send()
        self.assertEqual(mails.search_count([]), before)
        self.assertEqual(len(self._send()), 1)
        self.assertFalse(self._send())

    def test_the_database_refuses_to_tell_the_same_twice(self):
        subscription = self._start()
        message = self._messages(subscription)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaisesRegex(Exception, "key_uniq"),
            self.env.cr.savepoint(),
        ):
            message.copy({"state": "waiting"})
            self.env.flush_all()

    def test_messages_wait_without_being_written_while_something_happens(self):
        """Neither rendering nor e-mail belongs into the transaction of billing."""
        mails = self.env["mail.mail"].sudo().search_count([])
        subscription = self._start()
        self.assertEqual(self._messages(subscription).state, "waiting")
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), mails)

    def test_billing_makes_no_message(self):
        subscriptions = self._started_and_welcomed() + self._started_and_welcomed()
        count = self.Message.search_count([])
        with self._on("2026-05-01"):
            self._bill(subscriptions, "2026-05-01")
        self.assertEqual(self.Message.search_count([]), count)

    def test_companies_do_not_see_each_others_messages(self):
        subscription = self._started_and_welcomed()
        other = self.setup_other_company()["company"]
        stranger = self.env["res.users"].create(
            {
                "name": "Stranger",
                "login": "message_stranger",
                "company_id": other.id,
                "company_ids": [Command.set(other.ids)],
                "group_ids": [
                    Command.link(self.env.ref("subscription_base.group_subscription_manager").id)
                ],
            }
        )
        messages = self.env["subscription.message"].with_user(stranger)
        self.assertFalse(messages.search([("subscription_id", "=", subscription.id)]))
