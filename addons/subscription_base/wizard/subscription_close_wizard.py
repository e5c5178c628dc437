from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class SubscriptionCloseWizard(models.TransientModel):
    _name = "subscription.close.wizard"
    _description = "Close Subscriptions"

    subscription_ids = fields.Many2many(
        "subscription.subscription", required=True, readonly=True, export_string_translation=False
    )
    subscription_count = fields.Integer(compute="_compute_subscription_count")
    date_end = fields.Date(
        "Last Day",
        required=True,
        default=fields.Date.context_today,
        help="The subscription is charged up to and including this day. What has been charged "
        "beyond is credited with the next billing.",
    )
    close_reason_id = fields.Many2one("subscription.close.reason", "Reason", required=True)
    is_past = fields.Boolean(compute="_compute_is_past")

    @api.depends("subscription_ids")
    def _compute_subscription_count(self):
        for wizard in self:
            wizard.subscription_count = len(wizard.subscription_ids)

    @api.depends("date_end")
    def _compute_is_past(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            wizard.is_past = bool(wizard.date_end and wizard.date_end < today)

    def action_close(self):
        self.ensure_one()
        if too_late := self.subscription_ids.filtered(lambda s: s.date_start > self.date_end)[:1]:
            raise UserError(
                self.env._(
                    "%(subscription)s starts on %(day)s only and cannot end before.",
                    subscription=too_late.name,
                    day=format_date(self.env, too_late.date_start),
                )
            )
        self.subscription_ids.action_close(on=self.date_end, reason=self.close_reason_id)
        return {"type": "ir.actions.act_window_close"}
