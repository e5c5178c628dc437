import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..billing import PartialPeriod, Schedule, ScheduleKind
from .locking import changed_fields

MAX_FIXED_DAY = 28


class SubscriptionPlan(models.Model):
    _name = "subscription.plan"
    _description = "Subscription Plan"
    _inherit = ["mail.thread", "mail.activity.mixin"]
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
        [
            (ScheduleKind.DAILY.value, "Every N days"),
            (ScheduleKind.WEEKLY_FIXED.value, "Fixed weekday every N weeks"),
            (ScheduleKind.MONTH_START.value, "Every N months from the start date"),
            (ScheduleKind.MONTH_FIXED.value, "Fixed day every N months"),
            (ScheduleKind.MONTH_LAST.value, "Last day every N months"),
            (ScheduleKind.MANUAL.value, "Manual, on request"),
        ],
        default=ScheduleKind.MONTH_START.value,
        required=True,
        tracking=True,
    )
    interval_count = fields.Integer("Interval", default=1, required=True, tracking=True)
    weekday = fields.Selection(
        [
            ("1", "Monday"),
            ("2", "Tuesday"),
            ("3", "Wednesday"),
            ("4", "Thursday"),
            ("5", "Friday"),
            ("6", "Saturday"),
            ("7", "Sunday"),
        ],
        default="1",
    )
    fixed_day = fields.Integer("Day of the Month", default=1)
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
    frequency = fields.Char(compute="_compute_frequency")
    schedule_text = fields.Char("Billed", compute="_compute_frequency")

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

    _positive_interval = models.Constraint(
        "CHECK (interval_count > 0)", "The billing interval must be at least 1."
    )
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
                lambda component: component.charge_type == "recurring" and not component.is_optional
            )[:1]

    @api.depends("main_component_id.price_unit")
    def _compute_price(self):
        for plan in self:
            plan.price = plan.main_component_id.price_unit

    @api.depends("schedule_type", "interval_count", "weekday", "fixed_day")
    @api.depends_context("lang")
    def _compute_frequency(self):
        for plan in self:
            plan.frequency = plan._get_frequency_text()
            plan.schedule_text = plan._get_schedule_text()

    def _get_frequency_text(self):
        """The billing frequency in words, such as "every 3 months on day 1" (RE-12)."""
        count = self.interval_count
        months = self._get_months_text()
        match self.schedule_type:
            case "daily":
                return self.env._("daily") if count == 1 else self.env._("every %s days", count)
            case "weekly_fixed":
                weekday = dict(self._fields["weekday"]._description_selection(self.env))[
                    self.weekday
                ]
                if count == 1:
                    return self.env._("weekly on %s", weekday)
                return self.env._(
                    "every %(count)s weeks on %(weekday)s", count=count, weekday=weekday
                )
            case "month_start":
                return months
            case "month_fixed":
                return self.env._("%(months)s on day %(day)s", months=months, day=self.fixed_day)
            case "month_last":
                return self.env._("%s on the last day", months)
            case _:
                return self.env._("on request")

    def _get_months_text(self):
        match self.interval_count:
            case 1:
                return self.env._("monthly")
            case 12:
                return self.env._("yearly")
            case count:
                return self.env._("every %s months", count)

    def _get_schedule_text(self):
        """The billing frequency for reading, such as "monthly, on day 1 of the month"."""
        count = self.interval_count
        match self.schedule_type:
            case "weekly_fixed":
                weekdays = dict(self._fields["weekday"]._description_selection(self.env))
                return self.env._(
                    "%(interval)s, on %(weekday)s",
                    interval=self.env._("weekly")
                    if count == 1
                    else self.env._("every %s weeks", count),
                    weekday=weekdays[self.weekday],
                )
            case "month_fixed":
                return self.env._(
                    "%(interval)s, on day %(day)s of the month",
                    interval=self._get_months_text(),
                    day=self.fixed_day,
                )
            case "month_last":
                return self.env._("%s, on the last day of the month", self._get_months_text())
            case _:
                return self._get_frequency_text()

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
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = (
                self.env._("%(name)s (version %(version)s)", name=plan.name, version=plan.version)
                if plan.version > 1
                else plan.name
            )

    @api.constrains("schedule_type", "fixed_day", "weekday")
    def _check_schedule(self):
        for plan in self:
            if plan.schedule_type == "month_fixed" and not 1 <= plan.fixed_day <= MAX_FIXED_DAY:
                raise ValidationError(
                    self.env._(
                        "The fixed day must be 1 to %s, so that every month has it. "
                        "For the end of the month choose 'Last day every N months'.",
                        MAX_FIXED_DAY,
                    )
                )
            if plan.schedule_type == "weekly_fixed" and not plan.weekday:
                raise ValidationError(self.env._("Choose the weekday on which to bill."))

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
        """Fields that decide what existing subscriptions owe."""
        return {
            "schedule_type",
            "interval_count",
            "weekday",
            "fixed_day",
            "partial_period",
            "currency_id",
            "company_id",
        }

    def write(self, vals):
        if self._get_used_locked_fields() & vals.keys():
            for plan in self.filtered("subscription_count"):
                plan._check_locked(vals)
        return super().write(vals)

    def _check_locked(self, vals):
        if changed := changed_fields(self, vals, self._get_used_locked_fields()):
            labels = self.fields_get(changed, ["string"])
            raise UserError(
                self.env._(
                    "%(fields)s of the plan %(plan)s cannot be changed any more: %(count)s "
                    "subscriptions are billed by it. Create a new plan instead.",
                    fields=", ".join(labels[name]["string"] for name in changed),
                    plan=self.display_name,
                    count=self.subscription_count,
                )
            )

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

    def _get_schedule(self):
        """The plan's schedule for the billing core.

        :rtype: ~odoo.addons.subscription_base.billing.Schedule
        """
        self.ensure_one()
        fixed_day = {"weekly_fixed": int(self.weekday or 0), "month_fixed": self.fixed_day}
        return Schedule(
            ScheduleKind(self.schedule_type),
            self.interval_count,
            fixed_day.get(self.schedule_type),
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
