"""Prices of a component by tiers, packages and percentages, and what they come to."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Command

from .subscription_pricing_mixin import PERCENTAGES, TIERED

PRICE_DIGITS = 8  # of a price that follows from another one
LIMIT_FIELDS = ("transaction_minimum", "transaction_maximum", "minimum_amount", "maximum_amount")


class SubscriptionPlanComponent(models.Model):
    _name = "subscription.plan.component"
    _inherit = ["subscription.plan.component", "subscription.pricing.mixin"]

    tier_ids = fields.One2many(
        "subscription.plan.component.tier", "component_id", "Tiers", copy=True
    )

    def _get_used_locked_fields(self):
        return super()._get_used_locked_fields() | {
            "package_size", "percentage", "free_events", "free_every", *LIMIT_FIELDS,
        }  # fmt: skip

    @api.depends("pricing_model")
    def _compute_price_unit(self):
        """Tiers have prices of their own, and the fee of a percentage is entered."""
        own = self.filtered(lambda c: c.pricing_model in TIERED + PERCENTAGES)
        for component in own:
            component.price_unit = (
                component.price_unit if component.pricing_model == "percentage" else 0.0
            )
        return super(SubscriptionPlanComponent, self - own)._compute_price_unit()

    def _has_unit_price(self):
        """Whether each unit costs the price, however many there are."""
        self.ensure_one()
        return self.pricing_model == "per_unit" and not self._has_limits()

    def _has_limits(self):
        return bool(self.minimum_amount or self.maximum_amount)

    def _get_unit_price(self, quantity, currency, date):
        """What one of ``quantity`` units costs: the average where the price depends on it.

        How much is used is only known afterwards: there it is the price of the first unit.

        :rtype: float
        """
        self.ensure_one()
        if self.charge_type == "usage" and self.pricing_model in TIERED:
            is_percentage = self.pricing_model in PERCENTAGES
            first = self._get_tiers()[:1].price_unit
            return 0.0 if is_percentage else self._convert_price(first, currency, date)
        if self.charge_type == "usage" or self._has_unit_price():
            return self._get_price(currency, date)
        units = quantity or 1.0
        total = self._get_pricing().amount(Decimal(str(units)))
        return self._convert_price(float(total), currency, date) / units

    def _get_price(self, currency, date):
        self.ensure_one()
        return self._convert_price(self.price_unit, currency, date)

    def _convert_price(self, price, currency, date):
        """``price`` in ``currency`` at the rate of ``date``.

        :return: rounded to the currency, but for a price per unit used, which may be a fraction.
        :rtype: float
        """
        if not currency or currency == self.currency_id:
            return price
        return self.currency_id._convert(
            price, currency, self.company_id, date, round=self.charge_type != "usage"
        )

    def _prepare_price_values(self, currency, date, factor=1.0):
        """The price rule as it is agreed for a subscription line.

        :param factor: what the agreed price is of the component's own.
        """
        self.ensure_one()

        def agreed(price):
            return round(self._convert_price(price, currency, date) * factor, PRICE_DIGITS)

        return {
            "price_unit": agreed(self.price_unit),
            "package_size": self.package_size,
            "percentage": round(self.percentage * factor, PRICE_DIGITS),
            "free_events": self.free_events,
            "free_every": self.free_every,
            **{name: agreed(self[name]) for name in LIMIT_FIELDS},
            "tier_ids": [
                Command.create(
                    {
                        "up_to": tier.up_to,
                        "price_unit": round(tier.price_unit * factor, PRICE_DIGITS)
                        if self.pricing_model in PERCENTAGES
                        else agreed(tier.price_unit),
                        "flat_amount": agreed(tier.flat_amount),
                        "package_size": tier.package_size,
                    }
                )
                for tier in (self._get_tiers() if self.pricing_model in TIERED else ())
            ],
        }


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    product_tmpl_id = fields.Many2one(
        "product.template",
        "Product Family",
        related="main_component_id.product_id.product_tmpl_id",
        store=True,
        index=True,
        help="Plans of one product are its packages: of several sizes, or by interval.",
    )

    @api.depends("price", "frequency")
    @api.depends_context("show_price", "lang")
    def _compute_display_name(self):
        """With its price and interval where plans of one product are to choose from."""
        result = super()._compute_display_name()
        if self.env.context.get("show_price"):
            for plan in self.filtered("main_component_id"):
                price = plan.currency_id.format(plan.price)
                plan.display_name = f"{plan.display_name}: {price} {plan.frequency}"
        return result

    @api.depends(
        "main_component_id.default_quantity", "main_component_id.pricing_model",
        "main_component_id.tier_ids.up_to", "main_component_id.tier_ids.price_unit",
        "main_component_id.tier_ids.flat_amount", "main_component_id.tier_ids.package_size",
        "main_component_id.package_size", "main_component_id.minimum_amount",
        "main_component_id.maximum_amount",
    )  # fmt: skip
    def _compute_price(self):
        """By tiers, the price of a unit when the usual quantity is taken."""
        result = super()._compute_price()
        for plan in self:
            component = plan.main_component_id
            if component and not (component._has_unit_price() or component._get_pricing_problem()):
                plan.price = component._get_unit_price(
                    component.default_quantity, plan.currency_id, fields.Date.today()
                )
        return result
