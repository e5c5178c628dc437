"""What a balance of each kind is booked on, and for what it is."""

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .balance_kinds import PAID_KINDS


class SubscriptionWallet(models.Model):
    _inherit = "subscription.wallet"

    @api.depends("kind", "company_id")
    def _compute_account_id(self):
        for wallet in self:
            name = PAID_KINDS.get(wallet.kind)
            wallet.account_id = name and wallet.company_id.sudo()[name]

    @api.model
    def _get_account_condition(self):
        """SQL condition: the journal item is on the account of the kind of its balance.

        It reads ``line``, ``wallet`` and ``company``, the balance's.
        """
        cases = SQL(" ").join(
            SQL("WHEN %s THEN %s", kind, SQL.identifier("company", name))
            for kind, name in PAID_KINDS.items()
        )
        return SQL("line.account_id = CASE wallet.kind %s END", cases)

    def write(self, vals):
        """Whose balance it is, and of what kind, is settled once it is in the books."""
        before = {wallet: wallet._get_identity() for wallet in self}
        result = super().write(vals)
        for wallet, identity in before.items():
            if wallet._get_identity() != identity:
                wallet._check_not_used()
        return result

    def _get_identity(self):
        return self.kind, self.partner_id, self.company_id, self.currency_id, self.subscription_id

    @api.constrains("kind", "subscription_id", "partner_id", "company_id", "currency_id")
    def _check_subscription(self):
        for wallet in self:
            subscription = wallet.subscription_id
            if wallet.kind == "service" and not subscription:
                raise ValidationError(
                    self.env._("Service credit is for one contract: choose the subscription.")
                )
            if not subscription:
                continue
            if wallet.kind not in ("service", "deposit"):
                raise ValidationError(
                    self.env._("Only service credit and deposits belong to one subscription.")
                )
            owner = (wallet.partner_id, wallet.company_id, wallet.currency_id)
            theirs = (
                subscription.partner_invoice_id.commercial_partner_id,
                subscription.company_id,
                subscription.currency_id,
            )
            if owner != theirs:
                raise ValidationError(
                    self.env._(
                        "%(subscription)s is not invoiced to %(customer)s in this company and "
                        "currency. Choose the customer and currency of the subscription.",
                        subscription=subscription.display_name,
                        customer=wallet.partner_id.display_name,
                    )
                )
