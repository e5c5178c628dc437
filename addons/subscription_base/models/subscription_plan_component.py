from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..billing import ChargeType, PricingModel, Timing


class SubscriptionPlanComponent(models.Model):
    """What a plan charges for: one pricing rule of the plan (requirement SM-08)."""

    _name = "subscription.plan.component"
    _description = "Plan Component"
    _inherit = ["subscription.versioned.mixin"]
    _check_company_auto = True
    _order = "plan_id, sequence, id"

    plan_id = fields.Many2one(
        "subscription.plan", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="plan_id.currency_id")
    sequence = fields.Integer(default=10)
    product_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('sale_ok', '=', True), ('type', '!=', 'combo')]",
    )
    name = fields.Char(
        compute="_compute_name",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        translate=True,
        help="Text of the invoice line.",
    )
    charge_type = fields.Selection(
        [
            (ChargeType.RECURRING.value, "Recurring"),
            (ChargeType.SETUP.value, "Set-up fee"),
            (ChargeType.ONE_TIME.value, "One-time"),
            (ChargeType.USAGE.value, "Usage"),
        ],
        default=ChargeType.RECURRING.value,
        required=True,
    )
    timing = fields.Selection(
        [
            (Timing.ADVANCE.value, "In advance"),
            (Timing.ARREARS.value, "In arrears"),
        ],
        compute="_compute_timing",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    pricing_model = fields.Selection(
        [
            (PricingModel.PER_UNIT.value, "Per unit"),
            (PricingModel.FLAT.value, "Flat"),
            (PricingModel.GRADUATED.value, "Tiers, each unit at the price of its tier"),
            (PricingModel.VOLUME.value, "Tiers, all units at the price of the total"),
            (PricingModel.PACKAGE.value, "Per started package"),
            (PricingModel.PERCENTAGE.value, "Percentage"),
            (PricingModel.GRADUATED_PERCENTAGE.value, "Percentage in tiers"),
        ],
        default=PricingModel.PER_UNIT.value,
        required=True,
    )
    price_unit = fields.Float(
        "Price",
        min_display_digits="Product Price",
        aggregator=None,
        compute="_compute_price_unit",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="Per period for a recurring component, per unit for usage, once otherwise.",
    )
    included_qty = fields.Float(
        "Included",
        digits="Product Unit",
        aggregator=None,
        help="Usage per period that is not charged.",
    )
    uom_id = fields.Many2one(related="product_id.uom_id")
    default_quantity = fields.Float(
        default=1.0, digits="Product Unit", required=True, aggregator=None
    )
    is_optional = fields.Boolean(
        "Optional", help="An add-on: offered with the plan, but not part of every subscription."
    )

    _not_negative = models.Constraint(
        "CHECK (price_unit >= 0 AND included_qty >= 0 AND default_quantity >= 0)",
        "Price, included quantity and default quantity of a component cannot be negative.",
    )

    @api.depends("product_id")
    def _compute_name(self):
        for component in self:
            component.name = component.name or component.product_id.name

    @api.depends("charge_type")
    def _compute_timing(self):
        for component in self:
            component.timing = (
                Timing.ARREARS.value
                if component.charge_type == ChargeType.USAGE.value
                else component.timing or Timing.ADVANCE.value
            )

    @api.depends("product_id")
    def _compute_price_unit(self):
        for component in self:
            component.price_unit = component.price_unit or component.product_id.lst_price

    @api.depends("name", "plan_id")
    def _compute_display_name(self):
        for component in self:
            component.display_name = f"{component.plan_id.display_name}: {component.name}"

    @api.constrains("charge_type", "timing")
    def _check_timing(self):
        for component in self:
            if component.charge_type == "usage" and component.timing == "advance":
                raise ValidationError(
                    self.env._(
                        "Usage is only known afterwards: bill the component %s in arrears.",
                        component.name,
                    )
                )

    @api.constrains("included_qty", "pricing_model", "charge_type")
    def _check_included(self):
        for component in self:
            if component.included_qty and component.pricing_model == "flat":
                raise ValidationError(
                    self.env._(
                        "The flat price of %s covers any quantity: "
                        "leave the included quantity at 0.",
                        component.name,
                    )
                )

    def _prepare_subscription_line_values(self):
        """Values of the subscription line that the component makes, at its own price."""
        self.ensure_one()
        return {
            "component_id": self.id,
            "product_id": self.product_id.id,
            "name": self.name,
            "quantity": self.default_quantity,
            "price_unit": self.price_unit,
        }
