from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.account_payment.tests.common import AccountPaymentCommon
from odoo.addons.subscription_base.models.payment_provider import NoAnswer, NotReached
from odoo.addons.subscription_base.tests.common import shows

from .prepaid_common import PrepaidCommon

LOGGER = "odoo.addons.subscription_prepaid.models.subscription_recharge_attempt"


@tagged("post_install", "-at_install")
class TestRecharge(PrepaidCommon, AccountPaymentCommon):
    """Below 10.00 the balance is topped up by 20.00, at most 50.00 in 30 days."""

    def setUp(self):
        super().setUp()
        self.token = self._create_token(partner_id=self.partner_a.id)
        self.agreement = self._agree()
        self.asked = []

    def _agree(self, **values):
        terms = {"threshold": 10.0, "amount": 20.0, "limit": 50.0} | values
        return self.env["subscription.recharge"]._agree(
            self.wallet, self.partner_a, self.token, **terms
        )

    def _run(self, answer=lambda tx: tx._set_done(), day="2026-03-10", hour="09:00:00"):
        def send(transaction):
            self.asked.append(transaction)
            return answer(transaction)

        with (
            freeze_time(f"{day} {hour}"),
            self._commits_flush(),
            patch.object(type(self.env["payment.transaction"]), "_send_payment_request", send),
        ):
            self.env["subscription.recharge"].sudo()._cron_recharge()
        self.wallet.invalidate_recordset()

    def _break_off(self, transaction):
        raise NoAnswer("connection lost")

    def test_topped_up_when_it_is_below_the_threshold(self):
        self._run()
        self.assertEqual(self.wallet.balance, 20.0)
        self.assertEqual(self.asked[0].token_id, self.token)
        self.assertEqual(self.asked[0].payment_id.subscription_wallet_id, self.wallet)
        self._run()
        self.assertEqual((self.wallet.balance, len(self.asked)), (20.0, 1))
        self.wallet._settle(self._invoice(10.0))
        self._run()
        self.assertEqual(self.wallet.balance, 10.0, "10.00 is not below 10.00")
        self.wallet._settle(self._invoice(0.01))
        self._run()
        self.assertEqual(self.wallet.balance, 29.99)

    def test_after_a_use_the_job_comes_at_once(self):
        self._run()
        cron = self.env.ref("subscription_prepaid.ir_cron_recharge").sudo()
        triggers = self.env["ir.cron.trigger"].sudo()
        before = triggers.search_count([("cron_id", "=", cron.id)])
        self.wallet._settle(self._invoice(5.0))
        self.assertEqual(triggers.search_count([("cron_id", "=", cron.id)]), before)
        self.wallet._settle(self._invoice(10.0))
        self.assertEqual(triggers.search_count([("cron_id", "=", cron.id)]), before + 1)

    def test_no_more_than_the_limit_in_the_period(self):
        for _time in range(4):
            self._run()
            if self.wallet.balance > 0:
                self.wallet._settle(self._invoice(self.wallet.balance))
        self.assertEqual(len(self.asked), 2, "a third time would make 60.00")
        self._run(day="2026-04-10")
        self.assertEqual(len(self.asked), 3, "a new period")

    def test_a_new_agreement_is_no_way_round_the_limit(self):
        for _time in range(2):
            self._run()
            self.wallet._settle(self._invoice(20.0))
        self.assertEqual(self._agree(), self.agreement, "the same again is agreed once")
        again = self._agree(threshold=11.0)
        self.assertEqual((self.agreement.state, again.state), ("ended", "active"))
        self._run()
        self.assertEqual(len(self.asked), 2)

    def test_an_outcome_that_is_not_known_is_never_charged_again(self):
        with mute_logger(LOGGER):
            self._run(self._break_off)
        self._run()
        self._run(day="2026-03-15")
        self.assertEqual(len(self.asked), 1)
        attempt = self.agreement.attempt_ids
        self.assertEqual(attempt.state, "unknown")
        self.assertIn("Look up at the provider", self.wallet.activity_ids.summary)
        with freeze_time("2026-03-15 10:00:00"):
            attempt.action_mark_paid()
        self.wallet.invalidate_recordset()
        self.assertEqual((attempt.state, self.wallet.balance), ("succeeded", 20.0))
        with freeze_time("2026-03-15 10:00:00"), self.assertRaisesRegex(UserError, "nothing to"):
            attempt.action_mark_not_paid()

    def test_what_was_not_paid_after_all_is_tried_again(self):
        with mute_logger(LOGGER):
            self._run(self._break_off)
        attempt = self.agreement.attempt_ids
        with self.assertRaisesRegex(UserError, "nothing to tell"):
            attempt.action_mark_not_paid()
        with freeze_time("2026-03-11 10:00:00"):
            attempt.action_mark_not_paid()
        self._run(day="2026-03-11", hour="11:00:00")
        self.assertEqual((len(self.asked), self.wallet.balance), (2, 20.0))

    def test_the_database_lets_no_second_payment_begin(self):
        self._run(lambda tx: tx._set_pending())
        attempts = self.env["subscription.recharge.attempt"].sudo()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.IntegrityError),
            self._commits_flush(),
            self.cr.savepoint(),
        ):
            attempts._begin(self.agreement, 20.0)

    def test_a_pending_payment_comes_in_when_it_is_confirmed(self):
        self._run(lambda tx: tx._set_pending())
        self._run(day="2026-03-12")
        self.assertEqual((len(self.asked), self.wallet.balance), (1, 0.0))
        self.asked[0]._set_done()
        self.asked[0]._post_process()
        self.wallet.invalidate_recordset()
        self.assertEqual(self.wallet.balance, 20.0)
        self._run(day="2026-03-12")
        self.assertEqual(len(self.asked), 1)

    def test_who_was_not_reached_was_not_charged(self):
        def cut(transaction):
            raise NotReached("no line")

        self._run(cut)
        self.assertEqual(self.agreement.attempt_ids.state, "failed")

    def test_failures_are_tried_later_and_at_last_given_up(self):
        self.partner_a.email = "erika@example.com"
        days = [f"2026-03-{day}" for day in range(10, 20)]
        for day in days:
            self._run(lambda tx: tx._set_error("No funds"), day=day)
        self.assertEqual([str(a.date) for a in self.agreement.attempt_ids.sorted("id")],
                         ["2026-03-10", "2026-03-11", "2026-03-13"])  # fmt: skip
        self.assertEqual(self.agreement.state, "ended")
        self.assertIn("switched off", self.wallet.activity_ids.summary)
        mails = self.env["mail.mail"].sudo().search([("model", "=", "subscription.recharge")])
        self.assertEqual((len(mails), mails.recipient_ids), (1, self.partner_a))

    def test_a_method_that_cannot_be_charged_any_more(self):
        self.token.active = False
        self._run()
        self.assertEqual((self.agreement.state, self.asked), ("ended", []))
        with self.assertRaisesRegex(UserError, "cannot be charged any more"):
            self._agree()

    def test_what_is_on_its_way_counts(self):
        self.company.subscription_debit_window = 56
        methods = self.env["payment.method"].with_context(active_test=False)
        self.token.payment_method_id = methods.search([("code", "=", "sepa_direct_debit")], limit=1)
        self._run()
        self.assertEqual((self.wallet.balance, self.wallet.amount_on_its_way), (0.0, 20.0))
        self._run(day="2026-03-20")
        self.assertEqual(len(self.asked), 1)

    def test_the_consent_is_kept_with_its_date_and_ends_at_any_time(self):
        one = self.agreement
        for text in ("10.00", "20.00", "50.00", self.company.name):
            self.assertIn(text, one.consent_text)
        self.assertEqual(str(one.consented_on), "2026-03-10 09:00:00")
        self.assertIn("I authorise", str(self.wallet.message_ids.mapped("body")))
        own = one.with_env(self.env)
        with self.assertRaisesRegex(AccessError, "Switch it off"):
            own.write({"amount": 500.0})
        self._run()
        with self.assertRaisesRegex(AccessError, "cannot be changed"):
            own.attempt_ids.write({"date": "2020-01-01"})
        own.action_end()
        self.assertEqual(one.state, "ended")
        self.wallet._settle(self._invoice(20.0))
        self._run()
        self.assertEqual(len(self.asked), 1)
        self.assertFalse(self.wallet.recharge_id)

    def test_terms_that_make_no_sense_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "ever be topped up"), self.cr.savepoint():
            self._agree(limit=10.0)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.IntegrityError),
            self.cr.savepoint(),
        ):
            self._agree(amount=0.0, limit=0.0)
        self.token = self._create_token(partner_id=self.partner_b.id)
        with self.assertRaisesRegex(ValidationError, "another customer"), self.cr.savepoint():
            self._agree()

    @shows("SD-15")
    def test_it_renews_no_contract(self):
        contract = self._sell("2026-02-28")
        self._run()
        self.assertEqual(self.wallet.balance, 20.0)
        self._top_up(480.0)
        before = contract._get_invoices()
        self._run_cron("2026-03-28 06:00:00")
        self._run(day="2026-03-28")
        self.assertEqual((contract.state, contract._get_invoices()), ("closed", before))

    def test_the_clerk_sees_it_on_the_balance(self):
        with Form(self.wallet) as form:
            self.assertEqual(form.recharge_id, self.agreement)
        with Form(self.agreement.with_env(self.env)) as form:
            self.assertIn("I authorise", form.consent_text)
        found = self.env["subscription.recharge"].search([("attempt_ids.state", "=", "unknown")])
        self.assertFalse(found)
