"""The statement of a balance: its journal items or memos, as the customer reads them."""

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
    bonus_entry_id = fields.Many2one("subscription.bonus.entry", readonly=True)
    move_id = fields.Many2one("account.move", "Journal Entry", readonly=True)
    invoice_id = fields.Many2one("account.move", "Paid Invoice", readonly=True)
    charge_ids = fields.Many2many(
        "subscription.charge",
        string="Paid Charges",
        compute="_compute_charge_ids",
        compute_sudo=True,
        help="What of the invoice the balance has paid for.",
    )
    source = fields.Char(
        "Taken from",
        compute="_compute_source",
        compute_sudo=True,
        help="The payments, or the bonus, that what was used came from.",
    )
    name = fields.Char("Label", readonly=True)
    description = fields.Char(compute="_compute_description", compute_sudo=True)
    amount = fields.Monetary(readonly=True)
    open_amount = fields.Monetary(
        "Not Used Yet", readonly=True, help="What is left of a payment that came in."
    )
    running_balance = fields.Monetary("Balance Afterwards", readonly=True, aggregator=None)

    @property
    def _table_query(self):
        for name in ("account.move.line", "subscription.bonus", "subscription.bonus.entry"):
            self.env[name].flush_model()
        self.env["account.move"].flush_model(["state"])
        return SQL(
            """SELECT entry.*, SUM(entry.amount) OVER (
                          PARTITION BY wallet_id ORDER BY date, id) AS running_balance
                 FROM (%s UNION ALL %s) entry""",
            self._get_money_query(),
            self._get_bonus_query(),
        )

    @api.model
    def _get_money_query(self):
        """The journal items of balances that are money; their ids here are even."""
        return SQL(
            """SELECT line.id * 2 AS id, wallet.id AS wallet_id, wallet.company_id,
                      wallet.currency_id, line.date, line.id AS move_line_id,
                      NULL::integer AS bonus_entry_id, line.move_id,
                      line.subscription_paid_invoice_id AS invoice_id,
                      COALESCE(NULLIF(line.name, ''), line.ref, line.move_name) AS name,
                      -line.amount_currency AS amount,
                      -line.amount_residual_currency AS open_amount
                 FROM account_move_line line
                 JOIN subscription_wallet wallet ON wallet.id = line.subscription_wallet_id
                 JOIN res_company company ON company.id = wallet.company_id
                WHERE line.parent_state = 'posted' AND %s""",
            self.env["subscription.wallet"]._get_account_condition(),
        )

    @api.model
    def _of_item(self, item):
        """The entry of a journal item; empty for none.

        :param item: ``account.move.line`` record.
        """
        return self.browse(item.id * 2 if item else ())

    @api.model
    def _get_bonus_query(self):
        """The memo ledger of bonus credit; its ids here are odd."""
        return SQL(
            """SELECT entry.id * 2 + 1, entry.wallet_id, entry.company_id, entry.currency_id,
                      entry.date, NULL, entry.id, COALESCE(entry.credit_move_id, entry.move_id),
                      entry.move_id, bonus.reason, entry.amount,
                      CASE WHEN entry.kind = 'granted' THEN bonus.amount_left ELSE 0 END
                 FROM subscription_bonus_entry entry
                 JOIN subscription_bonus bonus ON bonus.id = entry.bonus_id"""
        )

    @api.depends("invoice_id", "wallet_id")
    def _compute_charge_ids(self):
        for entry in self:
            charges = entry.invoice_id.invoice_line_ids.subscription_charge_id
            if contract := entry.wallet_id.subscription_id:
                charges = charges.filtered(lambda c, s=contract: c.subscription_id == s)
            entry.charge_ids = charges

    @api.depends("move_line_id", "amount")
    def _compute_source(self):
        for entry in self:
            entry.source = entry.bonus_entry_id.bonus_id.reason or ", ".join(
                f"{partial.credit_move_id.move_name} "
                f"({entry.currency_id.format(partial.debit_amount_currency)})"
                for partial in entry.move_line_id.matched_credit_ids.sorted("id")
            )

    @api.depends("name", "move_id", "amount")
    @api.depends_context("lang")
    def _compute_description(self):
        """What the customer reads: where money came from, or what it was used for."""
        for entry in self:
            move = entry.move_id
            if entry.bonus_entry_id:
                entry.description = entry.bonus_entry_id._describe()
            elif move.statement_line_id:
                entry.description = self.env._("Bank transfer")
            elif move.origin_payment_id:
                came_in = entry.amount > 0
                entry.description = (
                    self.env._("Payment received") if came_in else self.env._("Paid out")
                )
            else:
                entry.description = entry.name

    def action_open_document(self):
        """The invoice, payment or entry that the entry came of; else the bonus."""
        self.ensure_one()
        if not self.move_id:
            return self.bonus_entry_id.bonus_id._get_records_action()
        return self.move_id.action_open_business_doc()
