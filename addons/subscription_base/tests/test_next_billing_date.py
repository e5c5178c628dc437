from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import SubscriptionCommon


@freeze_time("2026-03-10")
@tagged("post_install", "-at_install")
class TestNextBillingDate(SubscriptionCommon):
    """The next billing date follows whatever changes what is owed, or when."""

    SUBSCRIPTION = (
        {"date_start": "2026-04-03"},
        {"date_end": "2026-04-20"},
        {"invoice_lead_days": 7},
        {"time_start": 12.5},
        {"time_end": 12.5, "date_end": "2026-03-01"},
        {"state": "draft"},
        {"invoice_collection": "month"},
        {"minimum_invoice_amount": 1000.0},
        {"next_run_at": "2026-03-11 10:00:00"},
    )
    LINE = (
        {"date_start": "2026-05-09"},
        {"date_end": "2026-03-09"},
        {"quantity": 0.0},
        {"price_unit": 0.0},
        {"discount": 100.0},
        {"timing": "arrears"},
        {"charge_type": "one_time"},
        {"date_anchor": "2026-02-11"},
        {"billed_from": "2026-04-02"},
        {"billed_until": "2026-03-31", "date_end": "2026-03-09"},
        {"schedule_type": "month_last", "interval_count": 2},
        {"schedule_type": "month_start", "interval_count": 3},
        {"schedule_type": "weekly_fixed", "weekday": "2"},
        {"schedule_type": "daily", "interval_count": 9},
        {"free_every": 2},
        {"minimum_amount": 10.0},
    )
    SETUP = ({"setup_mode": "separate"}, {"setup_mode": "first"})

    def _assert_fresh(self, subscription, what):
        shown = subscription.next_billing_date
        self.env.flush_all()
        self.env.add_to_compute(subscription._fields["next_billing_date"], subscription)
        self.assertEqual(shown, subscription.next_billing_date, what)

    def _try(self, vals_list, get_record, bill_on=None):
        for vals in vals_list:
            with self.subTest(vals=vals, billed=bill_on):
                plan = self.plan.copy({"name": str(vals), "setup_mode": "first"})
                plan.action_activate()
                subscription = self._create_subscription(plan, "2026-02-17").sudo()
                if bill_on:
                    self._bill(subscription, bill_on)
                self._assert_fresh(subscription, "before")
                record = get_record(subscription)
                locked = record.charge_ids and record._get_locked_fields() & vals.keys()
                if not locked:
                    record.write(vals)
                    self._assert_fresh(subscription, vals)

    def test_fields_of_a_subscription(self):
        for day in (None, "2026-03-10"):
            self._try(self.SUBSCRIPTION, lambda subscription: subscription, day)

    def test_fields_of_a_line(self):
        for day in (None, "2026-03-10"):
            self._try(self.LINE, lambda subscription: subscription.line_ids[0], day)

    def test_the_set_up_fee(self):
        self._try(self.SETUP, lambda subscription: subscription.line_ids[1])

    def test_the_set_up_fee_after_a_trial(self):
        subscription = self._create_subscription(self.plan, "2026-03-10", trial_length=30)
        subscription.trial_length = 14
        self._assert_fresh(subscription, "trial")
        for mode in ("separate", "first"):
            subscription.line_ids[1].setup_mode = mode
            self._assert_fresh(subscription, mode)

    def test_pauses_lines_and_plans(self):
        subscription = self._create_subscription(self.plan, "2026-02-17")
        self._bill(subscription, "2026-03-10")
        pause = subscription._pause("2026-04-01")
        self._assert_fresh(subscription, "paused")
        pause.is_charged = True
        self._assert_fresh(subscription, "charged")
        pause.write({"is_charged": False, "date_end": "2026-06-10"})
        self._assert_fresh(subscription, "until")
        pause.unlink()
        self._assert_fresh(subscription, "no pause")
        subscription.line_ids = [Command.create({"product_id": self.domain.id, "price_unit": 5})]
        self._assert_fresh(subscription, "line")
        subscription._move_to_plan(self.flat_plan, "2026-03-20")
        self._assert_fresh(subscription, "plan")
        subscription._close("2026-03-15")
        self._assert_fresh(subscription, "closed")

    def test_usage_and_its_threshold(self):
        subscription = self._create_subscription(self.plan, "2026-02-17")
        line = subscription.line_ids[2]
        line.threshold_amount = 5.0
        self._bill(subscription, "2026-03-10")
        self.env["subscription.usage"].create(
            {"line_id": line.id, "date": "2026-03-10", "quantity": 900}
        )
        self._assert_fresh(subscription, "usage")
