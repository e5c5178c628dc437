from odoo import models


class ProductPricelist(models.Model):
    _inherit = "product.pricelist"

    def _get_applicable_rules(self, products, date, *, subscription_component=None, **kwargs):
        rules = super()._get_applicable_rules(
            products, date, subscription_component=subscription_component, **kwargs
        )
        if not subscription_component:
            return rules
        return rules.filtered(lambda rule: rule._is_applicable_to_plan())


class ProductPricelistItem(models.Model):
    _inherit = "product.pricelist.item"

    def _is_applicable_to_plan(self):
        """Whether the rule changes the price of a plan.

        A fixed or cost-based price states what a product costs when it is sold once: a product
        that is sold monthly and yearly would cost the same for a month and for a year.
        """
        return self.compute_price != "fixed" and self.base != "standard_price"

    def _compute_base_price(
        self, product, quantity, uom, date, currency, *, subscription_component=None, **kwargs
    ):
        """The price of a plan component takes the place of the product's sales price."""
        if not subscription_component or (self.base == "pricelist" and self.base_pricelist_id):
            if subscription_component:
                kwargs["subscription_component"] = subscription_component
            return super()._compute_base_price(product, quantity, uom, date, currency, **kwargs)
        units = uom._compute_quantity(quantity, product.uom_id)
        price = subscription_component._get_unit_price(units, currency, date)
        return product.uom_id._compute_price(price, uom) if uom != product.uom_id else price
