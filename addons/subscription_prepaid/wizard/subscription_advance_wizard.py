from odoo import api, fields, models
from odoo.fields import Command


class SubscriptionAdvanceWizard(models.TransientModel):
    """Ask a customer for money in advance for one contract, by an invoice with VAT."""

    _name = "subscription.advance.wizard"
    _description = "Advance Invoice for a Contract"

    subscription_id = fields.Many2one("subscription.subscription", required=True, readonly=True)
    currency_id = fields.Many2one(related="subscription_id.currency_id")
    advance_left = fields.Monetary(related="subscription_id.advance_left")
    amount = fields.Monetary("Amount with Taxes", required=True)
    tax_ids = fields.Many2many("account.tax", string="Taxes", compute="_compute_taxes")

    @api.depends("subscription_id")
    def _compute_taxes(self):
        for wizard in self:
            subscription = wizard.subscription_id.sudo()
            taxes = subscription._get_advance_taxes() if subscription else wizard.tax_ids
            wizard.tax_ids = [Command.set(taxes.ids)]

    def action_make_invoice(self):
        self.ensure_one()
        self.env["account.move"].check_access("create")
        move = self.subscription_id._make_advance_invoice(self.amount)
        return move._get_subscription_invoice_action()
