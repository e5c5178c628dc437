"""A customer's balance: nothing but what is open for the customer on an account of the books."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL


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
        [
            ("credit", "Credit"),
            ("service", "Service Credit"),
            ("deposit", "Deposit"),
            ("bonus", "Bonus Credit"),
        ],
        default="credit",
        required=True,
        help="Credit is money that the customer has paid in advance. It pays for any invoice of "
        "the company and is paid back on request. Service credit is the same for one "
        "subscription only. A deposit is held. Bonus credit is no money: it makes invoices "
        "cheaper and is never paid out.",
    )
    subscription_id = fields.Many2one(
        "subscription.subscription",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The only contract that the balance is for.",
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
        "(partner_id, company_id, currency_id, kind, COALESCE(subscription_id, 0))",
        "The customer has such a balance in this currency already.",
    )

    @api.depends("partner_id.name", "name", "subscription_id.name")
    def _compute_display_name(self):
        for wallet in self:
            parts = [wallet.name, wallet.partner_id.name, wallet.sudo().subscription_id.name]
            wallet.display_name = " - ".join(part for part in parts if part)

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

    def _compute_balance(self):
        sums = self._read_sums()
        for wallet in self:
            wallet.balance, wallet.ledger_balance = sums.get(wallet._origin.id, (0.0, 0.0))
            wallet.difference = wallet.currency_id.round(wallet.balance - wallet.ledger_balance)

    @api.model
    def _forget(self):
        """The books have changed: what has been read of balances does not hold any more."""
        self.invalidate_model(["balance", "ledger_balance", "difference", "entry_ids"])
        self.env["subscription.wallet.entry"].invalidate_model()
        self.env["subscription.subscription"].invalidate_model(
            ["wallet_balance", "service_balance"]
        )

    def _read_sums(self):
        """What is open and what is booked of the balances.

        :return: ``{id: (open, booked)}``; amounts in the currency of the balance, positive when
            the company owes them. Balances with nothing in the books are left out.
        :rtype: dict[int, tuple[float, float]]
        """
        self.env["account.move.line"].flush_model()
        self.env["account.move"].flush_model(["state"])
        rows = self.env.execute_query(
            SQL(
                """SELECT wallet.id, -SUM(line.amount_residual_currency),
                          -SUM(line.amount_currency)
                     FROM account_move_line line
                     JOIN subscription_wallet wallet ON wallet.id = line.subscription_wallet_id
                     JOIN res_company company ON company.id = wallet.company_id
                    WHERE wallet.id = ANY(%s) AND line.parent_state = 'posted' AND %s
                 GROUP BY wallet.id""",
                self.ids,
                self._get_account_condition(),
            )
        )
        return {wallet: (float(opened), float(booked)) for wallet, opened, booked in rows}

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
    def _get(self, partner, company, currency, kind="credit", subscription=None):
        """The balance of a customer, made when there is none yet.

        :param partner: any contact of the customer.
        :param company: ``res.company`` record.
        :param currency: ``res.currency`` record.
        :param str kind: one of the kinds of balances.
        :param subscription: the only ``subscription.subscription`` that it is for, if any.
        """
        owner = {
            "partner_id": partner.commercial_partner_id.id,
            "company_id": company.id,
            "currency_id": currency.id,
            "kind": kind,
            "subscription_id": subscription.id if subscription else False,
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
        self._check_not_used()

    def _check_not_used(self):
        for wallet in self:
            if wallet.sudo().entry_ids:
                raise UserError(
                    self.env._("%s is in the books and stays there.", wallet.display_name)
                )

    def action_view_items(self):
        """The journal items of the balance."""
        self.ensure_one()
        return self._get_items_action(self._get_items_domain())

    @api.model
    def _get_items_action(self, domain):
        """The list of journal items on accounts of balances.

        :param list domain: which.
        :rtype: dict
        """
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Journal Items"),
            "res_model": "account.move.line",
            "view_mode": "list,form",
            "domain": domain,
            "context": {"search_default_posted": 1},
        }

    def _get_items_domain(self):
        self.ensure_one()
        return [
            ("account_id", "=", self.account_id.id),
            ("subscription_wallet_id", "=", self.id),
            ("parent_state", "=", "posted"),
        ]
