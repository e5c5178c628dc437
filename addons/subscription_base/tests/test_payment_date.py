from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import shows
from .test_action import ActionCommon


@tagged("post_install", "-at_install")
class TestPaymentDate(ActionCommon):
    """Money that comes in, and goes back, is recognised with its date, whatever books it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enterClassContext(freeze_time("2026-01-20"))
        cls.bank = cls.company_data["default_journal_bank"]

    def _bill_one(self, **values):
        subscription = self._create_subscription(**values)
        return subscription, self._bill(subscription, "2026-01-01")

    def _receive(self, move, amount, date):
        """A line of a bank statement, reconciled with the invoice as an accountant does."""
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": date,
                "payment_ref": move.name,
                "partner_id": move.partner_id.id,
                "amount": amount,
            }
        )
        receivable = move.line_ids.filtered(lambda item: item.account_type == "asset_receivable")
        _liquidity, suspense, _others = line.with_context(
            skip_account_move_synchronization=True
        )._seek_for_lines()
        suspense.with_context(
            check_move_validity=False, skip_account_move_synchronization=True
        ).write({"account_id": receivable.account_id.id, "partner_id": move.partner_id.id})
        (receivable + suspense).reconcile()
        return line

    def _payment_events(self, subscription):
        events = subscription.event_ids.filtered(lambda event: event.move_id).sorted("id")
        return [(event.event_type, str(event.date_effective)) for event in events]

    @shows("K3-31")
    def test_the_date_of_the_bank_line_is_stored_on_the_period(self):
        subscription, move = self._bill_one()
        self._receive(move, 10.0, "2026-01-05")
        self.assertEqual((move.payment_state, move.subscription_date_paid), ("partial", False))
        self._receive(move, move.amount_residual, "2026-01-08")
        self.assertEqual(move.payment_state, "paid")
        self.assertEqual(str(move.subscription_date_paid), "2026-01-08")
        self.assertEqual(self._charges(subscription, "period_start", "period_end"),
                         [("2026-01-01", "2026-01-31")])  # fmt: skip
        self.assertEqual(str(subscription.charge_ids.date_paid), "2026-01-08")
        self.assertEqual(self._payment_events(subscription), [("invoice_paid", "2026-01-08")])
        self.env.cr.flush()
        self.assertEqual(len(self._payment_events(subscription)), 1)
        event = subscription.event_ids.sorted("id")[-1]
        self.assertEqual(event.move_id, move)
        self.assertEqual(event.description, move.name)
        self.assertEqual(event.summary, f"Invoice paid: {move.name}, on 01/08/2026")

    def test_a_returned_debit_opens_the_invoice_again_and_the_second_payment_counts(self):
        subscription, move = self._bill_one()
        self._receive(move, move.amount_total, "2026-01-05")
        move.line_ids.remove_move_reconcile()
        self.env.cr.flush()
        self.assertEqual((move.payment_state, move.subscription_date_paid), ("not_paid", False))
        self.assertFalse(subscription.charge_ids.date_paid)
        self._receive(move, move.amount_total, "2026-01-18")
        self.assertEqual(str(subscription.charge_ids.date_paid), "2026-01-18")
        self.assertEqual(
            self._payment_events(subscription),
            [
                ("invoice_paid", "2026-01-05"),
                ("invoice_unpaid", "2026-01-20"),
                ("invoice_paid", "2026-01-18"),
            ],
        )

    def test_what_comes_and_goes_in_one_transaction_is_no_event(self):
        subscription, move = self._bill_one()
        self.env.cr.flush()
        payment = self._pay_without_entry(move)
        self.assertEqual(str(move.subscription_date_paid), "2026-01-07")
        payment.action_cancel()
        self.env.cr.flush()
        self.assertFalse(move.subscription_date_paid)
        self.assertFalse(self._payment_events(subscription))

    def _pay_without_entry(self, move):
        """Without an outstanding account Odoo books nothing, and calls no hook."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": move.partner_id.id,
                "amount": move.amount_total,
                "date": "2026-01-07",
                "journal_id": self.bank.id,
                "invoice_ids": [Command.set(move.ids)],
            }
        )
        payment.outstanding_account_id = False
        payment.action_post()
        self.assertFalse(payment.move_id)
        return payment

    @shows("K3-31")
    def test_a_payment_without_an_entry_of_its_own(self):
        subscription, move = self._bill_one()
        self._pay_without_entry(move)
        self.env.cr.flush()
        self.assertEqual(str(subscription.charge_ids.date_paid), "2026-01-07")
        self.assertEqual(self._payment_events(subscription), [("invoice_paid", "2026-01-07")])

    def test_an_invoice_of_nothing_is_paid_with_its_date(self):
        subscription, move = self._bill_one(
            line_ids=[Command.create({"product_id": self.hosting.id, "price_unit": 0.0})]
        )
        self.env.cr.flush()
        self.assertEqual(move.amount_total, 0.0)
        self.assertEqual(self._payment_events(subscription), [("invoice_paid", "2026-01-01")])

    def test_a_credit_note_is_no_payment(self):
        subscription, move = self._bill_one()
        move._reverse_moves(cancel=True)
        self.env.cr.flush()
        self.assertEqual(move.payment_state, "reversed")
        self.assertFalse(self._payment_events(subscription))
        self.assertFalse(subscription.charge_ids.filtered("date_paid"))

    def test_an_invoice_for_two_subscriptions_pays_both(self):
        plan = self._create_plan(
            "Together", [{"product_id": self.hosting.id}], invoice_grouping="customer"
        )
        both = self._create_subscription(plan) + self._create_subscription(plan)
        move = self._bill(both, "2026-01-01")
        self.assertEqual(move.subscription_count, 2)
        self._receive(move, move.amount_total, "2026-01-05")
        for subscription in both:
            self.assertEqual(self._payment_events(subscription), [("invoice_paid", "2026-01-05")])

    def test_an_update_dates_what_was_paid_before_and_tells_nobody(self):
        subscription, move = self._bill_one()
        self._receive(move, move.amount_total, "2026-01-05")
        self.env.cr.flush()
        self.env.cr.execute(
            "UPDATE account_move SET subscription_date_paid = NULL WHERE id = %s", [move.id]
        )
        self.env.cr.execute("UPDATE subscription_charge SET date_paid = NULL")
        self.env.invalidate_all()
        before = subscription.event_ids
        self.env["subscription.charge"].init()
        self.env.cr.flush()
        self.assertEqual(str(move.subscription_date_paid), "2026-01-05")
        self.assertEqual(str(subscription.charge_ids.date_paid), "2026-01-05")
        self.assertEqual(subscription.event_ids, before)

    def test_invoices_of_other_business_are_left_alone(self):
        move = self._create_invoice_one_line(price_unit=10.0, post=True)
        self._receive(move, move.amount_total, "2026-01-05")
        self.assertEqual((move.payment_state, move.subscription_date_paid), ("paid", False))

    def test_many_payments_cost_few_queries(self):
        subscriptions = self.env["subscription.subscription"].union(
            *(self._create_subscription() for _number in range(10))
        )
        moves = self._bill(subscriptions, "2026-01-01")
        self.env.cr.flush()
        moves[:5].mapped("payment_state")
        few = self._count_queries(moves[:2])
        many = self._count_queries(moves[2:])
        self.assertLessEqual(many - few, 6 * 6, "queries per paid invoice")

    def _count_queries(self, moves):
        self.env["account.move"].sudo()._fields["subscription_date_paid"]
        for move in moves:
            move._note_payment_change(move.subscription_date_paid)
        moves.env.cr.execute(
            "UPDATE account_move SET subscription_date_paid = %s WHERE id = ANY(%s)",
            ("2026-01-09", moves.ids),
        )
        moves.invalidate_recordset(["subscription_date_paid"])
        before = self.env.cr.sql_log_count
        self.env["account.move"].sudo()._record_payments()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    @shows("K3-32", "SM-31")
    def test_a_payment_unlocks_what_was_locked(self):
        """The action of the plan lets a suspended service go on as soon as the money is there."""
        feature = self.env["subscription.feature"].create({"name": "Course", "handle": "course"})
        plan = self._create_plan(
            "Course",
            [{"product_id": self.hosting.id}],
            entitlement_ids=[Command.create({"feature_id": feature.id})],
        )
        self._create_action("payment_received", plan, code="record._resume()")
        subscription, move = self._bill_one(plan=plan)
        self.assertTrue(self.partner_a._has_entitlement("course"))
        subscription._pause("2026-01-20", kind="suspension", reason="Not paid")
        self.env.flush_all()
        self.assertEqual(subscription.state, "suspended")
        self.assertFalse(self.partner_a._has_entitlement("course"))
        self._receive(move, move.amount_total, "2026-01-19")
        self._run_actions()
        self.assertEqual(self._get_states(subscription), [("payment_received", "done")])
        self.assertEqual(subscription.state, "active")
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(self.partner_a._has_entitlement("course"))
