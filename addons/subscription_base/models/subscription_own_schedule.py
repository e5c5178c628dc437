"""Components with a schedule of their own: a yearly fee in a monthly plan (requirement SM-09)."""

from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..billing import next_billing_date
from .subscription_subscription import BILLED_STATES

SCHEDULE_FIELDS = ("schedule_type", "interval_count", "weekday", "fixed_day")


class SubscriptionPlanComponent(models.Model):
    _name = "subscription.plan.component"
    _inherit = ["subscription.plan.component", "subscription.schedule.mixin"]

    schedule_type = fields.Selection(
        string="Own Schedule", help="Leave empty to bill the component when the plan is billed."
    )

    @api.constrains("schedule_type")
    def _check_own_schedule(self):
        for component in self:
            if component.schedule_type == "manual":
                raise ValidationError(
                    self.env._(
                        "%s cannot be billed on request alone: choose when it is billed, or a plan "
                        "that is billed on request.",
                        component.name,
                    )
                )

    def _get_schedule_texts(self):
        """How often the component is billed: in short, and for reading.

        :rtype: tuple[str, str]
        """
        record = self if self.schedule_type else self.plan_id
        return record.frequency, record.schedule_text


class SubscriptionLine(models.Model):
    _name = "subscription.line"
    _inherit = ["subscription.line", "subscription.schedule.mixin"]

    schedule_type = fields.Selection(
        string="Own Schedule",
        compute="_compute_own_schedule",
        store=True,
        readonly=False,
        precompute=True,
        help="Leave empty to bill the line when the subscription is billed.",
    )
    interval_count = fields.Integer(
        compute="_compute_own_schedule", store=True, readonly=False, precompute=True, default=None
    )
    weekday = fields.Selection(
        compute="_compute_own_schedule", store=True, readonly=False, precompute=True, default=None
    )
    fixed_day = fields.Integer(
        compute="_compute_own_schedule", store=True, readonly=False, precompute=True, default=None
    )
    next_billing_date = fields.Date("Next Billing", compute="_compute_next_billing_date")

    @api.depends("component_id")
    def _compute_own_schedule(self):
        for line in self:
            component = line.component_id
            for name in SCHEDULE_FIELDS:
                line[name] = component[name] or line[name]
            line.interval_count = line.interval_count or 1

    def _get_locked_fields(self):
        return super()._get_locked_fields() | set(SCHEDULE_FIELDS)

    def _get_schedule(self):
        return self._get_own_schedule() or super()._get_schedule()

    @api.depends(*SCHEDULE_FIELDS)
    def _compute_recurring(self):
        return super()._compute_recurring()

    @api.depends("subscription_id.next_billing_date")
    def _compute_next_billing_date(self):
        self.next_billing_date = False
        billed = self.subscription_id.filtered(lambda s: s.active and s.state in BILLED_STATES)
        inputs = billed._get_billing_inputs()
        for subscription in billed:
            timeline, ledger = inputs[subscription.id]
            lines = {line.key: line for line in timeline.lines}
            for line in self & subscription.line_ids:
                if core_line := lines.get(line._origin.id or line.id):
                    line.next_billing_date = next_billing_date(
                        replace(timeline, lines=(core_line,)),
                        [entry for entry in ledger if entry.charge.line == core_line.key],
                    )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    @api.depends(*(f"line_ids.{name}" for name in SCHEDULE_FIELDS))
    def _compute_next_billing_date(self):
        return super()._compute_next_billing_date()
