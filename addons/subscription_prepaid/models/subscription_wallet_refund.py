"""What is left of a balance is the customer's: paid back at the end, and never kept (LAW-43)."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..prepaid import is_time_barred, limitation_end
from .balance_kinds import SPENDABLE_KINDS

INCOME = ("income", "income_other")


class SubscriptionWallet(models.Model):
    _inherit = "subscription.wallet"

    date_limitation = fields.Date(
        "Can Be Claimed until",
        compute="_compute_date_limitation",
        compute_sudo=True,
        help="31 December of the third year after the last movement. Until then the customer can "
        "claim the balance, and nothing of it may be kept.",
    )
    is_time_barred = fields.Boolean(compute="_compute_date_limitation", compute_sudo=True)
    refund_proposal_id = fields.Many2one(
        "account.payment",
        "Proposed Refund",
        compute="_compute_refund_proposal_id",
        compute_sudo=True,
    )

    def _compute_date_limitation(self):
        for wallet in self:
            last = max(wallet.entry_ids.mapped("date"), default=None)
            wallet.date_limitation = last and limitation_end(last)
            wallet.is_time_barred = bool(last) and is_time_barred(last, wallet._get_today())

    def _compute_refund_proposal_id(self):
        for wallet in self:
            wallet.refund_proposal_id = wallet._find_refund_proposal()

    def _find_refund_proposal(self):
        return self.env["account.payment"].search(
            [
                ("subscription_wallet_id", "=", self.id),
                ("payment_type", "=", "outbound"),
                ("state", "=", "draft"),
            ],
            limit=1,
        )

    def _propose_refund(self):
        """Prepare that the whole balance is paid out, for a person to look at and confirm.

        A proposal that waits already is brought up to what the balance is now.

        :return: the draft payments that are new, or have another amount now.
        :rtype: account.payment
        """
        payments = self.env["account.payment"].sudo()
        for wallet in self.sudo():
            if wallet.currency_id.compare_amounts(wallet.balance, 0.0) <= 0:
                continue
            values = {
                name.removeprefix("default_"): value
                for name, value in wallet.action_pay_out()["context"].items()
            }
            proposal = wallet._find_refund_proposal().sudo()
            if not proposal:
                payments += payments.with_company(wallet.company_id).create(values)
                wallet.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._(
                        "Pay out the balance of %s: the last contract has ended",
                        wallet.partner_id.name,
                    ),
                )
            elif wallet.currency_id.compare_amounts(proposal.amount, values["amount"]):
                proposal.amount = values["amount"]
                payments += proposal
        return payments

    def action_view_refund_proposal(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.payment",
            "view_mode": "form",
            "res_id": self.refund_proposal_id.id,
        }

    def _check_may_keep(self):
        """Refuse to keep what the customer can still claim.

        :raises UserError: before the end of the limitation.
        """
        for wallet in self:
            if not wallet.is_time_barred:
                raise UserError(
                    self.env._(
                        "%(wallet)s is the customer's money and cannot be kept, nor be reduced by "
                        "a fee: it is paid back in full. It can be claimed until %(day)s.",
                        wallet=wallet.display_name,
                        day=format_date(self.env, wallet.date_limitation) or "-",
                    )
                )


class AccountMove(models.Model):
    _inherit = "account.move"
    _keeps_bulk_invoices = True  # balances are never on customer invoices

    def _post(self, soft=True):
        """No entry turns a balance into income: no fee for paying it back, nothing kept."""
        self._check_keeps_no_balance()
        return super()._post(soft)

    def _get_used_credit(self):
        """The items by which the move takes from what customers have paid in to spend it."""
        return self.line_ids._is_on_wallet_account().filtered(
            lambda line: (
                line.balance > 0
                and line.company_id._get_wallet_kind(line.account_id) in SPENDABLE_KINDS
            )
        )

    def _check_keeps_no_balance(self):
        for move in self:
            items = move._get_used_credit()
            has_income = any(
                line.account_type in INCOME and line.balance < 0 for line in move.line_ids
            )
            if has_income:
                items._claim_for_wallets()
                items.subscription_wallet_id._check_may_keep()
