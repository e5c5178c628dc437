from odoo import api, fields, models
from odoo.exceptions import UserError


class SubscriptionEvent(models.Model):
    """The append-only life-cycle record."""

    _name = "subscription.event"
    _description = "Subscription Event"
    _order = "id desc"

    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="subscription_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="subscription_id.currency_id")
    event_type = fields.Selection(
        [
            ("created", "Created"),
            ("started", "Started"),
            ("activated", "Activated"),
            ("withdrawn", "Withdrawn"),
            ("end_set", "End set"),
            ("closed", "Closed"),
            ("billing_failed", "Billing failed"),
        ],
        required=True,
    )
    date = fields.Datetime(default=fields.Datetime.now, required=True)
    user_id = fields.Many2one("res.users", default=lambda self: self.env.user, required=True)
    description = fields.Char()
    summary = fields.Char("Event", compute="_compute_summary")
    run_id = fields.Many2one("subscription.billing.run", index="btree_not_null")
    recurring_delta = fields.Monetary(
        "Change of Recurring per Month",
        help="By how much the monthly recurring revenue changed with the event.",
    )

    @api.depends("event_type", "description")
    @api.depends_context("lang")
    def _compute_summary(self):
        labels = dict(self._fields["event_type"]._description_selection(self.env))
        for event in self:
            texts = (labels.get(event.event_type), event.description)
            event.summary = ": ".join(text for text in texts if text)

    @api.depends("summary")
    def _compute_display_name(self):
        for event in self:
            event.display_name = event.summary

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        events._react()
        return events

    def _react(self):
        """What follows from new events, such as messages and actions; called once for each."""

    def write(self, vals):
        if vals:
            raise UserError(
                self.env._("The life-cycle record of a subscription cannot be changed.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The life-cycle record of a subscription cannot be deleted."))
