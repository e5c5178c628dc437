from odoo import fields, models
from odoo.fields import Command

CREDIT_CODES = {"de_skr03": "1798", "de_skr04": "3787"}
OTHER_CREDIT_CODE = "2180"
JOURNAL_CODE = "BAL"


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_credit_account_id = fields.Many2one(
        "account.account",
        "Account of Customer Balances",
        domain="[('account_type', '=', 'liability_current'), ('reconcile', '=', True)]",
        help="What customers have paid in advance and not used yet. A balance is what is open on "
        "this account for its customer.",
    )
    subscription_wallet_journal_id = fields.Many2one(
        "account.journal",
        "Journal of Balances",
        domain="[('type', '=', 'general')]",
        help="Where it is booked that a balance pays for an invoice.",
    )

    subscription_wallet_minimum = fields.Monetary(
        "Least Top-Up", default=10.0, help="The least that a customer may pay in online."
    )
    subscription_wallet_online = fields.Boolean(
        "Top up Online",
        default=True,
        help="Customers see their balance in the portal and pay in there.",
    )

    def _get_wallet_accounts(self):
        """The accounts on which customers have balances."""
        return self.sudo().subscription_credit_account_id

    def _ensure_wallet_accounts(self):
        """Make what balances are booked on, where a company has none yet."""
        for company in self.sudo():
            if not company.subscription_credit_account_id:
                company.subscription_credit_account_id = company._make_credit_account()
            if not company.subscription_wallet_journal_id:
                company.subscription_wallet_journal_id = company._make_wallet_journal()

    def _make_credit_account(self):
        accounts = self.env["account.account"].with_company(self)
        first_code = CREDIT_CODES.get(self.chart_template, OTHER_CREDIT_CODE)
        account = accounts.create(
            {
                "name": "Customer balances",
                "code": accounts._search_new_account_code(first_code),
                "account_type": "liability_current",
                "reconcile": True,
                "company_ids": [Command.set(self.ids)],
            }
        )
        account.update_field_translations(
            "name", {env.lang: env._("Customer balances") for env in self._get_envs()}
        )
        return account

    def _make_wallet_journal(self):
        journals = self.env["account.journal"].with_company(self)
        taken = journals.search_count(
            [("code", "=", JOURNAL_CODE), ("company_id", "=", self.id)], limit=1
        )
        journal = journals.create(
            {
                "name": "Balances",
                "type": "general",
                "company_id": self.id,
                "show_on_dashboard": False,
                **({} if taken else {"code": JOURNAL_CODE}),
            }
        )
        journal.update_field_translations(
            "name", {env.lang: env._("Balances") for env in self._get_envs()}
        )
        return journal

    def _get_envs(self):
        """An environment for each language that is installed, but for the source's own."""
        codes = {code for code, _name in self.env["res.lang"].get_installed()} - {"en_US"}
        return [self.with_context(lang=code).env for code in sorted(codes)]
