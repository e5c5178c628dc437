from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.subscription_base.models.bulk import guard


@tagged("post_install", "-at_install")
class TestWalletAccounts(AccountTestInvoicingCommon):
    def test_a_new_company_gets_account_and_journal(self):
        company = self.setup_other_company()["company"]
        account = company.subscription_credit_account_id
        self.assertEqual(account.account_type, "liability_current")
        self.assertTrue(account.reconcile)
        self.assertFalse(account.tax_ids)
        self.assertEqual(company.subscription_wallet_journal_id.type, "general")

    def test_in_german_and_by_the_german_chart(self):
        company = self.env.ref("base.main_company").sudo()
        account = company.subscription_credit_account_id
        self.assertRegex(account.with_company(company).code, "^179[89]$")
        self.assertEqual(account.with_context(lang="de_DE").name, "Kundenguthaben")
        self.assertEqual(account.with_context(lang="en_US").name, "Customer balances")

    def test_each_kind_has_its_account(self):
        company = self.env.ref("base.main_company").sudo()
        service, deposit = (
            company.subscription_service_account_id,
            company.subscription_deposit_account_id,
        )
        self.assertRegex(service.with_company(company).code, "^179[89]$")
        self.assertRegex(deposit.with_company(company).code, "^175[7-9]$")
        for account in service + deposit:
            self.assertEqual((account.account_type, account.reconcile), ("liability_current", True))
            self.assertFalse(account.tax_ids)
        with self.assertRaisesRegex(ValidationError, "an account each"):
            company.subscription_deposit_account_id = service

    def test_what_is_there_is_kept(self):
        company = self.company_data["company"]
        before = company.subscription_credit_account_id, company.subscription_wallet_journal_id
        company._ensure_wallet_accounts()
        after = company.subscription_credit_account_id, company.subscription_wallet_journal_id
        self.assertEqual(before, after)

    def test_invoices_are_still_made_the_fast_way(self):
        self.assertFalse(guard.find_refusals(self.env))
