from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..billing import Pricing, PricingModel
from .price_text import PriceText

TIERED = ("graduated", "volume", "graduated_percentage")
PERCENTAGES = ("percentage", "graduated_percentage")


def _limit(amount):
    """A limit for the billing core, where 0 means that there is none."""
    return Decimal(str(amount)) if amount else None


class SubscriptionPricingMixin(models.AbstractModel):
    """A price rule: of a plan's component, and of the subscription line that it was agreed for."""

    _name = "subscription.pricing.mixin"
    _description = "Price Rule"

    currency_id = fields.Many2one("res.currency")
    package_size = fields.Float(
        "Package of",
        digits="Product Unit",
        aggregator=None,
        help="Units in a package. A package that has been started is charged as a whole.",
    )
    percentage = fields.Float(
        "Percent",
        digits=(16, 6),
        aggregator=None,
        help="Percent of the volume that passes through. The price is a fee for each transaction.",
    )
    free_events = fields.Integer(
        "Free Transactions",
        aggregator=None,
        help="Transactions per period that are free; with an included volume, up to what is "
        "reached first.",
    )
    transaction_minimum = fields.Float(
        "Least per Transaction", min_display_digits="Product Price", aggregator=None
    )
    transaction_maximum = fields.Float(
        "Most per Transaction",
        min_display_digits="Product Price",
        aggregator=None,
        help="Leave at 0 for no limit.",
    )
    minimum_amount = fields.Monetary(
        "Minimum per Period",
        aggregator=None,
        help="What a full period costs at least; a part of a period costs a part of it.",
    )
    maximum_amount = fields.Monetary(
        "Maximum per Period",
        aggregator=None,
        help="What a full period costs at most. Leave at 0 for no limit.",
    )
    free_every = fields.Integer(
        "Every n-th Period Free",
        aggregator=None,
        help="13 lets the 13th, the 26th and so on be free. Leave at 0 for none.",
    )
    price_text = fields.Char("Price Rule", compute="_compute_price_text")

    def _get_price_rule_paths(self):
        """Field paths that decide what a quantity costs."""
        return [
            "pricing_model", "price_unit", "included_qty", "package_size", "percentage",
            "free_events", "transaction_minimum", "transaction_maximum", "minimum_amount",
            "maximum_amount", "tier_ids.up_to", "tier_ids.price_unit", "tier_ids.flat_amount",
            "tier_ids.package_size",
        ]  # fmt: skip

    @api.depends(lambda self: [*self._get_price_rule_paths(), "charge_type", "currency_id"])
    @api.depends_context("lang")
    def _compute_price_text(self):
        for record in self:
            record.price_text = (
                ""
                if record._get_pricing_problem()
                else PriceText(self.env, record.currency_id).rule(record._get_pricing())
            )

    def _get_pricing(self):
        """The price rule for the billing core.

        :raise ValidationError: when the rule is not complete.
        :rtype: ~odoo.addons.subscription_base.billing.Pricing
        """
        self.ensure_one()
        if problem := self._get_pricing_problem():
            raise ValidationError(problem)
        return Pricing(**self._prepare_pricing())

    def _prepare_pricing(self):
        """The arguments of the price rule."""
        model = PricingModel(self.pricing_model)
        values = {
            "price": Decimal(str(self.price_unit)),
            "model": model,
            "included": Decimal(str(self.included_qty)),
            "minimum": _limit(self.minimum_amount),
            "maximum": _limit(self.maximum_amount),
        }
        if self.pricing_model in TIERED:
            values["tiers"] = tuple(tier._get_tier() for tier in self._get_tiers())
        elif model is PricingModel.PACKAGE:
            values["package_size"] = Decimal(str(self.package_size))
        elif model is PricingModel.PERCENTAGE:
            values |= {
                "percent": Decimal(str(self.percentage)),
                "free_events": self.free_events or None,
                "transaction_minimum": _limit(self.transaction_minimum),
                "transaction_maximum": _limit(self.transaction_maximum),
            }
        return values

    def _get_tiers(self):
        """The tiers by their limits, saved or not."""
        return self.tier_ids.sorted(lambda tier: tier.up_to or float("inf"))

    @api.constrains(
        "pricing_model", "tier_ids", "package_size", "charge_type", "minimum_amount",
        "maximum_amount", "transaction_minimum", "transaction_maximum", "free_every",
        "percentage", "free_events",
    )  # fmt: skip
    def _check_pricing(self):
        for record in self:
            if problem := record._get_pricing_problem():
                raise ValidationError(problem)

    def _get_pricing_problem(self):
        """What is wrong with the price rule and how to mend it; ``False`` when it is complete.

        :rtype: str | bool
        """
        self.ensure_one()
        if self.pricing_model in TIERED and (problem := self._get_tier_problem()):
            return problem
        if self.pricing_model == "package" and self.package_size <= 0:
            return self.env._("Say how many units a package of %s holds.", self.name)
        if self.pricing_model in PERCENTAGES and self.charge_type != "usage":
            return self.env._(
                "A percentage is taken of what was used: let %s be charged as usage.", self.name
            )
        if self._has_negative_terms():
            return self.env._(
                "Percent, limits and free periods of %s cannot be negative.", self.name
            )
        for lowest, highest in (
            (self.minimum_amount, self.maximum_amount),
            (self.transaction_minimum, self.transaction_maximum),
        ):
            if highest and lowest > highest:
                return self.env._("The minimum of %s is above its maximum.", self.name)
        if self.free_every and (self.free_every == 1 or self.charge_type != "recurring"):
            return self.env._(
                "Only periods of a recurring price can be free, every second one at most: "
                "correct the free periods of %s.",
                self.name,
            )
        return False

    def _has_negative_terms(self):
        return any(
            self[name] < 0
            for name in (
                "percentage", "free_events", "transaction_minimum", "transaction_maximum",
                "minimum_amount", "maximum_amount", "free_every",
            )
        )  # fmt: skip

    def _get_tier_problem(self):
        limits = [tier.up_to for tier in self._get_tiers()]
        if not limits:
            return self.env._("%s is priced by tiers: add at least one.", self.name)
        if limits[-1]:
            return self.env._(
                "The tiers of %(name)s end at %(limit)s, so that more than that has no price. "
                "Leave the limit of the last tier at 0: it then has none.",
                name=self.name,
                limit=limits[-1],
            )
        if len(set(limits)) < len(limits):
            return self.env._(
                "Two tiers of %s have the same limit. Give each tier its own; only the last one "
                "has none.",
                self.name,
            )
        return False
