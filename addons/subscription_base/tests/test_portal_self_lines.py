from datetime import date

from odoo.tests import tagged

from .common import shows
from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalLines(PortalCommon):
    """Quantities and add-ons: each price that is shown is what is then billed."""

    def setUp(self):
        super().setUp()
        self._login()
        self.seats = self._get_seats()

    def test_more_counts_at_once_and_costs_what_was_shown(self):
        page, data = self._look("quantity", line=self.seats.id, quantity="4")
        self.assertIn("Order with obligation to pay", self._text(page, "//form//button"))
        prices = self._text(page, "//table[contains(@class, 'o_subscription_prices')]")
        self.assertIn("46.00", prices)
        self.assertIn("57.50", prices)
        shown = self._text(page, "//ul[contains(@class, 'o_subscription_next_invoices')]")
        # 22 of 31 days of two more seats, and taxes of 15 percent
        self.assertIn("03/10/2026: $ 8.15", shown)
        self.assertIn("04/01/2026: $ 57.50", shown)
        before = self._get_state()
        answer = self._post("quantity", data)
        self.assertEqual(answer.status_code, 303)
        self.assertNotEqual(self._get_state(), before)
        event = self.subscription.event_ids.sorted("id")[-1]
        self.assertEqual((event.event_type, event.user_id), ("quantity", self.user))
        self.assertEqual(self._bill_on("2026-03-10").amount_total, 8.15)
        self.assertEqual(self._bill_on("2026-04-01").amount_total, 57.5)

    def test_less_counts_from_the_next_period_on(self):
        page, data = self._look("quantity", line=self.seats.id, quantity="1")
        self.assertNotIn("obligation", self._text(page, "//form//button"))
        shown = self._text(page, "//ul[contains(@class, 'o_subscription_next_invoices')]")
        self.assertIn("04/01/2026: $ 40.25", shown)
        self.assertEqual(self._post("quantity", data).status_code, 303)
        self.env.invalidate_all()
        self.assertEqual(self.seats.date_end, date(2026, 3, 31))
        self.assertEqual(self._bill_on("2026-04-01").amount_total, 40.25)

    def test_quantities_that_are_not_offered_are_refused(self):
        for quantity, reason in (
            ("11", "from 1 to 10"),
            ("0", "from 1 to 10"),
            ("nan", "from 1 to 10"),
            ("many", "number"),
            ("2", "already"),
            ("1.00001", "decimals"),
        ):
            with self.subTest(quantity):
                page, data = self._look("quantity", line=self.seats.id, quantity=quantity)
                self.assertFalse(data)
                self.assertIn(reason, self._text(page, "//*[@role='alert']"))
        hosting = self.subscription.line_ids - self.seats
        _page, data = self._look("quantity", line=hosting.id, quantity="4")
        self.assertFalse(data, "the quantity of hosting is not the customer's to choose")

    @shows("PA-22")
    def test_an_add_on_is_added_at_the_price_that_was_shown(self):
        option = self._get_component(self.backup)
        page, data = self._look("add", option=option.id)
        self.assertIn("1 × Backup", self._text(page, "//dl"))
        self.assertIn("Order with obligation to pay", self._text(page, "//form//button"))
        shown = self._text(page, "//ul[contains(@class, 'o_subscription_next_invoices')]")
        self.assertIn("03/10/2026: $ 9.80", shown)
        self.assertIn("04/01/2026: $ 59.80", shown)
        self.assertEqual(self._post("add", data).status_code, 303)
        self.assertEqual(self._bill_on("2026-03-10").amount_total, 9.8)
        self.assertEqual(self._bill_on("2026-04-01").amount_total, 59.8)
        self.assertNotIn("add", self.subscription._get_self_actions())

    @shows("PA-22")
    def test_an_add_on_is_removed_at_the_end_of_what_is_paid_for(self):
        self._do("add", option=self._get_component(self.backup).id)
        self._bill_on("2026-03-10")
        (line,) = self.subscription._get_self_removable_lines()
        page, data = self._look("remove", line=line.id)
        self.assertIn("04/01/2026: $ 46.00", self._text(page, "//ul"))
        self.assertEqual(self._post("remove", data).status_code, 303)
        self.env.invalidate_all()
        self.assertEqual(line.date_end, date(2026, 3, 31))
        self.assertEqual(self._bill_on("2026-04-01").amount_total, 46.0)

    def test_an_add_on_that_is_not_for_self_service_is_not_added(self):
        _page, data = self._look("add", option=self._get_component(self.domain).id)
        self.assertFalse(data)
        allowed = self._get_component(self.backup)
        _page, data = self._look("add", option=allowed.id)
        data["option"] = self._get_component(self.domain).id
        before = self._get_state()
        self._post("add", data)
        self.assertEqual(self._get_state(), before)
