import hashlib
import re

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, freeze_time, tagged

from .common import shows
from .test_migration import MigrationCommon


class ConsentCommon(MigrationCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "company@example.com"
        cls.subscription = cls._create_subscription(
            cls.flat_plan, "2026-04-15", partner_id=cls.consumer.id
        )

    def _ask(self, price=35.0):
        """Publish a version of which the consumer has to be asked.

        :return: the migration.
        """
        with freeze_time("2026-05-01"):
            self.version = self._publish(self.flat_plan, Hosting=price)
        return self._get_migration(self.subscription)

    def _bill_months(self, *days):
        for day in days:
            with freeze_time(day):
                self._bill(self.subscription, day)
        return [amount for *_dates, amount in self._charges(self.subscription)]

    def _get_mail(self, migration):
        return self.env["mail.mail"].search(
            [("model", "=", migration._name), ("res_id", "=", migration.id)]
        )


@tagged("post_install", "-at_install")
class TestConsent(ConsentCommon):
    """A consumer is asked before anything gets dearer or worse; silence is no consent."""

    @shows("LAW-33")
    def test_a_dearer_version_asks_by_mail(self):
        migration = self._ask()
        self.assertEqual(migration.state, "requested")
        mail = self._get_mail(migration)
        self.assertEqual(mail.recipient_ids, self.consumer)
        self.assertIn(migration._get_share_url(), mail.body_html.replace("&amp;", "&"))
        text = str(migration.consent_text)
        for part in ("34.50", "40.25", "Per month, including taxes", "Flat monthly, on new terms"):
            self.assertIn(part, text)
        self.assertNotIn("(version 2)", text)
        self.assertNotIn("unchanged", text)
        self.assertNotIn("class=", text)
        self.assertIn("Kind regards", mail.body_html)
        self.assertIn(f"mailto:{self.company.email}", mail.body_html)
        digest = hashlib.sha256(migration.consent_text.encode()).hexdigest()
        self.assertEqual(migration.consent_hash, digest)

    def test_what_stays_as_it_is_is_said_as_well(self):
        subscription = self._create_subscription(
            self.plan, "2026-05-01", partner_id=self.consumer.id
        )
        with freeze_time("2026-05-01"):
            version = self._prepare_version(self.plan, Traffic=0.06)
            self._get_publication(version).action_publish()
        text = str(self._get_migration(subscription).consent_text)
        self.assertIn("0.0575", text)
        self.assertIn("0.069", text)
        self.assertIn("Everything else", text)
        self.assertIn("unchanged", text)

    @shows("LAW-33")
    def test_who_is_silent_or_refuses_stays_for_ever(self):
        migration = self._ask()
        amounts = self._bill_months("2026-05-15", "2026-06-15")
        self.assertEqual(amounts, [30.0] * 3)
        with freeze_time("2026-06-20"):
            migration._answer(False, ip="203.0.113.7")
        self.assertEqual(migration.state, "refused")
        self.assertEqual(self._bill_months("2026-07-15")[-1], 30.0)
        self.assertEqual(self.subscription.plan_id, self.flat_plan)
        with self.assertRaisesRegex(UserError, "no longer open"):
            migration._answer(True)

    def _count_told_of_move(self):
        self._bill_months("2026-05-15", "2026-06-15")
        self.assertEqual(self.subscription.plan_id, self.version)
        return self.env["subscription.message"].search_count(
            [("subscription_id", "=", self.subscription.id), ("kind", "=", "changed")]
        )

    def test_who_has_agreed_is_not_told_again_on_the_day(self):
        migration = self._ask()
        with freeze_time("2026-05-14"):
            migration._answer(True)
        self.assertEqual(self._count_told_of_move(), 0)

    def test_who_was_not_asked_is_told_on_the_day(self):
        self.assertEqual(self._ask(25.0).state, "planned")
        self.assertEqual(self._count_told_of_move(), 1)

    @shows("LAW-33")
    def test_who_agrees_before_the_day_moves_on_it(self):
        migration = self._ask()
        with freeze_time("2026-05-14"):
            migration._answer(True, ip="203.0.113.7", agent="Browser")
        self.assertEqual((migration.state, str(migration.date_switch)), ("consented", "2026-05-15"))
        self.assertEqual(self._bill_months("2026-05-15"), [30.0, 35.0])
        self.assertEqual((migration.answer_ip, migration.answer_agent), ("203.0.113.7", "Browser"))
        self.assertEqual(str(migration.date_answered.date()), "2026-05-14")
        self.assertEqual(self.subscription.plan_id, self.version)

    @shows("LAW-33")
    def test_who_agrees_later_moves_at_the_next_end_of_a_period(self):
        migration = self._ask()
        self._bill_months("2026-05-15")
        with freeze_time("2026-05-20"):
            migration._answer(True)
        self.assertEqual(str(migration.date_switch), "2026-06-15")
        self.assertEqual(self._bill_months("2026-06-15"), [30.0, 30.0, 35.0])

    @shows("LAW-33")
    def test_a_dearer_unit_of_usage_asks_as_well(self):
        subscription = self._create_subscription(
            self.plan, "2026-05-01", partner_id=self.consumer.id
        )
        with freeze_time("2026-05-01"):
            version = self._prepare_version(self.plan, Hosting=20.0, Traffic=0.06)
            self._get_publication(version).action_publish()
        migration = self._get_migration(subscription)
        self.assertTrue(migration.is_dearer)
        self.assertEqual(migration.state, "requested")

    def test_a_free_period_less_asks_as_well(self):
        plan = self._create_plan("Bonus", [{"product_id": self.hosting.id, "free_every": 12}])
        subscription = self._create_subscription(plan, "2026-05-01", partner_id=self.consumer.id)
        for free_every, state in ((6, "planned"), (12, "planned"), (0, "requested")):
            with freeze_time("2026-05-01"):
                plan = self._prepare_version(plan)
                plan.component_ids.free_every = free_every
                self._get_publication(plan).action_publish()
            self.assertEqual(self._get_migration(subscription).state, state)

    def test_the_same_figure_without_its_taxes_asks_as_well(self):
        plan = self._create_plan(
            "Gross", [{"product_id": self.hosting.id}], price_includes_tax=True
        )
        subscription = self._create_subscription(plan, "2026-05-01", partner_id=self.consumer.id)
        with freeze_time("2026-05-01"):
            self._bill(subscription, "2026-05-01")
            version = self._prepare_version(plan)
            version.price_includes_tax = False
            self._get_publication(version).action_publish()
        self.assertEqual(self._get_migration(subscription).state, "requested")

    @shows("LAW-33")
    def test_longer_periods_ask_as_well(self):
        with freeze_time("2026-05-01"):
            version = self._prepare_version(self.flat_plan, Hosting=300.0)
            version.interval_count = 12
            self._get_publication(version).action_publish()
        migration = self._get_migration(self.subscription)
        self.assertFalse(migration.is_dearer)
        self.assertIn("yearly instead of monthly", migration.disadvantages)
        self.assertEqual(migration.state, "requested")

    @shows("LAW-34")
    def test_a_lost_entitlement_gives_a_special_right_to_terminate(self):
        business = self._create_subscription(self.flat_plan, "2026-04-15")
        feature = self.env["subscription.feature"].create({"name": "Priority support"})
        self.flat_plan.entitlement_ids = [Command.create({"feature_id": feature.id})]
        with freeze_time("2026-05-01"):
            self.version = self._prepare_version(self.flat_plan)
            self.version.entitlement_ids.unlink()
            self._get_publication(self.version).action_publish()
        migration = self._get_migration(self.subscription)
        self.assertEqual(migration.lost_entitlements, "Priority support")
        told = self._get_migration(business)
        self.assertEqual((migration.state, told.state), ("requested", "planned"))
        self.assertEqual(str(business.special_termination_until), "2026-06-14")
        self.assertFalse(self.subscription.special_termination_until)
        self.assertIn("Priority support", self._get_mail(migration).body_html)
        self.assertIn("within 30 days", self._get_mail(migration).body_html)
        with freeze_time("2026-05-02"):
            migration._answer(True)
        self.assertEqual(str(self.subscription.special_termination_until), "2026-06-14")

    @shows("LAW-34")
    def test_the_special_right_ends_the_subscription_at_once_and_for_30_days(self):
        self.subscription.write({"initial_term_length": 12, "initial_term_unit": "month"})
        self.subscription.sudo().special_termination_until = "2026-06-14"
        for day, last in (
            ("2026-05-20", "2026-05-20"),
            ("2026-06-14", "2026-06-14"),
            ("2026-06-15", "2027-04-14"),
        ):
            with freeze_time(day):
                self.env.invalidate_all()
                self.assertEqual(str(self.subscription.get_next_termination_date()), last)
                self.assertEqual(str(self.subscription.next_termination_date), last)
                action = self.subscription.action_open_close_wizard()
                wizard = Form(self.env[action["res_model"]].with_context(**action["context"]))
                self.assertEqual(str(wizard.date_earliest), last)
        with freeze_time("2026-05-20"):
            self._bill(self.subscription, "2026-05-20")
            self.subscription._terminate()
            credit = self._bill(self.subscription, "2026-05-20")
        self.assertEqual(str(self.subscription.date_end), "2026-05-20")
        self.assertEqual((credit.move_type, credit.amount_untaxed), ("out_refund", 24.19))

    def test_without_an_address_somebody_writes_a_letter(self):
        self.consumer.email = False
        migration = self._ask()
        self.assertFalse(self._get_mail(migration))
        self.assertEqual(migration.state, "requested")
        self.assertIn("no e-mail address", self.subscription.activity_ids.note)


@tagged("post_install", "-at_install")
class TestConsentPage(ConsentCommon, HttpCase):
    """The customer answers on a page that needs no login."""

    def setUp(self):
        super().setUp()
        self.migration = self._ask()
        self.env.flush_all()

    def _post(self, answer, token=None):
        page = self.url_open(self.migration._get_share_url())
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        return self.url_open(
            f"/my/subscription-change/{self.migration.id}/{answer}",
            data={
                "csrf_token": csrf.group(1),
                "access_token": token or self.migration.access_token,
            },
        )

    @shows("LAW-33")
    def test_agreeing_works_once(self):
        page = self.url_open(self.migration._get_share_url())
        self.assertEqual(page.status_code, 200)
        self.assertIn("I agree to the new terms", page.text)
        self.assertIn("40.25", page.text)
        self.assertEqual(self.migration.state, "requested")
        answered = self._post("agree")
        self.assertIn("You have agreed", answered.text)
        self.migration.invalidate_recordset()
        self.assertEqual(self.migration.state, "consented")
        self.assertTrue(self.migration.answer_ip)
        self.assertTrue(self.migration.date_answered)
        self.assertNotIn("I agree to the new terms", answered.text)
        self.assertNotIn("I do not agree", answered.text)
        with self.assertRaisesRegex(UserError, "no longer open"):
            self.migration._answer(False)

    def test_refusing(self):
        self.assertIn("You have refused", self._post("refuse").text)
        self.migration.invalidate_recordset()
        self.assertEqual(self.migration.state, "refused")

    def test_a_link_that_is_only_opened_answers_nothing(self):
        response = self.url_open(
            f"/my/subscription-change/{self.migration.id}/agree"
            f"?access_token={self.migration.access_token}"
        )
        self.assertIn(response.status_code, (404, 405))
        self.migration.invalidate_recordset()
        self.assertEqual(self.migration.state, "requested")

    def test_the_token_of_another_customer_opens_nothing(self):
        other = self.env["res.partner"].create({"name": "Otto", "email": "otto@example.com"})
        plan = self._create_plan("Other", [{"product_id": self.hosting.id}])
        subscription = self._create_subscription(plan, "2026-04-15", partner_id=other.id)
        with freeze_time("2026-05-01"):
            self._publish(plan, Hosting=35.0)
        foreign = self._get_migration(subscription)
        self.env.flush_all()
        url = f"/my/subscription-change/{self.migration.id}"
        for token in (foreign.access_token, "", "x", None):
            query = "" if token is None else f"?access_token={token}"
            self.assertEqual(self.url_open(url + query).status_code, 404)
        self.assertEqual(self.url_open("/my/subscription-change/0?access_token=x").status_code, 404)
        self.assertEqual(self._post("agree", token=foreign.access_token).status_code, 404)
        self.assertEqual(self._post("maybe").status_code, 404)
        self.migration.invalidate_recordset()
        self.assertEqual(self.migration.state, "requested")
