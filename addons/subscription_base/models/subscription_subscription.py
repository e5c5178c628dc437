from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

RUNNING_STATES = ("pending", "trial", "active", "paused", "suspended")
STARTING_STATES = ("pending", "trial")
STARTING_EVENTS = {"pending": "started", "trial": "trial_started", "active": "activated"}
BILLED_STATES = (*RUNNING_STATES, "closed")  # what comes late is billed after the end, too


class SubscriptionSubscription(models.Model):
    """The contract with a customer. Its dated lines are the timeline that billing reads."""

    _name = "subscription.subscription"
    _description = "Subscription"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _check_company_auto = True
    _order = "id desc"
    _rec_names_search = ["name", "partner_id", "client_order_ref"]
    _mail_post_access = "read"

    name = fields.Char(
        "Reference", default=lambda self: self.env._("New"), required=True, copy=False, index=True
    )
    active = fields.Boolean(default=True)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("pending", "Pending"),
            ("trial", "Trial"),
            ("active", "Active"),
            ("paused", "Paused"),
            ("suspended", "Suspended"),
            ("closed", "Closed"),
        ],
        "Status",
        default="draft",
        required=True,
        copy=False,
        tracking=True,
        group_expand="_expand_states",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, check_company=True, tracking=True
    )
    partner_invoice_id = fields.Many2one(
        "res.partner",
        "Invoice Address",
        compute="_compute_partner_addresses",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        check_company=True,
    )
    partner_shipping_id = fields.Many2one(
        "res.partner",
        "Delivery Address",
        compute="_compute_partner_addresses",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        check_company=True,
    )
    client_order_ref = fields.Char("Customer Reference", copy=False)
    user_id = fields.Many2one(
        "res.users",
        "Salesperson",
        default=lambda self: self.env.user,
        index=True,
        tracking=True,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )
    plan_id = fields.Many2one(
        "subscription.plan", required=True, index=True, check_company=True, tracking=True
    )
    frequency = fields.Char(related="plan_id.frequency")
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    sale_order_id = fields.Many2one(
        "sale.order", "Sales Order", index="btree_not_null", copy=False, check_company=True
    )
    line_ids = fields.One2many("subscription.line", "subscription_id", copy=True)
    charge_ids = fields.One2many("subscription.charge", "subscription_id", copy=False)
    event_ids = fields.One2many("subscription.event", "subscription_id", copy=False)
    note = fields.Html(copy=False)

    date_start = fields.Date(
        "Start", required=True, default=fields.Date.context_today, copy=False, tracking=True
    )
    date_end = fields.Date(
        "End", copy=False, tracking=True, help="Last day of the subscription; empty for no end."
    )
    close_reason_id = fields.Many2one("subscription.close.reason", copy=False, tracking=True)

    payment_term_id = fields.Many2one(
        "account.payment.term",
        compute="_compute_payment_term_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
    )
    fiscal_position_id = fields.Many2one(
        "account.fiscal.position",
        check_company=True,
        help="Leave empty to apply the fiscal position that the customer has at invoice date.",
    )
    payment_token_id = fields.Many2one(
        "payment.token",
        "Saved Payment Method",
        check_company=True,
        copy=False,
        help="Charged automatically when an invoice has been posted.",
    )

    recurring_amount = fields.Monetary(
        "Recurring per Period", compute="_compute_recurring", store=True
    )
    recurring_monthly = fields.Monetary(
        "Recurring per Month", compute="_compute_recurring", store=True
    )
    next_billing_date = fields.Date(
        compute="_compute_next_billing_date", store=True, copy=False, readonly=True
    )
    last_billing_run_id = fields.Many2one(
        "subscription.billing.run", readonly=True, copy=False, index="btree_not_null"
    )
    billing_error = fields.Text(readonly=True, copy=False)
    invoice_count = fields.Integer(compute="_compute_invoice_count")

    _due_idx = models.Index(
        "(next_billing_date, id) WHERE next_billing_date IS NOT NULL AND active"
    )
    _waiting_idx = models.Index(
        "(state) WHERE state IN ('pending', 'trial', 'paused', 'suspended')"
    )
    _to_close_idx = models.Index(
        "(date_end) WHERE next_billing_date IS NULL AND date_end IS NOT NULL AND state != 'closed'"
    )
    _error_idx = models.Index("(id) WHERE billing_error IS NOT NULL")
    _dates = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start)",
        "A subscription cannot end before it starts.",
    )

    @api.depends("partner_id")
    def _compute_partner_addresses(self):
        for subscription in self:
            addresses = subscription.partner_id.address_get(["invoice", "delivery"])
            subscription.partner_invoice_id = addresses.get("invoice")
            subscription.partner_shipping_id = addresses.get("delivery")

    @api.depends("plan_id")
    def _compute_currency_id(self):
        for subscription in self:
            subscription.currency_id = subscription.currency_id or subscription.plan_id.currency_id

    @api.depends("plan_id", "partner_id")
    def _compute_payment_term_id(self):
        """A term that has been agreed stays when the customer's own changes."""
        for subscription in self:
            partner = subscription.partner_invoice_id.with_company(subscription.company_id)
            subscription.payment_term_id = (
                subscription.plan_id.payment_term_id or partner.property_payment_term_id
            )

    @api.depends_context("uid")
    def _compute_invoice_count(self):
        """The invoices that the user may open: salespeople may be limited to their own."""
        move_line, counts = self.env["account.move.line"], {}
        if move_line.has_access("read"):
            counts = dict(
                move_line._read_group(
                    [("subscription_id", "in", self.ids)],
                    ["subscription_id"],
                    ["move_id:count_distinct"],
                )
            )
        for subscription in self:
            subscription.invoice_count = counts.get(subscription, 0)

    @api.depends("name", "partner_id.name")
    @api.depends_context("show_customer")
    def _compute_display_name(self):
        for subscription in self:
            subscription.display_name = (
                f"{subscription.name} - {subscription.partner_id.name}"
                if self.env.context.get("show_customer") and subscription.partner_id
                else subscription.name
            )

    @api.onchange("plan_id")
    def _onchange_plan_id(self):
        if self.plan_id and not self.line_ids:
            self.line_ids = [fields.Command.create(v) for v in self._prepare_plan_lines()]

    def _prepare_plan_lines(self):
        """Values of a line for each component that the plan does not leave to choice."""
        self.ensure_one()
        return [
            component._prepare_subscription_line_values()
            | {"price_unit": component._get_price(self.currency_id, self.date_start)}
            for component in self.plan_id.component_ids
            if not component.is_optional
        ]

    @api.constrains("plan_id")
    def _check_plan_sellable(self):
        for subscription in self.filtered(lambda s: s.state == "draft"):
            if not subscription._may_have_plan():
                raise ValidationError(
                    self.env._(
                        "The plan %s is no longer sold. Choose an active plan.",
                        subscription.plan_id.display_name,
                    )
                )

    def _may_have_plan(self):
        """Whether the draft may be started under its plan."""
        return self.plan_id.state in ("active", "draft")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", self.env._("New")) == self.env._("New"):
                company = vals.get("company_id", self.env.company.id)
                sequence = self.env["ir.sequence"].with_company(company)
                vals["name"] = sequence.next_by_code("subscription.subscription")
        subscriptions = super().create(vals_list)
        subscriptions._log_event("created")
        return subscriptions

    def action_start(self):
        """Let the subscription run from its start date; billing follows by itself."""
        self.check_access("write")
        for subscription in self:
            if subscription.state != "draft":
                raise UserError(self.env._("%s has started already.", subscription.name))
            if not subscription.line_ids:
                raise UserError(
                    self.env._("%s charges nothing yet: add a line first.", subscription.name)
                )
        today = fields.Date.context_today(self)
        for subscription in self:
            subscription.sudo().state = subscription._get_running_state(today)
        self._log_event("started", recurring=True)
        return True

    def _get_running_state(self, today):
        """The state that a started subscription has on ``today`` by its dates."""
        self.ensure_one()
        return "pending" if self.date_start > today else "active"

    def _close(self, on=None, reason=None):
        """End the subscription.

        :param date on: last day of the subscription; today when left out.
        :param reason: a ``subscription.close.reason`` record.
        """
        today = fields.Date.context_today(self)
        self._set_end(fields.Date.to_date(on) or today, reason)
        self._log_event("end_set")
        self._follow_calendar(today)
        return True

    def _set_end(self, on, reason=None):
        self.check_access("write")
        for subscription in self:
            if subscription.state in ("draft", "closed"):
                raise UserError(
                    self.env._("%s is not running, so it cannot be closed.", subscription.name)
                )
            subscription.sudo().date_end = max(on, subscription.date_start)
            if reason:
                subscription.close_reason_id = reason

    def _withdraw(self):
        """Take back the start of subscriptions that nothing has been charged for.

        :raise UserError: when a charge exists; then only closing gives the days back.
        """
        for subscription in self:
            if subscription.sudo().charge_ids:
                raise UserError(
                    self.env._("%s has been billed already. Close it instead.", subscription.name)
                )
        closed = self.filtered(lambda subscription: subscription.state == "closed")
        self.sudo().write({"state": "draft", "date_end": False, "close_reason_id": False})
        closed._log_event("withdrawn")
        (self - closed)._log_event("withdrawn", recurring=True)

    def _follow_calendar(self, today):
        """Move the subscriptions to the state that their dates ask for on ``today``."""
        for subscription in self:
            if subscription.state in STARTING_STATES:
                state = subscription._get_running_state(today)
                if state != subscription.state:
                    subscription.sudo().state = state
                    subscription._log_event(STARTING_EVENTS[state], recurring=True)
            if (
                subscription.state in RUNNING_STATES
                and subscription.date_end
                and subscription.date_end < today
                and not subscription.next_billing_date
            ):
                subscription.sudo().state = "closed"
                subscription._log_event("closed", recurring=True)

    def _get_invoices(self):
        return self.env["account.move"].search(
            Domain("invoice_line_ids.subscription_id", "in", self.ids)
        )

    def action_view_invoices(self):
        return self._get_invoices()._get_subscription_invoice_action()

    def action_view_charges(self):
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_base.subscription_charge_action"
            ),
            "domain": [("subscription_id", "in", self.ids)],
        }

    def action_view_sale_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "view_mode": "form",
            "res_id": self.sale_order_id.id,
        }
