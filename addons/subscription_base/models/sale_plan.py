from odoo import models


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    def _is_sold_for(self, product, company):
        """Whether ``company`` sells ``product`` under the plan at present."""
        self.ensure_one()
        return (
            self.state == "active"
            and self.company_id == company
            and self.main_component_id.product_id == product._origin
        )


class SubscriptionPlanComponent(models.Model):
    _inherit = "subscription.plan.component"

    def _follows_main_quantity(self):
        """Whether more units of the plan's main component need more of this one as well."""
        self.ensure_one()
        return (
            self.charge_type == "recurring"
            and self.pricing_model != "flat"
            and not self.is_optional
        )
