from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..prepaid import settle_deposit

ACCOUNTANTS = "account.group_account_invoice"


class SubscriptionDepositWizard(models.TransientModel):
    """Settle a deposit: offset it with open invoices, keep a part for damage, pay back the rest."""

    _name = "subscription.deposit.wizard"
    _description = "Settle a Deposit"

    subscription_id = fields.Many2one("subscription.subscription", required=True, readonly=True)
    company_id = fields.Many2one(related="subscription_id.company_id")
    currency_id = fields.Many2one(related="subscription_id.currency_id")
    deposit_held = fields.Monetary(related="subscription_id.deposit_held")
    claim_ids = fields.Many2many("account.move", compute="_compute_claim_ids")
    invoice_ids = fields.Many2many(
        "account.move",
        string="Offset with",
        compute="_compute_invoice_ids",
        store=True,
        readonly=False,
        domain="[('id', 'in', claim_ids)]",
        help="Open invoices of the subscription; those that fall due first are paid first.",
    )
    kept_amount = fields.Monetary(
        "Keep for Damage", help="Only for true damage: no VAT is booked on it."
    )
    kept_reason = fields.Char("For Which Damage", help="The customer reads it on the letter.")
    kept_account_id = fields.Many2one(
        "account.account",
        "Book on",
        compute="_compute_kept_account_id",
        store=True,
        readonly=False,
        check_company=True,
        domain="[('account_type', 'in', ('income', 'income_other'))]",
    )
    pay_out = fields.Boolean("Pay Back the Rest", default=True)
    journal_id = fields.Many2one(
        "account.journal",
        "Pay from",
        check_company=True,
        domain="[('type', 'in', ('bank', 'cash'))]",
        help="Leave empty for the first bank of the company.",
    )
    amount_offset = fields.Monetary("Offset", compute="_compute_amounts")
    amount_rest = fields.Monetary("Rest", compute="_compute_amounts")

    @api.depends("subscription_id")
    def _compute_claim_ids(self):
        for wizard in self:
            subscription = wizard.subscription_id
            wizard.claim_ids = subscription and subscription._get_deposit_claims()

    @api.depends("claim_ids")
    def _compute_invoice_ids(self):
        for wizard in self:
            wizard.invoice_ids = wizard.claim_ids

    @api.depends("subscription_id")
    def _compute_kept_account_id(self):
        for wizard in self:
            company = wizard.subscription_id.company_id
            wizard.kept_account_id = company and company._get_kept_account()

    @api.depends("invoice_ids", "kept_amount", "deposit_held")
    def _compute_amounts(self):
        for wizard in self:
            held = max(wizard.deposit_held, 0.0)
            claims = wizard.invoice_ids.mapped("amount_residual")
            plan = settle_deposit(
                Decimal(str(held)),
                enumerate(Decimal(str(amount)) for amount in claims),
                Decimal(str(min(max(wizard.kept_amount, 0.0), held))),
            )
            wizard.amount_offset, wizard.amount_rest = float(plan.offset), float(plan.rest)

    def action_settle(self):
        """Settle as it is shown."""
        self.ensure_one()
        subscription = self.subscription_id
        subscription.check_access("read")
        if not self.env.user.has_group(ACCOUNTANTS):
            raise AccessError(self.env._("Only accountants can settle deposits."))
        subscription._settle_deposit(
            self.invoice_ids,
            self.kept_amount,
            self.kept_reason or "",
            account=self.kept_account_id,
            journal=self.journal_id,
            pay_out=self.pay_out,
        )
        return {"type": "ir.actions.act_window_close"}
