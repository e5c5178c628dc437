from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged

from odoo.addons.subscription_base.tests.common import shows

from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestCleanUp(PrepaidCommon):
    """A contract with two components, of which the second ends on 20 March 2026."""

    def setUp(self):
        super().setUp()
        self.contract = self._create_subscription(self.flat_plan, "2026-03-01")
        self.contract._add_option(
            self.flat_plan.component_ids.create(
                {
                    "plan_id": self.flat_plan.id,
                    "product_id": self.domain.id,
                    "is_optional": True,
                    "is_self_service": True,
                }
            ),
            "2026-03-01",
        )
        self._pay_by_bank(self._run_cron("2026-03-10"))

    def _get_service_credit(self, amount):
        wallet = self.env["subscription.wallet"]._get(
            self.partner_a, self.company, self.company.currency_id, "service", self.contract
        )
        self._top_up(amount, wallet)
        return wallet

    def _give_bonus(self, amount, **values):
        return self.env["subscription.bonus"].create(
            {"partner_id": self.partner_a.id, "amount": amount, "reason": "Welcome", **values}
        )

    def _end(self):
        """The contract ends on 20 March; the job runs on the days around it."""
        self.contract._close("2026-03-20")
        for day in ("2026-03-20", "2026-03-21", "2026-03-22"):
            with freeze_time(f"{day} 09:00:00"):
                self._run_cron(day)
        self.env.invalidate_all()

    def _get_rows(self):
        return [(row.kind, row.outcome, row.amount) for row in self.contract.settlement_line_ids]

    @shows("SM-65", "SM-68", "SM-69")
    def test_what_is_left_is_settled_once_after_all_components_have_ended(self):
        wallet, bonus = self._get_service_credit(50.0), self._give_bonus(10.0)
        option = self.contract.line_ids.filtered(lambda line: line.product_id == self.domain)
        option._end("2026-03-15")
        with freeze_time("2026-03-16 09:00:00"):
            self._run_cron("2026-03-16")
            self.assertEqual(wallet.balance, 50.0, "the first has ended: it stays")
        self._end()
        self.assertEqual(self.contract.state, "closed")
        self.assertEqual(wallet.balance, 0.0)
        self.assertEqual(self.wallet.balance, 50.0, "moved into the customer's balance")
        self.assertEqual(bonus.amount_left, 0.0)
        entry = bonus.entry_ids.sorted("id")[-1:]
        self.assertEqual((entry.kind, entry.amount), ("expired", -10.0))
        self.assertEqual(
            self._get_rows(),
            [
                ("service", "moved", 50.0),
                ("bonus", "expired", 10.0),
                ("credit", "proposed", 50.0),
            ],
        )
        self.assertEqual(str(self.contract.cleaned_on), "2026-03-21")
        events = self.contract.event_ids.filtered(lambda e: e.event_type == "cleaned_up")
        self.assertEqual(len(events), 1)

    @shows("SM-70")
    def test_a_termination_may_keep_service_credit_and_pay_out_bonus(self):
        wallet, bonus = self._get_service_credit(50.0), self._give_bonus(10.0)
        self.contract.write({"service_at_end": "keep", "bonus_at_end": "credit"})
        self.company.subscription_bonus_account_id = self.company_data["default_account_revenue"]
        self._end()
        self.assertEqual(wallet.balance, 50.0)
        self.assertEqual((bonus.amount_left, self.wallet.balance), (0.0, 10.0))
        self.assertEqual(
            self._get_rows()[:2], [("service", "kept", 50.0), ("bonus", "moved", 10.0)]
        )
        event = self.contract.event_ids.filtered(lambda e: e.event_type == "cleaned_up")
        self.assertIn("Kept as it is", event.description)

    @shows("SM-70")
    def test_a_plan_may_pay_service_credit_out_and_keep_bonus(self):
        plan = self._create_plan(
            "Generous",
            [{"product_id": self.hosting.id}],
            service_at_end="refund",
            bonus_at_end="keep",
        )
        self.contract = self._create_subscription(plan, "2026-03-01")
        self._pay_by_bank(self._run_cron("2026-03-10"))
        wallet, bonus = self._get_service_credit(50.0), self._give_bonus(10.0)
        bonus_of_contract = self._give_bonus(5.0, subscription_id=self.contract.id)
        self._end()
        self.assertEqual((wallet.balance, self.wallet.balance), (0.0, 0.0))
        self.assertEqual((bonus.amount_left, bonus_of_contract.amount_left), (10.0, 5.0))
        self.assertEqual(self._get_rows(), [("service", "paid_out", 50.0), ("bonus", "kept", 5.0)])

    def test_service_credit_pays_for_what_is_open_first(self):
        plan = self._create_plan("Other", [{"product_id": self.hosting.id}])
        self.contract = self._create_subscription(plan, "2026-03-01")
        invoice = self._run_cron("2026-03-10")
        self._get_service_credit(200.0)
        self._end()
        self.assertEqual(invoice.amount_residual, 0.0)
        (row,) = self._get_rows()
        self.assertEqual(row[:2], ("service", "moved"))

    def test_the_letter_says_what_became_of_it(self):
        self._get_service_credit(50.0)
        self._end()
        report = self.env["ir.actions.report"]._render_qweb_html(
            "subscription_base.report_settlement", self.contract.ids
        )[0]
        self.assertIn("Moved into the balance", report.decode())

    def test_a_contract_without_balances_has_nothing_to_tell(self):
        self._end()
        self.assertFalse(self.contract.settlement_line_ids)
        self.assertTrue(self.contract.cleaned_on)

    def test_with_the_second_last_contract_that_ends_the_refund_grows(self):
        other = self._create_subscription(self.flat_plan, "2026-03-01")
        self._pay_by_bank(self._run_cron("2026-03-10"))
        self._top_up(50.0)
        wallet = self.env["subscription.wallet"]._get(
            self.partner_a, self.company, self.company.currency_id, "service", other
        )
        self._top_up(30.0, wallet)
        other._close("2026-03-20")
        self._end()
        proposal = self.wallet.refund_proposal_id
        self.assertEqual((proposal.state, proposal.amount), ("draft", 80.0))
        last = (self.contract + other).settlement_line_ids.filtered(lambda r: r.kind == "credit")
        self.assertEqual(last.sorted("id").mapped("amount"), [50.0, 80.0])
        letter = self.env["ir.actions.report"]._render_qweb_html(
            "subscription_base.report_settlement", other.ids
        )[0]
        self.assertIn("80.00", letter.decode())


