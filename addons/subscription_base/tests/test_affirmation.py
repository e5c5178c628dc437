from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import shows
from .legal_common import LegalCommon


@tagged("post_install", "-at_install")
class TestAffirmation(LegalCommon):
    """What makes a contract binding, and what is invoiced from then on."""

    @shows("SM-34", "SM-46")
    def test_by_default_a_contract_binds_with_its_order(self):
        order, subscription = self._confirm_order(self.flat_plan)
        self.assertEqual(subscription.affirm_trigger, "order")
        self.assertTrue(subscription.affirmed_on)
        self.assertEqual(subscription.affirmed_by_id, self.env.user)
        self.assertIn(order.name, subscription.affirmed_by)
        self.assertEqual(self._events(subscription, "affirmed"), ["affirmed"])
        by_hand = self._create_subscription()
        self.assertTrue(by_hand.affirmed_on)
        self.assertEqual(by_hand.affirmed_by, "Started by hand")
        self.assertFalse(self._create_subscription(start=False).affirmed_on)

    @shows("SM-46", "SM-55")
    def test_a_signature_makes_it_binding(self):
        plan = self._create_legal_plan("signature")
        with freeze_time("2026-05-01 09:00:00"):
            order, subscription = self._confirm_order(plan)
            self.assertFalse(subscription.affirmed_on)
            self.assertFalse(subscription.affirmed_by)
        with freeze_time("2026-05-04 11:30:00"):
            order.write({"signed_by": "Ada", "signed_on": fields.Datetime.now()})
        self.assertEqual(str(subscription.affirmed_on), "2026-05-04 11:30:00")
        self.assertIn("Ada", subscription.affirmed_by)
        before = self._confirm_order(plan, signed_by="Eva", signed_on="2026-05-02 10:00:00")[1]
        self.assertEqual(str(before.affirmed_on), "2026-05-02 10:00:00")

    def test_a_signature_on_paper_is_recorded_by_hand(self):
        subscription = self._create_subscription(self._create_legal_plan("signature"))
        with self.assertRaisesRegex(UserError, "does not wait for this"):
            subscription.action_confirm_delivery()
        subscription.action_confirm_signature()
        self.assertTrue(subscription.affirmed_on)
        with self.assertRaisesRegex(UserError, "does not wait for this"):
            subscription.action_confirm_signature()

    @shows("SM-48")
    def test_the_start_of_the_service_makes_it_binding(self):
        plan = self._create_legal_plan("service_start")
        with freeze_time("2026-05-01"):
            subscription = self._create_subscription(plan, "2026-05-10")
            self.assertFalse(subscription.affirmed_on)
        self.assertFalse(self._run_cron("2026-05-09 06:00:00"))
        self.assertFalse(subscription.affirmed_on)
        invoice = self._run_cron("2026-05-10 06:00:00")
        self.assertEqual(subscription.state, "active")
        self.assertEqual(str(subscription.affirmed_on.date()), "2026-05-10")
        self.assertEqual(invoice.invoice_line_ids.subscription_id, subscription)
        with freeze_time("2026-05-10"):
            self.assertTrue(self._create_subscription(plan, "2026-05-10").affirmed_on)

    @shows("SM-49")
    def test_a_completed_delivery_makes_it_binding(self):
        router = self.env["product.product"].create(
            {"name": "Router", "type": "consu", "list_price": 80.0}
        )
        plan = self._create_plan(
            "With a router",
            [
                {"product_id": self.hosting.id},
                {"product_id": router.id, "charge_type": "one_time"},
            ],
            affirm_trigger="delivery",
        )
        order, subscription = self._confirm_order(plan)
        goods = order.order_line.filtered(lambda line: line.product_id == router)
        self.assertEqual(len(goods), 1)
        goods.qty_delivered = 0.5
        self.assertFalse(subscription.affirmed_on)
        goods.qty_delivered = 1
        self.assertTrue(subscription.affirmed_on)

    @shows("SM-49")
    def test_quantities_that_others_count_are_noticed_by_the_billing_run(self):
        plan = self._create_legal_plan("delivery")
        with freeze_time("2026-05-01"):
            order, subscription = self._confirm_order(plan)
        self.assertFalse(self._run_cron("2026-05-02 06:00:00"))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order_line SET qty_delivered = 1 WHERE order_id = %s", [order.id]
        )
        self.env.invalidate_all()
        invoice = self._run_cron("2026-05-03 06:00:00")
        self.assertEqual(str(subscription.affirmed_on.date()), "2026-05-03")
        self.assertEqual(invoice.state, "posted")
        by_hand = self._create_subscription(plan)
        by_hand.action_confirm_delivery()
        self.assertTrue(by_hand.affirmed_on)

    @shows("SM-50")
    def test_no_invoice_before_it_is_binding(self):
        subscription = self._create_subscription(self._create_legal_plan("delivery"), "2026-05-01")
        self.assertFalse(self._run_cron("2026-05-02 06:00:00"))
        with self.assertRaisesRegex(UserError, "not binding yet"):
            subscription.action_bill_now()
        self.assertFalse(subscription.charge_ids)
        with freeze_time("2026-05-03"):
            subscription.action_confirm_delivery()
        invoice = self._run_cron("2026-05-03 12:00:00")
        self.assertEqual((invoice.state, invoice.amount_untaxed), ("posted", 30.0))

    @shows("SM-51")
    def test_before_it_is_cancelled_afterwards_terminated(self):
        subscription = self._create_subscription(self._create_legal_plan("delivery"))
        with self.assertRaisesRegex(UserError, "Cancel the order"):
            subscription._terminate()
        subscription.action_confirm_delivery()
        with self.assertRaisesRegex(UserError, "Terminate it instead"):
            subscription.action_void()
        subscription._terminate()
        self.assertEqual(subscription.termination_kind, "ordinary")

    @shows("SM-52")
    def test_start_and_affirmation_are_different_days(self):
        plan = self._create_legal_plan("trial_end", trial_length=14)
        with freeze_time("2026-05-01"):
            subscription = self._create_subscription(plan, "2026-05-01")
        self.assertEqual((subscription.state, subscription.affirmed_on), ("trial", False))
        self._run_cron("2026-05-15 06:00:00")
        self.assertEqual(str(subscription.date_start), "2026-05-01")
        self.assertEqual(str(subscription.affirmed_on.date()), "2026-05-15")

    @shows("SM-56")
    def test_a_trial_left_on_its_tenth_day_is_void(self):
        plan = self._create_legal_plan("trial_end", trial_length=14)
        with freeze_time("2026-05-01"):
            left = self._create_subscription(plan, "2026-05-01")
            kept = self._create_subscription(plan, "2026-05-01")
        self.assertFalse(self._run_cron("2026-05-09 06:00:00"))
        with freeze_time("2026-05-10"):
            left.action_void()
        self.assertEqual((left.state, left.termination_kind), ("closed", "void"))
        self.assertFalse(self._run_cron("2026-05-14 06:00:00"))
        invoice = self._run_cron("2026-05-15 06:00:00")
        self.assertEqual(invoice.invoice_line_ids.subscription_id, kept)
        self.assertEqual(str(kept.affirmed_on.date()), "2026-05-15")
        self.assertEqual((invoice.state, invoice.amount_untaxed), ("posted", 30.0))
        self.assertFalse(left.charge_ids)

    def test_what_ran_before_an_upgrade_is_binding_since_it_was_started(self):
        subscription = self._create_subscription()
        begun = min(subscription.event_ids.mapped("date"))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE subscription_subscription SET affirmed_on = NULL WHERE id = %s",
            [subscription.id],
        )
        self.env.invalidate_all()
        self.assertFalse(subscription.affirmed_on)
        self.env.add_to_compute(subscription._fields["affirmed_on"], subscription)
        self.assertEqual(subscription.affirmed_on, begun)

    def test_what_was_agreed_stays_once_it_is_binding(self):
        subscription = self._create_subscription(self._create_legal_plan("delivery"))
        subscription.affirm_trigger = "signature"
        subscription.action_confirm_signature()
        with self.assertRaisesRegex(UserError, "stays as it was agreed"):
            subscription.affirm_trigger = "order"
        with self.assertRaises(AccessError):
            subscription.affirmed_on = False
        self.assertEqual(subscription.copy().affirmed_on, False)

    def test_trigger_and_release_fit_each_other(self):
        plan = self._create_plan(
            "Prepaid", [{"product_id": self.hosting.id}], release_policy="payment"
        )
        self.assertEqual(plan.affirm_trigger, "payment_full")
        with self.assertRaisesRegex(ValidationError, "cannot be binding before it is paid"):
            plan.affirm_trigger = "order"
        with self.assertRaisesRegex(ValidationError, "billed on request"):
            plan.schedule_type = "manual"

    def test_taking_back_the_start_takes_back_the_affirmation(self):
        order, subscription = self._confirm_order(self.flat_plan)
        order.action_cancel()
        self.assertEqual((subscription.state, subscription.affirmed_on), ("draft", False))


