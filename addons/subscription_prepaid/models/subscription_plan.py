"""Prepaid plans: a term that is paid in advance, extended by packages, never a commitment."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .subscription_terms_mixin import BINDING_TERMS, PREPAID_TERMS

PREPAID_SCHEDULES = ("daily", "month_start")
#: What a metered component could be charged by.
PRICES = ("price_unit", "percentage", "minimum_amount", "transaction_minimum")


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
        for component in self.component_ids:
            if error := component._get_prepaid_error():
                return error
        return ""


class SubscriptionPlanComponent(models.Model):
    _inherit = "subscription.plan.component"

    @api.constrains("plan_id", "charge_type", "timing", "schedule_type", "tier_ids", *PRICES)
    def _check_prepaid(self):
        self.plan_id._check_prepaid()

    def _get_prepaid_error(self):
        """Why a prepaid plan cannot have the component; empty when it can."""
        names = {"component": self.name, "plan": self.plan_id.name}
        if self.charge_type == "usage" and self._costs_money():
            return self.env._(
                "%(component)s of the prepaid plan %(plan)s would be invoiced after it was used, "
                "and nothing is owed by who pays first: let it be free of charge, or sell it by "
                "another plan.",
                **names,
            )
        if self.charge_type != "recurring":
            return ""
        if self.timing != "advance":
            return self.env._(
                "%(component)s of the prepaid plan %(plan)s must be paid in advance.", **names
            )
        if self.schedule_type and self.schedule_type not in PREPAID_SCHEDULES:
            return self.env._(
                "%(component)s of the prepaid plan %(plan)s must be billed by days or months "
                "from the start date, as packages are counted.",
                **names,
            )
        return ""

    def _costs_money(self):
        tiers = self.tier_ids
        return any(self[name] for name in PRICES) or any(
            tier.price_unit or tier.flat_amount for tier in tiers
        )
