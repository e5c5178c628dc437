from datetime import timedelta
from unittest.mock import patch

import psycopg2
import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import shows
from .payment_common import SubscriptionPaymentCommon, done, pending, silence

ASKING = "odoo.addons.subscription_base.models.subscription_payment_asking"


@tagged("post_install", "-at_install")
class TestPaymentAttempts(SubscriptionPaymentCommon):
    """Each try to collect an invoice is a record; never two unresolved ones of one invoice."""

    @shows("K3-07", "K3-25", "SM-39")
    def test_a_collection_is_recorded_from_the_charge_to_the_money(self):
        subscription = self._subscribe()
        run = self._create_run("2026-01-01")
        with self._answers(done):
            run._process()
        attempt, move = self._attempts(subscription), subscription._get_invoices()
        self.assertEqual((attempt.move_id, attempt.subscription_ids), (move, subscription))
        self.assertEqual((attempt.number, attempt.state, attempt.run_id), (1, "succeeded", run))
        self.assertEqual((attempt.amount, attempt.currency_id), (34.5, move.currency_id))
        self.assertEqual((attempt.token_id, attempt.provider_id), (self.token, self.provider))
        self.assertEqual(attempt.idempotency_key, f"{move.name}-1")
        self.assertEqual(attempt.transaction_id.reference, attempt.idempotency_key)
        self.assertTrue(attempt.date_asked and attempt.date_answered)
        self.assertEqual(self._event_types(subscription), ["payment_succeeded"])
        self.assertEqual(move.amount_residual, 0.0)
        self.assertEqual(subscription.charge_ids.settlement_state, "paid")
        self.assertEqual(subscription.charge_ids.move_line_ids.move_id.payment_attempt_ids, attempt)
        self.assertEqual((subscription.payment_attempt_count, move.payment_attempt_count), (1, 1))
        self.assertEqual(run.payment_attempt_count, 1)

    def test_the_invoices_of_several_customers_are_collected_in_one_batch(self):
        other = self._create_saved_method(self.partner_b)
        subscriptions = self._subscribe() + self._create_subscription(
            partner_id=self.partner_b.id, payment_token_id=other.id
        )
        asked = self._process("2026-01-01", done)
        self.assertEqual({tx.token_id for tx in asked}, {self.token, other})
        self.assertEqual(self._attempts(subscriptions).mapped("state"), ["succeeded"] * 2)
        self.assertEqual(sum(subscriptions._get_invoices().mapped("amount_residual")), 0.0)

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_a_second_unresolved_attempt(self):
        subscription = self._subscribe()
        self._process("2026-01-01", pending)
        move, attempt = subscription._get_invoices(), self._attempts(subscription)
        self.env.flush_all()
        with self.assertRaisesRegex(psycopg2.IntegrityError, "open_uniq"), self.cr.savepoint():
            self.Attempt._schedule(move)
            self.env.flush_all()
        attempt.transaction_id._set_error("refused")
        with self.assertRaisesRegex(psycopg2.IntegrityError, "number_uniq"), self.cr.savepoint():
            self.Attempt._schedule(move).number = attempt.number
            self.env.flush_all()

    @mute_logger("odoo.sql_db")
    def test_what_a_stale_process_does_again_collides_on_the_number(self):
        """It has not seen that the first attempt succeeded, and so counts it as none."""
        subscription = self._subscribe()
        self._process("2026-01-01", done)
        attempt = self._attempts(subscription)
        with self.assertRaisesRegex(psycopg2.IntegrityError, "uniq"), self.cr.savepoint():
            self.cr.execute(
                "INSERT INTO subscription_payment_attempt (move_id, number, transaction_id, state) "
                "SELECT move_id, number, transaction_id, 'scheduled' "
                "FROM subscription_payment_attempt WHERE id = %s",
                [attempt.id],
            )

    def test_attempts_are_kept_and_not_written_by_users(self):
        attempt = self._fail(self._subscribe())
        with self.assertRaisesRegex(UserError, "evidence"):
            attempt.sudo().unlink()
        for name in ("date_asked", "is_unanswered", "move_id", "number"):
            with self.assertRaises(AccessError):
                attempt.write({name: False})
        with self.assertRaises(AccessError):
            self.Attempt.create({"number": 2})

    def test_accountants_decide_and_salespeople_read(self):
        attempt = self._fail(self._subscribe())
        seller = self._create_user("seller", "sales_team.group_sale_salesman_all_leads")
        theirs = attempt.with_user(seller)
        self.assertEqual((theirs.state, theirs.reason), ("failed", "No funds"))
        with Form(theirs) as form:
            self.assertEqual(form.state, "failed")
        for action in ("action_retry", "action_confirm_paid", "action_send_invoice"):
            with self.assertRaisesRegex(AccessError, "accountants"):
                getattr(theirs, action)()
        other = self.setup_other_company()["company"]
        stranger = self._create_user("stranger", "account.group_account_invoice")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        for action in ("action_retry", "action_confirm_paid", "read"):
            with self.assertRaises(AccessError):
                getattr(attempt.with_user(stranger), action)()


