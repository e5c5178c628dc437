"""What deposits need in the books: a journal of requests, and income from what is kept."""

from odoo import fields, models

JOURNAL_CODES = {"de_skr03": "KAU", "de_skr04": "KAU"}
OTHER_JOURNAL_CODE = "DEP"
LAST = 100
#: Other operating income, by chart.
KEPT_CODES = {"de_skr03": "2705", "de_skr04": "4830"}


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_deposit_journal_id = fields.Many2one(
        "account.journal",
        "Journal of Deposit Requests",
        domain="[('type', '=', 'sale')]",
        help="Deposits are asked for by documents of this journal, with numbers of their own. They "
        "are no invoices and bear no tax.",
    )
    subscription_kept_account_id = fields.Many2one(
        "account.account",
        "Account of Kept Deposits",
        domain="[('account_type', 'in', ('income', 'income_other'))]",
        help="Income from what is kept of deposits for true damage. No tax is booked on it.",
    )

    def _ensure_wallet_accounts(self):
        result = super()._ensure_wallet_accounts()
        for company in self.sudo().filtered(lambda c: not c.subscription_deposit_journal_id):
            company.subscription_deposit_journal_id = company._make_deposit_journal()
        return result

    def _make_deposit_journal(self):
        return self._make_journal(
            JOURNAL_CODES.get(self.chart_template, OTHER_JOURNAL_CODE),
            lambda env: env._("Deposit Requests"),
            type="sale",
            default_account_id=self.subscription_deposit_account_id.id,
            sequence=LAST,
        )

    def _get_kept_account(self):
        """Where it is booked what is kept of deposits.

        :rtype: account.account
        """
        self.ensure_one()
        accounts = self.env["account.account"].sudo().with_company(self)
        code = KEPT_CODES.get(self.chart_template)
        own = [("company_ids", "parent_of", self.ids)]
        return (
            self.sudo().subscription_kept_account_id
            or (code and accounts.search([*own, ("code", "=like", f"{code}%")], limit=1))
            or accounts.search([*own, ("account_type", "=", "income_other")], limit=1)
        )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_deposit_journal_id = fields.Many2one(
        related="company_id.subscription_deposit_journal_id", readonly=False
    )
    subscription_kept_account_id = fields.Many2one(
        related="company_id.subscription_kept_account_id", readonly=False
    )
