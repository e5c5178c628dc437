"""Which kind of balance is used first for an invoice."""

from odoo import fields, models

from ..prepaid import kind_order
from .balance_kinds import BURN_ORDERS
from .subscription_extension import UNTIL


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_burn_order = fields.Selection(
        BURN_ORDERS,
        "Balances Are Used",
        default=BURN_ORDERS[0][0],
        required=True,
        help="In which order balances are used for an invoice. Of each kind, what expires first "
        "is used first, then what was given or paid in first.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_burn_order = fields.Selection(
        related="company_id.subscription_burn_order", readonly=False
    )


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    burn_order = fields.Selection(
        BURN_ORDERS,
        "Balances Are Used",
        tracking=True,
        help="Leave empty for the order in the settings of the company.",
    )

    def _get_burn_order(self, company):
        """The kinds of balances in the order in which they are used.

        :param company: ``res.company`` record that invoices.
        :rtype: list[str]
        """
        return (self.burn_order or company.sudo().subscription_burn_order).split(",")


class AccountMove(models.Model):
    _inherit = "account.move"

    def _get_burn_order(self):
        """The kinds of balances that may be used for the invoice, in their order.

        :rtype: list[str]
        """
        self.ensure_one()
        plan = self.sudo().invoice_line_ids.subscription_id[:1].plan_id
        return plan._get_burn_order(self.company_id)

    def _get_paying_wallets(self):
        """The balances that pay for an invoice by themselves, in the order of their use.

        Service credit was paid for its contract, so it always does; credit where the plan says so.

        :rtype: subscription.wallet
        """
        self.ensure_one()
        subscriptions = self.sudo().invoice_line_ids.subscription_id
        wallets = (
            self.env["subscription.wallet"]
            .sudo()
            .search(
                [
                    ("partner_id", "=", self.commercial_partner_id.id),
                    ("company_id", "=", self.company_id.id),
                    ("currency_id", "=", self.currency_id.id),
                    "|",
                    ("kind", "=", "credit"),
                    "&",
                    ("kind", "=", "service"),
                    ("subscription_id", "in", subscriptions.ids),
                ],
                order="id",
            )
        )
        if not self._uses_credit(subscriptions):
            wallets = wallets.filtered(lambda wallet: wallet.kind != "credit")
        return wallets.sorted(kind_order(self._get_burn_order()))

    def _uses_credit(self, subscriptions):
        """Whether credit pays for the invoice by itself: so the plan says, or it is a package."""
        is_package = bool(self.env.context.get(UNTIL))
        return any(plan.use_balance or is_package for plan in subscriptions.plan_id)
