from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.subscription_change import CHARGE_REST

LINE_CHANGES = ("quantity", "price", "product", "remove")
RESTS = ("pause", "suspend")


class SubscriptionChangeWizard(models.TransientModel):
    """Change a subscription from a day on, after a look at what that bills."""

    _name = "subscription.change.wizard"
    _description = "Change a Subscription"

    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="subscription_id.company_id")
    currency_id = fields.Many2one(related="subscription_id.currency_id")
    current_plan_id = fields.Many2one(related="subscription_id.plan_id", string="Current Plan")
    is_resting = fields.Boolean(compute="_compute_is_resting")
    step = fields.Selection([("edit", "Change"), ("preview", "Preview")], default="edit")
    change_type = fields.Selection(
        [
            ("quantity", "Quantity"),
            ("price", "Price or discount"),
            ("product", "Another product"),
            ("add", "Add an add-on"),
            ("remove", "Remove a line"),
            ("plan", "Another plan"),
            ("pause", "Pause"),
            ("suspend", "Suspend"),
            ("resume", "Resume"),
        ],
        "Change",
        default="quantity",
        required=True,
    )
    timing = fields.Selection(
        [("now", "Today"), ("period_end", "At the end of the current period"), ("date", "On")],
        "Effective",
        default="now",
        required=True,
    )
    date = fields.Date(
        "First Day",
        compute="_compute_date",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="First day of the new terms. A day in the past corrects what was billed since.",
    )
    line_id = fields.Many2one(
        "subscription.line",
        domain="[('subscription_id', '=', subscription_id), ('charge_type', '!=', 'setup'),"
        " '|', ('date_end', '=', False), ('date_end', '>=', date)]",
        ondelete="cascade",
    )
    quantity = fields.Float(
        compute="_compute_from_line", store=True, readonly=False, digits="Product Unit"
    )
    price_unit = fields.Float(
        "Price", compute="_compute_from_line", store=True, readonly=False, digits="Product Price"
    )
    discount = fields.Float(
        "Discount (%)", compute="_compute_from_line", store=True, readonly=False, digits="Discount"
    )
    product_id = fields.Many2one(
        "product.product", domain="[('sale_ok', '=', True), ('type', '!=', 'combo')]"
    )
    component_id = fields.Many2one(
        "subscription.plan.component",
        "Add-on",
        domain="[('plan_id', '=', current_plan_id), ('charge_type', '!=', 'setup')]",
    )
    plan_id = fields.Many2one(
        "subscription.plan",
        "New Plan",
        domain="[('state', '=', 'active'), ('company_id', '=', company_id),"
        " ('id', '!=', current_plan_id)]",
    )
    date_until = fields.Date("Last Day", help="Last day of the pause; empty until it is ended.")
    is_charged = fields.Boolean(
        "Charge Meanwhile", compute="_compute_policy", store=True, readonly=False
    )
    reason = fields.Char()
    credit = fields.Boolean(
        "Credit the Rest", compute="_compute_policy", store=True, readonly=False
    )
    charge = fields.Selection(
        CHARGE_REST, "New Terms", compute="_compute_policy", store=True, readonly=False
    )
    preview = fields.Html(readonly=True, sanitize=False)

    @api.depends("subscription_id")
    def _compute_is_resting(self):
        for wizard in self:
            wizard.is_resting = wizard.subscription_id.state in ("paused", "suspended")

    @api.depends("timing", "line_id", "subscription_id")
    def _compute_date(self):
        for wizard in self:
            today = wizard.subscription_id._get_today()
            if wizard.timing == "period_end" and (line := wizard._get_period_line()):
                wizard.date = line._get_full_period(max(today, line.date_start)).end
            elif wizard.timing == "now" or not wizard.date:
                wizard.date = today

    @api.depends("line_id", "component_id", "change_type")
    def _compute_from_line(self):
        for wizard in self:
            line, component = wizard.line_id, wizard.component_id
            if wizard.change_type == "add":
                price = component._get_price(wizard.currency_id, wizard.date) if component else 0.0
                wizard.quantity, wizard.price_unit = component.default_quantity, price
                wizard.discount = 0.0
            else:
                wizard.quantity, wizard.price_unit = line.quantity, line.price_unit
                wizard.discount = line.discount

    @api.depends("subscription_id", "plan_id", "change_type")
    def _compute_policy(self):
        for wizard in self:
            plan = wizard.plan_id or wizard.subscription_id.plan_id
            wizard.credit, wizard.charge = plan.change_credit, plan.change_charge
            wizard.is_charged = (
                plan.is_suspension_charged
                if wizard.change_type == "suspend"
                else plan.is_pause_charged
            )

    def _get_period_line(self):
        """The line whose period ends where a change at the end of the period begins."""
        return self.line_id or self.subscription_id._get_main_line(
            self.subscription_id._get_today()
        )

    @api.onchange("change_type")
    def _onchange_change_type(self):
        if self.change_type not in LINE_CHANGES:
            self.line_id = False

    def action_preview(self):
        """Show what the change bills, without making it."""
        self.ensure_one()
        self._check_complete()
        before = self.subscription_id._summarize_billing()
        after = self.subscription_id._try_out(
            lambda subscription: self.with_env(subscription.env)._try(), self.date
        )
        self.write(
            {
                "step": "preview",
                "preview": self.env["ir.qweb"]._render(
                    "subscription_base.subscription_change_preview",
                    {"before": before, "after": after, "wizard": self},
                ),
            }
        )
        return self._get_action()

    def action_edit(self):
        self.step = "edit"
        return self._get_action()

    def action_apply(self):
        self.ensure_one()
        self._check_complete()
        self._apply()
        return {"type": "ir.actions.act_window_close"}

    def _get_action(self):
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_base.subscription_change_wizard_action"
            ),
            "res_id": self.id,
        }

    def _check_complete(self):
        needed = {
            "product": ("line_id", "product_id"),
            "add": ("component_id",),
            "plan": ("plan_id",),
            **dict.fromkeys(("quantity", "price", "remove"), ("line_id",)),
        }.get(self.change_type, ())
        labels = self.fields_get(needed, ["string"])
        for name in needed:
            if not self[name]:
                raise UserError(self.env._("Choose: %s.", labels[name]["string"]))

    def _try(self):
        """Make the change for a look at what it bills; a planned one as if its day had come."""
        if self.change_type == "plan":
            whole_periods = self.timing == "period_end"
            self.subscription_id._check_plan_change(self.plan_id, self.date)
            self.subscription_id._move_to_plan(
                self.plan_id,
                self.date,
                whole_periods=whole_periods,
                keep_individual=self.subscription_id._keeps_individual(self.plan_id),
                credit=self.credit,
                charge=self.charge,
            )
        else:
            self._apply()

    def _apply(self):
        """Make the change; another plan on a later day is planned."""
        subscription, on = self.subscription_id, self.date
        policy = {"credit": self.credit, "charge": self.charge}
        match self.change_type:
            case "quantity":
                self.line_id._change(on, quantity=self.quantity, **policy)
            case "price":
                price = {"price_unit": self.price_unit, "discount": self.discount}
                self.line_id._change(on, **price, **policy)
            case "product":
                self.line_id._change(on, **self._prepare_swap(), **policy)
            case "add":
                values = {"quantity": self.quantity, "price_unit": self.price_unit}
                subscription._add_option(
                    self.component_id, on, self.charge, discount=self.discount, **values
                )
            case "remove":
                self.line_id._end(on, self.credit)
            case "plan":
                whole_periods = self.timing == "period_end"
                subscription._plan_change(self.plan_id, on, whole_periods=whole_periods, **policy)
            case "pause" | "suspend":
                kind = "pause" if self.change_type == "pause" else "suspension"
                subscription._pause(
                    on, self.date_until, kind, is_charged=self.is_charged, reason=self.reason
                )
            case "resume":
                subscription._resume(on)

    def _prepare_swap(self):
        """Values for another product: at the terms of the plan, if it has the product."""
        subscription = self.subscription_id
        component = subscription.plan_id.component_ids.filtered(
            lambda c: c.product_id == self.product_id and c.charge_type == self.line_id.charge_type
        )[:1]
        price = (
            component._get_price(subscription.currency_id, self.date)
            if component
            else self.product_id.currency_id._convert(
                self.product_id.lst_price,
                subscription.currency_id,
                subscription.company_id,
                self.date,
            )
        )
        return {
            "product_id": self.product_id.id,
            "component_id": component.id,
            "name": component.name or self.product_id.name,
            "price_unit": price,
        }
