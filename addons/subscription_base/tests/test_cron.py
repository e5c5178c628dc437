from itertools import pairwise

from odoo.tests import freeze_time, tagged

from .common import SubscriptionCommon, shows


@tagged("post_install", "-at_install")
class TestCron(SubscriptionCommon):
    """What the scheduled job bills by itself, as the days go by."""

    @shows("PA-20")
    def test_twelve_months_make_twelve_invoices_without_gap_or_overlap(self):
        subscription = self._create_subscription(date_start="2026-01-01")
        for month in range(1, 13):
            moves = self._run_cron(f"2026-{month:02}-01")
            self.assertEqual(moves.mapped("state"), ["posted"])
            self.assertFalse(self._run_cron(f"2026-{month:02}-15"), "nothing is due in between")
        self.assertEqual(subscription.invoice_count, 12)
        lines = subscription._get_invoices().invoice_line_ids.sorted("subscription_period_start")
        self.assertEqual(len(lines), 12)
        for before, after in pairwise(lines):
            gap = after.subscription_period_start - before.subscription_period_end
            self.assertEqual(gap.days, 1)
        self.assertEqual(str(lines[0].subscription_period_start), "2026-01-01")
        self.assertEqual(str(lines[-1].subscription_period_end), "2026-12-31")

    @shows("PA-28")
    def test_imported_usage_is_billed_and_what_comes_late_follows_with_its_period(self):
        subscription = self._create_subscription(self.plan)
        traffic = subscription.line_ids.filtered(lambda line: line.charge_type == "usage")
        self._run_cron("2026-01-01")
        self._import_usage(traffic, "2026-01-20", 150)
        self.assertFalse(self._run_cron("2026-01-31"))
        february = self._run_cron("2026-02-01")
        usage = february.invoice_line_ids.filtered(lambda line: line.product_id == self.traffic)
        self.assertEqual((usage.quantity, usage.price_subtotal), (50.0, 2.5))
        self.assertEqual(str(usage.subscription_period_start), "2026-01-01")
        self._import_usage(traffic, "2026-01-25", 30)
        late = self._run_cron("2026-02-05")
        self.assertEqual(late.state, "posted")
        self.assertEqual(late.amount_untaxed, 1.5)
        for line in late.invoice_line_ids:
            self.assertEqual(str(line.subscription_period_start), "2026-01-01")
            self.assertEqual(str(line.subscription_period_end), "2026-01-31")

    def _import_usage(self, line, day, quantity):
        result = self.env["subscription.usage"].load(
            ["line_id/.id", "date", "quantity", "key"],
            [[str(line.id), day, str(quantity), f"{day} {quantity}"]],
        )
        self.assertTrue(result["ids"], result["messages"])

    @shows("RE-88")
    def test_manual_plans_are_billed_on_request_only(self):
        plan = self._create_plan(
            "On request", [{"product_id": self.hosting.id}], schedule_type="manual"
        )
        subscription = self._create_subscription(plan)
        for day in ("2026-01-01", "2026-02-01"):
            self.assertFalse(self._run_cron(day))
        with freeze_time("2026-02-01"):
            subscription.action_bill_now()
        self.assertEqual(subscription._get_invoices().state, "posted")
        self.assertFalse(subscription.next_billing_date)
        self.assertFalse(self._run_cron("2026-02-02"))

    def test_a_company_with_nothing_due_gets_nothing(self):
        other = self.setup_other_company()["company"]
        product = self._create_service("Elsewhere", 10.0, taxes_id=False)
        env = self.env(context={"allowed_company_ids": [other.id, self.company.id]})
        plan = env["subscription.plan"].create(
            {
                "name": "Elsewhere",
                "company_id": other.id,
                "component_ids": [(0, 0, {"product_id": product.id})],
            }
        )
        plan.action_activate()
        subscription = env["subscription.subscription"].create(
            {
                "partner_id": self.partner_a.id,
                "company_id": other.id,
                "plan_id": plan.id,
                "date_start": "2026-02-01",
            }
        )
        subscription.line_ids = [(0, 0, vals) for vals in subscription._prepare_plan_lines()]
        with freeze_time("2026-01-01"):
            subscription.action_start()
        mine = self._create_subscription()
        moves = self._run_cron("2026-01-01")
        self.assertEqual(moves.subscription_ids, mine)
        self.assertFalse(subscription.charge_ids)
        self.assertEqual(self._run_cron("2026-02-01").company_id, other + self.company)
        self.assertEqual(len(subscription.charge_ids), 1)

    def test_billing_by_hand_in_the_morning_does_not_keep_the_job_from_the_others(self):
        by_hand, other = self._create_subscription(), self._create_subscription()
        with freeze_time("2026-01-01 06:00:00"):
            by_hand.action_bill_now()
        self.assertEqual(self._run_cron("2026-01-01 08:00:00").subscription_ids, other)
        self.assertFalse(self._run_cron("2026-01-01 20:00:00"))
        self.assertEqual((by_hand + other).mapped("invoice_count"), [1, 1])
