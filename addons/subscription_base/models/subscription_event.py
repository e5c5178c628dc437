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
    run_id = fields.Many2one("subscription.billing.run", index="btree_not_null")
    recurring_delta = fields.Monetary(
        "Change of Recurring per Month",
        help="By how much the monthly recurring revenue changed with the event.",
    )

    def write(self, vals):
        if vals:
            raise UserError(
                self.env._("The life-cycle record of a subscription cannot be changed.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The life-cycle record of a subscription cannot be deleted."))