@tagged("post_install", "-at_install")
class TestWhoDecides(PrepaidCommon):
    """Who sells does not decide what is paid out at the end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_subscription(cls.flat_plan, "2026-03-01")
        cls.seller = cls._create_user("seller", "subscription_base.group_subscription_user")

    @classmethod
    def _create_user(cls, login, group):
        company = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        return new_test_user(cls.env, login, f"sales_team.group_sale_salesman,{group}", **company)

    @shows("SM-70")
    def test_a_salesperson_leaves_it_as_the_plan_says(self):
        contract = self.contract.with_user(self.seller)
        for values in (
            {"deposit_at_end": "return"},
            {"service_at_end": "refund"},
            {"bonus_at_end": "credit"},
        ):
            with self.assertRaisesRegex(AccessError, "only accountants"), self.cr.savepoint():
                contract.write(values)
            with self.assertRaisesRegex(AccessError, "only accountants"), self.cr.savepoint():
                contract.create(
                    {"partner_id": self.partner_a.id, "plan_id": self.flat_plan.id, **values}
                )
        as_planned = {"deposit_at_end": "ask", "service_at_end": "credit"}
        contract.write(as_planned)
        contract.create(
            {"partner_id": self.partner_a.id, "plan_id": self.flat_plan.id, **as_planned}
        )
        with Form(contract) as form:
            self.assertTrue(form._get_modifier("deposit_at_end", "readonly"))

    @shows("SM-70")
    def test_an_accountant_and_a_manager_decide(self):
        accountant = self._create_user(
            "booker",
            "account.group_account_invoice,subscription_base.group_subscription_user",
        )
        manager = self._create_user("boss", "subscription_base.group_subscription_manager")
        for user, policy in ((accountant, "return"), (manager, "ask")):
            contract = self.contract.with_user(user)
            contract.deposit_at_end = policy
            self.assertEqual(contract.deposit_at_end, policy)
            self.assertFalse(Form(contract)._get_modifier("deposit_at_end", "readonly"))

    def test_what_was_decided_for_one_contract_is_not_copied(self):
        self.contract.deposit_at_end = "return"
        self.assertEqual(self.contract.with_user(self.seller).copy().deposit_at_end, "ask")


@tagged("post_install", "-at_install")
class TestTheLetter(PrepaidCommon):
    """The message about the end, and the letter with it, come after the settlement."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.email = "customer@example.com"
        cls.contract = cls._create_subscription(cls.flat_plan, "2026-03-01")

    def _send(self, moment):
        """What has become of the message about the end after the job ran at a moment."""
        with freeze_time(moment), self._commits_flush():
            self.env["subscription.message"]._cron_send()
        return self.env["subscription.message"].search(
            [("subscription_id", "=", self.contract.id), ("kind", "=", "ended")]
        )

    def _close(self):
        self._pay_by_bank(self._run_cron("2026-03-10"))
        self.contract._close("2026-03-31")
        with freeze_time("2026-04-01 09:00:00"):
            self.contract._follow_calendar(fields.Date.to_date("2026-04-01"))
        self.assertEqual(self.contract.state, "closed")

    @shows("SM-65")
    def test_the_message_waits_until_what_is_left_has_been_settled(self):
        wallet = self.env["subscription.wallet"]._get(
            self.partner_a, self.company, self.company.currency_id, "service", self.contract
        )
        self._close()
        self._top_up(50.0, wallet)
        self.assertEqual(self._send("2026-04-01 10:00:00").state, "waiting")
        self._run_cron("2026-04-01 12:00:00")
        self.assertTrue(self.contract.cleaned_on)
        message = self._send("2026-04-01 12:01:00")
        self.assertEqual(message.state, "sent")
        self.assertTrue(message.mail_message_id.attachment_ids)
        self.assertFalse(self._send("2026-04-02 09:00:00") - message)

    def test_who_has_no_balance_is_told_at_once(self):
        self.wallet.sudo().unlink()
        self._close()
        self.assertEqual(self._send("2026-04-01 10:00:00").state, "sent")

    def test_a_settlement_that_does_not_come_is_not_waited_for_for_ever(self):
        self._close()
        self._top_up(10.0)
        self.assertEqual(self._send("2026-04-03 10:00:00").state, "waiting")
        self.assertFalse(self.contract.cleaned_on)
        self.assertEqual(self._send("2026-04-04 10:00:00").state, "sent")


