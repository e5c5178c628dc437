from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .test_change import ChangeCommon


class PlanChangeCommon(ChangeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pro = cls._create_plan(
            "Pro",
            [{"product_id": cls.hosting.id, "price_unit": 60.0}],
            schedule_type="month_fixed",
            fixed_day=1,
        )
        cls.yearly = cls._create_plan(
            "Yearly",
            [{"product_id": cls.hosting.id, "price_unit": 300.0}],
            schedule_type="month_start",
            interval_count=12,
        )

    def _events(self, subscription, *types):
        events = subscription.event_ids.sorted("id").filtered(lambda e: e.event_type in types)
        return events.mapped("event_type")


@tagged("post_install", "-at_install")
@freeze_time("2026-04-16")
class TestPlanChange(PlanChangeCommon):
    """Another plan may be chosen for a later day: until then the subscription stays as it is."""

    def setUp(self):
        super().setUp()
        self.subscription = self._create_subscription(self.plan, "2026-01-01")
        self._bill(self.subscription, "2026-04-01")

    def test_at_the_end_of_the_period_unless_a_day_is_given(self):
        migration = self.subscription._plan_change(self.pro)
        self.assertEqual((migration.state, str(migration.date_switch)), ("planned", "2026-05-01"))
        self.assertEqual(self.subscription.plan_id, self.plan)
        self.assertEqual(self.subscription.next_plan_id, self.pro)
        self.assertEqual(str(self.subscription.next_plan_date), "2026-05-01")
        self.assertEqual(self.subscription.next_plan_amount, 60.0)
        self.assertEqual(self.subscription.recurring_amount, 30.0)
        self.assertFalse(self.subscription.line_ids.filtered("date_end"))
        with freeze_time("2026-05-01"):
            invoice = self._bill(self.subscription, "2026-05-01")
        self.assertEqual(invoice.amount_untaxed, 60.0)
        self.assertEqual((migration.state, self.subscription.plan_id), ("done", self.pro))
        self.assertFalse(self.subscription.next_plan_id)
        self._assert_recurring_is_logged(self.subscription)

    def test_a_run_makes_the_change_on_the_day_although_nothing_is_billed(self):
        migration = self.subscription._plan_change(self.pro, "2026-04-20")
        with freeze_time("2026-04-20"):
            self._process_run(self._create_run("2026-04-20"))
        self.assertEqual(migration.state, "done")
        self.assertEqual(self.subscription.plan_id, self.pro)
        self.assertEqual(self._events(self.subscription, "plan_planned", "plan"),
                         ["plan_planned", "plan"])  # fmt: skip

    def test_within_a_period_the_rest_is_settled(self):
        self.subscription._plan_change(self.pro, "2026-04-21")
        with freeze_time("2026-04-21"):
            invoice = self._bill(self.subscription, "2026-04-21")
        self.assertEqual(invoice.amount_untaxed, 20.0 - 10.0)

    def test_the_settlement_may_be_decided_otherwise(self):
        self.subscription._plan_change(self.pro, "2026-04-21", credit=False, charge="none")
        with freeze_time("2026-04-21"):
            self.assertFalse(self._bill(self.subscription, "2026-04-21"))
        with freeze_time("2026-05-01"):
            self.assertEqual(self._bill(self.subscription, "2026-05-01").amount_untaxed, 60.0)

    def test_another_interval(self):
        migration = self.subscription._plan_change(self.yearly)
        self.assertEqual(migration.recurring_after, 300.0)
        self.assertEqual(migration.monthly_after, 25.0)
        with freeze_time("2026-05-01"):
            self._bill(self.subscription, "2026-05-01")
        self.assertEqual(self._charges(self.subscription)[-1], ("2026-05-01", "2027-04-30", 300.0))

    def test_today_or_earlier_it_changes_at_once(self):
        migration = self.subscription._plan_change(self.pro, "2026-04-16")
        self.assertEqual((migration.state, migration.kind), ("done", "plan"))
        self.assertEqual(self.subscription.plan_id, self.pro)
        self.assertEqual(self._last_event(self.subscription), ("plan", 30.0))

    def test_an_individual_price_was_agreed_for_the_plan_that_is_left(self):
        self.subscription.line_ids[0]._change("2026-04-16", price_unit=25.0)
        migration = self.subscription._plan_change(self.pro)
        self.assertEqual(migration.recurring_after, 60.0)
        kept = self.subscription._plan_change(self.pro, keep_individual=True)
        self.assertEqual(kept.recurring_after, 25.0)

    def test_a_planned_change_can_be_cancelled(self):
        migration = self.subscription._plan_change(self.pro)
        self.subscription.action_cancel_plan_change()
        self.assertEqual(migration.state, "cancelled")
        self.assertFalse(self.subscription.next_plan_id)
        self.assertEqual(self._events(self.subscription, "plan_planned", "plan_cancelled"),
                         ["plan_planned", "plan_cancelled"])  # fmt: skip
        with freeze_time("2026-05-01"):
            self.assertEqual(self._bill(self.subscription, "2026-05-01").amount_untaxed, 30.0)
        with self.assertRaisesRegex(UserError, "No change of the plan"):
            self.subscription.action_cancel_plan_change()

    def test_a_new_choice_takes_the_place_of_the_one_before(self):
        first = self.subscription._plan_change(self.pro)
        second = self.subscription._plan_change(self.yearly)
        self.assertEqual((first.state, second.state), ("cancelled", "planned"))
        third = self.subscription._plan_change(self.pro, "2026-04-16")
        self.assertEqual((second.state, third.state), ("cancelled", "done"))

    def test_in_a_trial_it_changes_with_the_first_paid_day(self):
        plan = self._create_plan(
            "Try", [{"product_id": self.hosting.id}], trial_length=14, trial_unit="day"
        )
        subscription = self._create_subscription(plan, "2026-04-10")
        migration = subscription._plan_change(self.yearly)
        self.assertEqual(str(migration.date_switch), "2026-04-24")

    def test_a_subscription_that_ends_before_does_not_change(self):
        migration = self.subscription._plan_change(self.pro)
        self.subscription._close(on="2026-04-20")
        self.assertFalse(self.subscription.next_plan_id)
        with freeze_time("2026-05-01"):
            self._process_run(self._create_run("2026-05-01"))
        self.assertEqual(migration.state, "cancelled")
        self.assertIn("ends before", migration.error)

    def test_what_cannot_be_is_refused_when_it_is_planned(self):
        draft = self.env["subscription.plan"].create({"name": "Draft"})
        business = self._create_plan(
            "Business", [{"product_id": self.hosting.id}], customer_kind="business"
        )
        self.subscription.customer_kind = "consumer"
        for plan, on, message in (
            (self.plan, None, "already"),
            (draft, None, "not sold"),
            (business, None, "sold to businesses? only"),
            (self.pro, "2025-12-31", "does not run"),
        ):
            with self.assertRaisesRegex(UserError, message):
                self.subscription._plan_change(plan, on)
        closed = self._create_subscription(self.plan, start=False)
        with self.assertRaisesRegex(UserError, "not running"):
            closed._plan_change(self.pro)

    def test_who_has_chosen_another_plan_is_not_moved_to_a_new_version(self):
        migration = self.subscription._plan_change(self.pro, "2026-09-01")
        version = self.plan._create_version("all")
        version.component_ids[0].price_unit = 35.0
        version._publish()
        self.assertEqual(migration.state, "planned")
        with freeze_time("2026-05-01"):
            self.assertEqual(self._bill(self.subscription, "2026-05-01").amount_untaxed, 30.0)

    def test_the_plan_may_be_replaced_by_a_version_before_the_day(self):
        """What was agreed stays agreed: the price is that of the version chosen."""
        self.subscription._plan_change(self.pro)
        version = self.pro._create_version("all")
        version.component_ids.price_unit = 99.0
        version._publish()
        with freeze_time("2026-05-01"):
            self.assertEqual(self._bill(self.subscription, "2026-05-01").amount_untaxed, 60.0)
        self.assertEqual(self.subscription.plan_id, self.pro)

    def test_the_wizard_plans_and_shows_what_comes(self):
        seller = new_test_user(
            self.env, "seller", groups="sales_team.group_sale_salesman",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)],
        )  # fmt: skip
        action = self.subscription.with_user(seller).action_open_change_wizard()
        form = Form(
            self.env["subscription.change.wizard"]
            .with_user(seller)
            .with_context(**action["context"])
        )
        form.change_type = "plan"
        form.plan_id = self.pro
        form.timing = "period_end"
        wizard = form.save()
        wizard.action_preview()
        self.assertIn("60.00", wizard.preview)
        self.assertFalse(self.subscription.next_plan_id)
        wizard.action_apply()
        self.assertEqual(self.subscription.plan_id, self.plan)
        self.assertEqual(self.subscription.next_plan_id, self.pro)
        self.subscription.with_user(seller).migration_ids.action_cancel()
        self.assertFalse(self.subscription.next_plan_id)
        event = self.subscription.event_ids.sorted("id")[-1]
        self.assertEqual((event.event_type, event.user_id), ("plan_cancelled", seller))

    def test_a_reader_neither_plans_nor_cancels(self):
        migration = self.subscription._plan_change(self.pro)
        reader = new_test_user(
            self.env, "reader", groups="account.group_account_readonly",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)],
        )  # fmt: skip
        with self.assertRaises(AccessError):
            migration.with_user(reader).action_cancel()
        with self.assertRaises(AccessError):
            self.subscription.with_user(reader).action_cancel_plan_change()
        self.assertEqual(migration.state, "planned")

    def test_planned_changes_are_found(self):
        self.subscription._plan_change(self.pro)
        view = self.env.ref("subscription_base.subscription_subscription_view_search")
        self.assertIn("plan_change", view.get_combined_arch())
        found = self.env["subscription.subscription"].search(
            [("migration_ids", "any", [("kind", "=", "plan"), ("state", "=", "planned")])]
        )
        self.assertIn(self.subscription, found)
