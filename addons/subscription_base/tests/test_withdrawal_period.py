from datetime import date

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import shows
from .test_withdrawal import WithdrawalCommon


@tagged("post_install", "-at_install")
class TestWithdrawalPeriod(WithdrawalCommon):
    @shows("LAW-14")
    def test_it_is_stored_at_conclusion(self):
        subscription = self._order()
        self.assertEqual(str(subscription.date_concluded), "2026-03-01")
        self.assertEqual(str(subscription.date_instructed), "2026-03-01")
        self.assertEqual(str(subscription.withdrawal_until), "2026-03-15")
        self.company.subscription_instructs = False
        late = self._conclude("2026-03-01 08:00:00")
        self.assertFalse(late.date_instructed)
        self.assertEqual(str(late.withdrawal_until), "2027-03-15")
        late.date_instructed = "2026-04-10"
        self.assertEqual(str(late.withdrawal_until), "2026-04-24")
        found = self.env["subscription.subscription"].search(
            [("withdrawal_until", ">=", "2026-03-20"), ("partner_id", "=", self.consumer.id)]
        )
        self.assertEqual(found, late)

    @shows("LAW-14")
    def test_goods_and_digital_content(self):
        subscription = self._conclude("2026-03-01 08:00:00")
        subscription.date_goods_received = "2026-03-05"
        self.assertEqual(str(subscription.withdrawal_until), "2026-03-19")
        self.flat_plan.is_digital_content = True
        self.assertEqual(str(subscription.withdrawal_until), "2026-03-19")
        subscription.date_digital_consent = "2026-03-01"
        self.assertFalse(subscription.withdrawal_until)
        self.assertEqual(subscription.withdrawal_state, "expired")

    def test_a_business_has_no_right_to_withdraw(self):
        self.consumer.vat = "BE0477472701"
        subscription = self._conclude()
        self.assertEqual(
            (subscription.customer_kind, subscription.withdrawal_until), ("business", False)
        )
        with self.assertRaisesRegex(UserError, "Only consumers"):
            self._revoke(subscription)

    @shows("LAW-17")
    def test_a_trial_whose_price_was_not_shown_opens_a_second_period(self):
        plan = self._create_legal_plan(trial_length=30)
        subscription = self._conclude("2026-03-01 08:00:00", plan)
        self.assertEqual(str(subscription.withdrawal_until), "2026-04-14")
        subscription.trial_price_shown = True
        self.assertEqual(str(subscription.withdrawal_until), "2026-03-15")
        ordered = self._order(plan)
        self.assertTrue(ordered.trial_price_shown)
        self.assertEqual(str(ordered.withdrawal_until), "2026-03-15")

    def test_what_the_customer_has_not_seen_has_told_nothing(self):
        plan = self._create_legal_plan(trial_length=30)
        for values, sent, known in (
            ({}, False, False),
            ({}, True, True),
            ({"signed_on": "2026-03-01 07:00:00", "signed_by": "Ada"}, False, True),
        ):
            subscription = self._order(plan, sent=sent, **values)
            self.assertEqual(subscription.trial_price_shown, known)
            self.assertEqual(bool(subscription.date_instructed), known)
        unseen = self._order(plan, sent=False)
        self.assertEqual(str(unseen.withdrawal_until), "2027-04-14")
        with freeze_time("2026-03-01"):
            by_hand = self._create_subscription(plan, "2026-03-01", partner_id=self.consumer.id)
        self.assertFalse(by_hand.date_instructed or by_hand.trial_price_shown)
        sent = self._order(plan).sale_order_id
        self.assertTrue(sent.date_sent and not sent.copy().date_sent)

    def test_it_begins_when_the_contract_binds(self):
        """Before, the customer may leave on any day; then the period of the law runs (C16)."""
        values = {"release_policy": "purchase", "prepayment_days": 90}
        for trigger in ("signature", "payment_full", "payment_part", "delivery"):
            with self.subTest(trigger):
                plan = self._create_legal_plan(trigger, **values)
                subscription = self._conclude("2026-03-01 08:00:00", plan)
                self.assertEqual(
                    (subscription.affirmed_on, subscription.withdrawal_until), (False, False)
                )
                with freeze_time("2026-04-20"):
                    subscription.invalidate_recordset(["withdrawal_state"])
                    self.assertEqual(subscription.withdrawal_state, "running")
                    self.assertFalse(subscription._check_revocable(date(2026, 4, 20)))
                    subscription._affirm("reached")
                self.assertEqual(str(subscription.withdrawal_until), "2026-05-04")
                self.assertEqual(subscription.withdrawal_state, "over")

    def test_it_begins_with_the_service_where_that_binds(self):
        plan = self._create_legal_plan("service_start")
        with freeze_time("2026-03-01 08:00:00"):
            subscription = self._create_subscription(
                plan, "2026-04-01", partner_id=self.consumer.id, date_instructed="2026-03-01"
            )
        self.assertFalse(subscription.withdrawal_until)
        self._run_cron("2026-04-01 08:00:00")
        self.assertEqual(str(subscription.affirmed_on.date()), "2026-04-01")
        self.assertEqual(str(subscription.withdrawal_until), "2026-04-15")

    @shows("LAW-17")
    def test_a_trial_that_binds_at_its_end_has_one_right_from_the_sign_up(self):
        subscription = self._order(self._create_legal_plan("trial_end", trial_length=30))
        self.assertFalse(subscription.affirmed_on)
        self.assertEqual(str(subscription.withdrawal_until), "2026-03-15")
        self._run_cron("2026-04-01 08:00:00")
        self.assertTrue(subscription.affirmed_on)
        self.assertEqual(str(subscription.withdrawal_until), "2026-03-15")

    def test_the_order_itself_binds_on_the_day_of_the_order(self):
        self.assertEqual(str(self._order().withdrawal_until), "2026-03-15")

    def test_its_state_follows_the_days(self):
        subscription = self._conclude("2026-03-01 08:00:00")
        for day, state in (("2026-03-15", "running"), ("2026-03-16", "over")):
            with freeze_time(f"{day} 12:00:00"):
                self.env.invalidate_all()
                self.assertEqual(subscription.withdrawal_state, state)
