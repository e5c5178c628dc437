"""Journal items on the accounts of balances: each says whose balance it is."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

#: What decides whose balance an item is.
OWNER_FIELDS = frozenset({"account_id", "partner_id", "currency_id", "subscription_wallet_id"})


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"
    _keeps_bulk_invoices = True  # balances are never on customer invoices

    subscription_wallet_id = fields.Many2one(
        "subscription.wallet",
        "Customer Balance",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The balance that the item is part of, on an account of balances.",
    )

    subscription_paid_invoice_id = fields.Many2one(
        "account.move",
        "Paid Invoice",
        index="btree_not_null",
        readonly=True,
        ondelete="set null",
        help="What the balance has paid for by the item.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered(lambda line: line.parent_state == "posted")._claim_for_wallets()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if not OWNER_FIELDS.isdisjoint(vals):
            self.filtered(lambda line: line.parent_state == "posted")._claim_for_wallets()
        return result

    def _is_on_wallet_account(self):
        """The items that belong to a customer's balance."""
        return self.filtered(lambda line: line.account_id in line.company_id._get_wallet_accounts())

    def _claim_for_wallets(self):
        """Have each item on an account of balances say whose it is.

        Of credit its customer says so; an item of any other kind has to name the balance.

        :raises ValidationError: when there is no telling.
        """
        items = self._is_on_wallet_account()
        items._check_have_customer()
        for line in items:
            if line.company_id._get_wallet_kind(line.account_id) == "credit":
                wallet = self.env["subscription.wallet"]._get(
                    line.partner_id, line.company_id, line.currency_id
                )
                if line.subscription_wallet_id != wallet:
                    line.subscription_wallet_id = wallet
            line._check_wallet()
        if items:
            self.env["subscription.wallet"]._forget()

    def _check_have_customer(self):
        if ownerless := self.filtered(lambda line: not line.partner_id):
            raise ValidationError(
                self.env._(
                    "%(account)s holds the balances of customers: name the customer on each item "
                    "of it (%(items)s).",
                    account=ownerless.account_id[:1].display_name,
                    items=", ".join(line.name or "-" for line in ownerless),
                )
            )

    def _check_wallet(self):
        wallet = self.subscription_wallet_id.sudo()
        if not wallet:
            raise ValidationError(
                self.env._(
                    "%(account)s holds balances of which a customer may have several: name the "
                    "balance on the item %(item)s, in its column Customer Balance.",
                    account=self.account_id.display_name,
                    item=self.name or "-",
                )
            )
        owner = (wallet.account_id, wallet.partner_id, wallet.company_id, wallet.currency_id)
        partner = self.partner_id.commercial_partner_id
        if owner != (self.account_id, partner, self.company_id, self.currency_id):
            raise ValidationError(
                self.env._(
                    "The item %(item)s cannot be of the balance %(wallet)s: account, customer, "
                    "company and currency must be those of the balance.",
                    item=self.name or "-",
                    wallet=wallet.display_name,
                )
            )

    def reconcile(self):
        """What was paid into one balance never settles what was used of another."""
        wallets = self._is_on_wallet_account().subscription_wallet_id
        if len(wallets) > 1:
            raise UserError(
                self.env._(
                    "These items are of several balances: %s. Reconcile them apart.",
                    ", ".join(sorted(wallets.mapped("display_name"))),
                )
            )
        result = super().reconcile()
        self.env["subscription.wallet"]._forget()
        return result

    def remove_move_reconcile(self):
        result = super().remove_move_reconcile()
        self.env["subscription.wallet"]._forget()
        return result
