"""Customers whose balance gets low are told, once for each time that it falls below the limit."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Domain

from ..prepaid import Crossing, crossing
from .balance_kinds import SPENDABLE_KINDS

TEMPLATE = "subscription_prepaid.mail_template_low_balance"


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_wallet_low = fields.Monetary(
        "Low Balance",
        help="Customers who have used their balance are told when it falls below this amount; 0 "
        "for no message.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_wallet_low = fields.Monetary(
        related="company_id.subscription_wallet_low", readonly=False
    )


class SubscriptionWallet(models.Model):
    _inherit = "subscription.wallet"

    is_low = fields.Boolean(
        "Low", readonly=True, copy=False, help="The balance was low when it was last looked at."
    )

    def _settle(self, invoices, *, in_full=False):
        entries = super()._settle(invoices, in_full=in_full)
        self._watch()
        self.sudo().recharge_id._recharge_soon()
        return entries

    @api.model
    def _cron_watch(self):
        """Look at all balances: what is booked by hand counts, too."""
        self.search(Domain.TRUE)._note_overdrawn()
        watched = self.search(
            Domain("company_id.subscription_wallet_low", ">", 0)
            & Domain("kind", "in", SPENDABLE_KINDS)
        )
        for wallet in watched:
            wallet._watch()

    def _watch(self):
        """Note whether the balance is low, and tell the customer when it has become so (SM-30)."""
        for wallet in self.filtered(lambda w: w.company_id.subscription_wallet_low > 0):
            limit = Decimal(str(wallet.company_id.subscription_wallet_low))
            moved = crossing(Decimal(str(wallet.balance)), limit, wallet.is_low)
            if moved:
                wallet.is_low = moved is Crossing.FELL
            if moved is Crossing.FELL and wallet.entry_ids and wallet.partner_id.email:
                wallet.env.ref(TEMPLATE).sudo().send_mail(wallet.id)

    def _get_top_up_url(self):
        """The link to the page on which the customer pays in.

        :rtype: str
        """
        self.ensure_one()
        return f"{self.company_id.get_base_url()}/my/balance"
