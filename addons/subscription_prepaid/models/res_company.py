from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from .balance_kinds import PAID_KINDS

#: The free code after this one is taken, by kind and chart. What the German charts have for
#: deposits cannot be reconciled, so an account of its own stands beside it.
KIND_CODES = {
    "credit": {"de_skr03": "1798", "de_skr04": "3787"},
    "service": {"de_skr03": "1797", "de_skr04": "3786"},
    "deposit": {"de_skr03": "1732", "de_skr04": "3550"},
}
OTHER_CODE = "2180"
JOURNAL_CODE = "BAL"
#: "Rebates granted, 19 % VAT" in the German charts: 8790 and 4790.
BONUS_ACCOUNTS = {"de_skr03": "account_8790", "de_skr04": "chart_skr04_4790"}
LIABILITIES = "[('account_type', '=', 'liability_current'), ('reconcile', '=', True)]"


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_credit_account_id = fields.Many2one(
        "account.account",
        "Account of Customer Balances",
        domain=LIABILITIES,
        help="What customers have paid in advance and not used yet. A balance is what is open on "
        "this account for its customer.",
    )
    subscription_service_account_id = fields.Many2one(
        "account.account",
        "Account of Service Credit",
        domain=LIABILITIES,
        help="What customers have paid in advance for one contract each. Each item on it says of "
        "which balance it is.",
    )
    subscription_deposit_account_id = fields.Many2one(
        "account.account",
        "Account of Deposits",
        domain=LIABILITIES,
        help="Deposits that are held for customers. Each item on it says of which balance it is.",
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

    @api.constrains(*PAID_KINDS.values())
    def _check_wallet_accounts(self):
        for company in self:
            accounts = [company[name] for name in PAID_KINDS.values() if company[name]]
            if len(set(accounts)) < len(accounts):
                raise ValidationError(
                    self.env._(
                        "Balances, service credit and deposits of %s need an account each.",
                        company.name,
                    )
                )

    def _get_least_top_up(self, currency):
        """The least that customers may pay in online.

        :param currency: ``res.currency`` record of the amount.
        :rtype: float
        """
        company = self.sudo()
        least, today = company.subscription_wallet_minimum, fields.Date.context_today(self)
        return company.currency_id._convert(least, currency, company, today)

    def _get_wallet_accounts(self):
        """The accounts on which customers have balances."""
        companies = self.sudo()
        return companies.env["account.account"].union(
            *(companies[name] for name in PAID_KINDS.values())
        )

    def _get_wallet_kind(self, account):
        """The kind of the balances on an account.

        :rtype: str
        :return: empty when there are none on it.
        """
        company = self.sudo()
        return next((kind for kind, name in PAID_KINDS.items() if company[name] == account), "")

    def _ensure_wallet_accounts(self):
        """Make what balances are booked on, where a company has none yet."""
        for company in self.sudo():
            for kind, name in PAID_KINDS.items():
                if not company[name]:
                    company[name] = company._make_wallet_account(kind)
            if not company.subscription_wallet_journal_id:
                company.subscription_wallet_journal_id = company._make_wallet_journal()

    def _make_wallet_account(self, kind):
        return self._make_liability(
            KIND_CODES[kind].get(self.chart_template, OTHER_CODE),
            lambda env: self._get_account_names(env)[kind],
            reconcile=True,
        )

    def _make_liability(self, first_code, get_name, **values):
        """A new liability account of the company.

        :param str first_code: its code, or the next one that is free.
        :param get_name: gives its name in the language of an environment.
        """
        accounts = self.env["account.account"].with_company(self)
        account = accounts.create(
            {
                "name": get_name(self.with_context(lang="en_US").env),
                "code": accounts._search_new_account_code(first_code),
                "account_type": "liability_current",
                "company_ids": [Command.set(self.ids)],
                **values,
            }
        )
        return self._name_in_all_languages(account, get_name)

    @staticmethod
    def _get_account_names(env):
        return {
            "credit": env._("Customer balances"),
            "service": env._("Customer balances for single contracts"),
            "deposit": env._("Deposits of customers"),
        }

    def _find_bonus_account(self):
        """Let bonuses be booked on what the chart has for rebates."""
        for company in self.sudo():
            name = BONUS_ACCOUNTS.get(company.chart_template)
            if name and not company.subscription_bonus_account_id:
                template = self.env["account.chart.template"].with_company(company)
                company.subscription_bonus_account_id = template.ref(name, raise_if_not_found=False)

    def _make_wallet_journal(self):
        return self._make_journal(JOURNAL_CODE, lambda env: env._("Balances"), type="general")

    def _make_journal(self, code, get_name, **values):
        """A new journal of the company.

        :param str code: its code, if that is free.
        :param get_name: gives its name in the language of an environment.
        """
        journals = self.env["account.journal"].with_company(self)
        taken = journals.search_count([("code", "=", code), ("company_id", "=", self.id)], limit=1)
        journal = journals.create(
            {
                "name": get_name(self.with_context(lang="en_US").env),
                "company_id": self.id,
                "show_on_dashboard": False,
                **({} if taken else {"code": code}),
                **values,
            }
        )
        return self._name_in_all_languages(journal, get_name)

    def _name_in_all_languages(self, record, get_name):
        record.update_field_translations(
            "name", {env.lang: get_name(env) for env in self._get_envs()}
        )
        return record

    def _get_envs(self):
        """An environment for each language that is installed, but for the source's own."""
        codes = {code for code, _name in self.env["res.lang"].get_installed()} - {"en_US"}
        return [self.with_context(lang=code).env for code in sorted(codes)]
