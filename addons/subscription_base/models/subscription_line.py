from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..billing import ChargeType, Timing, monthly_amount
from .locking import changed_fields


class SubscriptionLine(models.Model):
    """One dated slice of a subscription's timeline: what, how many, at which price."""

    _name = "subscription.line"
    _description = "Subscription Line"
    _inherit = ["analytic.mixin"]
    _check_company_auto = True
    _order = "subscription_id, sequence, date_start, id"

    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="subscription_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="subscription_id.currency_id", store=True)
    partner_id = fields.Many2one(related="subscription_id.partner_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    component_id = fields.Many2one(
        "subscription.plan.component",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The component of the plan that the line comes from; empty for an individual item.",
    )
    sale_line_id = fields.Many2one(
        "sale.order.line", index="btree_not_null", copy=False, ondelete="set null"
    )
    product_id = fields.Many2one(
        "product.product", required=True, ondelete="restrict", check_company=True
    )
    name = fields.Char(
        "Description",
        compute="_compute_from_component",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    charge_type = fields.Selection(
        selection="_selection_charge_type",
        compute="_compute_from_component",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    timing = fields.Selection(
        selection="_selection_timing",
        compute="_compute_from_component",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    pricing_model = fields.Selection(
        selection="_selection_pricing_model",
        compute="_compute_from_component",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    included_qty = fields.Float(
        "Included",
        digits="Product Unit",
        aggregator=None,
        compute="_compute_from_component",
        store=True,
        readonly=False,
        precompute=True,
    )
    quantity = fields.Float(default=1.0, digits="Product Unit", required=True)
    price_unit = fields.Float(
        "Price", min_display_digits="Product Price", required=True, aggregator=None
    )
    discount = fields.Float("Discount (%)", digits="Discount", aggregator=None)
    date_start = fields.Date(
        "From",
        compute="_compute_date_start",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    date_end = fields.Date("Until", copy=False, help="Last day of the line; empty for no end.")
    date_origin = fields.Date(
        copy=False,
        help="First day of the unbroken run of lines at this price that the line continues.",
    )
    recurring_amount = fields.Monetary(
        "Recurring per Period", compute="_compute_recurring", store=True
    )
    recurring_monthly = fields.Monetary(
        "Recurring per Month", compute="_compute_recurring", store=True
    )
    charge_ids = fields.One2many("subscription.charge", "line_id")

    _dates = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start - 1)",
        "A subscription line cannot end before it starts.",
    )
    _not_negative = models.Constraint(
        "CHECK (quantity >= 0 AND price_unit >= 0 AND included_qty >= 0)",
        "Quantity, price and included quantity of a subscription line cannot be negative.",
    )
    _discount_range = models.Constraint(
        "CHECK (discount IS NULL OR discount BETWEEN 0 AND 100)",
        "The discount must be between 0 and 100 percent.",
    )

    def _selection_charge_type(self):
        return self._component_selection("charge_type")

    def _selection_timing(self):
        return self._component_selection("timing")

    def _selection_pricing_model(self):
        return self._component_selection("pricing_model")

    def _component_selection(self, name):
        component = self.env["subscription.plan.component"]
        return component._fields[name]._description_selection(self.env)

    @api.depends("component_id", "product_id")
    def _compute_from_component(self):
        for line in self:
            component = line.component_id
            line.name = line.name or component.name or line.product_id.name
            line.charge_type = component.charge_type or line.charge_type or "recurring"
            line.timing = component.timing or line.timing or "advance"
            line.pricing_model = component.pricing_model or line.pricing_model or "per_unit"
            line.included_qty = component.included_qty or line.included_qty

    @api.depends("subscription_id.date_start")
    def _compute_date_start(self):
        for line in self:
            line.date_start = line.date_start or line.subscription_id.date_start

    @api.depends(
        "charge_type", "quantity", "price_unit", "discount", "pricing_model", "included_qty",
        "plan_id", "currency_id",
    )  # fmt: skip
    def _compute_recurring(self):
        for line in self:
            amount = monthly = Decimal(0)
            if line.charge_type == ChargeType.RECURRING.value and line.plan_id:
                amount = line._get_pricing().amount(Decimal(str(line.quantity)))
                monthly = line._get_monthly(amount)
            line.recurring_amount = float(amount)
            line.recurring_monthly = float(monthly)

    def _get_monthly(self, amount):
        """The exact monthly worth of ``amount`` per billing period."""
        return monthly_amount(amount, self._get_schedule())

    @api.constrains("charge_type", "timing")
    def _check_timing(self):
        for line in self:
            if line.charge_type == "usage" and line.timing == Timing.ADVANCE.value:
                raise ValidationError(
                    self.env._(
                        "Usage is only known afterwards: bill %s in arrears.", line.display_name
                    )
                )

    def _get_locked_fields(self):
        """Fields that state what was agreed, and so what was charged."""
        return {
            "subscription_id", "component_id", "product_id", "charge_type", "timing",
            "pricing_model", "included_qty", "quantity", "price_unit", "discount", "date_start",
            "date_origin",
        }  # fmt: skip

    def write(self, vals):
        if self._get_locked_fields() & vals.keys():
            for line in self:
                line._check_not_charged(vals)
        return super().write(vals)

    def _check_not_charged(self, vals):
        if changed_fields(self, vals, self._get_locked_fields()) and self.sudo().charge_ids:
            raise UserError(
                self.env._(
                    "%s has been charged already. End the line and add a new one that starts on "
                    "the day of the change; billing works out the difference.",
                    self.name,
                )
            )

    @api.ondelete(at_uninstall=True)
    def _unlink_except_charged(self):
        for line in self:
            if line.sudo().charge_ids:
                raise UserError(
                    self.env._(
                        "%s has been charged already and stays as evidence. End it instead.",
                        line.name,
                    )
                )

    def _is_current(self, day):
        """Whether the line counts on ``day``, or on the first day if that is still to come."""
        day = max(day, self.subscription_id.date_start or day)
        return self.date_start <= day and (not self.date_end or self.date_end >= day)

    def _get_invoice_name(self):
        """What the line is called on an invoice, in the language of the context."""
        self.ensure_one()
        component = self.component_id
        is_untouched = component.with_context(lang=None).name == self.name
        return component.name if is_untouched else self.name
