"""Prepaid plans: a term that is paid in advance, extended by packages, never a commitment."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .subscription_terms_mixin import BINDING_TERMS, PREPAID_TERMS

PREPAID_SCHEDULES = ("daily", "month_start")
PREPAID_MODELS = ("flat", "per_unit")


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    is_prepaid = fields.Boolean(
        "Prepaid",
        tracking=True,
        help="The customer pays for a first term, extends it by packages from the balance, and is "
        "never bound: what is not extended ends by itself.",
    )
    package_ids = fields.One2many("subscription.package", "plan_id", "Packages", copy=True)
    use_balance = fields.Boolean(
        "Use the Balance First",
        tracking=True,
        help="Invoices are paid from the customer's balance as far as it is enough; only the rest "
        "is collected or waits for its payment.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [PREPAID_TERMS | vals if vals.get("is_prepaid") else vals for vals in vals_list]
        )

    def write(self, vals):
        return super().write(PREPAID_TERMS | vals if vals.get("is_prepaid") else vals)

    @api.onchange("is_prepaid")
    def _onchange_is_prepaid(self):
        if self.is_prepaid:
            self.update(PREPAID_TERMS | dict.fromkeys(BINDING_TERMS, 0))

    def _get_used_locked_fields(self):
        return super()._get_used_locked_fields() | {"is_prepaid"}

    @api.constrains("is_prepaid", "schedule_type", "component_ids")
    def _check_prepaid(self):
        for plan in self.filtered("is_prepaid"):
            if message := plan._get_prepaid_error():
                raise ValidationError(message)

    def _get_prepaid_error(self):
        """What a prepaid plan cannot have, with how to mend it; empty when all is well."""
        if self.schedule_type not in PREPAID_SCHEDULES:
            return self.env._(
                "%s is prepaid: its first term is counted in days or months from the start date.",
                self.name,
            )
        recurring = self.component_ids.filtered(lambda c: c.charge_type == "recurring")
        for component in recurring:
            if component.timing != "advance" or component.pricing_model not in PREPAID_MODELS:
                return self.env._(
                    "%(component)s of the prepaid plan %(plan)s must be paid in advance, at a "
                    "price per unit or a flat one.",
                    component=component.name,
                    plan=self.name,
                )
        return ""
