"""What customers have paid into balances, less what was returned.

It is the total that a limited network has to watch (LAW-45): who takes more than one million euros
in twelve months has to notify the supervisory authority (§ 2 (1) Nr. 10 and § 2 (2) ZAG).
"""

from odoo import api, fields, models
from odoo.tools import SQL

from .balance_kinds import SPENDABLE_KINDS

NOTIFY_FROM = 1_000_000.0
MONTHS = 12


class SubscriptionTopUpReport(models.Model):
    _name = "subscription.top.up.report"
    _description = "Top-Up of a Balance"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "move_id"

    wallet_id = fields.Many2one("subscription.wallet", "Balance", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    date = fields.Date(readonly=True)
    move_id = fields.Many2one("account.move", "Journal Entry", readonly=True)
    amount = fields.Monetary(
        currency_field="company_currency_id", readonly=True, help="In the company's currency."
    )
    amount_currency = fields.Monetary("Amount in Currency", readonly=True, aggregator=None)

    @property
    def _table_query(self):
        """Money that came in by payment or bank, and, negative, what of it has gone back.

        What the balance was used for or paid out does not count; nor does what was moved into it
        without money: a credit note, a bonus, another balance.
        """
        for name in ("account.move.line", "account.move", "account.partial.reconcile"):
            self.env[name].flush_model()
        self.env["account.payment"].flush_model(["payment_transaction_id"])
        self.env["payment.transaction"].flush_model(["operation"])
        self.env["subscription.wallet"].flush_model()
        return SQL(
            """SELECT line.id, wallet.id AS wallet_id, wallet.partner_id, line.company_id,
                      line.company_currency_id, line.currency_id, line.date, line.move_id,
                      paid.amount, paid.amount_currency
                 FROM account_move_line line
                 JOIN account_move move ON move.id = line.move_id
                 JOIN res_company company ON company.id = line.company_id
                 JOIN subscription_wallet wallet
                   ON wallet.id = line.subscription_wallet_id AND wallet.kind IN %(kinds)s
                 JOIN LATERAL (%(direct)s UNION ALL %(returned)s UNION ALL %(moved)s) paid ON TRUE
                WHERE line.parent_state = 'posted' AND %(condition)s""",
            kinds=SPENDABLE_KINDS,
            direct=self._get_direct_query(),
            returned=self._get_returned_query(),
            moved=self._get_moved_query(),
            condition=self.env["subscription.wallet"]._get_account_condition(),
        )

    @api.model
    def _get_direct_query(self):
        """What was paid into the balance."""
        return SQL(
            """SELECT -line.balance AS amount, -line.amount_currency AS amount_currency
                WHERE line.balance < 0 AND (
                      move.origin_payment_id IS NOT NULL OR move.statement_line_id IS NOT NULL)"""
        )

    @api.model
    def _get_returned_query(self):
        """What was returned: by the bank, by taking the payment back, or by an online refund."""
        return SQL(
            """SELECT -line.balance, -line.amount_currency
                WHERE line.balance > 0 AND (
                      move.statement_line_id IS NOT NULL
                      OR EXISTS (
                         SELECT FROM account_move paid
                          WHERE paid.id = move.reversed_entry_id AND (
                                paid.origin_payment_id IS NOT NULL
                                OR paid.statement_line_id IS NOT NULL))
                      OR EXISTS (
                         SELECT FROM account_payment payment
                           JOIN payment_transaction transaction
                             ON transaction.id = payment.payment_transaction_id
                          WHERE payment.id = move.origin_payment_id
                            AND transaction.operation = 'refund'))"""
        )

    @api.model
    def _get_moved_query(self):
        """What was paid, stood in the receivables, and was moved into the balance."""
        return SQL(
            """SELECT SUM(partial.amount), SUM(partial.debit_amount_currency)
                 FROM account_move_line claim
                 JOIN account_partial_reconcile partial ON partial.debit_move_id = claim.id
                 JOIN account_move_line credit ON credit.id = partial.credit_move_id
                 JOIN account_move paid ON paid.id = credit.move_id
                WHERE claim.move_id = line.move_id AND line.balance < 0
                  AND move.origin_payment_id IS NULL AND move.statement_line_id IS NULL
                  AND claim.subscription_wallet_id IS NULL
                  AND (paid.origin_payment_id IS NOT NULL OR paid.statement_line_id IS NOT NULL)
               HAVING SUM(partial.amount) > 0"""
        )


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_top_up_total = fields.Monetary(
        "Top-Ups of 12 Months", compute="_compute_subscription_top_up_total", compute_sudo=True
    )
    subscription_top_up_notify = fields.Boolean(
        "To Be Notified", compute="_compute_subscription_top_up_total", compute_sudo=True
    )

    def _compute_subscription_top_up_total(self):
        euro = self.env.ref("base.EUR")
        for company in self:
            today = self.env["subscription.billing.run"]._get_today(company)
            total = company._get_top_ups_since(fields.Date.subtract(today, months=MONTHS))
            in_euro = company.currency_id._convert(total, euro, company, today)
            company.subscription_top_up_total = total
            company.subscription_top_up_notify = in_euro >= NOTIFY_FROM

    def _get_top_ups_since(self, day):
        """What has been paid into balances after a day, in the company's currency.

        :rtype: float
        """
        self.ensure_one()
        groups = self.env["subscription.top.up.report"]._read_group(
            [("company_id", "=", self.id), ("date", ">", day)], aggregates=["amount:sum"]
        )
        return self.currency_id.round(groups[0][0] or 0.0)

    @api.model
    def _action_top_up_totals(self):
        """The totals of the companies that the user works in."""
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_prepaid.res_company_action_top_ups"
            ),
            "domain": [("id", "in", self.env.companies.ids)],
        }

    def action_view_top_ups(self):
        """The top-ups of the company in the last twelve months."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_prepaid.subscription_top_up_report_action"
            ),
            "domain": [("company_id", "=", self.id)],
        }
