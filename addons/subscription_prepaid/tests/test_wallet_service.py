from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from odoo.addons.subscription_base.tests.common import shows

from .common import TODAY, WalletCommon


@tagged("post_install", "-at_install")
class TestWalletService(WalletCommon):
    """Credit that is for one contract, and which balance is used first."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hosting.taxes_id = False
        cls.first, cls.second = (cls._create_subscription(date_start=TODAY) for _n in range(2))
        cls.service = cls._get_wallet(kind="service", subscription=cls.first)

    def _run(self):
        moves = self._run_cron(f"{TODAY} 10:00:00")
        return tuple(
            moves.filtered(lambda m, s=s: m.subscription_ids == s)
            for s in (self.first, self.second)
        )

    def test_it_pays_for_its_contract_only(self):
        self._top_up(100.0, self.service)
        first, second = self._run()
        self.assertEqual((first.amount_residual, second.amount_residual), (0.0, 30.0))
        self.assertEqual(self.service.balance, 70.0)
        with self.assertRaisesRegex(UserError, "is not for what is invoiced"):
            self.service._settle(second)

    def test_of_an_invoice_of_several_contracts_it_pays_its_part(self):
        (self.first + self.second).invoice_grouping = "customer"
        self._top_up(100.0, self.service)
        invoice = self._run_cron(f"{TODAY} 10:00:00")
        self.assertEqual((invoice.amount_total, invoice.amount_residual), (60.0, 30.0))
        self.assertEqual(self.service.balance, 70.0)
        self.assertFalse(self.service._settle(invoice), "its part is paid")

    def test_it_is_used_before_credit(self):
        self.flat_plan.use_balance = True
        self._top_up(20.0, self.service)
        self._top_up(100.0)
        self._run()
        self.assertEqual((self.service.balance, self.wallet.balance), (0.0, 60.0))

    def test_the_company_or_the_plan_has_another_order(self):
        self.flat_plan.use_balance = True
        self.company.subscription_burn_order = "credit,service"
        self._top_up(20.0, self.service)
        self._top_up(20.0)
        first = self._bill(self.first, TODAY)
        first._settle_from_balance()
        self.assertEqual((self.wallet.balance, self.service.balance), (0.0, 10.0))
        self.flat_plan.burn_order = "service,credit"
        self.assertEqual(first._get_burn_order(), ["service", "credit"])

    @shows("SM-26")
    def test_an_entry_refers_to_the_instalment_that_it_pays(self):
        """Credit 12, charge 20 gross: 12 taken from the credit, 8 due on the invoice."""
        self.first.line_ids.price_unit = 20.0
        self.flat_plan.use_balance = True
        payment = self._top_up(12.0, self.service)
        invoice, _second = self._run()
        self.assertEqual((invoice.amount_total, invoice.amount_residual), (20.0, 8.0))
        use = self.service.entry_ids.filtered(lambda entry: entry.amount < 0)
        self.assertEqual((use.amount, use.invoice_id), (-12.0, invoice))
        self.assertEqual(use.charge_ids, self.first.charge_ids)
        self.assertEqual(use.charge_ids.move_line_ids, invoice.invoice_line_ids)
        self.assertIn(payment.move_id.name, use.source, "it can be told where the money came from")
        self.assertIn("12", use.source)

    def test_at_the_end_of_its_contract_it_goes_into_the_balance(self):
        self._top_up(44.3, self.service)
        self._run()
        with freeze_time("2026-03-20 09:00:00"):
            self.first._close("2026-03-15")
        self._run_cron("2026-03-20 10:00:00")
        self.assertEqual((self.first.state, self.second.state), ("closed", "active"))
        self.assertEqual((self.service.balance, self.wallet.balance), (0.0, 14.3))

    def test_it_is_shown_on_the_contract_and_paid_out(self):
        self._top_up(14.3, self.service)
        self.assertEqual(self.first.service_balance, 14.3)
        self.assertEqual(self.second.service_balance, 0.0)
        action = self.first.action_view_service_wallet()
        self.assertEqual(action["res_id"], self.service.id)
        with Form(self.first) as form:
            self.assertEqual(form.service_balance, 14.3)
        payout = self.service.action_pay_out()
        self.assertEqual(payout["context"]["default_amount"], 14.3)
        self._top_up(14.3, self.service, payment_type="outbound")
        self.assertEqual(self.service.balance, 0.0)
