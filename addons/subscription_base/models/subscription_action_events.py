"""In which state an event leaves its subscription: what tells that a service begins, rests, ends.

The type of an event does not: a pause that is planned for next month is an event of today, and a
subscription that is released from a suspension is active again without having been activated.
"""

from odoo import api, fields, models
from odoo.tools import SQL

from .subscription_event_guard import history_opened

ACTION_EVENTS = [
    ("invoice_paid", "Invoice paid"),
    ("invoice_unpaid", "Invoice no longer paid"),
    ("action_failed", "Action failed"),
]
#: Events that are recorded before the state follows them.
STATES_AFTER = {"closed": "closed", "withdrawn": "draft"}


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    event_type = fields.Selection(
        selection_add=ACTION_EVENTS, ondelete={name: "cascade" for name, _label in ACTION_EVENTS}
    )
    subscription_state = fields.Selection(
        "_selection_subscription_state",
        "State Afterwards",
        readonly=True,
        help="The state of the subscription after the event.",
    )

    def init(self):
        """Give the last event of each subscription its state, where an older version made it."""
        result = super().init()
        with history_opened(self.env):
            self.env.cr.execute(
                """UPDATE subscription_event event SET subscription_state = subscription.state
                     FROM subscription_subscription subscription
                    WHERE subscription.id = event.subscription_id
                      AND event.subscription_state IS NULL
                      AND event.id = (SELECT MAX(id) FROM subscription_event last
                                       WHERE last.subscription_id = event.subscription_id)"""
            )
        return result

    @api.model
    def _selection_subscription_state(self):
        states = self.env["subscription.subscription"]._fields["state"]
        return states._description_selection(self.env)

    @api.model_create_multi
    def create(self, vals_list):
        subscriptions = self.env["subscription.subscription"].sudo()
        subscriptions = subscriptions.browse({vals["subscription_id"] for vals in vals_list})
        states = {subscription.id: subscription.state for subscription in subscriptions}
        return super().create(
            [
                {
                    "subscription_state": STATES_AFTER.get(
                        vals["event_type"], states[vals["subscription_id"]]
                    ),
                    **vals,
                }
                for vals in vals_list
            ]
        )

    def _get_states_before(self):
        """The states in which the events found their subscriptions; draft before the first event.

        :rtype: dict[int, str]
        """
        self.flush_model(["subscription_id", "subscription_state"])
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT event.id, COALESCE((
                               SELECT earlier.subscription_state FROM subscription_event earlier
                                WHERE earlier.subscription_id = event.subscription_id
                                  AND earlier.id < event.id
                             ORDER BY earlier.id DESC LIMIT 1), 'draft')
                         FROM subscription_event event WHERE event.id = ANY(%s)""",
                    self.ids,
                )
            )
        )
