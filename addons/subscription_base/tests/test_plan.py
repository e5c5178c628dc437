from lxml import etree
from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .common import SubscriptionCommon, shows


@tagged("post_install", "-at_install")
class TestPlan(SubscriptionCommon):
    @shows("RE-60")
    def test_the_handle_is_proposed_from_the_name(self):
        self.assertEqual(self.plan.handle, "hosting-monthly")
        twin = self._create_plan("Hosting monthly", [{"product_id": self.hosting.id}])
        self.assertEqual(twin.handle, "hosting-monthly-2")
        for name in ("name", "handle"):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
                twin.write({name: False})
                self.env.flush_all()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env["subscription.plan"].create({"handle": "nameless"})

    @shows("RE-07")
    def test_a_handle_is_unique_in_the_company_and_found_by_an_import(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.flat_plan.handle = "hosting-monthly"
        result = self.env["subscription.subscription"].load(
            ["partner_id/.id", "plan_id"], [[str(self.partner_a.id), "hosting-monthly"]]
        )
        self.assertTrue(result["ids"], result["messages"])
        imported = self.env["subscription.subscription"].browse(result["ids"])
        self.assertEqual(imported.plan_id, self.plan)
        other = self.setup_other_company()["company"]
        elsewhere = self.env["subscription.plan"].create(
            {"name": "Hosting monthly", "company_id": other.id, "handle": "hosting-monthly"}
        )
        self.assertEqual(elsewhere.handle, self.plan.handle)

    @shows("RE-12")
    def test_the_billing_frequency_in_words(self):
        plan = self._create_plan(
            "Quarterly",
            [{"product_id": self.hosting.id}],
            schedule_type="month_fixed",
            interval_count=3,
        )
        self.assertEqual(plan.frequency, "every 3 months on the 1st")
        self.assertEqual(self.flat_plan.frequency, "monthly")
        plan.write({"schedule_type": "weekly_fixed", "interval_count": 2, "weekday": "4"})
        self.assertEqual(plan.frequency, "every 2 weeks on Thursday")

    def test_the_billing_schedule_for_reading(self):
        plan = self.plan.copy()
        for values, text in (
            ({"fixed_day": 15}, "monthly, on the 15th of the month"),
            ({"schedule_type": "month_last"}, "monthly, on the last day of the month"),
            ({"schedule_type": "month_start", "interval_count": 12}, "yearly"),
            ({"interval_count": 3}, "every 3 months"),
            ({"schedule_type": "weekly_fixed", "weekday": "4"}, "every 3 weeks, on Thursday"),
            ({"interval_count": 1}, "weekly, on Thursday"),
            ({"schedule_type": "manual"}, "on request"),
        ):
            plan.write(values)
            self.assertEqual(plan.schedule_text, text)

    @shows("RE-34")
    def test_partial_periods_are_prorated_unless_said_otherwise(self):
        plan = self._create_plan(
            "Fixed day", [{"product_id": self.hosting.id}], schedule_type="month_fixed"
        )
        self.assertEqual(plan.partial_period, "prorated")
        arch = plan.get_views([(False, "search")])["views"]["search"]["arch"]
        [node] = etree.fromstring(arch).xpath("//filter[@name='prorated']")
        prorated = safe_eval(node.get("domain"))
        self.assertIn(plan, plan.search(prorated))
        plan.partial_period = "full"
        self.assertNotIn(plan, plan.search(prorated))

    @shows("RE-76")
    def test_each_weekday_can_be_chosen(self):
        weekdays = dict(self.flat_plan._fields["weekday"]._description_selection(self.env))
        form = Form(self.flat_plan.copy())
        form.schedule_type = "weekly_fixed"
        for weekday, name in weekdays.items():
            form.weekday = weekday
            self.assertIn(name, form.schedule_text)
        self.assertEqual(len(set(weekdays.values())), 7)

    @shows("RE-86")
    def test_a_fixed_day_exists_in_every_month(self):
        for day in (1, 28):
            self.plan.copy().fixed_day = day
        for day in (0, 29, 30, 31):
            with self.assertRaisesRegex(ValidationError, "Last day every N months"):
                self._create_plan(
                    f"Day {day}",
                    [{"product_id": self.hosting.id}],
                    schedule_type="month_fixed",
                    fixed_day=day,
                )

    def test_a_zero_interval_is_refused(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self._create_plan("Never", [{"product_id": self.hosting.id}], interval_count=0)

    def test_an_active_plan_charges_for_something(self):
        with self.assertRaisesRegex(ValidationError, "recurring component"):
            self._create_plan("Empty", [{"product_id": self.hosting.id, "is_optional": True}])

    def test_usage_is_not_billed_in_advance(self):
        with self.assertRaisesRegex(ValidationError, "in arrears"):
            self._create_plan(
                "Odd",
                [
                    {"product_id": self.hosting.id},
                    {
                        "product_id": self.traffic.id,
                        "charge_type": "usage",
                        "timing": "advance",
                    },
                ],
            )

    def test_the_schedule_of_a_used_plan_is_locked(self):
        self._create_subscription(self.plan)
        with self.assertRaisesRegex(UserError, "New version"):
            self.plan.fixed_day = 2
        self.plan.write({"fixed_day": 1, "name": "Hosting by the month"})
        with self.assertRaisesRegex(UserError, "Mark it as deleted"):
            self.plan.unlink()
        self.plan.action_delete()
        self.assertEqual(self.plan.state, "deleted")

    def test_a_later_price_does_not_reach_existing_subscriptions(self):
        subscription = self._create_subscription(self.plan)
        subscription.line_ids[0].component_id.product_id.list_price = 99.0
        self.assertEqual(subscription.line_ids[0].price_unit, 30.0)
        self.assertEqual(self._bill(subscription, "2026-01-01").amount_untaxed, 80.0)

    @shows("RE-01")
    def test_a_subscription_needs_a_plan(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env["subscription.subscription"].create({"partner_id": self.partner_a.id})

    def test_recurring_revenue_is_stated_per_month(self):
        yearly = self._create_plan(
            "Yearly", [{"product_id": self.hosting.id, "price_unit": 120.0}], interval_count=12
        )
        subscription = self._create_subscription(yearly)
        self.assertEqual(subscription.recurring_amount, 120.0)
        self.assertEqual(subscription.recurring_monthly, 10.0)
        self.assertEqual(self._create_subscription(self.plan).recurring_monthly, 30.0)

    @shows("RE-59")
    def test_choosing_a_plan_fills_the_lines(self):
        form = Form(self.env["subscription.subscription"])
        form.partner_id = self.partner_a
        form.plan_id = self.plan
        subscription = form.save()
        self.assertEqual(
            subscription.line_ids.product_id, self.hosting + self.setup_fee + self.traffic
        )
