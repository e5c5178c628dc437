from odoo.tests import freeze_time, tagged

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
        self.contract.action_close("2026-03-20")
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