@tagged("post_install", "-at_install")
class TestVoid(LegalCommon):
    """Cancelling what does not bind yet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pending_plan = cls._create_legal_plan("delivery")

    @shows("SM-53")
    def test_it_is_closed_without_notice_and_without_a_charge(self):
        self.pending_plan.write({"notice_length": 1, "notice_unit": "month"})
        with freeze_time("2026-05-01"):
            order, subscription = self._confirm_order(self.pending_plan)
        with freeze_time("2026-06-20"):
            subscription.action_void()
        self.assertRecordValues(
            subscription,
            [
                {
                    "state": "closed",
                    "termination_kind": "void",
                    "next_billing_date": False,
                    "recurring_monthly": 0.0,
                    "affirmed_on": False,
                }
            ],
        )
        self.assertEqual(str(subscription.date_end), "2026-06-20")
        self.assertEqual(sum(subscription.event_ids.mapped("recurring_delta")), 0.0)
        self.assertEqual(self._events(subscription)[-1], "voided")
        self.assertEqual(order.state, "cancel")
        self.assertFalse(self._run_cron("2026-06-20 12:00:00"))
        self.assertFalse(subscription.charge_ids)

    @shows("SM-53")
    def test_cancelling_the_order_voids_it(self):
        order, subscription = self._confirm_order(self.pending_plan)
        order.action_cancel()
        self.assertEqual((subscription.state, subscription.termination_kind), ("closed", "void"))
        order.action_draft()
        order.action_confirm()
        again = order.subscription_ids - subscription
        self.assertEqual((len(again), again.state), (1, "active"))
        self.assertEqual(subscription.state, "closed")

    def test_an_order_with_something_else_goes_on(self):
        line = Command.create({"product_id": self.product_a.id})
        order, subscription = self._confirm_order(self.pending_plan)
        order.order_line = [line]
        subscription.action_void()
        self.assertEqual(order.state, "sale")

    def test_one_that_has_not_begun_has_no_last_day(self):
        with freeze_time("2026-05-01"):
            subscription = self._create_subscription(self.pending_plan, "2026-06-01")
            subscription.action_void()
            with self.assertRaisesRegex(UserError, "not running"):
                subscription.action_void()
        self.assertFalse(subscription.date_end)

    def test_a_customer_who_leaves_need_not_know_whether_it_binds(self):
        subscriptions = self._create_subscription(self.pending_plan) | self._create_subscription()
        subscriptions._leave(description="Moving away")
        self.assertEqual(subscriptions.mapped("termination_kind"), ["void", "ordinary"])

    def test_evidence_stays(self):
        subscription = self._create_subscription(self.pending_plan)
        subscription.action_void()
        with self.assertRaises(UserError):
            subscription.unlink()

    @shows("SM-63")
    def test_a_rule_cancels_what_does_not_bind_yet(self):
        subscription = self._create_subscription(self.pending_plan)
        reason = self.env.ref("subscription_base.close_reason_unpaid")
        subscription._terminate_extraordinarily(False, reason, rule="Credit check")
        self.assertEqual(subscription.termination_kind, "void")
        self.assertIn("Credit check", subscription.event_ids.sorted("id")[-1].description)

    def test_the_wizard_offers_to_cancel(self):
        subscription = self._create_subscription(self.pending_plan)
        action = subscription.action_open_close_wizard()
        wizard = self.env[action["res_model"]].with_context(**action["context"]).new({})
        self.assertTrue(wizard.is_void_offered)
        wizard = self.env[action["res_model"]].create(
            {
                "subscription_ids": [Command.set(subscription.ids)],
                "close_reason_id": self.env.ref("subscription_base.close_reason_price").id,
            }
        )
        wizard.action_void()
        self.assertEqual(subscription.termination_kind, "void")
        self.assertEqual(subscription.close_reason_id.name, "Too expensive")
