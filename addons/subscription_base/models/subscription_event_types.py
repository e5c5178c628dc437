from odoo import fields, models

CHANGES = [
    ("quantity", "Quantity changed"),
    ("price", "Price changed"),
    ("discount", "Discount changed"),
    ("product", "Product changed"),
    ("plan", "Plan changed"),
    ("option_added", "Option added"),
    ("option_removed", "Option removed"),
    ("changed", "Changed"),
    ("paused", "Paused"),
    ("suspended", "Suspended"),
    ("resumed", "Resumed"),
    ("amended", "Amended"),
]


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    event_type = fields.Selection(
        selection_add=CHANGES, ondelete={event_type: "cascade" for event_type, _label in CHANGES}
    )
