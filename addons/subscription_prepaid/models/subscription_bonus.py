"""Bonus credit: given, not paid, so no journal entry; a memo ledger says what became of it."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..prepaid import Grant

#: What may still be said otherwise of a bonus that was given.
EDITABLE = frozenset({"reason"})


class SubscriptionBonus(models.Model):
    _name = "subscription.bonus"
    _description = "Bonus Credit"
    _order = "date_from desc, id desc"
    _rec_name = "reason"
    _check_company_auto = True

    wallet_id = fields.Many2one(
        "subscription.wallet", "Balance", readonly=True, index=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    amount = fields.Monetary(
        required=True, help="By how much invoices become cheaper in all, taxes included."
    )
    amount_left = fields.Monetary(
        "Left", compute="_compute_amount_left", store=True, help="What has not been used yet."
    )
    subscription_id = fields.Many2one(
        "subscription.subscription",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="Leave empty to make any invoice of the customer cheaper.",
    )
    date_from = fields.Date("Effective from", default=fields.Date.context_today, required=True)
    date_expiry = fields.Date(
        "Expires on", help="First day on which it cannot be used. Empty: it does not expire."
    )
    reason = fields.Char(required=True, help="Printed on the invoices that become cheaper.")
    entry_ids = fields.One2many("subscription.bonus.entry", "bonus_id", "Entries")

    _amount_positive = models.Constraint("CHECK (amount > 0)", "A bonus must be more than nothing.")
    _dates_in_order = models.Constraint(
        "CHECK (date_expiry IS NULL OR date_expiry > date_from)",
        "A bonus expires after the day on which it takes effect.",
    )
    _open_idx = models.Index("(partner_id) WHERE amount_left > 0")

    @api.model_create_multi
    def create(self, vals_list):
        """Give the bonuses: each gets its balance and its first entry."""
        bonuses = super().create(vals_list)
        for bonus in bonuses.sudo():
            bonus.wallet_id = bonus.wallet_id._get(
                bonus.partner_id, bonus.company_id, bonus.currency_id, kind="bonus"
            )
            bonus._enter("granted", bonus.amount)
        return bonuses

    def write(self, vals):
        if not self.env.su and not vals.keys() <= EDITABLE:
            raise UserError(
                self.env._("A bonus stays as it was given. Withdraw it, and give another one.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A bonus that was given stays on record. Withdraw it instead."))

    @api.constrains("partner_id", "subscription_id", "currency_id", "company_id")
    def _check_owner(self):
        for bonus in self:
            subscription = bonus.subscription_id.sudo()
            if bonus.partner_id != bonus.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(customer)s: choose the customer itself.",
                        contact=bonus.partner_id.name,
                        customer=bonus.partner_id.commercial_partner_id.name,
                    )
                )
            owner = (bonus.partner_id, bonus.currency_id)
            theirs = (
                subscription.partner_invoice_id.commercial_partner_id,
                subscription.currency_id,
            )
            if subscription and owner != theirs:
                raise ValidationError(
                    self.env._(
                        "%(subscription)s is not invoiced to %(customer)s in this currency.",
                        subscription=subscription.display_name,
                        customer=bonus.partner_id.display_name,
                    )
                )

    @api.depends("entry_ids.amount")
    def _compute_amount_left(self):
        for bonus in self:
            bonus.amount_left = bonus.currency_id.round(sum(bonus.entry_ids.mapped("amount")))

    def _enter(self, kind, amount, **values):
        """Add an entry to the memo ledger; a zero is none.

        :param str kind: what has happened.
        :param float amount: signed: what is there more of the bonus afterwards.
        :raises UserError: when less than nothing would be left.
        """
        self.ensure_one()
        if self.currency_id.is_zero(amount):
            return
        if self.currency_id.compare_amounts(self.amount_left + amount, 0.0) < 0:
            raise UserError(
                self.env._(
                    "Of the bonus %(bonus)s, %(left)s are left: %(amount)s cannot be taken.",
                    bonus=self.reason,
                    left=self.currency_id.format(self.amount_left),
                    amount=self.currency_id.format(-amount),
                )
            )
        self.env["subscription.bonus.entry"].sudo().create(
            {"bonus_id": self.id, "kind": kind, "amount": amount, **values}
        )
        self.env["subscription.wallet"]._forget()

    def action_take_back(self):
        """Take back what is left of the bonus."""
        self.check_access("write")
        for bonus in self.sudo():
            bonus._enter("withdrawn", -bonus.amount_left)

    def action_view_invoices(self):
        """The invoices that the bonus has made cheaper."""
        self.ensure_one()
        self.check_access("read")
        return self.sudo().entry_ids.move_id._get_subscription_invoice_action()

    def _get_grant(self):
        """The bonus for the functional core.

        :rtype: ~odoo.addons.subscription_prepaid.prepaid.Grant
        """
        self.ensure_one()
        return Grant(
            self.id,
            Decimal(str(self.amount_left)),
            kind="bonus",
            effective=self.date_from,
            expires=self.date_expiry or None,
            created=self.id,
        )

    @api.model
    def _find_open(self, partners):
        """The bonuses of customers of which something is left.

        :param partners: any contacts of theirs.
        """
        return self.sudo().search(
            [
                ("partner_id", "in", partners.commercial_partner_id.ids),
                ("amount_left", ">", 0),
            ]
        )

    @api.model
    def _cron_expire(self):
        """Let bonuses expire whose day has come."""
        dated = self.search(Domain("amount_left", ">", 0) & Domain("date_expiry", "!=", False))
        for company, theirs in dated.grouped("company_id").items():
            today = self.env["subscription.billing.run"]._get_today(company)
            theirs.filtered(lambda bonus, day=today: bonus.date_expiry <= day)._expire()

    def _has_outlived_contracts(self):
        """Whether all contracts that the bonus could be for have ended (SM-69)."""
        contracts = self.subscription_id or self.env["subscription.subscription"].search(
            [
                ("partner_invoice_id.commercial_partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
            ]
        )
        return bool(contracts) and all(state == "closed" for state in contracts.mapped("state"))

    def _expire(self):
        for bonus in self.sudo():
            bonus._enter("expired", -bonus.amount_left)


class SubscriptionBonusEntry(models.Model):
    """The memo ledger of bonus credit; it is only added to."""

    _name = "subscription.bonus.entry"
    _description = "Entry of Bonus Credit"
    _order = "id desc"

    bonus_id = fields.Many2one(
        "subscription.bonus", required=True, index=True, readonly=True, ondelete="restrict"
    )
    wallet_id = fields.Many2one(related="bonus_id.wallet_id", store=True, index=True)
    company_id = fields.Many2one(related="bonus_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="bonus_id.partner_id", store=True, index=True)
    currency_id = fields.Many2one(related="bonus_id.currency_id", store=True)
    kind = fields.Selection(
        [
            ("granted", "Granted"),
            ("used", "Used"),
            ("expired", "Expired"),
            ("taken_back", "Back from an Invoice"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        readonly=True,
    )
    date = fields.Date(default=fields.Date.context_today, required=True, readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    move_id = fields.Many2one(
        "account.move",
        "Invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The invoice that became cheaper.",
    )
    subscription_id = fields.Many2one(
        "subscription.subscription", readonly=True, ondelete="restrict"
    )
    credit_move_id = fields.Many2one(
        "account.move",
        "Credit Note",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="What has credited a part of the invoice.",
    )
    credited = fields.Monetary(
        readonly=True, help="How much of the invoice was credited, taxes and bonus included."
    )

    def _describe(self):
        """What has happened, as the customer reads it.

        :rtype: str
        """
        self.ensure_one()
        match self.kind:
            case "granted":
                return self.env._("Bonus: %s", self.bonus_id.reason)
            case "used":
                return self.env._("Used for %s", self.move_id.name or self.env._("a draft"))
            case "expired":
                return self.env._("Expired")
            case "taken_back":
                return self.env._("Back from %s", self.move_id.name or self.env._("a draft"))
            case _:
                return self.env._("Withdrawn")

    def write(self, vals):
        self._refuse_change()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self._refuse_change()

    def _refuse_change(self):
        raise UserError(self.env._("The record of bonus credit is only added to."))


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_bonus_account_id = fields.Many2one(
        "account.account",
        "Account of Bonuses",
        domain="[('account_type', 'in', ('income', 'income_other'))]",
        help="Where it is booked that a bonus has made an invoice cheaper, if its default taxes "
        "are those of the line, or it has none. Else, the account of the line is used.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_bonus_account_id = fields.Many2one(
        related="company_id.subscription_bonus_account_id", readonly=False
    )
