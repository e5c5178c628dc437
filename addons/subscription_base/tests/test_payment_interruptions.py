from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..models.payment_provider import NotReached
from .payment_common import SubscriptionPaymentCommon, done, silence
from .test_payment_attempts import ASKING


@tagged("post_install", "-at_install")
class TestPaymentInterruptions(SubscriptionPaymentCommon):
    """What a process that died, or a customer who left, has left behind."""

    def _schedule(self):
        subscription = self._subscribe()
        move = self._bill(subscription, "2026-01-01")
        return subscription, move, self.Attempt._schedule(move)

    def test_nobody_was_asked_yet(self):
        _subscription, move, attempt = self._schedule()
        [asked] = self._process("2026-01-01", done)
        self.assertEqual(asked.subscription_attempt_ids, attempt)
        self.assertEqual((attempt.state, move.amount_residual), ("succeeded", 0.0))

    def test_only_what_is_open_is_charged(self):
        """Between the plan to charge and the charge a part was paid."""
        _subscription, move, _attempt = self._schedule()
        self._register_payment(move, amount=10.0)
        asked = self._process("2026-01-01", done)
        self.assertEqual([tx.amount for tx in asked], [24.5])
        self.assertEqual(self._attempts(move).mapped("state"), ["cancelled", "succeeded"])

    @mute_logger(ASKING)
    def test_the_process_died_while_the_provider_was_asked(self):
        subscription, _move, attempt = self._schedule()
        attempt.date_asked = fields.Datetime.now()
        self.assertFalse(self._process("2026-01-01", done))  # it may still be alive
        self.assertEqual(attempt.state, "asked")
        with self.assertRaisesRegex(UserError, "quarter"):
            attempt.action_confirm_unpaid()
        with freeze_time(fields.Datetime.now() + timedelta(minutes=16)):
            self._follow_up()
        self.assertEqual(attempt.state, "unknown")
        self.assertEqual(self._event_types(subscription), ["payment_unknown"])
        self.assertFalse(self._process("2026-01-02", done))

    def test_the_answer_was_not_booked(self):
        _subscription, move, attempt = self._schedule()
        attempt.date_asked = fields.Datetime.now()
        attempt.transaction_id._set_done()
        self.assertEqual(move.payment_state, "not_paid")
        self.assertFalse(self._process("2026-01-01", done))
        self.assertEqual((attempt.state, move.amount_residual), ("succeeded", 0.0))

    def test_a_payment_page_that_was_left_is_cancelled_after_a_day(self):
        subscription = self._subscribe()
        move = self._bill(subscription, "2026-01-01")
        left = self.env["payment.transaction"].create(
            move._prepare_collection_values(1)
            | {"operation": "online_redirect", "token_id": False, "reference": "left"}
        )
        for hours, state in ((23, "draft"), (25, "cancel")):
            with freeze_time(fields.Datetime.now() + timedelta(hours=hours)):
                self._follow_up()
            self.assertEqual(left.state, state)
        self.assertTrue(self._process("2026-01-02", done))
        self.assertEqual(move.amount_residual, 0.0)
        left._set_done()  # the customer has come back after all: the money is not lost
        left._post_process()
        self.assertEqual((left.state, left.payment_id.amount), ("done", 34.5))

    @mute_logger(ASKING)
    def test_a_request_that_does_not_arrive_takes_no_earlier_one_back(self):
        """Money may have moved by the first request: no fresh attempt, and no way to give up."""
        Transaction = type(self.env["payment.transaction"])
        self.patch(Transaction, "_get_repeatable_codes", lambda model: ("none",))

        def no_line(transaction):
            raise NotReached("No line")

        unanswered, killed = self._subscribe(), self._subscribe()
        killed_attempt = self.Attempt._schedule(self._bill(killed, "2026-01-01"))
        killed_attempt.date_asked = fields.Datetime.now()
        self._process("2026-01-01", silence)
        self._process("2026-01-02", no_line)
        for attempt in self._attempts(unanswered) | killed_attempt:
            self.assertEqual((attempt.state, attempt.is_repeatable), ("unknown", True))
            with self.assertRaisesRegex(UserError, "another status"):
                attempt.action_cancel()
        attempts = self._attempts(unanswered + killed)
        with freeze_time(fields.Datetime.now() + timedelta(hours=24)):
            attempts.invalidate_recordset(["is_repeatable"])
            self.assertEqual(attempts.mapped("is_repeatable"), [False, False])
        self._process("2026-01-03", done)
        self.assertEqual(attempts.mapped("state"), ["succeeded"] * 2)
        self.assertEqual(self._attempts(unanswered + killed), attempts)

    def test_nothing_is_repeated_without_the_moment_of_the_first_request(self):
        attempt = self._fail(self._subscribe())
        self.assertFalse(attempt.transaction_id._is_repeatable(False))
