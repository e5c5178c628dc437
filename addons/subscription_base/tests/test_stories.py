"""Random stories through the records; after each step the rules that must never break hold."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from ..billing import bill, rate
from ..billing.ledger import horizon, stated_until
from .common import SubscriptionCommon

SEQUENCES = 100
STEPS = 8
STARTS = [date(2024, 2, 29), date(2024, 1, 31), date(2026, 3, 29), date(2026, 10, 25)]
_DAY = timedelta(days=1)

offsets = st.integers(-40, 40)
steps = st.sampled_from([0, 1, 14, 31, 31, 62])


class Story(RuleBasedStateMachine):
    """One subscription from its start on. :attr:`case` is the test that tells it."""

    case = None

    @initialize(
        start=st.sampled_from(STARTS),
        schedule=st.sampled_from(
            [("month_start", 1), ("month_fixed", 1), ("month_last", 1), ("weekly_fixed", 2)]
        ),
        mode=st.sampled_from(["prorated", "full", "zero", "no_bill"]),
    )
    def sell(self, start, schedule, mode):
        self.savepoint = self.case.env.cr.savepoint()
        self.savepoint.__enter__()
        self.today = start
        kind, interval = schedule
        plan = self.case._create_plan(
            "Story",
            [
                {"product_id": self.case.hosting.id},
                {"product_id": self.case.setup_fee.id, "charge_type": "setup"},
                {
                    "product_id": self.case.traffic.id,
                    "charge_type": "usage",
                    "included_qty": 100.0,
                },
                {"product_id": self.case.domain.id, "is_optional": True},
            ],
            schedule_type=kind,
            interval_count=interval,
            partial_period=mode,
        )
        with freeze_time(self.today):
            self.subscription = self.case._create_subscription(plan, self.today)

    def teardown(self):
        if hasattr(self, "savepoint"):
            self.savepoint.close(rollback=True)
            self.case.env.invalidate_all()

    def attempt(self, action):
        """Do what a user does; what is refused with a reason changes nothing."""
        with freeze_time(self.today):
            try:
                with self.case.env.cr.savepoint():
                    action()
                    self.case.env.flush_all()
            except (UserError, ValidationError):
                self.case.env.invalidate_all()

    def line(self, data, kind="recurring"):
        lines = self.subscription.line_ids.filtered(
            lambda line: (
                line.charge_type == kind and not (line.date_end and line.date_end < line.date_start)
            )
        )
        return data.draw(st.sampled_from(lines.sorted("id").ids)) if lines else None

    def browse(self, line_id):
        return self.case.env["subscription.line"].browse(line_id)

    @rule(days=steps)
    def bill(self, days):
        self.today += days * _DAY
        self.attempt(lambda: self.case._bill(self.subscription, self.today))

    @rule(offset=offsets, quantity=st.integers(1, 5), data=st.data())
    def change_the_quantity(self, offset, quantity, data):
        on = self.today + offset * _DAY
        if line := self.line(data):
            self.attempt(lambda: self.browse(line)._change(on, quantity=float(quantity)))

    @rule(
        offset=offsets,
        price=st.integers(0, 9999).map(lambda cents: cents / 100),
        credit=st.booleans(),
        charge=st.sampled_from(["prorated", "full", "none"]),
        data=st.data(),
    )
    def change_the_price(self, offset, price, credit, charge, data):
        on = self.today + offset * _DAY
        if line := self.line(data):
            self.attempt(lambda: self.browse(line)._change(on, credit, charge, price_unit=price))

    @rule(offset=offsets)
    def add_an_option(self, offset):
        if option := self.subscription.plan_id.component_ids.filtered("is_optional"):
            self.attempt(lambda: self.subscription._add_option(option, self.today + offset * _DAY))

    @rule(offset=offsets, data=st.data())
    def remove_an_option(self, offset, data):
        if line := self.line(data):
            self.attempt(lambda: self.browse(line)._end(self.today + offset * _DAY))

    @rule(offset=offsets, days=st.integers(1, 50) | st.none())
    def pause(self, offset, days):
        start = self.today + offset * _DAY
        end = days and start + days * _DAY
        self.attempt(lambda: self.subscription._pause(start, end))

    @rule(offset=offsets)
    def resume(self, offset):
        self.attempt(lambda: self.subscription._resume(self.today + offset * _DAY))

    @rule(offset=st.integers(-90, 0), quantity=st.integers(1, 400), data=st.data())
    def usage_comes(self, offset, quantity, data):
        if line := self.line(data, "usage"):
            values = {
                "line_id": line,
                "date": self.today + offset * _DAY,
                "quantity": float(quantity),
            }
            self.attempt(lambda: self.case.env["subscription.usage"].create(values))

    @rule(offset=offsets)
    def close(self, offset):
        self.attempt(lambda: self.subscription._close(self.today + offset * _DAY))

    @precondition(lambda self: self.subscription.charge_ids.move_id)
    @rule(data=st.data())
    def credit_an_invoice_by_hand(self, data):
        invoices = self.subscription.charge_ids.move_id.filtered(
            lambda move: move.state == "posted" and move.move_type == "out_invoice"
        )
        if invoices:
            invoice = data.draw(st.sampled_from(invoices.sorted("id").ids))
            self.attempt(lambda: self.credit(self.case.env["account.move"].browse(invoice)))

    def credit(self, invoice):
        wizard = self.case.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        refund = wizard.create({"journal_id": invoice.journal_id.id, "date": self.today})
        refund.refund_moves()
        refund.new_move_ids.action_post()

    @invariant()
    def the_rules_hold(self):
        if not hasattr(self, "subscription"):
            return
        posted = {charge.id: charge.amount for charge in self.subscription.charge_ids}
        with freeze_time(self.today), self.case.env.cr.savepoint(flush=True) as savepoint:
            self.case._bill(self.subscription, self.today)
            self.check_ledger(posted)
            self.check_invoices()
            self.check_recurring()
            savepoint.close(rollback=True)
        self.case.env.invalidate_all()

    def check_ledger(self, posted):
        """Rules 1 to 4 and 8: the ledger states what is owed, once, and is only added to."""
        case, subscription = self.case, self.subscription
        timeline, ledger = subscription._get_billing_inputs()[subscription.id]
        until = stated_until(ledger, horizon(ledger, self.today))
        later = [entry.charge for entry in [*ledger, *bill(timeline, ledger, until).entries]]
        waived = {entry.charge.line for entry in ledger if entry.waived}
        owed, charged = self.sums(rate(timeline, until)), self.sums(later)
        for line in {*owed, *charged} - waived:
            case.assertEqual(charged[line], owed[line])
        for line in waived:
            case.assertGreaterEqual(charged[line], 0)
        case.assertFalse(case._bill(subscription, self.today), "billing twice adds nothing")
        for charge in subscription.charge_ids:
            case.assertEqual(posted.get(charge.id, charge.amount), charge.amount)
            case.assertTrue(charge.explanation)

    @staticmethod
    def sums(charges):
        totals = defaultdict(Decimal)
        for charge in charges:
            totals[charge.line] += charge.amount
        return totals

    def check_invoices(self):
        """Rule 2: each charge with an amount is on one invoice line of just that amount."""
        case = self.case
        invoiced = self.subscription.charge_ids.filtered(lambda c: c.amount and not c.is_by_hand)
        for charge in invoiced:
            lines = charge.move_line_ids.filtered(lambda line: line.parent_state != "cancel")
            case.assertEqual(len(lines), 1, charge.explanation)
            subtotal = -lines.move_id.direction_sign * lines.price_subtotal
            case.assertEqual(lines.currency_id.compare_amounts(subtotal, charge.amount), 0)
        for row in case.env["subscription.charge"]._get_tie_out(case.company):
            case.assertEqual(row["difference"], 0)

    def check_recurring(self):
        """The recorded changes add up to the recurring revenue."""
        subscription = self.subscription
        logged = sum(subscription.event_ids.mapped("recurring_delta"))
        revenue = 0.0 if subscription.state == "closed" else subscription.recurring_monthly
        self.case.assertAlmostEqual(logged, revenue, 2)


def play(case, story, sequences=SEQUENCES):
    """Play the same random stories each time; one that fails is told as it is, not shortened.

    :param case: the test that tells them.
    :param type story: a :class:`Story`.
    :param int sequences: how many.
    """
    run_state_machine_as_test(
        type("ThisStory", (story,), {"case": case}),
        settings=settings(
            max_examples=sequences,
            stateful_step_count=STEPS,
            derandomize=True,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


@tagged("post_install", "-at_install")
class TestStories(SubscriptionCommon):
    def test_the_rules_hold_after_each_step_of_any_story(self):
        play(self, Story)
