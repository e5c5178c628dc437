"""The price rule of a subscription line: the line's own copy of what its component says."""

from dataclasses import replace
from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Command

FIELDS = (
    "package_size", "percentage", "free_events", "free_every", "transaction_minimum",
    "transaction_maximum", "minimum_amount", "maximum_amount",
)  # fmt: skip
TAKEN_OVER = {
    "compute": "_compute_price_rule",
    "store": True,
    "readonly": False,
    "precompute": True,
}


class SubscriptionLine(models.Model):
    _name = "subscription.line"
    _inherit = ["subscription.line", "subscription.pricing.mixin"]

    tier_ids = fields.One2many(
        "subscription.line.tier",
        "line_id",
        "Tiers",
        compute="_compute_tier_ids",
        store=True,
        readonly=False,
        copy=True,
    )
    package_size = fields.Float(**TAKEN_OVER)
    percentage = fields.Float(**TAKEN_OVER)
    free_events = fields.Integer(**TAKEN_OVER)
    free_every = fields.Integer(**TAKEN_OVER)
    transaction_minimum = fields.Float(**TAKEN_OVER)
    transaction_maximum = fields.Float(**TAKEN_OVER)
    minimum_amount = fields.Monetary(**TAKEN_OVER)
    maximum_amount = fields.Monetary(**TAKEN_OVER)

    @api.depends("component_id")
    def _compute_price_rule(self):
        for line in self:
            values = line._prepare_component_prices()
            for name in FIELDS:
                line[name] = values.get(name) or line[name]

    @api.depends("component_id")
    def _compute_tier_ids(self):
        for line in self:
            if tiers := line._prepare_component_prices().get("tier_ids"):
                line.tier_ids = [Command.clear(), *tiers]
            else:
                line.tier_ids = line.tier_ids

    def _prepare_component_prices(self):
        """The price rule of the component in the currency of the subscription."""
        component = self.component_id
        if not component:
            return {}
        return component._prepare_price_values(
            self.currency_id, self.date_start or fields.Date.context_today(self)
        )

    def _prepare_pricing(self):
        return super()._prepare_pricing() | {"discount": Decimal(str(self.discount))}

    @api.depends(lambda self: self._get_price_rule_paths())
    def _compute_recurring(self):
        incomplete = self.filtered(lambda line: line._get_pricing_problem())
        incomplete.recurring_amount = incomplete.recurring_monthly = 0.0
        return super(SubscriptionLine, self - incomplete)._compute_recurring()

    def _get_locked_fields(self):
        return super()._get_locked_fields() | set(FIELDS)

    def _get_pricing_fields(self):
        return super()._get_pricing_fields() | {"tier_ids", *FIELDS}

    def _has_individual_price(self):
        if super()._has_individual_price():
            return True
        listed = self.new(
            {
                **self.component_id._prepare_subscription_line_values(),
                **self._prepare_component_prices(),
            }
        )
        return listed._get_pricing() != self._get_pricing() or listed.free_every != self.free_every

    def _get_timeline_line(self):
        return replace(super()._get_timeline_line(), free_every=self.free_every or None)


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    @api.depends(
        lambda self: [
            f"line_ids.{name}"
            for name in (*self.env["subscription.line"]._get_price_rule_paths(), "free_every")
        ]
    )
    def _compute_next_billing_date(self):
        return super()._compute_next_billing_date()
