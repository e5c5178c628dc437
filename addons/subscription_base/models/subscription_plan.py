import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..billing import PartialPeriod, ScheduleKind
from .locking import changed_fields


class SubscriptionPlan(models.Model):
    _name = "subscription.plan"
    _description = "Subscription Plan"
    _inherit = ["mail.thread", "mail.activity.mixin", "subscription.schedule.mixin"]
    _check_company_auto = True
    _order = "name, version desc, id"
    _rec_names_search = ["name", "handle"]

    name = fields.Char(required=True, translate=True, tracking=True)
    handle = fields.Char(
        compute="_compute_handle",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        copy=False,
        help="Technical name of the plan for imports and the API. All versions of a plan share it.",
    )
    version = fields.Integer(default=1, readonly=True, copy=False)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("active", "Active"),
            ("superseded", "Superseded"),
            ("deleted", "Deleted"),
        ],
        "Status",
        default="draft",
        required=True,
        copy=False,
        tracking=True,
        help="Only active plans can be sold. A deleted plan stays for the subscriptions on it.",
    )
    description = fields.Text(translate=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        tracking=True,
    )

    schedule_type = fields.Selection(
        default=ScheduleKind.MONTH_START.value, required=True, tracking=True
    )
    interval_count = fields.Integer(tracking=True)
    partial_period = fields.Selection(
        [
            (PartialPeriod.PRORATED.value, "Charge the part"),
            (PartialPeriod.FULL.value, "Charge the full period"),
            (PartialPeriod.ZERO.value, "Free of charge"),
            (PartialPeriod.NO_BILL.value, "Add the part to the next invoice"),
        ],
        "Partial Periods",
        default=PartialPeriod.PRORATED.value,
        required=True,
        help="What a period costs that the subscription fills only in part: before the first "
        "billing date and at the end.",
    )

    component_ids = fields.One2many("subscription.plan.component", "plan_id", copy=True)
    main_component_id = fields.Many2one(
        "subscription.plan.component",
        compute="_compute_main_component_id",
        store=True,
        help="The first recurring component that is not optional; its product is what is sold.",
    )
    price = fields.Monetary(compute="_compute_price", store=True, string="Price per Period")

    invoice_policy = fields.Selection(
        [
            ("draft", "Leave as drafts"),
            ("post", "Post"),
            ("send", "Post and send"),
        ],
        "Invoices",
        default="post",
        required=True,
        help="What billing does with the invoices that it creates.",
    )
    payment_term_id = fields.Many2one("account.payment.term", check_company=True)
    max_catch_up = fields.Integer(
        "Missed Periods at Once",
        default=12,
        required=True,
        help="How many missed periods one invoice catches up at most; the rest follows with the "
        "next billing run.",
    )
    subscription_ids = fields.One2many("subscription.subscription", "plan_id")
    subscription_count = fields.Integer(compute="_compute_subscription_count")

    _positive_catch_up = models.Constraint(
        "CHECK (max_catch_up > 0)", "At least one missed period must be caught up at once."
    )
    _handle_version_uniq = models.UniqueIndex(
        "(company_id, handle, version)", "Another plan of this company has this handle already."
    )

    @api.depends("name")
    def _compute_handle(self):
        for plan in self:
            if not plan.handle and plan.name:
                plan.handle = plan._free_handle(re.sub(r"[^a-z0-9]+", "-", plan.name.lower()))

    def _free_handle(self, wanted):
        """``wanted``, with a number behind it when another plan of the company has it."""
        wanted = wanted.strip("-") or "plan"
        others = self.search(
            Domain("handle", "=like", f"{wanted}%")
            & Domain("company_id", "=", (self.company_id or self.env.company).id)
            & Domain("id", "not in", self.ids)
        )
        taken, handle, number = set(others.mapped("handle")), wanted, 1
        while handle in taken:
            number += 1
            handle = f"{wanted}-{number}"
        return handle

    @api.depends("company_id")
    def _compute_currency_id(self):
        for plan in self:
            plan.currency_id = plan.currency_id or plan.company_id.currency_id

    @api.depends("component_ids.charge_type", "component_ids.is_optional", "component_ids.sequence")
    def _compute_main_component_id(self):
        for plan in self:
            plan.main_component_id = plan.component_ids.sorted().filtered(
                lambda component: component._recurs() and not component.is_optional
            )[:1]

    @api.depends("main_component_id.price_unit")
    def _compute_price(self):
        for plan in self:
            plan.price = plan.main_component_id.price_unit

    def _compute_subscription_count(self):
        counts = dict(
            self.env["subscription.subscription"]
            .sudo()
            .with_context(active_test=False)
            ._read_group([("plan_id", "in", self.ids)], ["plan_id"], ["__count"])
        )
        for plan in self:
            plan.subscription_count = counts.get(plan, 0)

    @api.depends("name", "version")
    @api.depends_context("show_version")
    def _compute_display_name(self):
        shown_from = 1 if self.env.context.get("show_version") else 2
        for plan in self:
            plan.display_name = (
                self.env._("%(name)s (version %(version)s)", name=plan.name, version=plan.version)
                if plan.version >= shown_from
                else plan.name
            )

    @api.constrains("state", "component_ids")
    def _check_active_plan(self):
        for plan in self:
            if plan.state == "active" and not plan.main_component_id:
                raise ValidationError(
                    self.env._(
                        "The plan %s needs at least one recurring component that is not optional.",
                        plan.name,
                    )
                )

    def _get_used_locked_fields(self):
        """Commercial fields: once the plan is used, a change needs a new version."""
        return {
            "schedule_type",
            "interval_count",
            "weekday",
            "fixed_day",
            "partial_period",
            "currency_id",
            "company_id",
            "handle",
            "payment_term_id",
        }

    def write(self, vals):
        if self._get_used_locked_fields() & vals.keys():
            for plan in self.filtered("is_used"):
                plan._check_locked(vals)
        return super().write(vals)

    def _check_locked(self, vals):
        if changed := changed_fields(self, vals, self._get_used_locked_fields()):
            labels = self.fields_get(changed, ["string"])
            self._refuse_change([labels[name]["string"] for name in changed])

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for plan in self.filtered("subscription_count"):
            raise UserError(
                self.env._(
                    "The plan %s has subscriptions. Mark it as deleted instead: "
                    "it can then no longer be sold.",
                    plan.display_name,
                )
            )

    def action_activate(self):
        self.write({"state": "active"})

    def action_delete(self):
        """Stop selling the plan; subscriptions on it go on."""
        self.write({"state": "deleted"})

    def action_reset_to_draft(self):
        self.filtered(lambda plan: not plan.subscription_count).write({"state": "draft"})

    def action_view_subscriptions(self):
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_base.subscription_subscription_action"
            ),
            "domain": [("plan_id", "in", self.ids)],
            "context": {"default_plan_id": self.id if len(self) == 1 else False},
        }
