"""A top-up that was returned overdraws the balance and flags the contracts (decision C14).

What it has paid for stays paid: nobody opens an invoice again.
"""

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.subscription_base.models.subscription_subscription import RUNNING_STATES

from .balance_kinds import SPENDABLE_KINDS


class SubscriptionWallet(models.Model):
    _inherit = "subscription.wallet"

    is_overdrawn = fields.Boolean(
        "Was Overdrawn",
        readonly=True,
        copy=False,
        help="More was used than the customer has paid, because a payment was returned.",
    )

    def _note_overdrawn(self):
        """Note whether the balances are overdrawn, and tell people when they have become so."""
        for wallet in self.filtered(lambda wallet: wallet.kind in SPENDABLE_KINDS):
            is_overdrawn = wallet.currency_id.compare_amounts(wallet.balance, 0.0) < 0
            if is_overdrawn != wallet.is_overdrawn:
                wallet.sudo().is_overdrawn = is_overdrawn
                if is_overdrawn:
                    wallet._tell_of_overdraft()

    @api.model
    def _note_overdrawn_by(self, moves):
        """Look at the balances that entries have touched; what balances pay never overdraws."""
        items = moves.line_ids._is_on_wallet_account().filtered(
            lambda line: line.journal_id != line.company_id.subscription_wallet_journal_id
        )
        items.subscription_wallet_id.sudo()._note_overdrawn()

    def _tell_of_overdraft(self):
        for subscription in self._find_paid_contracts():
            subscription.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._(
                    "A top-up was returned: the balance is %s",
                    self.currency_id.format(self.balance),
                ),
                user_id=subscription.user_id.id or self.env.uid,
            )

    def _prepare_debt(self):
        """Values of the line that states what was used of payments that have been returned."""
        return {"kind": self.kind, "amount": self.balance, "outcome": "owed"}

    def _find_paid_contracts(self):
        """The running contracts that the balance pays for; of service credit its own one."""
        self.ensure_one()
        if self.kind == "service":
            return self.subscription_id.sudo()
        return (
            self.env["subscription.subscription"]
            .sudo()
            .search(self._get_contracts_domain() & Domain("state", "in", RUNNING_STATES))
        )

    def _get_contracts_domain(self):
        if self.kind == "service":
            return Domain("id", "=", self.subscription_id.id)
        return (
            Domain("partner_invoice_id", "child_of", self.partner_id.id)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("currency_id", "=", self.currency_id.id)
            & (Domain("is_prepaid", "=", True) | Domain("plan_id.use_balance", "=", True))
        )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    has_overdrawn_balance = fields.Boolean(
        "Balance Overdrawn",
        compute="_compute_has_overdrawn_balance",
        search="_search_has_overdrawn_balance",
        compute_sudo=True,
    )

    @api.depends("partner_invoice_id", "company_id", "currency_id", "is_prepaid", "use_balance")
    def _compute_has_overdrawn_balance(self):
        for subscription in self:
            is_paid_from_it = subscription.is_prepaid or subscription.use_balance
            subscription.has_overdrawn_balance = (
                is_paid_from_it and subscription._find_wallet().is_overdrawn
            ) or subscription._find_service_wallet().is_overdrawn

    def _search_has_overdrawn_balance(self, operator, value):
        if operator != "in":
            return NotImplemented
        wallets = self.env["subscription.wallet"].sudo().search([("is_overdrawn", "=", True)])
        flagged = Domain.OR(wallet._get_contracts_domain() for wallet in wallets)
        return flagged if True in value else ~flagged


class AccountMove(models.Model):
    _inherit = "account.move"
    _keeps_bulk_invoices = True  # balances are never on customer invoices

    def _post(self, soft=True):
        posted = super()._post(soft)
        self.env["subscription.wallet"]._note_overdrawn_by(posted)
        return posted
