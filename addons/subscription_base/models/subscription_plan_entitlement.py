from odoo import fields, models


class SubscriptionPlanEntitlement(models.Model):
    """What a plan entitles its subscribers to: a feature, when, and how much of it."""

    _name = "subscription.plan.entitlement"
    _description = "Entitlement of a Plan"
    _inherit = ["subscription.versioned.mixin"]
    _check_company_auto = True
    _order = "plan_id, sequence, id"
    _rec_name = "feature_id"

    plan_id = fields.Many2one(
        "subscription.plan", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    feature_id = fields.Many2one("subscription.feature", required=True, ondelete="restrict")
    phase = fields.Selection(
        [
            ("always", "In the trial and afterwards"),
            ("paid", "After the trial"),
            ("trial", "In the trial only"),
        ],
        "When",
        default="always",
        required=True,
    )
    product_id = fields.Many2one(
        "product.product",
        "Only with",
        ondelete="restrict",
        check_company=True,
        help="The add-on that brings the feature along; empty when the plan itself does.",
    )
    is_limited = fields.Boolean("Limited")
    limit_quantity = fields.Float("Limit", digits="Product Unit", aggregator=None)
    duration = fields.Integer(
        "For", help="How long the feature can be used; 0 as long as the subscription runs."
    )
    duration_unit = fields.Selection(
        [("day", "Days"), ("month", "Months")], default="month", required=True
    )

    _not_negative = models.Constraint(
        "CHECK (limit_quantity >= 0 AND duration >= 0)",
        "Limit and duration of an entitlement cannot be negative.",
    )

    def _get_used_locked_fields(self):
        return super()._get_used_locked_fields() | {
            "feature_id", "phase", "product_id", "is_limited", "limit_quantity", "duration",
            "duration_unit",
        }  # fmt: skip


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    entitlement_ids = fields.One2many("subscription.plan.entitlement", "plan_id", copy=True)
