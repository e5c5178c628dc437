from datetime import date

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import shows
from .payment_common import SubscriptionPaymentCommon, done, pending, silence
from .test_payment_attempts import ASKING


def refuse(transaction):
    transaction._set_error("No funds")


@tagged("post_install", "-at_install")
class TestChargeFirst(SubscriptionPaymentCommon):
    """A plan may ask that the money comes before the invoice is posted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flat_plan.collection_timing = "before"

    @shows("K3-07")
    def test_the_invoice_is_posted_when_it_is_paid(self):
        subscription, states = self._subscribe(), []

        def answer(transaction):
            states.append(transaction.invoice_ids.state)
            transaction._set_done()

        self._process("2026-01-01", answer)
        move = subscription._get_invoices()
        self.assertEqual(states, ["draft"])
        self.assertEqual((move.state, move.amount_residual), ("posted", 0.0))
        self.assertEqual(self._attempts(move).amount, move.amount_total)

    def test_a_refusal_posts_the_invoice_at_once_or_after_days_of_grace(self):
        for days, posted in ((0, "2026-01-01"), (5, "2026-01-06")):
            self.flat_plan.collection_grace_days = days
            subscription, states = self._subscribe(), {}
            for day in ("2026-01-01", "2026-01-05", "2026-01-06"):
                with freeze_time(f"{day} 12:00:00"):
                    self._process(day, refuse)
                states[day] = subscription._get_invoices().state
            first = min(day for day, state in states.items() if state == "posted")
            self.assertEqual(first, posted)
            self.assertEqual(len(self._attempts(subscription)), 1)

    def test_a_draft_that_waits_is_tried_again_and_then_posted(self):
        self.flat_plan.collection_grace_days = 5
        subscription = self._subscribe()
        with freeze_time("2026-01-01 12:00:00"):
            attempt = self._fail(subscription)
            self.assertEqual(attempt.hold_until, date(2026, 1, 6))
            with self._answers(done):
                attempt.action_retry()
        move = subscription._get_invoices()
        self.assertEqual((move.state, move.amount_residual), ("posted", 0.0))

    def test_the_invoice_of_a_refused_draft_is_posted_and_sent_by_button(self):
        self.flat_plan.collection_grace_days = 5
        attempt = self._fail(self._subscribe())
        attempt.action_send_invoice()
        self.assertEqual(attempt.move_id.state, "posted")
        self.assertTrue(attempt.move_id.sending_data)

    @mute_logger(ASKING)
    def test_a_draft_whose_payment_is_under_way_stays_a_draft(self):
        for answer in (pending, silence):
            subscription = self._subscribe()
            for day in ("2026-01-01", "2026-01-20"):
                self._process(day, answer)
            move = subscription._get_invoices()
            self.assertEqual(move.state, "draft")
            for action in (move.button_cancel, move.unlink):
                with self.assertRaises(UserError):
                    action()
            attempt = self._attempts(subscription)
            attempt.action_confirm_paid()
            self.assertEqual((move.state, move.amount_residual), ("posted", 0.0))

    def test_credits_come_first(self):
        """A draft cannot be set off against a credit note: it is posted, and the rest charged."""
        subscription = self._subscribe()
        self._process("2026-01-01", done)
        credit = subscription._get_invoices()._reverse_moves(
            [{"invoice_date": "2026-01-15", "date": "2026-01-15"}]
        )
        credit.invoice_line_ids.write({"price_unit": 10.0, "subscription_charge_id": False})
        credit.action_post()
        asked = self._process("2026-02-01", done)
        self.assertEqual([tx.amount for tx in asked], [23.0])
        self.assertEqual(set(subscription._get_invoices().mapped("payment_state")), {"paid"})

    def test_billing_by_hand_leaves_the_draft_to_the_run(self):
        subscription = self._subscribe()
        move = self._bill(subscription, "2026-01-01")
        self.assertEqual(move.state, "draft")
        self._process("2026-01-01", done)
        self.assertEqual((move.state, move.amount_residual), ("posted", 0.0))

    def test_without_a_method_to_charge_the_invoice_is_posted(self):
        subscription = self._create_subscription()
        self._process("2026-01-01", done)
        self.assertEqual(subscription._get_invoices().state, "posted")
