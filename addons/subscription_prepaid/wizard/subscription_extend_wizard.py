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
    offers = fields.Json(readonly=True, help="What each package was offered at, by its id.")
    package_id = fields.Many2one("subscription.package", domain="[('plan_id', '=', plan_id)]")
    date_to = fields.Date("New Expiry", compute="_compute_offer")
    amount_untaxed = fields.Monetary("Without Taxes", compute="_compute_offer")
    amount_total = fields.Monetary("Price", compute="_compute_offer")
    amount_missing = fields.Monetary("Missing", compute="_compute_offer")

    @api.model_create_multi
    def create(self, vals_list):
        """Prices are tried out once, before anything is chosen: a trial forgets what is typed."""
        wizards = super().create(vals_list)
        for wizard in wizards:
            wizard.offers = {
                offer.package.id: {
                    "date_to": fields.Date.to_string(offer.date_to),
                    "amount_untaxed": offer.untaxed,
                    "amount_total": offer.total,
                    "amount_missing": offer.missing,
                }
                for offer in wizard.subscription_id._get_package_offers()
            }
        return wizards

    @api.depends("package_id")
    def _compute_offer(self):
        for wizard in self:
            offer = (wizard.offers or {}).get(str(wizard.package_id.id), {})
            wizard.date_to = offer.get("date_to")
            wizard.amount_untaxed = offer.get("amount_untaxed", 0.0)
            wizard.amount_total = offer.get("amount_total", 0.0)
            wizard.amount_missing = offer.get("amount_missing", 0.0)

    def action_extend(self):
        self.ensure_one()
        subscription = self.subscription_id
        subscription.check_access("write")
        subscription._extend(self.package_id, self.date_expiry, self.amount_total)
        return {"type": "ir.actions.act_window_close"}
