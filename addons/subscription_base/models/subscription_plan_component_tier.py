from odoo import fields, models


class SubscriptionPlanComponentTier(models.Model):
    """A price tier of a plan's component; it belongs to the version of the plan."""

    _name = "subscription.plan.component.tier"
    _inherit = ["subscription.price.tier", "subscription.versioned.mixin"]
    _description = "Price Tier of a Plan Component"

    component_id = fields.Many2one(
        "subscription.plan.component", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="component_id.company_id", store=True, index=True)

    def _get_versioned_plans(self):
        return self.component_id.plan_id

    def _get_used_locked_fields(self):
        return {"component_id", "up_to", "price_unit", "flat_amount", "package_size"}

    def _filter_locked(self):
        return self.filtered(lambda tier: tier.component_id._filter_locked())

    def _filter_needs_version(self):
        return self.filtered(lambda tier: tier.component_id._filter_needs_version())
