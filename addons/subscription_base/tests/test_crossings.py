"""Where concerns meet: what one of them has agreed must survive the others."""

from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import SubscriptionCommon

PRICES = ("price_unit", "discount")


@tagged("post_install", "-at_install")
class TestChangedLines(SubscriptionCommon):
    """Lines that follow others bill on as agreed."""

    def _move(self, **values):
        """A subscription that has moved to a yearly plan within its first year."""
        yearly = self._create_plan(
            "Hosting yearly",
            [
                {"product_id": self.hosting.id, "price_unit": 366.0},
                {"product_id": self.domain.id, "is_optional": True, "price_unit": 36.6},
            ],
            schedule_type="month_start",
            interval_count=12,
            **values,
        )
        subscription = self._create_subscription(date_start="2024-01-01")
        self._bill(subscription, "2024-03-01")
        subscription._move_to_plan(yearly, "2024-03-20")
        self._bill(subscription, "2024-03-20")
        return subscription

    @freeze_time("2024-03-20")
    def test_a_change_after_a_move_keeps_the_periods(self):
        subscription = self._move()
        line = subscription.line_ids.filtered(lambda line: not line.date_end)
        changed = line._change("2024-03-20", quantity=2)
        self.assertEqual(changed.date_anchor, line.date_anchor)
        self._bill(subscription, "2024-03-20")
        self.assertEqual(subscription.next_billing_date, date(2025, 3, 20))

    @freeze_time("2024-03-20")
    def test_an_add_on_after_a_move_has_the_periods_of_the_plan(self):
        subscription = self._move()
        add_on = subscription.plan_id.component_ids.filtered("is_optional")
        subscription._add_option(add_on, "2024-03-20")
        self._bill(subscription, "2024-03-20")
        self.assertEqual(self._charges(subscription)[-1], ("2024-03-20", "2025-03-19", 36.6))

    def test_what_is_charged_once_is_not_charged_again_by_a_change(self):
        subscription = self._create_subscription(self.plan)
        self._bill(subscription, "2026-01-01")
        fee = subscription.line_ids.filtered(lambda line: line.charge_type == "setup")
        with self.assertRaisesRegex(UserError, "charged once"):
            fee._change("2026-01-10", quantity=2)

    def test_an_individual_net_price_stays_net_in_a_gross_plan(self):
        gross = self._create_plan(
            "Gross", [{"product_id": self.hosting.id, "price_unit": 35.0}], price_includes_tax=True
        )
        subscription = self._create_subscription(start=False)
        subscription.line_ids.price_unit = 25.0
        subscription.line_ids = [Command.create({"product_id": self.domain.id, "price_unit": 6.0})]
        subscription.action_start()
        before = self._bill(subscription, "2026-01-01")
        subscription._move_to_plan(gross, "2026-02-01")
        self.assertEqual(subscription.line_ids.mapped("price_includes_tax"), [False] * 3)
        after = self._bill(subscription, "2026-02-01")
        self.assertEqual(after.amount_total, before.amount_total)

    def test_what_was_agreed_about_invoices_survives_a_move(self):
        other = self._create_plan("Other", [{"product_id": self.hosting.id}], invoice_lead_days=3)
        subscription = self._create_subscription(start=False)
        subscription.write({"invoice_lead_days": 14, "invoice_grouping": "customer"})
        subscription.action_start()
        subscription._move_to_plan(other, "2026-02-01")
        self.assertEqual(subscription.invoice_lead_days, 14)
        self.assertEqual(subscription.invoice_grouping, "customer")

    def test_the_rest_that_is_not_credited_stays_charged_to_the_minute(self):
        plan = self._create_plan(
            "Minutes", [{"product_id": self.hosting.id}], proration_unit="minutes"
        )
        with freeze_time("2026-01-10"):
            subscription = self._create_subscription(plan)
            self._bill(subscription, "2026-01-01")
            subscription.line_ids._end("2026-01-11", credit=False)
            subscription._close("2026-01-10")
            self.assertFalse(self._bill(subscription, "2026-01-10"))
        self.assertEqual(self._charges(subscription), [("2026-01-01", "2026-01-31", 30.0)])

    def test_an_invoice_with_a_gross_line_at_zero_can_be_reversed(self):
        plan = self._create_plan(
            "Gross",
            [
                {"product_id": self.hosting.id, "price_unit": 115.0},
                {"product_id": self.domain.id, "price_unit": 0.0},
            ],
            price_includes_tax=True,
            show_zero_lines=True,
        )
        invoice = self._bill(self._create_subscription(plan), "2026-01-01")
        self.assertEqual(len(invoice.invoice_line_ids), 2)
        credit = invoice._reverse_moves([{"invoice_date": "2026-01-02"}], cancel=False)
        credit.action_post()
        self.assertEqual(credit.amount_total, 115.0)


@tagged("post_install", "-at_install")
class TestTrialAndPause(SubscriptionCommon):
    def _process(self, day):
        """Take all steps of a run in the test's transaction: a commit only flushes."""

        def flush(cron, processed=0, **kwargs):
            cron.env.flush_all()
            return float("inf")

        with patch.object(type(self.env["ir.cron"]), "_commit_progress", flush):
            self._create_run(day)._process()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trial_plan = cls._create_plan(
            "Trial",
            [
                {"product_id": cls.hosting.id},
                {"product_id": cls.setup_fee.id, "charge_type": "setup"},
            ],
            trial_length=14,
        )

    def test_a_pause_in_the_trial_resumes_as_trial(self):
        with freeze_time("2026-05-03"):
            subscription = self._create_subscription(self.trial_plan, "2026-05-01")
            self.assertEqual(subscription.state, "trial")
            subscription._pause(is_charged=True)
            self.assertEqual(subscription.state, "paused")
            self.assertEqual(subscription.recurring_monthly, 0.0)
        with freeze_time("2026-05-06"):
            subscription._resume()
            self.assertEqual(subscription.state, "trial")
            self.assertEqual(subscription.recurring_monthly, 0.0)
        with freeze_time("2026-05-15"):
            subscription._follow_calendar(date(2026, 5, 15))
            self.assertEqual(subscription.state, "active")
            self.assertEqual(subscription.recurring_monthly, 30.0)

    def test_a_trial_that_was_left_owes_no_fee_of_the_first_invoice(self):
        with freeze_time("2026-05-03"):
            subscription = self._create_subscription(self.trial_plan, "2026-05-01")
            subscription._close("2026-05-10")
        with freeze_time("2026-06-01"):
            self.assertFalse(self._bill(subscription, "2026-06-01"))
            self.assertEqual(subscription.state, "closed")
        self.assertFalse(subscription.charge_ids)

    def test_a_run_as_of_a_day_before_resumes_nobody(self):
        with freeze_time("2026-05-20"):
            subscription = self._create_subscription(date_start="2026-05-01")
            subscription._pause("2026-05-20")
            self._process("2026-05-19")
            self.assertEqual(subscription.state, "paused")

    def test_a_run_ahead_pauses_and_closes_nobody(self):
        with freeze_time("2026-05-10"):
            subscription = self._create_subscription(date_start="2026-05-01")
            other = self._create_subscription(date_start="2026-05-01")
            subscription._pause("2026-05-20")
            other._close("2026-05-31")
            self._process("2026-06-20")
            self.assertEqual(subscription.state, "active")
            self.assertEqual(other.state, "active")
