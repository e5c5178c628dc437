from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..prepaid import Length


class SubscriptionPackage(models.Model):
    """An extension of a prepaid contract that a customer may buy."""

    _name = "subscription.package"
    _description = "Extension Package"
    _order = "plan_id, nominal_days, id"

    plan_id = fields.Many2one("subscription.plan", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="plan_id.company_id", store=True)
    active = fields.Boolean(default=True)
    length_count = fields.Integer("Length", default=1, required=True)
    length_unit = fields.Selection(
        [("day", "Days"), ("month", "Months")], "Unit", default="month", required=True
    )
    nominal_days = fields.Integer(
        compute="_compute_nominal_days",
        store=True,
        precompute=True,
        help="What the price goes by: a month counts for 30 days. The term itself is counted by "
        "the calendar, so 360 days are some days less than 12 months.",
    )
    bonus = fields.Float(
        "Bonus (%)", digits="Discount", help="By how many percent the package is cheaper."
    )
    name = fields.Char(compute="_compute_name")

    _length_positive = models.Constraint(
        "CHECK (length_count > 0)", "A package extends the contract by at least one day."
    )
    _bonus_range = models.Constraint(
        "CHECK (bonus IS NULL OR bonus BETWEEN 0 AND 100)",
        "The bonus of a package must be between 0 and 100 percent.",
    )
    _length_uniq = models.UniqueIndex(
        "(plan_id, length_count, length_unit) WHERE active",
        "The plan has a package of this length already.",
    )

    @api.depends("length_count", "length_unit")
    def _compute_nominal_days(self):
        for package in self:
            package.nominal_days = (
                package._get_length().nominal_days if package.length_count > 0 else 0
            )

    @api.depends("length_count", "length_unit")
    @api.depends_context("lang")
    def _compute_name(self):
        for package in self:
            package.name = package._get_text()

    @api.depends("name")
    def _compute_display_name(self):
        for package in self:
            package.display_name = package.name

    def _get_text(self):
        """The length in words, in the language of the reader."""
        match self.length_unit, self.length_count:
            case "day", 1:
                return self.env._("1 day")
            case "day", count:
                return self.env._("%s days", count)
            case "month", 1:
                return self.env._("1 month")
            case "month", 12:
                return self.env._("1 year")
            case "month", count if count % 12 == 0:
                return self.env._("%s years", count // 12)
            case _, count:
                return self.env._("%s months", count)

    def _get_length(self):
        """The length for the functional core.

        :rtype: ~odoo.addons.subscription_prepaid.prepaid.Length
        """
        self.ensure_one()
        return Length(self.length_count, self.length_unit == "month")

    @api.constrains("plan_id")
    def _check_plan(self):
        if any(not package.sudo().plan_id.is_prepaid for package in self):
            raise ValidationError(
                self.env._("Only prepaid plans have packages. Mark the plan as prepaid first.")
            )
