"""Deposits on quotations: shown with the plan, without taxes, and not asked for twice."""

from odoo import models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _is_deposit(self):
        return self.subscription_component_id.charge_type == "deposit"

    def _compute_tax_ids(self):
        result = super()._compute_tax_ids()
        self.filtered(lambda line: line._is_deposit()).tax_ids = False
        return result

    def _get_component_text(self):
        if not self._is_deposit():
            return super()._get_component_text()
        return self.env._("Deposit, paid once and given back at the end of the contract")

    def _get_price_interval(self):
        return self.env._("once") if self._is_deposit() else super()._get_price_interval()

    def _get_component_quantity(self, component):
        """For what runs already the deposit has been agreed."""
        if component.charge_type == "deposit" and self.order_id.origin_subscription_id:
            return 0.0
        return super()._get_component_quantity(component)


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _fill_component_line(self, line, by_component, plan):
        if line._is_deposit():
            return line.unlink()
        return super()._fill_component_line(line, by_component, plan)