@tagged("post_install", "-at_install")
class TestExtraordinaryEnd(PrepaidCommon):
    """1,000.00 a year, paid on 1 January 2026, and a deposit of 100.00; the end is 30 September."""

    @shows("SM-65", "SM-67", "SM-69")
    def test_one_letter_lists_credit_balance_bonus_and_deposit(self):
        deposit = self._create_service("Deposit", 100.0)
        plan = self._create_plan(
            "Yearly",
            [
                {"product_id": self.hosting.id, "price_unit": 1000.0},
                {"product_id": deposit.id, "charge_type": "deposit", "price_unit": 100.0},
            ],
            interval_count=12,
            deposit_at_end="return",
        )
        contract = self._create_subscription(plan, "2026-01-01")
        self._pay_by_bank(contract._get_deposit_requests())
        invoice = self._run_cron("2026-03-10 09:00:00")
        self.assertEqual((invoice.amount_untaxed, invoice.amount_total), (1000.0, 1190.0))
        self._pay_by_bank(invoice)
        self._top_up(14.3)
        bonus = self.env["subscription.bonus"].create(
            {"partner_id": self.partner_a.id, "amount": 5.0, "reason": "Welcome"}
        )
        reason = self.env["subscription.close.reason"].search([], limit=1)
        with freeze_time("2026-09-30 09:00:00"):
            contract._terminate_extraordinarily("2026-09-30", reason, "The service was down")
        credit = self._run_cron("2026-10-01 06:00:00")
        self.env.invalidate_all()
        self.assertEqual(credit.move_type, "out_refund")
        self.assertEqual(
            (credit.amount_untaxed, credit.amount_tax, credit.amount_total),
            (252.05, 47.89, 299.94),
            "92 of 365 days",
        )
        self.assertEqual(
            {(row.kind, row.outcome, row.amount) for row in contract.settlement_line_ids},
            {
                ("credit", "proposed", 14.3),
                ("bonus", "expired", 5.0),
                ("deposit", "paid_out", 100.0),
            },
        )
        self.assertEqual((bonus.amount_left, contract.deposit_held), (0.0, 0.0))
        self.assertEqual(self.wallet.refund_proposal_id.amount, 14.3)
        letter = (
            self.env["ir.actions.report"]
            ._render_qweb_html("subscription_base.report_settlement", contract.ids)[0]
            .decode()
        )
        for amount in ("299.94", "14.30", "5.00", "100.00"):
            self.assertIn(amount, letter)
