"""Any order of payments, invoices, payouts and returns: the balance is what the books say."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import WalletCommon

amounts = st.integers(1, 9999).map(lambda cents: cents / 100)


class WalletStory(RuleBasedStateMachine):
    """A model of one balance beside the books."""

    case = None

    def __init__(self):
        super().__init__()
        self.savepoint = self.case.env.cr.savepoint(flush=True)
        self.wallet = self.case.wallet
        self.expected, self.payments, self.entries = 0.0, [], []

    def teardown(self):
        self.case.env.cr.flush()
        self.savepoint.rollback()
        self.case.env.invalidate_all()

    @rule(amount=amounts)
    def top_up(self, amount):
        self.payments.append(self.case._top_up(amount))
        self._add(amount)

    @rule(amount=amounts)
    def an_invoice_uses_it(self, amount):
        invoice = self.case._invoice(amount)
        self.entries += self.wallet._settle(invoice)
        used = min(amount, max(self.expected, 0.0))
        self.case.assertAlmostEqual(invoice.amount_residual, amount - used, 2)
        self._add(-used)

    @rule(amount=amounts)
    def pay_out(self, amount):
        if amount > self.expected + 0.001:
            with self.case.assertRaises(UserError):
                self.case._top_up(amount, payment_type="outbound")
        else:
            self.case._top_up(amount, payment_type="outbound")
            self._add(-amount)

    @precondition(lambda self: self.payments)
    @rule(data=st.data())
    def a_payment_is_returned(self, data):
        payment = self.payments.pop(data.draw(st.integers(0, len(self.payments) - 1)))
        payment.move_id._reverse_moves([{"date": payment.date}]).action_post()
        self._add(-payment.amount)

    @precondition(lambda self: self.entries)
    @rule(data=st.data())
    def a_use_is_undone_by_hand(self, data):
        entry = self.entries.pop(data.draw(st.integers(0, len(self.entries) - 1)))
        amount = sum(entry.line_ids.mapped("debit"))
        entry._reverse_moves([{"date": entry.date}], cancel=True)
        self._add(amount)

    @precondition(lambda self: self.payments)
    @rule(data=st.data())
    def items_are_reconciled_by_hand(self, data):
        items = self.wallet.entry_ids.move_line_id.filtered(lambda line: not line.reconciled)
        if items:
            data.draw(st.sampled_from([items, items[: len(items) // 2]])).reconcile()

    def _add(self, amount):
        self.expected = round(self.expected + amount, 2)

    @invariant()
    def the_balance_is_the_ledger(self):
        self.wallet.invalidate_recordset()
        self.case.assertAlmostEqual(self.wallet.balance, self.expected, 2)
        self.case._check_tie_out()


@tagged("post_install", "-at_install")
class TestWalletStories(WalletCommon):
    def test_the_balance_is_the_ledger_after_each_step_of_any_story(self):
        run_state_machine_as_test(
            type("ThisStory", (WalletStory,), {"case": self}),
            settings=settings(
                max_examples=30,
                stateful_step_count=10,
                derandomize=True,
                phases=[Phase.generate],
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
