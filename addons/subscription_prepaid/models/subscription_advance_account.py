"""What top-ups are: a general balance, or advance payments for one contract; and their account."""

from odoo import fields, models

ADVANCE_CODES = {"de_skr03": "1718", "de_skr04": "3272"}
OTHER_ADVANCE_CODE = "2190"
TOP_UP_KINDS = [("general", "General balance"), ("dedicated", "Advance payment for a contract")]


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_top_up_kind = fields.Selection(
        TOP_UP_KINDS,
        "Top-Ups",
        default="general",
        required=True,
        help="General: money that can be used for anything you sell bears no VAT until it is used; "
        "the customer gets a receipt. Advance payment: what the money is for, and its rate of tax, "
        "are known; VAT is due with an advance invoice, which later invoices deduct (§ 3 (13) to "
        "(15) UStG).",
    )
    subscription_advance_account_id = fields.Many2one(
        "account.account",
        "Account of Advance Payments",
        domain="[('account_type', '=', 'liability_current')]",
        help="What customers have paid in advance for one contract by an advance invoice, without "
        "its VAT.",
    )

    def write(self, vals):
        """Who takes advances only takes no money into balances by itself any more (LAW-42)."""
        result = super().write(vals)
        if vals.get("subscription_top_up_kind") == "dedicated":
            agreements = self.env["subscription.recharge"].sudo()
            agreements.search([("company_id", "in", self.ids), ("state", "=", "active")])._end(
                self.env._("Advance payments for contracts are taken only")
            )
        return result

    def _ensure_wallet_accounts(self):
        result = super()._ensure_wallet_accounts()
        for company in self.sudo().filtered(lambda c: not c.subscription_advance_account_id):
            company.subscription_advance_account_id = company._find_advance_account()
        return result

    def _find_advance_account(self):
        """The account that the company, or its chart, has for advances; else a new one."""
        usual = self.downpayment_account_id
        if usual.account_type == "liability_current":
            return usual
        accounts = self.env["account.account"].with_company(self)
        code = ADVANCE_CODES.get(self.chart_template)
        found = code and accounts.search(
            [("code", "=", code), ("company_ids", "in", self.ids)], limit=1
        )
        return found or self._make_liability(
            OTHER_ADVANCE_CODE, lambda env: env._("Advance payments of customers")
        )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_top_up_kind = fields.Selection(
        related="company_id.subscription_top_up_kind", readonly=False
    )
    subscription_advance_account_id = fields.Many2one(
        related="company_id.subscription_advance_account_id", readonly=False
    )


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    top_up_kind = fields.Selection(
        TOP_UP_KINDS,
        "Top-Ups of Its Contracts",
        tracking=True,
        help="Leave empty for what the settings of the company say.",
    )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _is_topped_up_by_advance(self):
        """Whether money for the contract is asked for by an advance invoice with VAT (LAW-42).

        :rtype: bool
        """
        self.ensure_one()
        kind = self.plan_id.top_up_kind or self.company_id.sudo().subscription_top_up_kind
        return kind == "dedicated"
