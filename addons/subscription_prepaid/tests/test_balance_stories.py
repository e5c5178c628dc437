"""Any order of grants, payments, invoices, credits, packages and days, with all balances."""

from datetime import date, timedelta

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
from odoo.tests import freeze_time, tagged

from .bonus_common import BonusCommon
from .common import TODAY

PACKAGE_PRICE = 35.7  # of 30 days, with 19 % of taxes

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
        self.prepaid = self.case.prepaid_contract
        self.expiry, self.day = self.prepaid.date_expiry, date.fromisoformat(TODAY)
        self.freezer = freeze_time(f"{TODAY} 09:00:00")
        self.clock = self.freezer.start()

    def teardown(self):
        self.freezer.stop()
        self.case.env.cr.flush()
        self.savepoint.rollback()
        self.case.env.invalidate_all()

    @rule(amount=cents, kind=st.sampled_from(["credit", "service", "deposit"]))
    def pay_in(self, amount, kind):
        self.case._top_up(amount, self.wallets[kind])
        self._add(kind, amount)

    @rule(amount=cents, days=st.sampled_from([None, 1, 2, 270]))
    def give_a_bonus(self, amount, days):
        expiry = days and self.day + timedelta(days=days)
        self.case._grant(amount, date_from=self.day, date_expiry=expiry)
        self.given += amount

    @rule(first=cents, second=cents, taxed=st.booleans())
    def invoice(self, first, second, taxed):
        taxes = self.case.vat if taxed else self.case.vat.browse()
        invoice = self.case._draft((first, self.case.vat), (second, taxes))
        invoice.invoice_date = self.day
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
        credit.write({"invoice_date": self.day, "date": self.day})
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
        self._move_to(self.day + timedelta(days=1))

    @precondition(lambda self: self.prepaid.state != "closed" and self.day < self.expiry)
    @rule()
    def extend(self):
        """Bonus makes the package cheaper, credit pays for the rest, or nothing happens."""
        package = self.case._package(30, self.prepaid.plan_id)
        due = round(max(PACKAGE_PRICE - self.bonus.balance, 0.0), 2)
        if due > self.expected["credit"]:
            with self.case.assertRaises(UserError), self.case.cr.savepoint():
                self.prepaid._extend(package)
            self.case.env.invalidate_all()
        else:
            move = self.prepaid._extend(package).move_id
            self.case.assertAlmostEqual(move.amount_total, due, 2)
            self.case.assertEqual(move.amount_residual, 0.0)
            self._add("credit", -due)
            self.expiry += timedelta(days=30)
        self.case.assertEqual(self.prepaid.date_expiry, self.expiry)

    @precondition(lambda self: self.prepaid.state != "closed" and self.day < self.expiry)
    @rule()
    def the_contract_expires(self):
        """It ends on its day; with another contract running, no balance is touched."""
        self._move_to(self.expiry)
        self.prepaid._follow_calendar(self.expiry)
        self.prepaid.sudo()._clean_up()
        self.case.assertEqual((self.prepaid.state, self.prepaid.cleaned_on), ("closed", self.day))
        with self.case.assertRaises(UserError), self.case.cr.savepoint():
            self.prepaid._extend(self.case._package(30, self.prepaid.plan_id))

    def _move_to(self, day):
        """What is due by then expires, and nothing else."""
        self.day = day
        self.clock.move_to(f"{day} 09:00:00")
        bonuses = self.bonus.bonus_ids
        due = bonuses.filtered(lambda bonus: bonus.date_expiry and bonus.date_expiry <= day)
        left = {bonus: bonus.amount_left for bonus in bonuses - due}
        self.given -= sum(due.mapped("amount_left"))
        bonuses._cron_expire()
        self.case.assertFalse(any(due.mapped("amount_left")))
        self.case.assertEqual({bonus: bonus.amount_left for bonus in left}, left)

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
        terms = {"schedule_type": "daily", "interval_count": 30}
        self.prepaid_contract = self._sell(
            "2026-03-01", self._create_prepaid_plan("30 days", **terms)
        )
        run_state_machine_as_test(
            type("ThisStory", (BalanceStory,), {"case": self}),
            settings=settings(
                max_examples=10,
                stateful_step_count=8,
                derandomize=True,
                phases=[Phase.generate],
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
