from decimal import Decimal

from odoo import api, fields, models

from ..billing import Tier


class SubscriptionPriceTier(models.AbstractModel):
    """The price of the units up to a quantity, for a component or for a line."""

    _name = "subscription.price.tier"
    _description = "Price Tier"
    _order = "is_open, up_to, id"

    up_to = fields.Float(
        digits="Product Unit",
        aggregator=None,
        help="Last quantity of the tier, counted from the first unit. Leave the last tier at 0: "
        "it has no limit.",
    )
    is_open = fields.Boolean(compute="_compute_is_open", store=True, precompute=True)
    price_unit = fields.Float(
        "Price",
        min_display_digits="Product Price",
        aggregator=None,
        help="Per unit, or per started package; in percent where the price is a percentage.",
    )
    flat_amount = fields.Float(
        "Flat Price",
        min_display_digits="Product Price",
        aggregator=None,
        help="Price of the tier as a whole, added to the price of its units.",
    )
    package_size = fields.Float(
        "Package of",
        digits="Product Unit",
        aggregator=None,
        help="The price is for each started package of so many units. Leave at 0 to charge units.",
    )

    _not_negative = models.Constraint(
        "CHECK (up_to >= 0 AND price_unit >= 0 AND flat_amount >= 0 AND package_size >= 0)",
        "Limits and prices of a tier cannot be negative.",
    )

    @api.depends("up_to")
    def _compute_is_open(self):
        for tier in self:
            tier.is_open = not tier.up_to

    def _get_tier(self):
        """The tier for the billing core.

        :rtype: ~odoo.addons.subscription_base.billing.Tier
        """
        self.ensure_one()
        return Tier(
            up_to=Decimal(str(self.up_to)) if self.up_to else None,
            unit_price=Decimal(str(self.price_unit)),
            flat=Decimal(str(self.flat_amount)),
            package_size=Decimal(str(self.package_size)) if self.package_size else None,
        )
