from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SaleOrderTemplateLine(models.Model):
    _inherit = "sale.order.template.line"

    subscription_plan_id = fields.Many2one(
        "subscription.plan",
        "Plan",
        check_company=True,
        domain="[('state', '=', 'active'), ('main_component_id.product_id', '=', product_id)]",
        help="The plan under which the product is quoted; the product's first plan when left "
        "empty.",
    )

    @api.onchange("product_id")
    def _onchange_product_id(self):
        if self.subscription_plan_id.main_component_id.product_id != self.product_id:
            self.subscription_plan_id = False

    @api.constrains("subscription_plan_id", "product_id")
    def _check_plan_sells_product(self):
        for line in self.filtered("subscription_plan_id"):
            plan = line.subscription_plan_id
            if plan.main_component_id.product_id != line.product_id:
                raise ValidationError(
                    self.env._(
                        "%(product)s is not sold under the plan %(plan)s.",
                        product=line.product_id.display_name,
                        plan=plan.display_name,
                    )
                )

    def _prepare_order_line_values(self):
        values = super()._prepare_order_line_values()
        if self.subscription_plan_id.state == "active":
            values["subscription_plan_id"] = self.subscription_plan_id.id
        return values
