from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import SubscriptionCommon, shows


@tagged("post_install", "-at_install")
class TestOwnSchedule(SubscriptionCommon):
    """Components that are billed more or less often than their plan."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mixed_plan = cls._create_plan(
            "Mixed",
            [
                {"product_id": cls.hosting.id, "price_unit": 10.0},
                {
                    "product_id": cls.domain.id,
                    "price_unit": 120.0,
                    "schedule_type": "month_start",
                    "interval_count": 12,
                },
            ],
        )

    def setUp(self):
        super().setUp()
        self.subscription = self._create_subscription(self.mixed_plan, "2026-01-15")
        self.monthly, self.yearly = self.subscription.line_ids

    @shows("SM-09")
    def test_a_monthly_component_is_billed_twelve_times_and_a_yearly_one_once(self):
        first = fields.Date.to_date("2026-01-15")
        for month in range(12):
            day = first + relativedelta(months=month)
            self.assertEqual(self.subscription.next_billing_date, day)
            move = self._bill(self.subscription, day)
            self.assertEqual(move.amount_untaxed, 10.0 if month else 130.0)
            self.assertEqual(self.monthly.next_billing_date, day + relativedelta(months=1))
            self.assertEqual(str(self.yearly.next_billing_date), "2027-01-15")
        self.assertEqual(len(self.monthly.charge_ids), 12)
        self.assertEqual(len(self.yearly.charge_ids), 1)
        self.assertEqual(str(self.yearly.charge_ids.period_end), "2027-01-14")

    @shows("SM-12")
    def test_three_components_make_three_lines_on_their_dates(self):
        plan = self.mixed_plan.copy()
        plan.component_ids = [
            fields.Command.create(
                {
                    "product_id": self.traffic.id,
                    "price_unit": 7.0,
                    "schedule_type": "weekly_fixed",
                    "weekday": "1",
                }
            )
        ]
        plan.action_activate()
        subscription = self._create_subscription(plan, "2026-01-05")
        for day, count in {"2026-01-05": 3, "2026-01-12": 1, "2026-02-05": 4}.items():
            self.assertEqual(len(self._bill(subscription, day).invoice_line_ids), count)

    def test_recurring_revenue_follows_the_line(self):
        self.assertEqual(self.monthly.recurring_monthly, 10.0)
        self.assertEqual(self.yearly.recurring_monthly, 10.0)
        self.assertEqual(self.subscription.recurring_monthly, 20.0)

    def test_the_end_gives_back_the_rest_of_the_year(self):
        self._bill(self.subscription, "2026-01-15")
        self.subscription._close(on="2026-02-14")
        credit = self._bill(self.subscription, "2026-02-14")
        self.assertEqual(credit.move_type, "out_refund")
        self.assertEqual(credit.amount_untaxed, 109.81)  # 334 of 365 days

    def test_texts_say_how_often(self):
        component = self.mixed_plan.component_ids[1]
        self.assertEqual(component._get_schedule_texts()[0], "yearly")
        self.assertEqual(self.mixed_plan.component_ids[0]._get_schedule_texts()[0], "monthly")

    def test_a_component_is_not_billed_on_request(self):
        with self.assertRaisesRegex(ValidationError, "on request"):
            self.mixed_plan.copy().component_ids[1].schedule_type = "manual"

    def test_the_schedule_of_a_charged_line_stays(self):
        self._bill(self.subscription, "2026-01-15")
        with self.assertRaises(UserError):
            self.yearly.interval_count = 6
