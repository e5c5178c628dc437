from odoo.tests import tagged

from .common import SubscriptionCommon, shows


@tagged("post_install", "-at_install")
class TestSettlement(SubscriptionCommon):
    """From the charge to the money, and back."""

    @shows("SM-27", "SM-39")
    def test_a_charge_is_documented_delivered_and_paid(self):
        self.flat_plan.invoice_policy = "draft"
        subscription = self._create_subscription(self.flat_plan)
        waiting = self._create_subscription(
            self._create_plan(
                "Collected", [{"product_id": self.hosting.id}], invoice_collection="month"
            )
        )
        self._bill(waiting, "2026-01-01")
        self._expect(waiting, "open")
        move = self._bill(subscription, "2026-01-01")
        self._expect(subscription, "documented")
        move.action_post()
        self._expect(subscription, "posted")
        move.is_move_sent = True
        self._expect(subscription, "delivered")
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({})._create_payments()
        self._expect(subscription, "paid")
        charge = subscription.charge_ids
        self.assertEqual(charge.move_id, move)
        self.assertEqual(move.invoice_line_ids.subscription_charge_id, charge)

    def _expect(self, subscription, state):
        charge = subscription.charge_ids
        charge.invalidate_recordset()
        self.assertEqual(charge.settlement_state, state)
        found = charge.search(
            [("subscription_id", "=", subscription.id), ("settlement_state", "=", state)]
        )
        self.assertEqual(found, charge)
        others = charge.search(
            [("subscription_id", "=", subscription.id), ("settlement_state", "!=", state)]
        )
        self.assertFalse(others)
