from odoo import models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _get_recurring_monthly(self):
        """What the subscriptions that the order sells come to per month, without taxes."""
        self.ensure_one()
        if self.origin_subscription_id:
            return 0.0
        previews = self._get_subscription_previews()
        lines = [line for preview in previews for line in preview.subscription.line_ids]
        return self.currency_id.round(sum(line.recurring_monthly for line in lines))


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _prepare_subscription_values(self):
        """The subscription stays linked to the opportunity of its order."""
        values = super()._prepare_subscription_values()
        return values | {"opportunity_id": self.order_id.opportunity_id.id}
