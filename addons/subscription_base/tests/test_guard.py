from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestGuard(SubscriptionCommon):
    """What must not be changed by hand, through the API, or once it has been charged."""

    def test_a_salesperson_cannot_set_state_or_billing_dates(self):
        user = new_test_user(self.env, "seller", groups="sales_team.group_sale_salesman")
        user.company_ids = user.company_id = self.company
        subscription = self._create_subscription(user_id=user.id).with_user(user)
        for vals in (
            {"state": "closed"},
            {"state": "draft"},
            {"next_billing_date": False},
            {"billing_error": False},
        ):
            with self.assertRaises(AccessError):
                subscription.write(vals)
        with self.assertRaises(AccessError):
            subscription.create(
                {
                    "partner_id": self.partner_a.id,
                    "plan_id": self.flat_plan.id,
                    "state": "active",
                }
            )
        subscription._close(on="2026-12-31")

    def test_a_running_subscription_is_not_archived(self):
        subscription = self._create_subscription()
        with self.assertRaisesRegex(ValidationError, "Close it before"):
            subscription.action_archive()

    def test_a_running_subscription_is_not_deleted(self):
        subscription = self._create_subscription()
        with self.assertRaises(UserError):
            subscription.unlink()

    def test_what_had_begun_is_not_deleted_as_a_draft_either(self):
        subscription = self._create_subscription()
        subscription._withdraw()
        for context in ({}, {"_force_unlink": True}):  # callers by RPC choose the context
            with self.assertRaisesRegex(UserError, "history stays as evidence"):
                subscription.with_context(**context).unlink()
        never_begun = self._create_subscription(start=False)
        (subscription + never_begun)._retire()
        self.assertFalse(subscription.active)
        self.assertFalse(never_begun.exists())

    def test_a_copy_has_the_lines_that_run_today(self):
        subscription = self._create_subscription()
        subscription.line_ids._change("2026-03-01", quantity=2.0)
        with freeze_time("2026-06-15"):
            copy = subscription.copy()
        self.assertEqual(copy.state, "draft")
        self.assertEqual(copy.line_ids.mapped("quantity"), [2.0])
        self.assertEqual(copy.line_ids.date_start, copy.date_start)
        self.assertEqual(str(copy.date_start), "2026-06-15")

    def test_lines_follow_the_start_of_a_draft(self):
        subscription = self._create_subscription(date_start="2026-03-01", start=False)
        subscription.date_start = "2026-02-01"
        subscription.action_start()
        move = self._bill(subscription, "2026-02-01")
        self.assertEqual(str(move.invoice_line_ids.subscription_period_start), "2026-02-01")

    def test_what_comes_after_the_end_is_billed(self):
        subscription = self._create_subscription(self.plan)
        usage = subscription.line_ids.filtered(lambda line: line.charge_type == "usage")
        subscription._close(on="2026-01-31")
        self._bill(subscription, "2026-02-01")
        self.assertEqual(subscription.state, "closed")
        self.assertFalse(subscription.next_billing_date)
        self.env["subscription.usage"].create(
            {"line_id": usage.id, "date": "2026-01-31", "quantity": 300.0}
        )
        run = self._create_run("2026-02-02")
        self.assertEqual(run._count_due(), 1)
        self.assertEqual(run._bill_subscriptions(subscription).amount_untaxed, 10.0)
        self.assertEqual(subscription.state, "closed")

    def test_a_line_deleted_from_a_draft_is_invoiced_again(self):
        self.plan.invoice_policy = "draft"
        subscription = self._create_subscription(self.plan)
        draft = self._bill(subscription, "2026-01-01")
        draft.invoice_line_ids.filtered(lambda line: line.product_id == self.setup_fee).unlink()
        again = self._bill(subscription, "2026-01-02")
        self.assertEqual(again.invoice_line_ids.product_id, self.setup_fee)

    def test_a_draft_line_states_its_charge(self):
        self.flat_plan.invoice_policy = "draft"
        subscription = self._create_subscription()
        draft = self._bill(subscription, "2026-01-01")
        with self.assertRaisesRegex(ValidationError, "Change the line of the subscription"):
            draft.invoice_line_ids.price_unit = 1.0

    def test_a_charge_is_on_one_invoice_only(self):
        subscription = self._create_subscription()
        first = self._bill(subscription, "2026-01-01")
        first.button_draft()
        first.button_cancel()
        second = self._bill(subscription, "2026-01-02")
        with self.assertRaisesRegex(UserError, "invoiced again"):
            first.button_draft()
        self.assertFalse(second.copy().invoice_line_ids.subscription_charge_id)
        self.assertFalse(second._reverse_moves().invoice_line_ids.subscription_charge_id)

    def test_what_an_accountant_takes_back_is_not_posted_by_a_run(self):
        subscription = self._create_subscription()
        move = self._bill(subscription, "2026-01-01")
        move.button_draft()
        self.assertEqual(move.subscription_policy, "draft")
        self.assertFalse(self._create_run("2026-01-02")._claim_post(set()))

    def test_a_begun_run_keeps_its_day(self):
        run = self._create_run("2026-01-01")
        run._begin()
        with self.assertRaises(UserError):
            run.date = "2026-02-01"

    def test_a_tax_included_in_the_price_is_refused(self):
        included = self.tax_sale_a.copy(
            {"name": "Included", "price_include_override": "tax_included"}
        )
        product = self._create_service("Gross", 119.0, taxes_id=[(6, 0, included.ids)])
        with self.assertRaisesRegex(ValidationError, "without taxes"):
            self._create_plan("Gross", [{"product_id": product.id}])

    def test_a_correction_of_usage_waits_for_its_period(self):
        subscription = self._create_subscription(self.plan)
        usage = subscription.line_ids.filtered(lambda line: line.charge_type == "usage")
        usage.included_qty = 0.0
        self._bill(subscription, "2026-01-01")
        self.env["subscription.usage"].create(
            {"line_id": usage.id, "date": "2026-01-05", "quantity": -10.0}
        )
        self.assertFalse(self._bill(subscription, "2026-01-06"))
        self.assertEqual(str(subscription.next_billing_date), "2026-02-01")
