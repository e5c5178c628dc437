"""The terms that a plan proposes for its subscriptions."""

from odoo import api, fields, models

from ..billing import Effect, NoticeStart, TermType, Unit
from .subscription_terms_mixin import TERM_FIELDS


class SubscriptionPlan(models.Model):
    _name = "subscription.plan"
    _inherit = ["subscription.plan", "subscription.terms.mixin"]

    customer_kind = fields.Selection(
        [
            ("any", "Consumers and businesses"),
            ("consumer", "Consumers"),
            ("business", "Businesses"),
        ],
        "Sold to",
        default="any",
        required=True,
        tracking=True,
        help="Terms that bind consumers too long are refused: on the plan when it is for consumers "
        "only, otherwise when it is sold to one.",
    )
    term_type = fields.Selection(default=TermType.RENEWING.value)
    initial_term_unit = fields.Selection(default=Unit.MONTH.value)
    renewal_term_unit = fields.Selection(default=Unit.MONTH.value)
    minimum_term_unit = fields.Selection(default=Unit.MONTH.value)
    notice_unit = fields.Selection(default=Unit.DAY.value)
    notice_start = fields.Selection(default=NoticeStart.NOTICE.value)
    termination_effect = fields.Selection(default=Effect.BILLED.value)
    trial_unit = fields.Selection(default=Unit.DAY.value)
    trial_reminder_days = fields.Integer(default=3)
    renewal_reminder_days = fields.Integer(default=7)

    def _get_terms_plan(self):
        return self

    @api.depends(
        *TERM_FIELDS, "schedule_type", "interval_count", "weekday", "fixed_day", "partial_period"
    )
    def _compute_terms_timeline(self):
        return super()._compute_terms_timeline()
