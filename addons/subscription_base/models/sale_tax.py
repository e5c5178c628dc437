"""The taxes of quotation lines that sell a plan are those of its invoices."""

from odoo import api, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.depends("subscription_plan_id", "subscription_component_id")
    def _compute_tax_ids(self):
        result = super()._compute_tax_ids()
        for line in self._get_subscription_lines():
            component = line._get_plan_component()
            taxes = component._get_taxes()
            mapped = line.order_id.fiscal_position_id.map_tax(taxes)
            if component.plan_id.price_includes_tax:
                mapped = mapped._as_price_include(mapped == taxes)
            line.tax_ids = mapped
        return result

    def _keeps_included_taxes(self):
        """Whether the price of the line includes the taxes of its plan, and they apply."""
        self.ensure_one()
        component = self._get_plan_component()
        taxes = component._get_taxes()
        position = self.order_id.fiscal_position_id
        return component.plan_id.price_includes_tax and position.map_tax(taxes) == taxes

    def _reset_price_unit(self):
        component = self._get_plan_component()
        if not component.plan_id.price_includes_tax:
            return super()._reset_price_unit()
        line = self.with_company(self.company_id)
        price = line._get_display_price()
        if not self._keeps_included_taxes():
            price = component._get_taxes()._strip_included(price, component.product_id)
        line.update({"price_unit": price, "technical_price_unit": price})
        return None

    def _prepare_subscription_line_values(self):
        values = super()._prepare_subscription_line_values()
        return values | {"price_includes_tax": self._keeps_included_taxes()}
