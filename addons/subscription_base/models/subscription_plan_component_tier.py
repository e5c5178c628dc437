from odoo import fields, models


class SubscriptionPlanComponentTier(models.Model):
    """A price tier of a plan's component."""

    _name = "subscription.plan.component.tier"
    _inherit = "subscription.price.tier"
    _description = "Price Tier of a Plan Component"

    component_id = fields.Many2one(
        "subscription.plan.component", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="component_id.company_id", store=True, index=True)
