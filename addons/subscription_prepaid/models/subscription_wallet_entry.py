"""The statement of a balance: its journal items, as the customer reads them."""

from odoo import api, fields, models
from odoo.tools import SQL


class SubscriptionWalletEntry(models.Model):
    _name = "subscription.wallet.entry"
    _description = "Entry of a Customer Balance"
    _auto = False
    _order = "date desc, id desc"

    wallet_id = fields.Many2one("subscription.wallet", "Balance", readonly=True)
    partner_id = fields.Many2one(related="wallet_id.partner_id")
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    date = fields.Date(readonly=True)
    move_line_id = fields.Many2one("account.move.line", "Journal Item", readonly=True)
    move_id = fields.Many2one("account.move", "Journal Entry", readonly=True)
    name = fields.Char("Label", readonly=True)
    description = fields.Char(compute="_compute_description", compute_sudo=True)
    amount = fields.Monetary(readonly=True)
    open_amount = fields.Monetary(
        "Not Used Yet", readonly=True, help="What is left of a payment that came in."
    )
    running_balance = fields.Monetary("Balance Afterwards", readonly=True, aggregator=None)

    @property
    def _table_query(self):
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model(["state"])
        return SQL(
            """SELECT line.id AS id, wallet.id AS wallet_id, wallet.company_id,
                      wallet.currency_id, line.date, line.id AS move_line_id, line.move_id,
                      COALESCE(NULLIF(line.name, ''), line.ref, line.move_name) AS name,
                      -line.amount_currency AS amount,
                      -line.amount_residual_currency AS open_amount,
                      SUM(-line.amount_currency) OVER (
                          PARTITION BY wallet.id ORDER BY line.date, line.id) AS running_balance
                 FROM account_move_line line
                 JOIN subscription_wallet wallet ON wallet.id = line.subscription_wallet_id
                 JOIN res_company company ON company.id = wallet.company_id
                WHERE line.parent_state = 'posted' AND %s""",
            self.env["subscription.wallet"]._get_account_condition(),
        )

    @api.depends("name", "move_id", "amount")
    @api.depends_context("lang")
    def _compute_description(self):
        """What the customer reads: where money came from, or what it was used for."""
        for entry in self:
            move = entry.move_id
            if move.statement_line_id:
                entry.description = self.env._("Bank transfer")
            elif move.origin_payment_id:
                came_in = entry.amount > 0
                entry.description = (
                    self.env._("Payment received") if came_in else self.env._("Paid out")
                )
            else:
                entry.description = entry.name

    def action_open_document(self):
        """The invoice, payment or entry that the entry came of."""
        self.ensure_one()
        return self.move_id.action_open_business_doc()
