from odoo import models


class SubscriptionSubscription(models.Model):
    """A customer reaches the subscription in the portal, or with a link that holds its token."""

    _name = "subscription.subscription"
    _inherit = ["subscription.subscription", "portal.mixin"]

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for subscription in self:
            subscription.access_url = f"/my/subscriptions/{subscription.id}/usage"
        return result
