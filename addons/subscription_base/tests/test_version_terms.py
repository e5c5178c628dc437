from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import shows
from .test_migration import MigrationCommon


@tagged("post_install", "-at_install")
class TestVersionTerms(MigrationCommon):
    """Terms are locked and followed like prices."""

    @shows("RE-120")
    def test_terms_of_a_used_plan_are_locked(self):
        self._create_subscription(self.plan)
        for vals in (
            {"notice_length": 1, "notice_unit": "month"},
            {"initial_term_length": 12},
            {"minimum_term_length": 3},
            {"trial_length": 14},
            {"termination_effect": "any_day"},
            {"waive_stub": True},
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "New version"):
                self.plan.write(vals)
        main = self.plan.component_ids[0]
        with self.assertRaisesRegex(UserError, "New version"):
            main.write({"schedule_type": "month_start", "interval_count": 12})
        with self.assertRaisesRegex(UserError, "New version"):
            self.plan.component_ids[2].rollover_periods = 1
        self.plan.write({"renewal_reminder": True, "renewal_reminder_days": 14})
        self.assertTrue(self.plan.renewal_reminder)

    def _move(self, **terms):
        with freeze_time("2026-05-01"):
            version = self._prepare_version(self.flat_plan)
            version.write(terms)
            self._get_publication(version).action_publish()
        return version

    @shows("LAW-33")
    def test_a_longer_notice_asks_a_consumer(self):
        self.flat_plan.write({"notice_length": 14, "notice_unit": "day"})
        subscription = self._create_subscription(
            self.flat_plan, "2026-04-15", partner_id=self.consumer.id
        )
        self._move(notice_length=1, notice_unit="month")
        migration = self._get_migration(subscription)
        self.assertEqual(migration.state, "requested")
        self.assertIn("1 month instead of 14 days", migration.disadvantages)

    def test_better_terms_are_followed_and_individual_ones_stay(self):
        self.flat_plan.write({"notice_length": 3, "notice_unit": "month"})
        plain = self._create_subscription(self.flat_plan, "2026-04-15")
        agreed = self._create_subscription(self.flat_plan, "2026-04-15", start=False)
        agreed.write({"notice_length": 6})
        agreed.action_start()
        self._move(notice_length=1)
        self.assertEqual(set((plain | agreed).migration_ids.mapped("disadvantages")), {False})
        with freeze_time("2026-05-15"):
            self._bill(plain | agreed, "2026-05-15")
        self.assertEqual((plain.notice_length, agreed.notice_length), (1, 6))

    def test_a_trial_is_not_given_again(self):
        subscription = self._create_subscription(self.flat_plan, "2026-04-15")
        self._move(trial_length=14, trial_unit="day")
        for day in ("2026-05-15", "2026-06-15"):
            with freeze_time(day):
                self._bill(subscription, day)
        self.assertEqual(
            [amount for *_dates, amount in self._charges(subscription)], [30.0, 30.0, 30.0]
        )
