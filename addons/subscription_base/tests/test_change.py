from datetime import date

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import SubscriptionCommon, shows


class ChangeCommon(SubscriptionCommon):
    def _hosting_line(self, subscription):
        return subscription.line_ids.filtered(lambda line: line.product_id == self.hosting)[-1:]

    def _assert_recurring_is_logged(self, subscription):
        logged = sum(subscription.event_ids.mapped("recurring_delta"))
        self.assertAlmostEqual(logged, subscription.recurring_monthly)

    def _last_event(self, subscription):
        event = subscription.event_ids.sorted("id")[-1]
        return event.event_type, event.recurring_delta


@tagged("post_install", "-at_install")
class TestChangePolicy(ChangeCommon):
    """Whether the rest of a period is credited and charged is decided with the change."""

    def _bill_change(self, **policy):
        with freeze_time("2024-04-16"):
            subscription = self._create_subscription(date_start="2024-04-01")
            self._bill(subscription, "2024-04-01")
            line = subscription.line_ids._change("2024-04-16", price_unit=60.0, **policy)
            self._bill(subscription, "2024-04-16")
        amounts = [charge.amount for charge in subscription.charge_ids.sorted("id")[1:]]
        may = self._bill(subscription, "2024-05-01")
        self.assertEqual(may.amount_untaxed, 60.0)
        self.assertEqual(line.date_start, date(2024, 4, 16))
        return amounts

    def test_credited_and_charged_by_days(self):
        self.assertEqual(self._bill_change(), [-15.0, 30.0])

    def test_neither_credited_nor_charged(self):
        self.assertEqual(self._bill_change(credit=False, charge="none"), [])

    def test_credited_and_charged_in_full(self):
        self.assertEqual(self._bill_change(charge="full"), [-15.0, 60.0])

    def test_credited_only(self):
        self.assertEqual(self._bill_change(charge="none"), [-15.0])

    def test_charged_only(self):
        self.assertEqual(self._bill_change(credit=False), [30.0])

    def test_changes_in_one_period_chain(self):
        """The second change is prorated from the first, not from the price before it."""
        subscription = self._create_subscription(date_start="2024-04-01")
        self._bill(subscription, "2024-04-01")
        second = subscription.line_ids._change("2024-04-11", price_unit=60.0)
        self._bill(subscription, "2024-04-11")
        second._change("2024-04-21", price_unit=90.0)
        self._bill(subscription, "2024-04-21")
        self.assertEqual(
            subscription.charge_ids.sorted("id").mapped("amount"), [30.0, -20.0, 40.0, -20.0, 30.0]
        )

    def test_a_round_trip_costs_nothing(self):
        for policy in ({}, {"credit": False, "charge": "none"}):
            with self.subTest(policy):
                subscription = self._create_subscription(date_start="2024-04-01")
                self._bill(subscription, "2024-04-01")
                line = subscription.line_ids._change("2024-04-11", price_unit=60.0, **policy)
                self._bill(subscription, "2024-04-11")
                line._change("2024-04-11", price_unit=30.0, **policy)
                self._bill(subscription, "2024-04-11")
                self.assertEqual(sum(subscription.charge_ids.mapped("amount")), 30.0)

    def test_a_change_in_the_past_is_corrected_while_the_books_are_open(self):
        with freeze_time("2024-06-10"):
            subscription = self._create_subscription(date_start="2024-04-01")
            self._bill(subscription, "2024-06-01")
            subscription.line_ids._change("2024-05-16", quantity=2.0)
            move = self._bill(subscription, "2024-06-10")
            self.assertEqual(
                move.amount_untaxed, 45.49
            )  # 30.97 less 15.48 for 16 of 31 days of May, and June
            self.company.fiscalyear_lock_date = "2024-05-31"
            with self.assertRaisesRegex(UserError, "books are closed"):
                subscription.line_ids[-1]._change("2024-05-20", quantity=1.0)

    def test_closing_leaves_what_was_not_credited(self):
        subscription = self._create_subscription(date_start="2024-04-01")
        self._bill(subscription, "2024-04-01")
        subscription.line_ids._end("2024-04-16", credit=False)
        subscription._close(on="2024-04-20")
        self._bill(subscription, "2024-05-02")
        self.assertEqual(sum(subscription.charge_ids.mapped("amount")), 30.0)
        self.assertEqual(subscription.state, "closed")


