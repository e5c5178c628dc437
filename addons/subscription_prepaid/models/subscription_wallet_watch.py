"""Customers whose balance gets low are told; when it is used up, an action of the company runs.

Each happens once for each time that the balance falls below its limit.
"""

import logging
from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Domain

from ..prepaid import Crossing, crossing
from .balance_kinds import SPENDABLE_KINDS

_logger = logging.getLogger(__name__)

TEMPLATE = "subscription_prepaid.mail_template_low_balance"


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_wallet_low = fields.Monetary(
        "Low Balance",
        help="Customers who have used their balance are told when it falls below this amount; 0 "
        "for no message.",
    )
    subscription_wallet_empty_action_id = fields.Many2one(
        "ir.actions.server",
        "When a Balance Is Used up",
        domain="[('model_id.model', '=', 'subscription.wallet')]",
        help="Runs for a balance once each time that nothing is left of it.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_wallet_low = fields.Monetary(
        related="company_id.subscription_wallet_low", readonly=False
    )
    subscription_wallet_empty_action_id = fields.Many2one(
        related="company_id.subscription_wallet_empty_action_id", readonly=False
    )


class SubscriptionWallet(models.Model):
    _inherit = "subscription.wallet"

    is_low = fields.Boolean(
        "Low", readonly=True, copy=False, help="The balance was low when it was last looked at."
    )
    is_empty = fields.Boolean(
        "Used up",
        readonly=True,
        copy=False,
        help="Nothing was left of the balance when it was last looked at.",
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
            Domain("kind", "in", SPENDABLE_KINDS)
            & (
                Domain("company_id.subscription_wallet_low", ">", 0)
                | Domain("company_id.subscription_wallet_empty_action_id", "!=", False)
            )
        )
        for wallet in watched:
            wallet._watch()

    def _watch(self):
        """Note which limits the balance has crossed, and do what belongs to it (SM-30)."""
        for wallet in self.filtered(lambda wallet: wallet.kind in SPENDABLE_KINDS):
            company = wallet.company_id.sudo()
            limit = company.subscription_wallet_low
            if limit > 0 and wallet._has_fallen_below(limit, "is_low") and wallet.partner_id.email:
                wallet._tell_of_low_balance()
            action = company.subscription_wallet_empty_action_id
            if action and wallet._has_fallen_below(wallet.currency_id.rounding, "is_empty"):
                wallet._run_empty_action(action)

    def _has_fallen_below(self, limit, name):
        """Note on which side of a limit the balance is; what was never used has not fallen.

        :param str name: the field that notes it.
        """
        balance = Decimal(str(self.currency_id.round(self.balance)))
        moved = crossing(balance, Decimal(str(limit)), self[name])
        if moved:
            self[name] = moved is Crossing.FELL
        return moved is Crossing.FELL and bool(self.entry_ids)

    @api.model
    def _watch_topped_up(self, moves):
        """Note that balances which were low have risen, so that the next fall is told of again."""
        items = moves.line_ids._is_on_wallet_account().filtered(lambda line: line.balance < 0)
        wallets = items.subscription_wallet_id.sudo()
        wallets.filtered(lambda wallet: wallet.is_low or wallet.is_empty)._watch()

    def _tell_of_low_balance(self):
        """Send the message; if that fails, whatever used the balance stands."""
        try:
            with self.env.cr.savepoint():
                self.env.ref(TEMPLATE).sudo().send_mail(self.id)
        except Exception as error:
            _logger.info("the message about %s failed", self, exc_info=True)
            self._message_log(
                body=self.env._("The message about the low balance could not be sent: %s", error)
            )

    def _run_empty_action(self, action):
        """Run the action; if it fails, the payment stands and somebody is told."""
        try:
            with self.env.cr.savepoint():
                action.with_context(
                    active_model=self._name, active_id=self.id, active_ids=self.ids
                ).run()
        except Exception as error:
            _logger.info("%s failed for %s", action, self, exc_info=True)
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("The action %s has failed", action.name),
                note=str(error),
            )

    def _get_top_up_url(self):
        """The link to the page on which the customer pays in.

        :rtype: str
        """
        self.ensure_one()
        return f"{self.company_id.get_base_url()}/my/balance"


class AccountMove(models.Model):
    _inherit = "account.move"
    _keeps_bulk_invoices = True  # balances are never on customer invoices

    def _post(self, soft=True):
        posted = super()._post(soft)
        self.env["subscription.wallet"]._watch_topped_up(posted)
        return posted
