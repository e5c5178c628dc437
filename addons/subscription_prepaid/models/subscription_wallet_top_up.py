"""Whether money is taken into a balance, and what becomes of money that is not (LAW-42)."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .balance_kinds import SPENDABLE_KINDS


class SubscriptionWallet(models.Model):
    _inherit = "subscription.wallet"

    can_be_topped_up = fields.Boolean(
        compute="_compute_can_be_topped_up",
        compute_sudo=True,
        help="Whether the company takes money into balances of this kind.",
    )

    @api.depends("kind", "company_id.subscription_top_up_kind")
    def _compute_can_be_topped_up(self):
        for wallet in self:
            is_general = wallet.company_id.subscription_top_up_kind == "general"
            wallet.can_be_topped_up = wallet.kind == "deposit" or (
                is_general and wallet.kind in SPENDABLE_KINDS
            )

    def action_top_up(self):
        self._check_can_be_topped_up()
        return super().action_top_up()

    def _check_can_be_topped_up(self):
        """Refuse untaxed money where only advances are taken (LAW-42).

        :raises UserError: where the company takes advances only.
        """
        for wallet in self:
            if not wallet.can_be_topped_up:
                raise UserError(
                    self.env._(
                        "%s takes advance payments for contracts only: make an advance invoice "
                        "on the subscription.",
                        wallet.company_id.name,
                    )
                )

    def _get_least_top_up(self):
        """The least that the customer may pay in online, in the currency of the balance.

        :rtype: float
        """
        self.ensure_one()
        return self.company_id._get_least_top_up(self.currency_id)

    def _leave_in_receivables(self, amount, label):
        """Let a person decide about money that is not taken into balances (LAW-42).

        :param float amount: in the currency of the balance.
        :param str label: what the customer has written.
        """
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._(
                "%(amount)s came for %(wallet)s: make an advance invoice, or pay it back",
                amount=self.currency_id.format(amount),
                wallet=self.name,
            ),
            note=label,
        )
