from itertools import pairwise

from odoo.exceptions import UserError
from odoo.fields import Command, Date
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import shows
from .test_plan_version import VersionCommon


class MigrationCommon(VersionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.subscription_change_notice = 0
        cls.partner_a.is_company = True
        cls.consumer = cls.env["res.partner"].create(
            {"name": "Eva Muster", "email": "eva@example.com"}
        )

    def _get_migration(self, subscription):
        return subscription.migration_ids.sorted("id")[-1:]


@tagged("post_install", "-at_install")
class TestMigration(MigrationCommon):
    """Existing subscribers move to the new version at the end of their billing period."""

    @shows("RE-124")
    def test_each_subscription_moves_at_the_end_of_its_period(self):
        first = self._create_subscription(self.flat_plan, "2026-04-15")
        second = self._create_subscription(self.flat_plan, "2026-05-01")
        cancelled = self._create_subscription(self.flat_plan, "2026-04-15")
        everybody = first | second | cancelled
        with freeze_time("2026-05-01"):
            self._bill(everybody, "2026-05-01")
            cancelled._close(on="2026-05-14")
            version = self._publish(self.flat_plan, Hosting=35.0)
        for day in ("2026-05-15", "2026-06-01", "2026-06-15"):
            with freeze_time(day):
                self._bill(everybody, day)
        self.assertEqual(
            self._charges(first),
            [
                ("2026-04-15", "2026-05-14", 30.0),
                ("2026-05-15", "2026-06-14", 35.0),
                ("2026-06-15", "2026-07-14", 35.0),
            ],
        )
        self.assertEqual(
            self._charges(second),
            [("2026-05-01", "2026-05-31", 30.0), ("2026-06-01", "2026-06-30", 35.0)],
        )
        self.assertEqual(self._charges(cancelled), [("2026-04-15", "2026-05-14", 30.0)])
        self.assertEqual((first | second).plan_id, version)
        self.assertEqual(cancelled.plan_id, self.flat_plan)
        self.assertFalse(cancelled.migration_ids)
        self.assertEqual(set((first | second).migration_ids.mapped("state")), {"done"})

    @shows("RE-124")
    def test_nobody_is_ever_prorated(self):
        """Whatever the schedule, the start and the day of publication."""
        schedules = [
            {"schedule_type": "month_start", "interval_count": 1},
            {"schedule_type": "month_start", "interval_count": 3},
            {"schedule_type": "month_last"},
            {"schedule_type": "month_fixed", "fixed_day": 7},
            {"schedule_type": "weekly_fixed", "interval_count": 2, "weekday": "3"},
            {"schedule_type": "daily", "interval_count": 10},
        ]
        for number, values in enumerate(schedules):
            plan = self._create_plan(f"P{number}", [{"product_id": self.hosting.id}], **values)
            subscriptions = self.env["subscription.subscription"].union(
                *(self._create_subscription(plan, f"2026-01-{day}") for day in (1, 15, 30, 31))
            )
            published = Date.add(Date.to_date("2026-02-01"), days=5 * number)
            with freeze_time(published):
                self._bill(subscriptions, published)
                version = self._publish(plan, Hosting=35.0)
            for months in range(1, 6):
                day = Date.add(published, months=months)
                with freeze_time(day):
                    self._bill(subscriptions, day)
            self.assertEqual(subscriptions.plan_id, version)
            charges = subscriptions.charge_ids
            self.assertFalse(charges.filtered(lambda charge: charge.sign < 0))
            new = charges.filtered(lambda charge: charge.line_id.plan_id.version == 2)
            self.assertEqual(set(new.mapped("amount")), {35.0})
            for subscription in subscriptions:
                spans = sorted((c.period_start, c.period_end) for c in subscription.charge_ids)
                for (_start, end), (start, _end) in pairwise(spans):
                    self.assertEqual(start, Date.add(end, days=1))

    def test_a_period_anchored_on_the_31st_comes_back_to_it(self):
        subscription = self._create_subscription(self.flat_plan, "2026-01-31")
        with freeze_time("2026-02-10"):
            self._publish(self.flat_plan, Hosting=35.0)
        for day in ("2026-02-28", "2026-03-31"):
            with freeze_time(day):
                self._bill(subscription, day)
        self.assertEqual(
            [(start, end) for start, end, _amount in self._charges(subscription)],
            [
                ("2026-01-31", "2026-02-27"),
                ("2026-02-28", "2026-03-30"),
                ("2026-03-31", "2026-04-29"),
            ],
        )

    def test_another_schedule_begins_at_the_boundary(self):
        subscription = self._create_subscription(self.flat_plan, "2026-04-15")
        with freeze_time("2026-05-01"):
            self._bill(subscription, "2026-05-01")
            version = self._prepare_version(self.flat_plan, Hosting=80.0)
            version.interval_count = 3
            self._get_publication(version).action_publish()
        for day in ("2026-05-15", "2026-08-15"):
            with freeze_time(day):
                self._bill(subscription, day)
        self.assertEqual(
            self._charges(subscription),
            [
                ("2026-04-15", "2026-05-14", 30.0),
                ("2026-05-15", "2026-08-14", 80.0),
                ("2026-08-15", "2026-11-14", 80.0),
            ],
        )

    def test_an_individual_price_stays_and_is_listed(self):
        subscription = self._create_subscription(self.flat_plan, "2026-04-15", start=False)
        subscription.line_ids.price_unit = 25.0
        subscription.action_start()
        with freeze_time("2026-05-01"):
            version = self._prepare_version(self.flat_plan, Hosting=35.0)
            dialog = self._get_publication(version)
            self.assertEqual(dialog.line_ids.individual_lines, "Hosting")
            self.assertFalse(dialog.line_ids.is_dearer)
            dialog.action_publish()
        with freeze_time("2026-05-15"):
            self._bill(subscription, "2026-05-15")
        self.assertEqual(subscription.plan_id, version)
        self.assertEqual(self._charges(subscription)[-1], ("2026-05-15", "2026-06-14", 25.0))

    def test_components_come_and_go_with_the_version(self):
        plan = self._create_plan(
            "Bundle",
            [{"product_id": self.hosting.id}, {"product_id": self.domain.id}],
        )
        subscription = self._create_subscription(plan, "2026-04-01")
        support = self._create_service("Support", 4.0)
        with freeze_time("2026-04-10"):
            self._bill(subscription, "2026-04-10")
            version = self._prepare_version(plan)
            version.component_ids.filtered(lambda c: c.product_id == self.domain).unlink()
            version.component_ids = [Command.create({"product_id": support.id})]
            dialog = self._get_publication(version)
            self.assertIn("Extra domain is no longer included", dialog.line_ids.disadvantages)
            self.assertTrue(dialog.line_ids.is_dearer)
            dialog.action_publish()
        with freeze_time("2026-05-01"):
            invoice = self._bill(subscription, "2026-05-01")
        self.assertEqual(invoice.amount_untaxed, 34.0)
        self.assertEqual(invoice.invoice_line_ids.product_id, self.hosting | support)

    def test_the_dialog_says_what_would_happen(self):
        subscription = self._create_subscription(self.flat_plan, "2026-04-15")
        with freeze_time("2026-05-01"):
            self._bill(subscription, "2026-05-01")
            line = self._get_publication(
                self._prepare_version(self.flat_plan, Hosting=35.0)
            ).line_ids
        self.assertEqual(str(line.date_switch), "2026-05-15")
        self.assertEqual((line.monthly_before, line.monthly_after), (30.0, 35.0))
        self.assertEqual(str(line.invoice_date_after), "2026-05-15")
        self.assertEqual((line.invoice_amount_before, line.invoice_amount_after), (30.0, 35.0))
        self.assertEqual((line.state, line.is_dearer), ("planned", True))

    @shows("LAW-33")
    def test_a_business_is_told_thirty_days_before(self):
        self.company.subscription_change_notice = 30
        subscription = self._create_subscription(self.flat_plan, "2026-04-15")
        self.partner_a.email = "buying@example.com"
        with freeze_time("2026-05-01"):
            self._publish(self.flat_plan, Hosting=35.0)
        migration = self._get_migration(subscription)
        self.assertEqual((migration.state, str(migration.date_switch)), ("planned", "2026-06-15"))
        mail = self.env["mail.mail"].search(
            [("model", "=", migration._name), ("res_id", "=", migration.id)]
        )
        self.assertIn("06/15/2026", mail.subject)
        for text in ("Flat monthly, on new terms", "30.00", "35.00", "Per month, without taxes"):
            self.assertIn(text, mail.body_html)
        for text in (f"/my/subscriptions/{subscription.id}", "Kind regards"):
            self.assertIn(text, mail.body_html)
        self.assertNotIn("(version 2)", mail.body_html)

    @shows("LAW-33")
    def test_a_cheaper_or_equal_version_needs_no_consent(self):
        for price in (30.0, 25.0):
            plan = self._create_plan(f"Flat {price}", [{"product_id": self.hosting.id}])
            subscription = self._create_subscription(
                plan, "2026-04-15", partner_id=self.consumer.id
            )
            with freeze_time("2026-05-01"):
                version = self._publish(plan, Hosting=price)
            self.assertEqual(self._get_migration(subscription).state, "planned")
            with freeze_time("2026-05-15"):
                self._bill(subscription, "2026-05-15")
            self.assertEqual(subscription.plan_id, version)

    def test_a_run_applies_what_is_planned_and_goes_on_after_a_failure(self):
        good = self._create_subscription(self.flat_plan, "2026-04-15")
        bad = self._create_subscription(self.flat_plan, "2026-04-15")
        with freeze_time("2026-05-01"):
            version = self._publish(self.flat_plan, Hosting=35.0)
        self.env["subscription.migration"].sudo().search(
            [("subscription_id", "=", bad.id)]
        ).plan_to_id = self._create_foreign_plan()
        self.env["subscription.migration"].flush_model()
        with freeze_time("2026-05-15"), mute_logger("odoo.addons.subscription_base"):
            run = self._create_run("2026-05-15")
            run._do_migrate(self.env["subscription.migration"].browse(run._claim_migrate(()).ids))
            self.assertFalse(run._claim_migrate(()))
            self._bill(good | bad, "2026-05-15")
        self.assertEqual((good.plan_id, bad.plan_id), (version, self.flat_plan))
        failed = self._get_migration(bad)
        self.assertEqual(failed.state, "failed")
        self.assertIn("another company", failed.error)
        self.assertTrue(bad.activity_ids)
        self.assertEqual(self._charges(bad)[-1], ("2026-05-15", "2026-06-14", 30.0))
        self.assertEqual(self._charges(good)[-1], ("2026-05-15", "2026-06-14", 35.0))
        failed.sudo().plan_to_id = version
        with freeze_time("2026-05-20"):
            failed.action_retry()
        self.assertEqual((failed.state, str(failed.date_switch)), ("planned", "2026-06-15"))

    def _create_foreign_plan(self):
        other = self.setup_other_company()["company"]
        return self.env["subscription.plan"].create({"name": "Abroad", "company_id": other.id})

    def test_who_ends_or_moves_elsewhere_in_the_meantime_stays(self):
        subscription = self._create_subscription(self.flat_plan, "2026-04-15")
        with freeze_time("2026-05-01"):
            self._publish(self.flat_plan, Hosting=35.0)
            subscription._close(on="2026-05-14")
        with freeze_time("2026-05-15"):
            self._bill(subscription, "2026-05-15")
        migration = self._get_migration(subscription)
        self.assertEqual(
            (migration.state, migration.error[:25]), ("cancelled", "The subscription ends bef")
        )
        self.assertEqual(subscription.plan_id, self.flat_plan)

    def test_a_later_version_takes_the_place_of_a_planned_one(self):
        subscription = self._create_subscription(self.flat_plan, "2026-04-15")
        with freeze_time("2026-05-01"):
            second = self._publish(self.flat_plan, Hosting=35.0)
            third = self._publish(second, Hosting=33.0)
        self.assertEqual(
            subscription.migration_ids.sorted("id").mapped("state"), ["cancelled", "planned"]
        )
        with freeze_time("2026-05-15"):
            self._bill(subscription, "2026-05-15")
        self.assertEqual(subscription.plan_id, third)
        self.assertEqual(self._charges(subscription)[-1][-1], 33.0)

    def test_who_stays_behind_is_listed(self):
        subscription = self._create_subscription(self.flat_plan)
        self._publish(self.flat_plan, "new", Hosting=35.0)
        action = self.env.ref("subscription_base.subscription_superseded_action")
        domain = [("plan_id.state", "=", "superseded"), ("state", "not in", ("draft", "closed"))]
        self.assertEqual(action.domain.replace(" ", ""), str(domain).replace(" ", ""))
        self.assertIn(subscription, subscription.search(domain))

    def test_only_a_manager_changes_what_is_planned(self):
        subscription = self._create_subscription(self.flat_plan)
        self._publish(self.flat_plan, Hosting=35.0)
        migration = self._get_migration(subscription)
        seller = new_test_user(self.env, "seller", groups="sales_team.group_sale_salesman")
        seller.company_ids = seller.company_id = self.company
        with self.assertRaisesRegex(UserError, "administrator"):
            migration.with_user(seller).action_cancel()
        with self.assertRaisesRegex(UserError, "evidence"):
            migration.sudo().unlink()
        migration.action_cancel()
        self.assertEqual(migration.state, "cancelled")

    def test_the_views_open(self):
        subscription = self._create_subscription(self.flat_plan)
        version = self._prepare_version(self.flat_plan, Hosting=35.0)
        dialog = self._get_publication(version)
        self.assertEqual(Form(dialog).affected_count, 1)
        dialog.action_publish()
        self.assertEqual(Form(self._get_migration(subscription)).state, "planned")
        self.assertEqual(Form(subscription).next_plan_id, version)
        action = version.action_view_migrations()
        self.assertEqual(
            self.env[action["res_model"]].search(action["domain"]), subscription.migration_ids
        )
