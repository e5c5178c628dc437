from psycopg2 import IntegrityError

from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import SubscriptionCommon, shows


@tagged("post_install", "-at_install")
class TestBilling(SubscriptionCommon):
    """What a billing run charges, and when it looks again."""

    def test_billing_again_adds_nothing(self):
        subscription = self._create_subscription()
        self._bill(subscription, "2026-03-15")
        before = self._charges(subscription)
        self.assertFalse(self._bill(subscription, "2026-03-15"))
        self.assertFalse(self._bill(subscription, "2026-02-01"), "an earlier day credits nothing")
        self.assertEqual(self._charges(subscription), before)

    @shows("RE-74")
    def test_month_ends_return_to_the_31st(self):
        subscription = self._create_subscription(date_start="2026-01-31")
        self._bill(subscription, "2026-04-30")
        self.assertEqual(
            [str(c.period_start) for c in subscription.charge_ids.sorted("period_start")],
            ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"],
        )

    @shows("RE-75")
    def test_every_other_monday(self):
        plan = self._create_plan(
            "Every other week",
            [{"product_id": self.hosting.id}],
            schedule_type="weekly_fixed",
            interval_count=2,
            weekday="1",
        )
        subscription = self._create_subscription(plan, "2026-11-26")
        self._bill(subscription, "2026-12-28")
        periods = self._charges(subscription, "period_start", "period_end")
        self.assertEqual(
            periods,
            [
                ("2026-11-26", "2026-11-29"),
                ("2026-11-30", "2026-12-13"),
                ("2026-12-14", "2026-12-27"),
                ("2026-12-28", "2027-01-10"),
            ],
        )

    @shows("RE-83")
    def test_a_start_at_noon_counts_its_whole_day(self):
        subscription = self._create_subscription(self.plan, "2026-04-16 12:00:00")
        self._bill(subscription, "2026-04-16")
        fee = subscription.charge_ids.filtered(lambda charge: charge.product_id == self.hosting)
        self.assertEqual((str(fee.period_start), fee.amount), ("2026-04-16", 15.0))

    @shows("RE-85")
    def test_every_third_month_on_the_first_in_all_modes(self):
        for mode, amounts in (
            ("prorated", [16.63, 90.0, 90.0]),
            ("full", [90.0, 90.0, 90.0]),
            ("zero", [0.0, 90.0, 90.0]),
            ("no_bill", [16.63, 90.0, 90.0]),
        ):
            with self.subTest(mode):
                plan = self._create_plan(
                    f"Quarters, {mode}",
                    [{"product_id": self.hosting.id, "price_unit": 90.0}],
                    schedule_type="month_fixed",
                    interval_count=3,
                    fixed_day=1,
                    partial_period=mode,
                )
                subscription = self._create_subscription(plan, "2025-12-15")
                self._bill(subscription, "2025-12-15")
                self.assertEqual(len(subscription.charge_ids), mode != "no_bill")
                self.assertEqual(str(subscription.next_billing_date), "2026-01-01")
                self._bill(subscription, "2026-01-01")
                self.assertEqual(str(subscription.next_billing_date), "2026-04-01")
                self._bill(subscription, "2026-04-01")
                self.assertEqual(
                    subscription.charge_ids.sorted("period_start").mapped("amount"), amounts
                )

    @shows("RE-77")
    def test_fixed_weekday_with_a_prorated_first_week(self):
        plan = self._create_plan(
            "Weekly",
            [{"product_id": self.hosting.id, "price_unit": 70.0}],
            schedule_type="weekly_fixed",
            weekday="1",
        )
        subscription = self._create_subscription(plan, "2026-11-26")
        self._bill(subscription, "2026-11-30")
        self.assertEqual(
            self._charges(subscription),
            [("2026-11-26", "2026-11-29", 40.0), ("2026-11-30", "2026-12-06", 70.0)],
        )

    @shows("PA-21")
    def test_static_and_dynamic_periods(self):
        fixed = self._create_subscription(self.plan, "2026-03-15")
        anniversary = self._create_subscription(self.flat_plan, "2026-03-15")
        self._bill(fixed + anniversary, "2026-03-15")
        self.assertEqual(str(fixed.next_billing_date), "2026-04-01")
        self.assertEqual(str(anniversary.next_billing_date), "2026-04-15")

    @shows("SM-13", "PA-19")
    def test_phone_line_with_setup_fee_base_fee_and_calls(self):
        plan = self._create_plan(
            "Phone",
            [
                {"product_id": self.hosting.id, "price_unit": 10.0, "name": "Base fee"},
                {"product_id": self.setup_fee.id, "price_unit": 29.0, "charge_type": "setup"},
                {"product_id": self.traffic.id, "price_unit": 0.05, "charge_type": "usage"},
            ],
        )
        subscription = self._create_subscription(plan, "2026-01-01")
        calls = subscription.line_ids.filtered(lambda line: line.charge_type == "usage")
        first = self._bill(subscription, "2026-01-01")
        self.assertEqual(first.amount_untaxed, 39.0)
        self.env["subscription.usage"].create(
            [
                {"line_id": calls.id, "date": "2026-01-20", "quantity": 150.0, "key": "a"},
                {"line_id": calls.id, "date": "2026-01-31", "quantity": 50.0, "key": "b"},
            ]
        )
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env["subscription.usage"].create(
                {"line_id": calls.id, "date": "2026-01-20", "quantity": 150.0, "key": "a"}
            )
        second = self._bill(subscription, "2026-02-01")
        self.assertEqual(second.invoice_line_ids.mapped("price_subtotal"), [10.0, 10.0])
        usage = second.invoice_line_ids.filtered(lambda line: line.product_id == self.traffic)
        self.assertEqual(usage.quantity, 200.0)
        self.assertEqual(str(usage.subscription_period_start), "2026-01-01")
        self.assertEqual(str(usage.subscription_period_end), "2026-01-31")

    def test_late_usage_is_charged_with_its_own_period(self):
        subscription = self._create_subscription(self.plan)
        traffic = subscription.line_ids.filtered(lambda line: line.charge_type == "usage")
        self._bill(subscription, "2026-02-01")
        self.env["subscription.usage"].create(
            {"line_id": traffic.id, "date": "2026-01-10", "quantity": 130.0}
        )
        self.assertLessEqual(str(subscription.next_billing_date), "2026-02-01")
        late = self._bill(subscription, "2026-02-05")
        self.assertEqual(late.amount_untaxed, 1.5)
        self.assertEqual(str(late.invoice_line_ids.subscription_period_end), "2026-01-31")

    @shows("PA-25")
    def test_included_users_are_not_charged(self):
        plan = self._create_plan(
            "Package M",
            [{"product_id": self.hosting.id, "price_unit": 4.0, "included_qty": 5.0}],
        )
        subscription = self._create_subscription(plan)
        subscription.line_ids.quantity = 7.0
        move = self._bill(subscription, "2026-01-01")
        self.assertEqual(move.amount_untaxed, 8.0)

    @shows("PA-05")
    def test_included_quantity_is_not_charged(self):
        subscription = self._create_subscription(self.plan)
        traffic = subscription.line_ids.filtered(lambda line: line.charge_type == "usage")
        traffic.price_unit = 0.1
        for day, quantity in (("2026-01-05", 130.0), ("2026-02-05", 80.0), ("2026-03-05", 107.0)):
            self.env["subscription.usage"].create(
                {"line_id": traffic.id, "date": day, "quantity": quantity}
            )
        self._bill(subscription, "2026-04-01")
        usage = subscription.charge_ids.filtered("measured").sorted("period_start")
        self.assertEqual(usage.mapped("amount"), [3.0, 0.0, 0.7])

    def test_catching_up_makes_a_line_a_period_and_respects_the_cap(self):
        self.flat_plan.max_catch_up = 3
        subscription = self._create_subscription()
        first = self._bill(subscription, "2026-05-10")
        self.assertEqual(len(first.invoice_line_ids), 3)
        self.assertEqual(str(subscription.next_billing_date), "2026-04-01")
        second = self._bill(subscription, "2026-05-10")
        self.assertEqual(len(second.invoice_line_ids), 2)
        self.assertEqual(str(subscription.next_billing_date), "2026-06-01")

    def test_a_future_start_waits_and_an_end_closes(self):
        with freeze_time("2026-01-01"):
            subscription = self._create_subscription(date_start="2026-02-01")
            self.assertEqual(subscription.state, "pending")
            self.assertFalse(self._bill(subscription, "2026-01-15"))
        with freeze_time("2026-02-01"):
            self._bill(subscription, "2026-02-01")
            self.assertEqual(subscription.state, "active")
            subscription._close(on="2026-02-28")
            self.assertEqual(subscription.state, "active")
        with freeze_time("2026-03-01"):
            self._bill(subscription, "2026-03-01")
            self.assertEqual(subscription.state, "closed")
            self.assertEqual(len(subscription.charge_ids), 1)
        self.assertEqual(
            subscription.event_ids.sorted("id").mapped("event_type"),
            ["created", "started", "affirmed", "activated", "end_set", "closed"],
        )
        self.assertEqual(sum(subscription.event_ids.mapped("recurring_delta")), 0.0)

    @shows("PA-01")
    def test_fixed_and_metered_subscriptions_side_by_side(self):
        fee = {"product_id": self.hosting.id, "price_unit": 20.0}
        usage = {"product_id": self.traffic.id, "charge_type": "usage"}
        fixed = self._create_subscription(self._create_plan("Fixed", [fee]))
        metered = self._create_subscription(self._create_plan("Metered", [fee, usage]))
        traffic = metered.line_ids.filtered(lambda line: line.charge_type == "usage")
        self.env["subscription.usage"].create(
            [
                {"line_id": traffic.id, "date": "2026-01-05", "quantity": 300.0},
                {"line_id": traffic.id, "date": "2026-02-05", "quantity": 500.0},
            ]
        )
        totals = []
        for day in ("2026-01-01", "2026-02-01", "2026-03-01"):
            moves = self._bill(fixed + metered, day)
            by_plan = moves.grouped(lambda move: move.subscription_ids.plan_id)
            totals.append(
                (by_plan[fixed.plan_id].amount_untaxed, by_plan[metered.plan_id].amount_untaxed)
            )
        self.assertEqual(totals, [(20.0, 20.0), (20.0, 35.0), (20.0, 45.0)])
