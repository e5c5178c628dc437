from odoo import api, fields, models
from odoo.fields import Domain


class ProductTemplate(models.Model):
    _inherit = "product.template"

    subscription_plan_ids = fields.Many2many(
        "subscription.plan",
        string="Subscription Plans",
        compute="_compute_subscription_plan_ids",
        search="_search_subscription_plan_ids",
        help="Active plans under which the product is sold.",
    )

    @api.depends("product_variant_ids")
    @api.depends_context("company")
    def _compute_subscription_plan_ids(self):
        plans = self.env["subscription.plan"].search(
            [("state", "=", "active"), ("component_ids.product_id.product_tmpl_id", "in", self.ids)]
        )
        for template in self:
            template.subscription_plan_ids = plans.filtered(
                lambda plan, template=template: (
                    plan.main_component_id.product_id.product_tmpl_id == template._origin
                )
            )

    def _search_subscription_plan_ids(self, operator, value):
        if operator != "in":
            return NotImplemented
        active = self.env["subscription.plan"].search([("state", "=", "active")])
        wanted = active.filtered(lambda plan: plan.id in value)
        domain = Domain("id", "in", wanted.main_component_id.product_id.product_tmpl_id.ids)
        if False in value:
            sold = active.main_component_id.product_id.product_tmpl_id
            domain |= Domain("id", "not in", sold.ids)
        return domain
