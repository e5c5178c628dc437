"""Where the parts of a contract's life meet: binding, prepayment, collection, messages, quotes."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .declaration_common import DeclarationCommon
from .legal_common import LegalCommon
from .payment_common import SubscriptionPaymentCommon, done
from .test_prepayment import PrepaymentCommon
from .test_sale_origin import OriginCommon

EVENTS = "odoo.addons.subscription_base.models.subscription_event"


def refuse(transaction):
    transaction._set_error("No funds")


@tagged("post_install", "-at_install")
class TestWhatFollows(LegalCommon):
    """What an event leads to may fail; what has happened stays."""

    @mute_logger(EVENTS)
    def test_a_message_that_fails_stops_neither_billing_nor_payment(self):
        def fail(*_args):
            raise ValueError("broken")

        with patch.object(type(self.env["subscription.message"]), "_announce", fail):
            subscription = self._create_subscription()
            invoice = self._bill(subscription, "2026-01-01")
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            ).create({})._create_payments()
            self.env.cr.precommit.run()
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertEqual(
            self._events(subscription, "started", "activated", "invoice_paid"),
            ["started", "invoice_paid"],
        )
        self.assertIn("failed", subscription.activity_ids[:1].summary)
        self.assertIn("broken", subscription.activity_ids[:1].note)

    @mute_logger(EVENTS)
    def test_of_several_events_the_others_have_their_messages(self):
        self.partner_a.email = "ada@example.com"
        Message = type(self.env["subscription.message"])
        good, bad = self._create_subscription(start=False), self._create_subscription(start=False)
        prepare = Message._prepare_from_event

        def fail(model, event, kind):
            if event.subscription_id == bad:
                self.env.cr.execute("SELECT 1 / 0")
            return prepare(model, event, kind)

        with (
            patch.object(Message, "_prepare_from_event", fail),
            freeze_time("2026-01-01"),
            mute_logger("odoo.sql_db"),
        ):
            (good + bad).action_start()
        told = self.env["subscription.message"].search([("kind", "=", "welcome")])
        self.assertEqual(told.subscription_id & (good + bad), good)
        self.assertEqual(bad.state, "active")


@tagged("post_install", "-at_install")
class TestOneInvoiceForSeveral(SubscriptionPaymentCommon):
    """Subscriptions of a customer that are invoiced together."""

    def _subscribe_twice(self, *plans):
        return [
            self._subscribe(plan=plan, invoice_grouping="customer")
            for plan in plans or (self.flat_plan, self.flat_plan)
        ]

    def test_what_is_paid_by_invoice_is_not_charged_with_the_rest(self):
        by_invoice = self.flat_plan.copy({"name": "By invoice", "collection_method": "invoice"})
        by_invoice.action_activate()
        charged, billed = self._subscribe_twice(self.flat_plan, by_invoice)
        asked = self._process("2026-01-01", done)
        self.assertEqual([tx.amount for tx in asked], [charged._get_invoices().amount_total])
        self.assertEqual(billed._get_invoices().payment_state, "not_paid")
        self.assertNotEqual(charged._get_invoices(), billed._get_invoices())

    def test_a_failed_payment_is_told_once(self):
        subscriptions = self.env["subscription.subscription"].union(*self._subscribe_twice())
        about = [
            ("kind", "=", "payment_failed"),
            ("subscription_id", "in", subscriptions.ids),
        ]
        with freeze_time("2026-01-01 09:00:00"):
            attempt = self._fail(subscriptions)
            self.assertEqual(len(attempt.subscription_ids), 2)
            with self._answers(refuse):
                attempt.action_retry()
        self.assertEqual(len(self._attempts(subscriptions)), 2)
        self.assertEqual(self.env["subscription.message"].search_count(about), 1)
        with freeze_time("2026-01-04 09:00:00"), self._answers(refuse):
            self._attempts(subscriptions)[-1].action_retry()
        self.assertEqual(self.env["subscription.message"].search_count(about), 2)
        failed = subscriptions.event_ids.filtered(lambda e: e.event_type == "payment_failed")
        self.assertEqual(failed.move_id, attempt.move_id)


@tagged("post_install", "-at_install")
class TestDeclaredEnd(DeclarationCommon):
    @freeze_time("2026-11-27 13:03:05")
    def test_the_confirmation_of_the_declaration_is_the_only_message(self):
        declaration = self._receive()
        self.assertEqual(declaration.outcome, "ends")
        self.assertEqual(len(self._get_mails(declaration)), 1)
        messages = self.env["subscription.message"].search(
            [("subscription_id", "=", self.subscription.id)]
        )
        self.assertNotIn("terminated", messages.mapped("kind"))

    @freeze_time("2026-11-27 13:03:05")
    def test_so_it_is_when_a_person_decides(self):
        declaration = self._receive(termination_kind="extraordinary", grounds="It is down.")
        action = declaration.action_decide()
        reason = self.env["subscription.close.reason"].search([], limit=1)
        wizard = self.env["subscription.close.wizard"].with_context(**action["context"])
        wizard.create({"close_reason_id": reason.id}).action_close()
        self.assertEqual(declaration.state, "done")
        messages = self.env["subscription.message"].search(
            [("subscription_id", "=", self.subscription.id)]
        )
        self.assertNotIn("terminated", messages.mapped("kind"))
        self.assertEqual(self.subscription.termination_kind, "extraordinary")


@tagged("post_install", "-at_install")
class TestPrepaidAndMore(PrepaymentCommon):
    """A prepayment meets later binding, collection, and an order that comes to nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan_delivered = cls._create_plan(
            "Prepaid and delivered",
            [{"product_id": cls.hosting.id}],
            release_policy="payment",
            affirm_trigger="delivery",
            prepayment_days=9,
        )

    def _start_paid(self, **values):
        subscription, proforma = self._start(plan=self.plan_delivered)
        self._pay(proforma, 34.5, "2026-05-03", **values)
        self._follow("2026-05-03 06:00:00")
        self.assertEqual(proforma.state, "paid")
        return subscription, proforma

    def test_the_invoice_that_uses_the_money_later_is_known(self):
        subscription, proforma = self._start_paid()
        self.assertFalse(proforma.invoice_id)
        with freeze_time("2026-05-06"):
            subscription.action_confirm_delivery()
        invoice = self._run_cron("2026-05-06 12:00:00")
        self.assertEqual((proforma.invoice_id, invoice.payment_state), (invoice, "paid"))

    def test_a_payment_without_an_entry_is_not_charged_again(self):
        self.plan_delivered.collection_timing = "before"
        move_class = type(self.env["account.move"])
        self.patch(move_class, "_get_invoice_in_payment_state", lambda move: "in_payment")
        self.inbound_payment_method_line.payment_account_id = False
        subscription, proforma = self._start_paid()
        self.assertFalse(proforma.payment_ids.move_id)
        subscription.payment_token_id = self._create_token(partner_id=self.partner_a.id)
        asked = []
        with freeze_time("2026-05-06"):
            subscription.action_confirm_delivery()
        Transaction = type(self.env["payment.transaction"])
        with patch.object(Transaction, "_send_payment_request", asked.append):
            invoice = self._run_cron("2026-05-06 12:00:00")
        self.assertFalse(asked)
        self.assertEqual((invoice.state, invoice.payment_state), ("posted", "in_payment"))

    def test_what_waits_for_its_payment_is_not_billed_by_hand(self):
        subscription, proforma = self._start(plan=self.plan_delivered)
        subscription.action_confirm_delivery()
        with self.assertRaisesRegex(UserError, "waits for: Payment"):
            subscription.action_bill_now()
        with self.assertRaisesRegex(UserError, "open pro-forma"):
            subscription.action_request_prepayment()
        self._follow("2026-05-30 06:00:00")
        self.assertEqual(proforma.state, "expired")
        with freeze_time("2026-05-30 08:00:00"):
            subscription.action_request_prepayment()
        again = subscription.proforma_ids - proforma
        self._pay(again, 34.5, "2026-06-01")
        self._follow("2026-06-01 06:00:00")
        self.assertEqual((again.state, subscription.state), ("paid", "active"))
        self.assertEqual(str(subscription.date_start), "2026-06-01")
        self.assertEqual(subscription._get_invoices().payment_state, "paid")
        with self.assertRaisesRegex(UserError, "does not wait"):
            subscription.action_request_prepayment()

    def test_money_for_a_cancelled_order_is_paid_back_by_somebody(self):
        subscription, _proforma = self._start_paid()
        with freeze_time("2026-05-04"):
            subscription.action_void()
        self.assertFalse(subscription.charge_ids)
        amount = subscription.currency_id.format(34.5)
        summaries = subscription.activity_ids.mapped("summary")
        self.assertIn(f"Pay back {amount} that was paid in advance", summaries)
        self.assertEqual(sum(self._get_receivables().mapped("amount_residual")), -34.5)

    def test_nobody_is_asked_to_pay_back_what_was_not_paid(self):
        subscription, _proforma = self._start(plan=self.plan_delivered)
        subscription.action_void()
        self.assertFalse(subscription.activity_ids)

    def test_a_cancelled_order_starts_anew_when_it_is_confirmed_again(self):
        subscription, proforma = self._start(plan=self.plan_delivered)
        order = subscription.sale_order_id
        with freeze_time("2026-05-02"):
            subscription.action_void()
            self.assertEqual(order.state, "cancel")
            order.action_draft()
            order.action_confirm()
        again = order.subscription_ids - subscription
        self.assertEqual((again.state, subscription.state), ("pending", "closed"))
        self.assertEqual((again.proforma_ids.state, proforma.state), ("open", "void"))


