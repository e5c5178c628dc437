from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.subscription_base.tests.common import shows

from .common import WalletCommon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestTopUpReport(WalletCommon):
    @classmethod
    @AccountTestInvoicingCommon.setup_country("de")
    def setUpClass(cls):
        super().setUpClass()

    def _get_total(self, company=None):
        company = company or self.company
        company.invalidate_recordset(["subscription_top_up_total", "subscription_top_up_notify"])
        return company.subscription_top_up_total, company.subscription_top_up_notify

    @shows("LAW-45")
    def test_the_total_of_twelve_months_with_a_warning_from_a_million(self):
        wallet = self._get_wallet(self.partner_b)
        self._top_up(600_000.0, wallet, date="2025-03-10")
        self._top_up(999_999.99, wallet, date="2025-03-11")
        self.assertEqual(self._get_total(), (999_999.99, False), "the first is a year ago")
        self._top_up(0.01, wallet)
        self.assertEqual(self._get_total(), (1_000_000.0, True))
        self.assertEqual(self._get_total(self.setup_other_company()["company"]), (0.0, False))

    @shows("LAW-45")
    def test_a_balance_settles_invoices_of_its_own_company_only(self):
        self._top_up(50.0)
        other = self.setup_other_company()
        self.env.user.company_ids |= other["company"]
        invoice = self.init_invoice(
            "out_invoice",
            partner=self.partner_a,
            invoice_date="2026-03-10",
            amounts=[10.0],
            post=True,
            company=other["company"],
        )
        with self.assertRaisesRegex(UserError, "must be the same"):
            self.wallet._settle(invoice)
        self.assertEqual(self.wallet.balance, 50.0)

    def test_what_was_used_paid_out_or_returned_is_no_top_up(self):
        payment = self._top_up(50.0)
        entry = self.wallet._settle(self._invoice(10.0))
        self._top_up(15.0, payment_type="outbound")
        entry._reverse_moves([{"date": entry.date}], cancel=True)
        rows = self.env["subscription.top.up.report"].search(
            [("partner_id", "=", self.partner_a.id)]
        )
        self.assertEqual((rows.move_id, rows.mapped("amount")), (payment.move_id, [50.0]))
        self.assertEqual((rows.wallet_id, str(rows.date)), (self.wallet, "2026-03-10"))

    def test_what_was_returned_or_given_back_is_taken_off(self):
        payment = self._top_up(50.0)
        self._top_up(30.0)
        payment.move_id._reverse_moves([{"date": payment.date}], cancel=True)
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": "2026-03-10",
                "payment_ref": self.wallet.name,
                "amount": 7.0,
            }
        )
        line._cron_match_wallets()
        self.assertEqual(self._get_total()[0], 37.0)

    def test_service_credit_counts_once(self):
        contract = self._create_subscription(date_start="2026-03-10")
        service = self._get_wallet(kind="service", subscription=contract)
        self._top_up(50.0, service)
        self.assertEqual(self._get_total()[0], 50.0)
        service._transfer(self.wallet, 50.0, "Rest")
        self.assertEqual((self.wallet.balance, self._get_total()[0]), (50.0, 50.0))

    def test_of_what_was_moved_in_only_money_counts(self):
        credit = self.init_invoice(
            "out_refund", self.partner_a, invoice_date="2026-03-10", amounts=[20.0], post=True
        )
        self._top_up(30.0, subscription_wallet_id=False)
        self.wallet.action_move_credits()
        self.assertEqual(self.wallet.balance, 30.0 + credit.amount_total)
        self.assertEqual(self._get_total()[0], 30.0)

    def test_the_menus_open(self):
        self._top_up(50.0)
        action = self.env["res.company"]._action_top_up_totals()
        listed = self.env["res.company"].search(action["domain"])
        self.assertIn(self.company, listed)
        opened = self.company.action_view_top_ups()
        with freeze_time("2026-03-10"):
            groups = self.env[opened["res_model"]].formatted_read_group(
                opened["domain"], ["date:month"], ["amount:sum"]
            )
        self.assertEqual(groups[0]["amount:sum"], 50.0)
