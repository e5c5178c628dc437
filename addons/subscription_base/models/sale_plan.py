from odoo import fields, models


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    def _is_sold_for(self, product, company):
        """Whether ``company`` sells ``product`` under the plan at present."""
        self.ensure_one()
        return self.state == "active" and self._sells(product, company)

    def _sells(self, product, company):
        self.ensure_one()
        return self.company_id == company and self.main_component_id.product_id == product._origin


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _is_still_offered(self):
        """Whether the line sells a superseded plan that its customer may still accept.

        It was quoted before the plan was superseded, and the quotation has not expired.
        """
        self.ensure_one()
        plan, order = self.subscription_plan_id, self.order_id
        today = fields.Date.context_today(order)
        return bool(
            plan.state == "superseded"
            and plan._sells(self.product_id, order.company_id)
            and plan.date_superseded
            and self.create_date <= plan.date_superseded
            and (not order.validity_date or order.validity_date >= today)
        )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _may_have_plan(self):
        """An offer stays what it was while its customer may accept it."""
        offers = self.line_ids.sale_line_id
        return super()._may_have_plan() or any(line._is_still_offered() for line in offers)


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
