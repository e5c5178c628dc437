from odoo import api, fields, models


class SubscriptionExtendWizard(models.TransientModel):
    """Extend a prepaid contract for the customer, at the price that is shown."""

    _name = "subscription.extend.wizard"
    _description = "Extend a Prepaid Contract"

    subscription_id = fields.Many2one("subscription.subscription", required=True, readonly=True)
    plan_id = fields.Many2one(related="subscription_id.plan_id")
    currency_id = fields.Many2one(related="subscription_id.currency_id")
    date_expiry = fields.Date(related="subscription_id.date_expiry", string="Old Expiry")
    wallet_balance = fields.Monetary(related="subscription_id.wallet_balance", string="Balance")
    package_id = fields.Many2one(
        "subscription.package", required=True, domain="[('plan_id', '=', plan_id)]"
    )
    date_to = fields.Date("New Expiry", compute="_compute_offer")
    amount_untaxed = fields.Monetary("Without Taxes", compute="_compute_offer")
    amount_total = fields.Monetary("Price", compute="_compute_offer")
    amount_missing = fields.Monetary("Missing", compute="_compute_offer")

    @api.depends("package_id")
    def _compute_offer(self):
        for wizard in self:
            offers = wizard.subscription_id._get_package_offers(wizard.package_id)
            offer = offers[0] if offers else None
            wizard.date_to = offer and offer.date_to
            wizard.amount_untaxed = offer.untaxed if offer else 0.0
            wizard.amount_total = offer.total if offer else 0.0
            wizard.amount_missing = offer.missing if offer else 0.0

    def action_extend(self):
        self.ensure_one()
        subscription = self.subscription_id
        subscription.check_access("write")
        subscription._extend(self.package_id, self.date_expiry, self.amount_total)
        return {"type": "ir.actions.act_window_close"}
