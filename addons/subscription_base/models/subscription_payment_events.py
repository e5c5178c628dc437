from odoo import fields, models

PAYMENT_EVENTS = [
    ("payment_succeeded", "Payment succeeded"),
    ("payment_failed", "Payment failed"),
    ("payment_pending", "Payment pending"),
    ("payment_unknown", "Payment without an answer"),
    ("payment_method_changed", "Payment method changed"),
    ("payment_fallback", "Left to the customer to pay"),
    ("card_expiring", "Payment method about to expire"),
    ("card_expired", "Payment method expired"),
]


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    event_type = fields.Selection(
        selection_add=PAYMENT_EVENTS, ondelete={name: "cascade" for name, _label in PAYMENT_EVENTS}
    )
