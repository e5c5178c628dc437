from odoo import api, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.constrains("subscription_plan_id", "order_id")
    def _check_prepaid_only(self):
        """Nothing is offered that the customer cannot be bound by (SD-31)."""
        for line in self.filtered("subscription_plan_id"):
            line.order_id.partner_id._check_may_have_plan(line.subscription_plan_id)
