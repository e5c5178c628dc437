"""The accounts of balances and the balances on them: what is booked, and what of it is whose."""

from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .balance_kinds import PAID_KINDS


class SubscriptionWalletTieOut(models.Model):
    _name = "subscription.wallet.tie.out"
    _description = "Tie-Out of an Account of Balances"
    _auto = False
    _order = "company_id, account_id, currency_id, partner_id, id"
    _rec_name = "account_id"

    company_id = fields.Many2one("res.company", readonly=True)
    account_id = fields.Many2one("account.account", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    ledger_balance = fields.Monetary(
        "In the Ledger", readonly=True, help="All that is booked on the account."
    )
    wallet_balance = fields.Monetary(
        "In Balances", readonly=True, help="What is open of the balances that are on the account."
    )
    difference = fields.Monetary(
        readonly=True,
        help="Ledger less balances: what is on the account and is nobody's balance. Anything but "
        "zero is an error in the books.",
    )

    @property
    def _table_query(self):
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model(["state"])
        self.env["res.company"].flush_model(PAID_KINDS.values())
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        self.env["subscription.wallet"].flush_model()
        return SQL(
            """SELECT booked.*, ledger_balance - wallet_balance AS difference
                 FROM (SELECT MIN(line.id) AS id, line.company_id, line.account_id,
                              line.currency_id, partner.commercial_partner_id AS partner_id,
                              -SUM(line.amount_currency) AS ledger_balance,
                              COALESCE(-SUM(line.amount_residual_currency)
                                       FILTER (WHERE wallet.id IS NOT NULL AND %(condition)s),
                                       0) AS wallet_balance
                         FROM account_move_line line
                         JOIN res_company company ON company.id = line.company_id
                         JOIN account_account account ON account.id = line.account_id
                    LEFT JOIN subscription_wallet wallet ON wallet.id = line.subscription_wallet_id
                    LEFT JOIN res_partner partner ON partner.id = line.partner_id
                        WHERE line.parent_state = 'posted'
                          AND (line.account_id IN (%(accounts)s)
                               OR wallet.id IS NOT NULL
                                  AND account.account_type = 'liability_current')
                     GROUP BY line.company_id, line.account_id, line.currency_id,
                              partner.commercial_partner_id) booked""",
            condition=self.env["subscription.wallet"]._get_account_condition(),
            accounts=SQL(", ").join(
                SQL.identifier("company", name) for name in PAID_KINDS.values()
            ),
        )

    def action_view_items(self):
        """The journal items of the row."""
        self.ensure_one()
        return self.env["subscription.wallet"]._get_items_action(self._get_items_domain())

    def _get_items_domain(self):
        owner = "partner_id.commercial_partner_id" if self.partner_id else "partner_id"
        return [
            ("company_id", "=", self.company_id.id),
            ("account_id", "=", self.account_id.id),
            ("currency_id", "=", self.currency_id.id),
            (owner, "=", self.partner_id.id),
            ("parent_state", "=", "posted"),
        ]


class ResCompany(models.Model):
    _inherit = "res.company"

    def write(self, vals):
        """An account on which there are balances stays the account of its kind."""
        names = vals.keys() & set(PAID_KINDS.values())
        before = {(company, name): company[name] for company in self for name in names}
        result = super().write(vals)
        for (company, name), account in before.items():
            if account and account != company[name]:
                company._check_has_no_balances_on(account)
        return result

    def _check_has_no_balances_on(self, account):
        items = self.env["account.move.line"].sudo()
        if items.search_count(
            [
                ("company_id", "=", self.id),
                ("account_id", "=", account.id),
                ("parent_state", "=", "posted"),
                ("subscription_wallet_id", "!=", False),
            ],
            limit=1,
        ):
            raise ValidationError(
                self.env._(
                    "Balances of customers are booked on %(account)s, and they are what is open "
                    "there: with another account %(company)s would show them all as zero. Keep "
                    "the account. You may rename it or give it another code.",
                    account=account.display_name,
                    company=self.name,
                )
            )
