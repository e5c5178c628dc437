from odoo import fields, models
from odoo.exceptions import ValidationError

from .balance_kinds import SPENDABLE_KINDS


class ResPartner(models.Model):
    _inherit = "res.partner"

    subscription_prepaid_only = fields.Boolean(
        "Prepaid Only",
        help="The customer cannot be bound, a minor for example: only prepaid plans can be sold "
        "to them. Prepaid by the package is the defensible form, not a safe harbour.",
    )
    subscription_wallet_ids = fields.One2many("subscription.wallet", "partner_id", "Balances")
    subscription_balance = fields.Monetary(
        "Balance",
        compute="_compute_subscription_balance",
        groups="subscription_base.group_subscription_user,account.group_account_readonly,"
        "account.group_account_invoice",
        help="What the customer has paid in advance and not used yet, in your companies' currency.",
    )

    def _check_may_have_plan(self, plan):
        """Refuse to bind who cannot be bound (SD-31).

        :param plan: ``subscription.plan`` record; empty for none.
        :raises ValidationError: when the customer may have prepaid plans only.
        """
        customer = self.commercial_partner_id
        if plan and not plan.is_prepaid and customer.subscription_prepaid_only:
            raise ValidationError(
                self.env._(
                    "%(customer)s may have prepaid plans only, and %(plan)s is not prepaid. Choose "
                    "a prepaid plan.",
                    customer=customer.display_name,
                    plan=plan.display_name,
                )
            )

    def _compute_subscription_balance(self):
        company = self.env.company
        for partner in self:
            wallets = partner.commercial_partner_id.subscription_wallet_ids.filtered(
                lambda wallet: (
                    wallet.company_id in self.env.companies and wallet.kind in SPENDABLE_KINDS
                )
            )
            partner.subscription_balance = sum(
                wallet.currency_id._convert(wallet.balance, company.currency_id, company)
                for wallet in wallets
            )

    def action_view_subscription_wallets(self):
        """The balances of the customer; the form when there is one at most."""
        self.ensure_one()
        customer = self.commercial_partner_id
        wallets = customer.subscription_wallet_ids.filtered(
            lambda wallet: wallet.company_id in self.env.companies
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "subscription_prepaid.subscription_wallet_action"
        )
        if len(wallets) <= 1:
            action |= {"views": [(False, "form")], "res_id": wallets.id}
        return action | {
            "domain": [("partner_id", "=", customer.id)],
            "context": {"default_partner_id": customer.id},
        }
