"""A customer's balance: nothing but what is open for the customer on an account of the books."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

PAID_KINDS = {"credit": "subscription_credit_account_id"}


class SubscriptionWallet(models.Model):
    _name = "subscription.wallet"
    _description = "Customer Balance"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _check_company_auto = True
    _order = "partner_id, company_id, currency_id, id"
    _rec_names_search = ["name", "partner_id"]

    name = fields.Char(
        "Reference",
        default=lambda self: self.env._("New"),
        required=True,
        readonly=True,
        copy=False,
        help="With this reference in its label a bank transfer is booked into the balance.",
    )
    kind = fields.Selection(
        [("credit", "Credit")],
        default="credit",
        required=True,
        readonly=True,
        help="Credit is money that the customer has paid in advance. It pays for any invoice of "
        "the company and is paid back on request.",
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="restrict", tracking=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    account_id = fields.Many2one("account.account", compute="_compute_account_id")
    balance = fields.Monetary(
        compute="_compute_balance",
        search="_search_balance",
        compute_sudo=True,
        help="What is open on the account for the customer, in the currency of the balance.",
    )
    ledger_balance = fields.Monetary(
        "In the Ledger",
        compute="_compute_balance",
        compute_sudo=True,
        help="The sum of all that is booked on the account for the customer.",
    )
    difference = fields.Monetary(
        compute="_compute_balance",
        search="_search_difference",
        compute_sudo=True,
        help="Open items less ledger: anything but zero is an error in the books.",
    )
    entry_ids = fields.One2many("subscription.wallet.entry", "wallet_id", "Statement")
    use_number = fields.Integer(default=0, required=True, readonly=True, copy=False)

    _owner_uniq = models.UniqueIndex(
        "(partner_id, company_id, currency_id, kind)",
        "The customer has a balance in this currency already.",
    )

    @api.depends("partner_id.name", "name")
    def _compute_display_name(self):
        for wallet in self:
            wallet.display_name = f"{wallet.name} - {wallet.partner_id.name}"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            company = self.env["res.company"].browse(vals.get("company_id", self.env.company.id))
            company._ensure_wallet_accounts()
            sequence = self.env["ir.sequence"].with_company(company)
            vals["name"] = sequence.next_by_code("subscription.wallet")
        return super().create(vals_list)

    @api.constrains("partner_id")
    def _check_partner(self):
        for wallet in self:
            if wallet.partner_id != wallet.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(customer)s: choose the customer itself.",
                        contact=wallet.partner_id.name,
                        customer=wallet.partner_id.commercial_partner_id.name,
                    )
                )

    @api.depends("kind", "company_id")
    def _compute_account_id(self):
        for wallet in self:
            wallet.account_id = wallet.company_id.sudo()[PAID_KINDS[wallet.kind]]

    def _compute_balance(self):
        sums = self._read_sums()
        for wallet in self:
            wallet.balance, wallet.ledger_balance = sums.get(wallet._get_key(), (0.0, 0.0))
            wallet.difference = wallet.currency_id.round(wallet.balance - wallet.ledger_balance)

    @api.model
    def _forget(self):
        """The books have changed: what has been read of balances does not hold any more."""
        self.invalidate_model(["balance", "ledger_balance", "difference", "entry_ids"])
        self.env["subscription.wallet.entry"].invalidate_model()
        self.env["subscription.subscription"].invalidate_model(["wallet_balance"])

    def _get_key(self):
        return self.account_id.id, self.partner_id.id, self.company_id.id, self.currency_id.id

    @api.model
    def _read_sums(self, accounts=None):
        """What is open and what is booked on the accounts of balances.

        :param accounts: leave out for those of these balances.
        :return: ``{(account, customer, company, currency): (open, booked)}`` by ids; amounts in
            the currency, positive when the company owes them.
        :rtype: dict[tuple[int, int, int, int], tuple[float, float]]
        """
        accounts = self.account_id if accounts is None else accounts
        if not accounts:
            return {}
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model(["state"])
        rows = self.env.execute_query(
            SQL(
                """SELECT line.account_id, partner.commercial_partner_id, line.company_id,
                          line.currency_id, -SUM(line.amount_residual_currency),
                          -SUM(line.amount_currency)
                     FROM account_move_line line
                LEFT JOIN res_partner partner ON partner.id = line.partner_id
                    WHERE line.account_id = ANY(%s) AND line.parent_state = 'posted'
                 GROUP BY 1, 2, 3, 4""",
                accounts.ids,
            )
        )
        return {tuple(key): (float(opened), float(booked)) for *key, opened, booked in rows}

    def _search_balance(self, operator, value):
        return self._search_sums(operator, value, "balance")

    def _search_difference(self, operator, value):
        return self._search_sums(operator, value, "difference")

    def _search_sums(self, operator, value, name):
        if operator in ("in", "not in"):
            compare = {"in": lambda amount: amount in value}.get(
                operator, lambda amount: amount not in value
            )
        else:
            compare = {
                ">": lambda amount: amount > value,
                ">=": lambda amount: amount >= value,
                "<": lambda amount: amount < value,
                "<=": lambda amount: amount <= value,
            }.get(operator)
        if compare is None:
            return NotImplemented
        found = self.sudo().search(Domain.TRUE).filtered(lambda wallet: compare(wallet[name]))
        return [("id", "in", found.ids)]

    @api.model
    def _get(self, partner, company, currency, kind="credit"):
        """The balance of a customer, made when there is none yet.

        :param partner: any contact of the customer.
        :param company: ``res.company`` record.
        :param currency: ``res.currency`` record.
        """
        owner = {
            "partner_id": partner.commercial_partner_id.id,
            "company_id": company.id,
            "currency_id": currency.id,
            "kind": kind,
        }
        wallets = self.sudo()
        found = wallets.search([(name, "=", value) for name, value in owner.items()])
        return found or wallets.create(owner)

    def _lock(self):
        """Be the only one who uses the balances until the transaction ends.

        The row is written, not only locked: whoever has waited for it has an old view of the
        books, and has to start again.

        :raises psycopg2.errors.SerializationFailure: when another transaction has used a balance
            since this one began; Odoo runs the request anew.
        """
        self.env.cr.execute(
            SQL(
                "UPDATE subscription_wallet SET use_number = use_number + 1 WHERE id = ANY(%s)",
                sorted(self.ids),
            )
        )
        self._forget()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for wallet in self:
            if wallet.sudo().entry_ids:
                raise UserError(
                    self.env._("%s is in the books and stays there.", wallet.display_name)
                )

    def action_view_items(self):
        """The journal items of the balance."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Journal Items"),
            "res_model": "account.move.line",
            "view_mode": "list,form",
            "domain": self._get_items_domain(),
            "context": {"search_default_posted": 1},
        }

    def _get_items_domain(self):
        self.ensure_one()
        return [
            ("account_id", "=", self.account_id.id),
            ("partner_id", "child_of", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
            ("currency_id", "=", self.currency_id.id),
            ("parent_state", "=", "posted"),
        ]