@tagged("post_install", "-at_install")
@freeze_time("2026-04-16")
class TestQuotesAndPlans(OriginCommon):
    def test_what_was_accepted_last_takes_the_place_of_a_planned_change(self):
        order = self._get_quote("change", on="2026-05-01")
        self._line(order, self.hosting).price_unit = 25.0
        planned = self.subscription._plan_change(self.pro, "2026-06-01")
        order.action_confirm()
        self.assertEqual(planned.state, "cancelled")
        self.assertFalse(self.subscription.next_plan_id)
        self.assertEqual(self._prices("2026-06-15"), [("Hosting", 1.0, 25.0)])

    def test_an_upsell_leaves_the_planned_change_as_it_is(self):
        order = self._get_quote("upsell")
        self._line(order, self.hosting).product_uom_qty = 1.0
        planned = self.subscription._plan_change(self.pro, "2026-06-01")
        order.action_confirm()
        self.assertEqual(planned.state, "planned")

    def test_looking_at_a_quote_starts_nothing(self):
        order = self._get_quote("change", on="2026-05-01")
        names = ("subscription.event", "subscription.message", "subscription.action.run")
        before = [self.env[name].search_count([]) for name in names]
        self._line(order, self.hosting).price_unit = 25.0
        self.assertTrue(order._get_subscription_summary())
        self.assertEqual([self.env[name].search_count([]) for name in names], before)
