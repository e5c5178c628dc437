"""The price of an order line where it depends on the quantity: average now, the rule later."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .price_text import PriceText

SAME = 1e-9  # by how much two equal prices may differ


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    price_rule = fields.Char(
        compute="_compute_price_rule",
        help="How the price follows from the quantity, where the unit price does not say it.",
    )

    @api.depends(
        "price_unit", "discount", "product_uom_qty", "subscription_plan_id",
        "subscription_component_id",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_price_rule(self):
        for line in self:
            line.price_rule = line._get_price_rule()

    def _prepare_agreed_prices(self):
        """The price rule that the subscription line takes over.

        Tiers, packages and limits are raised or lowered as the price of the line has been, by a
        pricelist or by hand.
        """
        self.ensure_one()
        component = self._get_plan_component()
        price = self.product_uom_id._compute_price(self.price_unit, self.product_id.uom_id)
        if component._has_unit_price():
            return {"price_unit": price, "discount": self.discount}
        factor, discount = self._get_price_factor(component, price), self.discount
        if component._has_limits():
            # the order takes the discount off the limits too
            factor, discount = factor * (1 - discount / 100), 0.0
        currency, date = self.order_id.currency_id, self._get_order_date()
        return component._prepare_price_values(currency, date, factor) | {"discount": discount}

    def _get_price_factor(self, component, price):
        """What ``price`` is of the component's own price for the quantity of the line.

        :raise UserError: when nothing can be raised or lowered.
        """
        quantity = self.product_uom_id._compute_quantity(
            self.product_uom_qty or 1.0, self.product_id.uom_id
        )
        own = component._get_unit_price(quantity, self.order_id.currency_id, self._get_order_date())
        if abs(price - own) < SAME:
            return 1.0
        if not own:
            raise UserError(
                self.env._(
                    "%(product)s is priced by %(rule)s, which costs nothing at first: a single "
                    "price cannot take its place. Set the unit price back to 0.",
                    product=self.product_id.display_name,
                    rule=component.price_text,
                )
            )
        return price / own

    def _get_price_rule(self):
        """The agreed price rule in words; empty where the unit price says it all."""
        self.ensure_one()
        if not self._get_plan_component() or not self._has_price_rule():
            return ""
        line = self.env["subscription.line"].new(self._prepare_subscription_line_values())
        return PriceText(self.env, self.order_id.currency_id).rule(line._get_pricing())

    def _has_price_rule(self):
        component = self._get_plan_component()
        return component.pricing_model not in ("per_unit", "flat") or component._has_limits()
