"""A prepaid plan on a quotation leaves no term to be agreed individually (SD-30)."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .subscription_terms_mixin import BINDING_TERMS


class SaleOrder(models.Model):
    _inherit = "sale.order"

    has_prepaid_plan = fields.Boolean(compute="_compute_has_prepaid_plan")

    @api.depends("order_line.subscription_plan_id.is_prepaid", "origin_subscription_id.is_prepaid")
    def _compute_has_prepaid_plan(self):
        for order in self:
            plans = order.order_line.subscription_plan_id
            order.has_prepaid_plan = order.origin_subscription_id.is_prepaid or any(
                plan.is_prepaid for plan in plans
            )

    @api.constrains(*(f"subscription_{name}" for name in BINDING_TERMS), "has_individual_terms")
    def _check_prepaid_terms(self):
        for order in self.filtered(lambda order: order.has_individual_terms):
            lines = order.order_line.filtered(lambda line: line.subscription_plan_id.is_prepaid)
            if lines and any(order[f"subscription_{name}"] for name in BINDING_TERMS):
                raise ValidationError(lines.subscription_plan_id[:1]._get_binding_error())


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.constrains("subscription_plan_id", "order_id")
    def _check_prepaid_terms(self):
        """A plan that comes in later meets the terms that are agreed already."""
        self.order_id._check_prepaid_terms()
