"""What packs of units have in common, offered or sold: what they cover, and what is left."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.subscription_base.billing.metering import Aggregation, DimensionFilter
from odoo.addons.subscription_base.models.price_text import quantity_text

from ..prepaid import Rollover
from ..prepaid.burn_down import DEFAULT_PRIORITY

#: Meters whose quantities add up, so that a day's usage has a number of units.
DRAWN_AGGREGATIONS = (Aggregation.SUM.value, Aggregation.COUNT.value)
TERMS = (
    "meter_id", "dimension_values", "dimension_excluded", "priority", "rollover",
    "rollover_maximum", "rollover_times",
)  # fmt: skip


class SubscriptionAllowanceTerms(models.AbstractModel):
    _name = "subscription.allowance.terms"
    _description = "Terms of a Pack of Units"

    company_id = fields.Many2one("res.company")
    meter_id = fields.Many2one(
        "subscription.meter",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('company_id', '=', company_id), ('aggregation', 'in', ('sum', 'count'))]",
        help="Whose usage draws on the units.",
    )
    meter_dimension = fields.Char(related="meter_id.dimension")
    unit = fields.Char(related="meter_id.unit")
    dimension_values = fields.Char(
        help="Values of the meter's dimension, separated by commas. The units are for what lines "
        "count of these values only; for all usage of the meter when left empty.",
    )
    dimension_excluded = fields.Boolean(
        "All but These Values", help="The units are for all other values of the dimension."
    )
    priority = fields.Integer(
        default=DEFAULT_PRIORITY,
        required=True,
        aggregator=None,
        help="Packs with a lower number are used first; among equal ones what expires first, then "
        "what is older.",
    )
    rollover = fields.Selection(
        [("lost", "They are lost"), ("next", "They go over to the next pack")],
        "Units Left at the End",
        default="lost",
        required=True,
        help="What is left goes over to another pack for the same usage that the customer has on "
        "the day after the last, and expires with it. Without such a pack it is lost.",
    )
    rollover_maximum = fields.Float(
        "At Most", digits="Product Unit", aggregator=None, help="0 for all that is left."
    )
    rollover_times = fields.Integer(
        "How Often", aggregator=None, help="How often units can go over; 0 for always."
    )

    _rollover_positive = models.Constraint(
        "CHECK (rollover_maximum >= 0 AND rollover_times >= 0)",
        "How much goes over to the next pack, and how often, cannot be negative.",
    )

    @api.constrains("meter_id")
    def _check_meter(self):
        for record in self:
            if record.meter_id.aggregation not in DRAWN_AGGREGATIONS:
                raise ValidationError(
                    self.env._(
                        "The quantities of %s do not add up, so nothing can be drawn for them. "
                        "Choose a meter that sums quantities or counts events.",
                        record.meter_id.display_name,
                    )
                )

    @api.constrains("dimension_values", "meter_id")
    def _check_dimension(self):
        for record in self.filtered("dimension_values"):
            if not record.meter_id.dimension:
                raise ValidationError(
                    self.env._(
                        "The pack is for some values only, but its meter has no dimension. Name "
                        "the dimension on the meter %s first.",
                        record.meter_id.display_name,
                    )
                )

    def _covers(self, line):
        """Whether usage that a ``subscription.line`` counts draws on the units.

        What is priced by the volume of single transactions never does.
        """
        self.ensure_one()
        own = DimensionFilter.named(self.dimension_values, self.dimension_excluded)
        return (
            line.charge_type == "usage"
            and line.meter_id == self.meter_id
            and not line._needs_events()
            and line._get_dimension_filter().within(own)
        )

    def _get_rollover(self):
        """What becomes of units that are left.

        :rtype: ~odoo.addons.subscription_prepaid.prepaid.Rollover | None
        """
        self.ensure_one()
        if self.rollover == "lost":
            return None
        return Rollover(
            most=Decimal(str(self.rollover_maximum)) or None, times=self.rollover_times or None
        )

    def _get_rollover_text(self):
        """What becomes of units that are left; empty for what never expires."""
        self.ensure_one()
        if not self._can_expire():
            return ""
        if self.rollover == "lost":
            return self.env._("What is left after the last day is lost.")
        if self.rollover_maximum:
            return self.env._(
                "Up to %s that are left after the last day go over to a pack that you have then; "
                "the rest is lost.",
                f"{quantity_text(self.env, self.rollover_maximum)} {self.unit or ''}".strip(),
            )
        return self.env._(
            "What is left after the last day goes over to a pack that you have then; without one "
            "it is lost."
        )

    def _can_expire(self):
        """Whether there is a last day."""
        self.ensure_one()
        return False
