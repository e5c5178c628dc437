from odoo import fields, models

LEGAL_EVENTS = [
    ("affirmed", "Binding"),
    ("voided", "Cancelled before it was binding"),
    ("released", "Released"),
    ("prepayment_requested", "Prepayment requested"),
    ("prepayment_paid", "Prepayment received"),
    ("prepayment_expired", "Prepayment not received in time"),
    ("revoked", "Withdrawn from by the consumer"),
]


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    event_type = fields.Selection(
        selection_add=LEGAL_EVENTS, ondelete={name: "cascade" for name, _label in LEGAL_EVENTS}
    )
