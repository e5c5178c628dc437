"""What usage a plan component or a subscription line counts, and on which terms."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..billing import ChargeType
from ..billing.metering import Counter, DimensionFilter

USAGE_TERMS = (
    "meter_id", "dimension_values", "dimension_excluded", "charge_zero_usage", "threshold_amount",
    "rollover_periods", "rollover_maximum",
)  # fmt: skip


class SubscriptionUsageTerms(models.AbstractModel):
    _name = "subscription.usage.terms"
    _description = "Terms of Metered Usage"

    currency_id = fields.Many2one("res.currency")
    meter_id = fields.Many2one(
        "subscription.meter",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('company_id', '=', company_id)]",
        help="What is measured; the meter of the product when left empty.",
    )
    meter_dimension = fields.Char(related="meter_id.dimension")
    dimension_values = fields.Char(
        help="Values of the meter's dimension, separated by commas. Only their events are "
        "counted; those of every value when left empty.",
    )
    dimension_excluded = fields.Boolean(
        "All but These Values", help="Count the events of all other values of the dimension."
    )
    charge_zero_usage = fields.Boolean(
        "State Periods without Usage",
        help="A period in which nothing was used is charged at zero instead of not at all.",
    )
    threshold_amount = fields.Monetary(
        "Bill at Threshold",
        aggregator=None,
        help="Usage is billed on the day on which what is not billed yet reaches this amount, "
        "and not only at the end of the period. 0 for never.",
    )
    rollover_periods = fields.Integer(
        "Roll over for Periods",
        aggregator=None,
        help="For how many more periods what was included and not used can be used.",
    )
    rollover_maximum = fields.Float(
        "Roll over at Most",
        digits="Product Unit",
        aggregator=None,
        help="So much of what was included and not used goes over to the next period at most; 0 "
        "for all of it.",
    )

    _usage_terms = models.Constraint(
        "CHECK (threshold_amount >= 0 AND rollover_periods >= 0)",
        "The billing threshold and the number of periods to roll over cannot be negative.",
    )
    _rollover_maximum = models.Constraint(
        "CHECK (rollover_maximum IS NULL OR rollover_maximum >= 0)",
        "What rolls over at most cannot be negative.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._assign_product_meter()
        return records

    def write(self, vals):
        result = super().write(vals)
        if {"charge_type", "meter_id", "product_id"} & vals.keys():
            self._assign_product_meter()
        return result

    def _assign_product_meter(self):
        """Let usage that names no meter be counted by the meter of its product."""
        meters = self.env["subscription.meter"]
        for record in self:
            if record.charge_type == ChargeType.USAGE.value and not record.meter_id:
                record.meter_id = meters._get_for_product(record.product_id, record.company_id)

    @api.constrains("dimension_values", "meter_id", "charge_type")
    def _check_dimension(self):
        for record in self.filtered("dimension_values"):
            if not record.meter_id.dimension:
                raise ValidationError(
                    self.env._(
                        "%(name)s counts some values only, but its meter has no dimension. "
                        "Name the dimension on the meter %(meter)s first.",
                        name=record.name,
                        meter=record.meter_id.name or "",
                    )
                )

    def _get_dimension_filter(self):
        """The dimension values that are counted.

        :rtype: ~odoo.addons.subscription_base.billing.metering.DimensionFilter
        """
        return DimensionFilter.named(self.dimension_values, self.dimension_excluded)


class SubscriptionPlanComponent(models.Model):
    _name = "subscription.plan.component"
    _inherit = ["subscription.plan.component", "subscription.usage.terms"]

    @api.model_create_multi
    def create(self, vals_list):
        """A plan that is copied to another company is counted by the meters there."""
        for vals in vals_list:
            meter = self.meter_id.browse(vals.get("meter_id"))
            company = self.plan_id.browse(vals.get("plan_id")).company_id
            if meter and company and meter.company_id != company:
                vals["meter_id"] = meter._get_in_company(company).id
        return super().create(vals_list)

    def _get_used_locked_fields(self):
        return super()._get_used_locked_fields() | set(USAGE_TERMS)


class SubscriptionLine(models.Model):
    _name = "subscription.line"
    _inherit = ["subscription.line", "subscription.usage.terms"]

    meter_id = fields.Many2one(
        compute="_compute_usage_terms", store=True, readonly=False, precompute=True
    )
    dimension_values = fields.Char(
        compute="_compute_usage_terms", store=True, readonly=False, precompute=True
    )
    dimension_excluded = fields.Boolean(
        compute="_compute_usage_terms", store=True, readonly=False, precompute=True
    )
    charge_zero_usage = fields.Boolean(
        compute="_compute_usage_terms", store=True, readonly=False, precompute=True
    )
    threshold_amount = fields.Monetary(
        compute="_compute_usage_terms", store=True, readonly=False, precompute=True
    )
    rollover_periods = fields.Integer(
        compute="_compute_usage_terms", store=True, readonly=False, precompute=True
    )
    rollover_maximum = fields.Float(
        compute="_compute_usage_terms", store=True, readonly=False, precompute=True
    )

    @api.depends("component_id")
    def _compute_usage_terms(self):
        for line in self:
            component = line.component_id
            for name in USAGE_TERMS:
                line[name] = component[name] or line[name]
            if component.threshold_amount:
                subscription = line.subscription_id
                line.threshold_amount = component.currency_id._convert(
                    component.threshold_amount,
                    subscription.currency_id or component.currency_id,
                    component.company_id,
                    subscription.date_start or fields.Date.context_today(line),
                )

    def _get_locked_fields(self):
        return super()._get_locked_fields() | set(USAGE_TERMS)

    def _get_counter(self):
        """The line as one that counts events of its meter on the days that it charges.

        :rtype: ~odoo.addons.subscription_base.billing.metering.Counter
        """
        line = self._get_timeline_line()
        return Counter(
            key=line.key,
            start=line.start,
            end=line.end,
            dimensions=self._get_dimension_filter(),
        )
