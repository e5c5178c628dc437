"""Any order of grants, payments, invoices and credits, with balances of all kinds."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from odoo.tests import tagged

from .bonus_common import BonusCommon

cents = st.integers(1, 9999).map(lambda amount: amount / 100)


class BalanceStory(RuleBasedStateMachine):
    """What was given, paid in and charged, beside the books."""

    case = None

    def __init__(self):
        super().__init__()
        self.savepoint = self.case.env.cr.savepoint(flush=True)
        self.wallets = {
            "credit": self.case.wallet,
            "service": self.case._get_wallet(kind="service", subscription=self.case.contract),
            "deposit": self.case._get_wallet(kind="deposit"),
        }
        self.bonus = self.case.bonus_wallet
        self.expected = dict.fromkeys(self.wallets, 0.0)
        self.given, self.invoices = 0.0, []

    def teardown(self):
        self.case.env.cr.flush()
        self.savepoint.rollback()
        self.case.env.invalidate_all()

    @rule(amount=cents, kind=st.sampled_from(["credit", "service", "deposit"]))
    def pay_in(self, amount, kind):
        self.case._top_up(amount, self.wallets[kind])
        self._add(kind, amount)

    @rule(amount=cents, expiry=st.sampled_from([False, "2026-03-11", "2026-12-01"]))
    def give_a_bonus(self, amount, expiry):
        self.case._grant(amount, date_expiry=expiry)
        self.given += amount

    @rule(first=cents, second=cents, taxed=st.booleans())
    def invoice(self, first, second, taxed):
        taxes = self.case.vat if taxed else self.case.vat.browse()
        invoice = self.case._draft((first, self.case.vat), (second, taxes))
        gross, bonus = invoice.amount_total, self.bonus.balance
        invoice._use_bonus()
        used = round(min(bonus, gross), 2)
        self.case.assertAlmostEqual(invoice.amount_total, gross - used, 2)
        invoice.action_post()
        left = invoice.amount_residual
        invoice._settle_from_balance()
        for kind in ("service", "credit"):
            paid = min(left, self.expected[kind])
            self._add(kind, -paid)
            left = round(left - paid, 2)
        self.case.assertAlmostEqual(invoice.amount_residual, left, 2)
        self.invoices.append(invoice)

    @precondition(lambda self: self.invoices)
    @rule(data=st.data(), share=st.sampled_from([0.25, 0.5, 1.0]), tidy=st.booleans())
    def credit(self, data, share, tidy):
        invoice = data.draw(st.sampled_from(self.invoices))
        credit = self.case._reverse(invoice)
        for line in credit._get_charged_lines():
            line.quantity = share
        if not tidy:
            credit.invoice_line_ids.filtered("is_subscription_bonus").unlink()
        credit.action_post()
        credits = invoice.reversal_move_ids.filtered(lambda move: move.state == "posted")
        if sum(credits._get_charged_lines().mapped("quantity")) <= 2:
            self.case.assertLessEqual(
                round(sum(credits.mapped("amount_total")), 2), invoice.amount_total + 0.02
            )
        if sum(credits._get_charged_lines().mapped("quantity")) >= 2:
            self.invoices.remove(invoice)
            self.case.assertAlmostEqual(invoice._get_used_bonus(), 0.0, 2)

    @rule()
    def a_day_goes_by(self):
        self.case.env["subscription.bonus"]._cron_expire()

    def _add(self, kind, amount):
        self.expected[kind] = round(self.expected[kind] + amount, 2)

    @invariant()
    def all_balances_tie_out(self):
        self.case.env.invalidate_all()
        for kind, wallet in self.wallets.items():
            self.case.assertAlmostEqual(wallet.balance, self.expected[kind], 2)
        used = sum(invoice._get_used_bonus() for invoice in self.bonus.bonus_ids.entry_ids.move_id)
        self.case.assertAlmostEqual(self.bonus.balance + used, self.given, 2)
        self.case._check_tie_out()


@tagged("post_install", "-at_install")
class TestBalanceStories(BonusCommon):
    def test_the_balances_tie_out_after_each_step_of_any_story(self):
        self.flat_plan.use_balance = True
        run_state_machine_as_test(
            type("ThisStory", (BalanceStory,), {"case": self}),
            settings=settings(
                max_examples=12,
                stateful_step_count=8,
                derandomize=True,
                phases=[Phase.generate],
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
