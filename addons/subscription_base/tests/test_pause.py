from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .common import shows
from .test_change import ChangeCommon


@tagged("post_install", "-at_install")
class TestPause(ChangeCommon):
    """Days of rest are not charged; the state follows their dates."""

    @shows("SM-05", "SM-36")
    def test_ten_days_of_suspension_are_credited_with_the_next_document(self):
        with freeze_time("2026-04-01"):
            subscription = self._create_subscription(date_start="2026-04-01")
            self._bill(subscription, "2026-04-01")
        with freeze_time("2026-04-11"):
            subscription._pause(kind="suspension", reason="Chargeback")
            self.assertEqual(subscription.state, "suspended")
            self.assertEqual(self._last_event(subscription), ("suspended", -30.0))
            self.assertEqual(subscription.pause_ids.reason, "Chargeback")
        with freeze_time("2026-04-21"):
            subscription._resume()
            self.assertEqual(subscription.state, "active")
            self.assertEqual(self._last_event(subscription), ("resumed", 30.0))
            self._assert_recurring_is_logged(subscription)
        with freeze_time("2026-05-01"):
            may = self._bill(subscription, "2026-05-01")
        self.assertEqual(sorted(may.invoice_line_ids.mapped("price_subtotal")), [-10.0, 30.0])

    @shows("SM-36")
    def test_days_of_rest_are_charged_where_the_plan_says_so(self):
        self.flat_plan.is_suspension_charged = True
        with freeze_time("2026-04-11"):
            subscription = self._create_subscription(date_start="2026-04-01")
            self._bill(subscription, "2026-04-01")
            subscription._pause("2026-04-11", "2026-04-20", kind="suspension")
            self.assertFalse(self._bill(subscription, "2026-04-11"))
            self.assertEqual(subscription.state, "suspended")
            self.assertEqual(subscription.recurring_monthly, 30.0)
            self._assert_recurring_is_logged(subscription)
        with freeze_time("2026-05-01"):
            self.assertEqual(self._bill(subscription, "2026-05-01").amount_untaxed, 30.0)
            self.assertEqual(subscription.state, "active")

    @shows("SM-36")
    def test_a_quantity_counts_from_the_day_it_is_valid(self):
        subscription = self._create_subscription(date_start="2026-04-01")
        subscription.line_ids._change("2026-04-16", quantity=3.0)
        april = self._bill(subscription, "2026-04-16")
        self.assertEqual(april.invoice_line_ids.mapped("price_subtotal"), [15.0, 45.0])

    def test_failure_21_paused_months_are_billed_after_the_resumption(self):
        with freeze_time("2026-01-31"):
            subscription = self._create_subscription()
            self._bill(subscription, "2026-01-01")
            subscription._pause("2026-02-10")
        with freeze_time("2026-02-10"):
            february = self._bill(subscription, "2026-02-10")
            self.assertEqual(february.amount_untaxed, 9.64)  # 1 to 9 February, 9 of 28 days
            self.assertEqual(subscription.state, "paused")
            self.assertFalse(subscription.next_billing_date)
        with freeze_time("2026-06-16"):
            subscription._resume()
            june = self._bill(subscription, "2026-06-16")
        self.assertEqual(june.amount_untaxed, 15.0)
        self.assertEqual(str(june.invoice_line_ids.subscription_period_start), "2026-06-16")

    def test_what_is_owed_before_a_pause_is_billed_within_it(self):
        self.plan.component_ids[0].timing = "arrears"
        with freeze_time("2026-02-01"):
            subscription = self._create_subscription(self.plan)
            self._bill(subscription, "2026-01-01")
            subscription._pause("2026-01-16")
            self.assertEqual(subscription.state, "paused")
            move = self._bill(subscription, "2026-02-01")
        self.assertEqual(move.amount_untaxed, 64.52)  # the set-up fee, 15 of 31 days

    def test_the_state_follows_planned_pauses(self):
        with freeze_time("2026-01-10"):
            subscription = self._create_subscription()
            subscription._pause("2026-02-01", "2026-02-28")
            self.assertEqual(subscription.state, "active")
            self.assertEqual(self._last_event(subscription), ("paused", 0.0))
        for day, state, event in (
            ("2026-02-01", "paused", ("paused", -30.0)),
            ("2026-03-01", "active", ("resumed", 30.0)),
        ):
            with freeze_time(day):
                run = self._create_run(day)
                self.assertIn(subscription, run._claim_follow(set()))
                run._do_follow(subscription)
                self.assertNotIn(subscription, run._claim_follow(set()))
                self.assertEqual(subscription.state, state)
                self.assertEqual(self._last_event(subscription), event)
                self._assert_recurring_is_logged(subscription)

    def test_a_pause_that_is_ended_before_it_begins_never_was(self):
        with freeze_time("2026-01-10"):
            subscription = self._create_subscription()
            subscription._pause("2026-02-01")
            subscription._resume("2026-02-01")
            self.assertFalse(subscription.pause_ids)
            with self.assertRaisesRegex(UserError, "does not rest"):
                subscription._resume()

    def test_a_pause_that_has_begun_is_ended_not_deleted(self):
        seller = new_test_user(
            self.env,
            "pause_seller",
            "sales_team.group_sale_salesman_all_leads",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with freeze_time("2026-01-10"):
            subscription = self._create_subscription()
            begun = subscription._pause("2026-01-10", "2026-01-20").with_user(seller)
            planned = subscription._pause("2026-02-01", "2026-02-10").with_user(seller)
            with self.assertRaisesRegex(UserError, "stays in the history"):
                begun.unlink()
            planned.unlink()
            self.assertEqual(subscription.pause_ids, begun.sudo())

    def test_pauses_do_not_overlap(self):
        subscription = self._create_subscription()
        subscription._pause("2026-02-01", "2026-02-28")
        with self.assertRaisesRegex(ValidationError, "rests already"):
            subscription._pause("2026-02-28", "2026-03-31")
        with self.assertRaisesRegex(UserError, "not running"):
            self._create_subscription(start=False)._pause("2026-02-01")

    def test_a_paused_subscription_can_end(self):
        with freeze_time("2026-02-10"):
            subscription = self._create_subscription()
            self._bill(subscription, "2026-02-01")
            subscription._pause("2026-02-05")
            subscription._close(on="2026-02-09")
            self._bill(subscription, "2026-02-10")
            self.assertEqual(subscription.state, "closed")
            self.assertEqual(sum(subscription.charge_ids.mapped("amount")), 34.29)
            self._assert_recurring_is_logged(subscription)