@tagged("post_install", "-at_install")
class TestRecurringEvents(ChangeCommon):
    """What the events say about recurring revenue adds up to what it is."""

    def test_every_change_is_logged_with_its_worth(self):
        with freeze_time("2026-01-10"):
            subscription = self._create_subscription(self.plan)
            started = subscription.event_ids.filtered("movement")
            self.assertEqual(started.mapped("event_type"), ["started"])
            self.assertEqual(started.recurring_delta, 30.0)
            line = self._hosting_line(subscription)._change("2026-01-10", quantity=2.0)
            self.assertEqual(self._last_event(subscription), ("quantity", 30.0))
            line = line._change("2026-01-10", price_unit=25.0)
            self.assertEqual(self._last_event(subscription), ("price", -10.0))
            line._change("2026-01-10", discount=10.0)
            self.assertEqual(self._last_event(subscription), ("discount", -5.0))
            option = subscription._add_option(self.plan.component_ids[-1], "2026-01-10")
            self.assertEqual(self._last_event(subscription), ("option_added", 6.0))
            option._end("2026-01-10")
            self.assertEqual(self._last_event(subscription), ("option_removed", -6.0))
            self._assert_recurring_is_logged(subscription)
            subscription._close(on="2026-01-09")
            self._bill(subscription, "2026-01-10")
        self.assertEqual(self._last_event(subscription), ("closed", -45.0))
        self._assert_recurring_is_logged(subscription)

    def test_lines_written_by_hand_are_logged_too(self):
        with freeze_time("2026-01-10"):
            subscription = self._create_subscription(self.plan)
            line = self._hosting_line(subscription)
            line.quantity = 3.0
            self.assertEqual(self._last_event(subscription), ("quantity", 60.0))
            line.copy({"subscription_id": subscription.id, "quantity": 1.0})
            self.assertEqual(self._last_event(subscription), ("option_added", 30.0))
            line.unlink()
            self.assertEqual(self._last_event(subscription), ("option_removed", -90.0))
            self._assert_recurring_is_logged(subscription)

    def test_failure_29_recurring_revenue_is_stale(self):
        """A line that begins or ends by its date alone moves the figure on that day."""
        with freeze_time("2026-01-10"):
            subscription = self._create_subscription(self.plan)
            line = self._hosting_line(subscription)
            line._change("2026-02-01", price_unit=100.0)
            subscription._add_option(self.plan.component_ids[-1], "2026-03-01")
            self.assertEqual(subscription.recurring_monthly, 30.0)
            self.assertEqual(subscription.recurring_change_date, date(2026, 2, 1))
            self._assert_recurring_is_logged(subscription)
        for day, figure, event in (
            ("2026-02-01", 100.0, ("price", 70.0)),
            ("2026-03-01", 106.0, ("option_added", 6.0)),
        ):
            with freeze_time(day):
                run = self._create_run(day)
                found = run._claim_follow(set())
                self.assertIn(subscription, found)
                subscription._follow_calendar(run.date)
                self.assertNotIn(subscription, run._claim_follow(set()))
            self.assertEqual(subscription.recurring_monthly, figure)
            self.assertEqual(self._last_event(subscription), event)
            self._assert_recurring_is_logged(subscription)

    def test_failure_08_option_billed_from_the_start_of_the_contract(self):
        with freeze_time("2026-04-16"):
            subscription = self._create_subscription(self.plan, "2026-01-01")
            self._bill(subscription, "2026-04-01")
            subscription._add_option(self.plan.component_ids[-1], "2026-04-16")
            move = self._bill(subscription, "2026-04-16")
        self.assertEqual(move.amount_untaxed, 3.0)
        self.assertEqual(str(move.invoice_line_ids.subscription_period_start), "2026-04-16")

    @shows("PA-09")
    def test_price_and_notice_of_one_subscription(self):
        """Both are visible on it and logged; the plan and the others stay as they are."""
        with freeze_time("2026-01-10"):
            one, other = (
                self._create_subscription(self.plan, customer_kind="business") for _each in range(2)
            )
            self._bill(one + other, "2026-01-01")
            self._hosting_line(one)._change("2026-02-01", price_unit=25.0)
            self.assertIn("25", one.event_ids.sorted("id")[-1].description)
            self.assertIn("25", one.message_ids[0].body)
            self.cr.precommit.run()  # a record is tracked once its creation is over
            tracked = one.with_context(tracking_disable=False, mail_notrack=False)
            tracked.write({"notice_length": 2, "notice_unit": "month"})
            self.env.flush_all()
            self.cr.precommit.run()
            moves = self._bill(one + other, "2026-02-01")
        self.assertEqual(sorted(moves.mapped("amount_untaxed")), [25.0, 30.0])
        self.assertEqual((one.notice_length, other.notice_length), (2, 0))
        self.assertEqual((self.plan.notice_length, self.plan.price), (0, 30.0))
        values = one.sudo().message_ids.tracking_value_ids.filtered(
            lambda value: value.field_id.name == "notice_length"
        )
        self.assertEqual(values.mapped("new_value_integer"), [2])
