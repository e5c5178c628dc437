"""Top-ups by direct debit that may be returned: at once, or when they are final (decision C14).

Until then the money is a credit of the customer in receivables: on its way, and not to be used.
"""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_debit_window = fields.Integer(
        "Return Window of Top-Ups",
        help="How many days after its collection a top-up by direct debit comes into the balance; "
        "0 for at once. Banks return debits for 8 weeks on request of the payer.",
    )

    @api.constrains("subscription_debit_window")
    def _check_debit_window(self):
        for company in self:
            if not 0 <= company.subscription_debit_window <= 400:
                raise ValidationError(
                    self.env._("A top-up can wait 0 to 400 days for its return window to end.")
                )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_debit_window = fields.Integer(
        related="company_id.subscription_debit_window", readonly=False
    )


class AccountPayment(models.Model):
    _inherit = "account.payment"

    subscription_credit_date = fields.Date(
        "In the Balance from",
        compute="_compute_subscription_credit_date",
        store=True,
        copy=False,
        help="The day on which a top-up by direct debit comes into the balance. Empty for at once.",
    )

    @api.depends(
        "subscription_wallet_id", "payment_type", "date", "payment_method_line_id",
        "payment_transaction_id",
    )  # fmt: skip
    def _compute_subscription_credit_date(self):
        for payment in self:
            if payment.state != "draft":
                payment.subscription_credit_date = payment.subscription_credit_date
                continue
            days = payment.company_id.sudo().subscription_debit_window
            waits = (
                days
                and payment.subscription_wallet_id
                and payment.payment_type == "inbound"
                and payment._is_direct_debit()
            )
            payment.subscription_credit_date = waits and payment.date + timedelta(days=days)


class SubscriptionWallet(models.Model):
    _inherit = "subscription.wallet"

    amount_on_its_way = fields.Monetary(
        "On Its Way",
        compute="_compute_amount_on_its_way",
        compute_sudo=True,
        help="Top-ups by direct debit that may still be returned. They cannot be used yet.",
    )

    def _compute_amount_on_its_way(self):
        items = self._find_waiting_items()
        for wallet in self:
            own = items.filtered(
                lambda item, wallet=wallet: (
                    item.move_id.origin_payment_id.subscription_wallet_id == wallet
                )
            )
            wallet.amount_on_its_way = -sum(own.mapped("amount_residual_currency"))

    def _find_waiting_items(self):
        """Open receivable items of top-ups that are not in the balances yet."""
        return (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    ("move_id.origin_payment_id.subscription_wallet_id", "in", self.ids),
                    ("move_id.origin_payment_id.subscription_credit_date", "!=", False),
                    ("account_type", "=", "asset_receivable"),
                    ("parent_state", "=", "posted"),
                    ("reconciled", "=", False),
                    ("balance", "<", 0),
                ],
                order="date, id",
            )
        )

    def _find_loose_credits(self):
        """What may still be returned is not left over."""
        return super()._find_loose_credits() - self._find_waiting_items()

    @api.model
    def _cron_credit_final(self):
        """Book top-ups whose return window is over into their balances."""
        for item in self.search(Domain.TRUE)._find_waiting_items():
            payment = item.move_id.origin_payment_id
            wallet = payment.subscription_wallet_id
            if payment.subscription_credit_date <= wallet._get_today():
                entry = wallet._take_over(item.account_id, item)
                entry._ask_for_top_up_receipt()
                self.env["ir.cron"]._commit_progress(1)
