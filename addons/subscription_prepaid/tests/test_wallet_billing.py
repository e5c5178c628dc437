from odoo.tests import tagged

from odoo.addons.subscription_base.tests.common import shows

from .common import WalletCommon


@tagged("post_install", "-at_install")
class TestWalletBilling(WalletCommon):
    @shows("SM-19")
    def test_a_run_uses_the_balance_before_anything_is_collected(self):
        self.flat_plan.use_balance = True
        self.hosting.taxes_id = False
        subscription = self._create_subscription(date_start="2026-03-10")
        self._top_up(12.0)
        invoice = self._run_cron("2026-03-10 10:00:00")
        self.assertEqual((invoice.amount_total, invoice.amount_residual), (30.0, 18.0))
        self.assertEqual(subscription.wallet_balance, 0.0)

    def test_plans_that_do_not_use_it_leave_it_alone(self):
        self._create_subscription(date_start="2026-03-10")
        self._top_up(12.0)
        invoice = self._run_cron("2026-03-10 10:00:00")
        self.assertEqual(invoice.amount_residual, invoice.amount_total)
        self.assertEqual(self.wallet.balance, 12.0)

    def test_what_comes_in_later_pays_at_the_next_run(self):
        self.flat_plan.use_balance = True
        self._create_subscription(date_start="2026-03-10")
        invoice = self._run_cron("2026-03-10 10:00:00")
        self._top_up(100.0)
        self._run_cron("2026-03-11 10:00:00")
        self.assertEqual(invoice.amount_residual, 0.0)

    def test_a_balance_that_cannot_be_used_stops_nobody_else(self):
        self.flat_plan.use_balance = True
        self._create_subscription(date_start="2026-03-10")
        failing = self._create_subscription(date_start="2026-03-10", partner_id=self.partner_b.id)
        self._top_up(100.0)
        self._top_up(100.0, self._get_wallet(self.partner_b))
        Wallet, bad = type(self.env["subscription.wallet"]), self.partner_b

        def pay(wallet, invoice, amount):
            if wallet.partner_id == bad:
                raise ValueError("books are closed")
            return original(wallet, invoice, amount)

        original = Wallet._pay
        self.patch(Wallet, "_pay", pay)
        invoices = self._run_cron("2026-03-10 10:00:00").grouped("partner_id")
        self.assertEqual(invoices[self.partner_a].amount_residual, 0.0)
        self.assertGreater(invoices[bad].amount_residual, 0.0)
        self.assertEqual(failing.billing_error, "books are closed")
