"""Lines of several plans in one subscription: what was agreed earlier stays as it was agreed."""

from odoo import api, fields, models


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    plan_id = fields.Many2one(
        "subscription.plan",
        compute="_compute_plan_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The version of the plan under which the line was agreed, and by which it is billed.",
    )
    date_anchor = fields.Date(
        "Periods Counted from",
        copy=False,
        help="The day from which the billing periods of the line are counted, when it is not the "
        "first day of the subscription that is charged.",
    )

    _anchor_before_start = models.Constraint(
        "CHECK (date_anchor IS NULL OR date_anchor <= date_start)",
        "The periods of a line cannot be counted from a day after it begins.",
    )

    @api.depends("component_id", "subscription_id.plan_id")
    def _compute_plan_id(self):
        """A running subscription may move to another plan; its lines stay where they were."""
        for line in self:
            if not line.plan_id or line.subscription_id.state == "draft":
                line.plan_id = line.component_id.plan_id or line.subscription_id.plan_id

    def _get_locked_fields(self):
        return super()._get_locked_fields() | {"plan_id", "date_anchor"}

    def _get_schedule(self):
        """The line's schedule for the billing core.

        :rtype: ~odoo.addons.subscription_base.billing.Schedule
        """
        return (self.plan_id or self.subscription_id.plan_id)._get_schedule()

    def _prepare_timeline_values(self):
        """How the billing of the line differs from that of its subscription: values for the core.

        :rtype: dict
        """
        self.ensure_one()
        values = {"schedule": self._get_schedule(), "anchor": self.date_anchor or None}
        if self.plan_id != self.subscription_id.plan_id:
            values["partial_period"] = self.plan_id._get_partial_period()
        return values
