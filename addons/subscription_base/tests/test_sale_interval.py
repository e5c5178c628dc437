import re

from odoo import http
from odoo.exceptions import UserError
from odoo.tests import HttpCase, freeze_time, tagged

from .common import shows
from .test_sale_order import SaleSubscriptionCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-04-01")
class TestSaleInterval(SaleSubscriptionCommon, HttpCase):
    """One product has several billing intervals, and the customer chooses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.paper = cls._create_service("Newspaper", 10.0)
        cls.magazine = cls._create_service("Magazine", 8.0)
        cls.monthly, cls.quarterly, cls.yearly = (
            cls._create_plan(
                name,
                [{"product_id": cls.paper.id, "price_unit": price}],
                schedule_type="month_start",
                interval_count=months,
            )
            for name, price, months in (
                ("Monthly", 10.0, 1),
                ("Quarterly", 29.0, 3),
                ("Yearly", 100.0, 12),
            )
        )
        cls.company.subscription_choose_interval = True

    def _quote_paper(self):
        order = self._quote({"product_id": self.paper.id, "subscription_plan_id": self.monthly.id})
        order.with_env(self.env).action_quotation_sent()
        return order.with_env(self.env)

    def _choose(self, order, plan, line=None, token=None):
        self.authenticate(None, None)
        return self.url_open(
            f"/my/orders/{order.id}/interval",
            data={
                "csrf_token": http.Request.csrf_token(self),
                "access_token": token or order._portal_ensure_token(),
                "line_id": (line or order.order_line[0]).id,
                "plan_id": plan.id,
            },
        )

    @shows("K3-13", "K3-16")
    def test_a_product_has_several_intervals_and_shows_what_each_saves(self):
        rows = [
            (plan.name, plan.price, plan.saving)
            for plan in self.paper.product_tmpl_id.subscription_plan_ids.sorted("interval_count")
        ]
        self.assertEqual(
            rows, [("Monthly", 10.0, 0.0), ("Quarterly", 29.0, 3.33), ("Yearly", 100.0, 16.67)]
        )
        name = self.yearly.with_context(show_price=True).display_name
        self.assertIn("saves 16.67 %", name)

    def test_packages_of_several_sizes_are_not_compared(self):
        self._create_plan("Pro", [{"product_id": self.paper.id, "price_unit": 60.0}])
        self.env.invalidate_all()
        self.assertEqual((self.monthly | self.yearly).mapped("saving"), [0.0, 0.0])

    @shows("K3-12")
    def test_each_product_has_the_intervals_that_it_is_given(self):
        weekly = self._create_plan(
            "Weekly",
            [{"product_id": self.magazine.id, "price_unit": 2.0}],
            schedule_type="daily",
            interval_count=7,
        )
        yearly = self._create_plan(
            "Magazine yearly", [{"product_id": self.magazine.id}], interval_count=12
        )
        other = self._create_plan("B monthly", [{"product_id": self.product_b.id}])
        lines = self._quote(
            {"product_id": self.magazine.id}, {"product_id": self.product_b.id}
        ).order_line
        self.assertEqual(lines[0].available_plan_ids, weekly | yearly)
        self.assertEqual(lines[1].available_plan_ids, other)

    @shows("K3-14")
    def test_the_customer_chooses_on_the_quotation(self):
        order = self._quote_paper()
        page = self.url_open(order.get_portal_url()).text
        self.assertIn("How often do you want to pay?", page)
        self.assertRegex(re.sub(r"<[^>]+>|\s+", " ", page), r"you save\s+16\.67.%")
        self.assertRegex(re.sub(r"<[^>]+>|\s+", " ", page), r"\$.115\.00 yearly, taxes included")
        self._choose(order, self.yearly)
        self.assertEqual(order.order_line.subscription_plan_id, self.yearly)
        self.assertEqual(order.amount_untaxed, 100.0)
        order.action_confirm()
        subscription = order.subscription_ids
        self.assertEqual(subscription.plan_id, self.yearly)
        self._bill(subscription, "2026-04-01")
        self.assertEqual(self._charges(subscription), [("2026-04-01", "2027-03-31", 100.0)])

    def test_only_what_is_offered_may_be_chosen(self):
        order, other = self._quote_paper(), self._quote_paper()
        self._choose(order, self.flat_plan)
        self._choose(order, self.yearly, token="wrong")
        self._choose(order, self.yearly, line=other.order_line)
        self.assertEqual((order | other).order_line.subscription_plan_id, self.monthly)
        order.can_choose_interval = False
        self._choose(order, self.yearly)
        self.assertNotIn("How often do you want", self.url_open(order.get_portal_url()).text)
        other.signature = b"R0lGODlhAQABAAD/ACwAAAAAAQABAAACADs="
        self._choose(other, self.yearly)
        self.assertEqual((order | other).order_line.subscription_plan_id, self.monthly)
        with self.assertRaisesRegex(UserError, "not on offer"):
            order._choose_interval(order.order_line, self.yearly)

    @shows("K3-15")
    def test_the_interval_may_be_the_term(self):
        """Six months are chosen: the contract ends after them unless it is renewed."""
        plan = self._create_plan(
            "Half a year",
            [{"product_id": self.paper.id, "price_unit": 55.0}],
            schedule_type="month_start",
            interval_count=6,
            term_type="fixed_term",
            interval_is_term=True,
            initial_term_length=1,
            initial_term_unit="period",
        )
        self.assertTrue(plan.interval_is_term)
        order = self._quote_paper()
        self._choose(order, plan)
        order.action_confirm()
        subscription = order.subscription_ids
        self.assertEqual(str(subscription.date_end), "2026-09-30")
        subscription._create_quote("renewal").action_confirm()
        self.assertEqual(str(subscription.date_end), "2027-03-31")

    def test_the_option_sets_the_term(self):
        plan = self.env["subscription.plan"].create({"name": "Option"})
        plan.interval_is_term = True
        self.assertEqual((plan.initial_term_length, plan.initial_term_unit), (1, "period"))
        plan.interval_is_term = False
        self.assertFalse(plan.initial_term_length)
