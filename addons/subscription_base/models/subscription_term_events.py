from odoo import fields, models

TERM_EVENTS = [
    ("trial_started", "Trial started"),
    ("renewed", "Contract term renewed"),
    ("terminated", "Terminated"),
    ("termination_withdrawn", "Termination withdrawn"),
    ("trial_reminded", "Reminded of the end of the trial"),
    ("renewal_reminded", "Reminded of the renewal"),
]


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    event_type = fields.Selection(
        selection_add=TERM_EVENTS, ondelete={name: "cascade" for name, _label in TERM_EVENTS}
    )
    date_effective = fields.Date(
        "Effective", help="The day that the event is about, such as the day of a renewal."
    )