@tagged("post_install", "-at_install")
class TestPaymentOutcomes(SubscriptionPaymentCommon):
    """Every outcome has a way on that a normal user can take."""

    def test_failed_says_why_and_is_tried_again(self):
        subscription = self._subscribe()
        attempt = self._fail(subscription)
        move = attempt.move_id
        self.assertEqual((attempt.state, attempt.reason), ("failed", "No funds"))
        self.assertEqual(attempt.activity_ids.user_id, subscription.user_id)
        self.assertEqual(self._event_types(subscription), ["payment_failed"])
        self.assertIn("No funds", self._payment_events(subscription)[-1].description)
        self.assertTrue(attempt.may_retry and attempt.may_be_sent)
        self.assertFalse(self._process("2026-01-02", done))  # no run tries again by itself
        with self._answers(done) as asked:
            attempt.action_retry()
        self.assertEqual([tx.reference for tx in asked], [f"{move.name}-2"])
        self.assertEqual(self._attempts(move).mapped("state"), ["failed", "succeeded"])
        self.assertEqual(move.amount_residual, 0.0)
        self.assertFalse(attempt.activity_ids)
        with self.assertRaisesRegex(UserError, "Nothing is open"), self._answers(done):
            attempt.action_retry()

    @shows("K3-26")
    def test_failed_falls_back_to_the_invoice(self):
        attempt = self._fail(self._subscribe())
        attempt.action_send_invoice()
        self.assertTrue(attempt.move_id.sending_data and attempt.move_id.subscription_fallback)
        self.assertFalse(attempt.activity_ids)

    def test_money_that_comes_in_another_way_settles_a_failed_attempt(self):
        attempt = self._fail(self._subscribe())
        self._register_payment(attempt.move_id)
        self.assertFalse(attempt.activity_ids or attempt.may_retry)

    def test_pending_is_not_charged_again_and_is_paid_later(self):
        subscription = self._subscribe()
        self._process("2026-01-01", pending)
        attempt = self._attempts(subscription)
        self.assertEqual(attempt.state, "pending")
        self.assertEqual(self._event_types(subscription), ["payment_pending"])
        self.assertFalse(attempt.activity_ids)
        self.assertFalse(self._process("2026-01-02", done))
        with self._commits_flush(), self.assertRaisesRegex(UserError, "under way"):
            attempt.move_id.action_collect()
        with self.assertRaisesRegex(UserError, "under way"):
            attempt.move_id.button_cancel()
        attempt.transaction_id._set_done()
        attempt.transaction_id._post_process()
        self.assertEqual((attempt.state, attempt.move_id.amount_residual), ("succeeded", 0.0))
        self.assertEqual(self._event_types(subscription), ["payment_pending", "payment_succeeded"])

    def test_pending_for_long_becomes_a_task_once(self):
        subscription = self._subscribe()
        with freeze_time("2026-01-01 08:00:00"):
            self._process("2026-01-01", pending)
        attempt = self._attempts(subscription)
        for moment, tasks in (("2026-01-11 07:00", 0), ("2026-01-11 09:00", 1), ("2026-02-01", 1)):
            with freeze_time(moment):
                self._follow_up()
            self.assertEqual(len(attempt.activity_ids), tasks, moment)
        attempt.action_confirm_unpaid()
        self.assertEqual((attempt.state, attempt.may_retry), ("failed", True))

    @mute_logger(ASKING)
    def test_unknown_is_resolved_by_an_accountant(self):
        for button, state, left in (
            ("action_confirm_paid", "succeeded", 0.0),
            ("action_confirm_unpaid", "failed", 34.5),
        ):
            subscription = self._subscribe()
            self._process("2026-01-01", silence)
            attempt = self._attempts(subscription)
            move = attempt.move_id
            self.assertEqual(attempt.state, "unknown")
            self.assertEqual(self._event_types(subscription), ["payment_unknown"])
            self.assertTrue(attempt.activity_ids and move.subscription_error)
            self.assertFalse(self._process("2026-01-02", done))
            self.assertFalse(move._has_to_be_paid())
            self.assertIn("collecting", move._get_online_payment_error())
            getattr(attempt, button)()
            self.assertEqual((attempt.state, move.amount_residual), (state, left))
            self.assertIn(self.env.user.name, attempt.reason)
            self.assertEqual(bool(move.subscription_error), bool(left))
        with self._answers(done):
            attempt.action_retry()
        self.assertEqual(move.amount_residual, 0.0)
        self.assertFalse(move.subscription_error or subscription.billing_error)

    @mute_logger(ASKING, "odoo.addons.payment.models.payment_provider")
    def test_a_request_without_an_answer_is_no_refusal(self):
        """Odoo takes a timeout for an error, and a user would charge again."""
        unreached = MaxRetryError(None, "/", NewConnectionError(None, "refused"))
        broken = requests.Response()
        broken.status_code, broken._content = 502, b"Bad gateway"
        refused = requests.Response()
        refused.status_code, refused._content = 402, b"No funds"
        for outcome, state in (
            (requests.exceptions.ReadTimeout("timed out"), "unknown"),
            (requests.exceptions.ConnectionError("reset by peer"), "unknown"),
            (broken, "unknown"),
            (refused, "failed"),
            (requests.exceptions.ConnectTimeout("timed out"), "scheduled"),
            (requests.exceptions.ConnectionError(unreached), "scheduled"),
        ):
            subscription = self._subscribe()
            effect = {"side_effect": outcome}
            if isinstance(outcome, requests.Response):
                effect = {"return_value": outcome}
            with patch.object(requests, "request", **effect):
                self._process("2026-01-01", lambda tx: tx._send_api_request("POST", "/pay"))
            attempt = self._attempts(subscription)
            self.assertEqual(attempt.state, state, outcome)
            self.assertTrue(attempt.reason)
            if state == "scheduled":  # nothing can have been charged: the next run asks
                self._process("2026-01-02", done)
                self.assertEqual(attempt.state, "succeeded")

    @mute_logger(ASKING, "odoo.addons.payment.models.payment_provider")
    def test_who_recognises_requests_may_not_have_decided_yet(self):
        Transaction = type(self.env["payment.transaction"])
        for status in (408, 409, 425):
            answer = requests.Response()
            answer.status_code, answer._content = status, b"Being processed"
            for codes, state in (((), "failed"), (("none",), "unknown")):
                subscription = self._subscribe()
                with (
                    patch.object(Transaction, "_get_repeatable_codes", lambda model, c=codes: c),
                    patch.object(requests, "request", return_value=answer),
                ):
                    self._process("2026-01-01", lambda tx: tx._send_api_request("POST", "/pay"))
                self.assertEqual(self._attempts(subscription).state, state, status)

    @mute_logger(ASKING)
    def test_a_provider_that_recognises_a_request_is_asked_again(self):
        Transaction = type(self.env["payment.transaction"])
        self.patch(Transaction, "_get_repeatable_codes", lambda model: ("none",))
        subscription = self._subscribe()
        self._process("2026-01-01", silence)
        attempt = self._attempts(subscription)
        self.assertTrue(attempt.is_repeatable)
        asked = self._process("2026-01-02", silence)
        asked += self._process("2026-01-03", done)
        self.assertEqual({tx.reference for tx in asked}, {attempt.idempotency_key})
        self.assertEqual((attempt.state, len(self._attempts(subscription))), ("succeeded", 1))
        self.assertFalse(attempt.activity_ids or subscription.billing_error)

    @mute_logger(ASKING)
    def test_keys_that_the_provider_has_forgotten_are_not_used_again(self):
        Transaction = type(self.env["payment.transaction"])
        self.patch(Transaction, "_get_repeatable_codes", lambda model: ("none",))
        subscription = self._subscribe()
        with freeze_time(fields.Datetime.now() - timedelta(hours=24)):
            self._process("2026-01-01", silence)
        self.assertFalse(self._process("2026-01-02", done))
        attempt = self._attempts(subscription)
        self.assertEqual((attempt.state, attempt.is_repeatable), ("unknown", False))

    def test_authorized_waits_for_the_capture(self):
        Provider = type(self.env["payment.provider"])
        self.patch(
            Provider,
            "_compute_feature_support_fields",
            lambda providers: providers.update({"support_manual_capture": "full_only"}),
        )
        self.provider.invalidate_recordset(["support_manual_capture"])
        subscription = self._subscribe()
        self._process("2026-01-01", lambda tx: tx._set_authorized())
        attempt = self._attempts(subscription)
        self.assertEqual(attempt.state, "authorized")
        self.assertIn("Capture", attempt.activity_ids.summary)
        self.assertFalse(self._process("2026-01-02", done))
        attempt.transaction_id._set_done()
        attempt.transaction_id._post_process()
        self.assertEqual(attempt.move_id.amount_residual, 0.0)
        self.assertFalse(attempt.activity_ids)

    def test_an_answer_that_comes_twice_is_booked_once(self):
        subscription = self._subscribe()
        self._process("2026-01-01", done)
        attempt = self._attempts(subscription)
        payment = attempt.transaction_id.payment_id
        attempt.transaction_id._set_done()
        attempt.sudo()._book()
        self._follow_up()
        payments = self.env["account.payment"].search(
            [("payment_transaction_id", "=", attempt.transaction_id.id)]
        )
        self.assertEqual(payments, payment)
        self.assertEqual(self._event_types(subscription), ["payment_succeeded"])

    def test_a_refusal_that_turns_into_a_payment_is_kept_as_credit(self):
        """The first attempt succeeds after the second: no money gets lost, somebody is told."""
        subscription = self._subscribe()
        first = self._fail(subscription)
        with self._answers(done):
            first.action_retry()
        first.transaction_id._set_done()
        first.transaction_id._post_process()
        self.assertEqual(self._attempts(subscription).mapped("state"), ["succeeded"] * 2)
        self.assertIn("Paid more", first.activity_ids.summary)
        credit = first.transaction_id.payment_id.move_id.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        self.assertEqual(credit.amount_residual, -34.5)

    def test_a_report_that_fails_loses_no_money_and_is_made_up_for(self):
        subscription = self._subscribe()
        Event = type(self.env["subscription.event"])

        def react(events):
            if "payment_succeeded" in events.mapped("event_type"):
                raise RuntimeError("The process is out of memory.")

        logger = "odoo.addons.subscription_base.models.subscription_payment_report"
        with patch.object(Event, "_react_safely", react), self.assertLogs(logger, "ERROR"):
            self._process("2026-01-01", done)
        move = subscription._get_invoices()
        self.assertEqual(move.amount_residual, 0.0)
        self.assertFalse(self._event_types(subscription))
        self._follow_up()
        self._follow_up()
        self.assertEqual(self._event_types(subscription), ["payment_succeeded"])
