"""Usage of a subscription, for the customer."""

from odoo import http
from odoo.http import request
from odoo.tools import consteq

from ..models.price_text import quantity_text
from ..models.subscription_usage_summary import SHOWN_PERIODS


class UsagePortal(http.Controller):
    @http.route(
        "/my/subscriptions/<int:subscription_id>/usage", type="http", auth="public", website=True
    )
    def usage(self, subscription_id, access_token=None):
        subscription = self._get_subscription(subscription_id, access_token)
        if not subscription:
            return request.redirect("/my")
        return request.render(
            "subscription_base.portal_usage", self._prepare_usage_values(subscription)
        )

    def _get_subscription(self, subscription_id, access_token):
        """The subscription, if the visitor has its token or is its customer.

        :return: the record as superuser; empty when the visitor may not see it.
        """
        found = request.env["subscription.subscription"].sudo().browse(subscription_id).exists()
        if not found or found.state == "draft":
            return found.browse()
        if access_token and found.access_token and consteq(found.access_token, access_token):
            return found
        user = request.env.user
        customer = found.partner_id.commercial_partner_id
        is_customer = not user._is_public() and user.partner_id.commercial_partner_id == customer
        return found if is_customer else found.browse()

    def _prepare_usage_values(self, subscription):
        today = subscription._get_today()
        history = subscription._get_usage_history(today)
        return {
            "subscription": subscription,
            "page_name": "subscription_usage",
            "quantity_text": lambda quantity: quantity_text(request.env, float(quantity)),
            "current": [
                (line, statuses[-1])
                for line, statuses in history.items()
                if statuses and statuses[-1].period.last_day >= today
            ],
            "history": [
                (line, status)
                for line, statuses in history.items()
                for status in reversed(statuses[-SHOWN_PERIODS - 1 :])
                if status.period.last_day < today
            ],
        }
