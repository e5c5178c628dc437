"""Usage of a subscription, for the customer."""

from odoo import http
from odoo.http import request

from ..models.price_text import quantity_text
from ..models.subscription_usage_summary import SHOWN_PERIODS
from .portal_access import SubscriptionPortal


class UsagePortal(SubscriptionPortal):
    @http.route(
        "/my/subscriptions/<int:subscription_id>/usage", type="http", auth="public", website=True
    )
    def subscription_usage(self, subscription_id, access_token=None, **_query):
        subscription = self._get_subscription(subscription_id, access_token)
        if not subscription:
            return request.redirect("/my")
        values = self._prepare_subscription_values(subscription, access_token, "subscription_usage")
        return self._render_subscription(
            "subscription_base.portal_usage", values | self._prepare_usage_values(subscription)
        )

    def _prepare_usage_values(self, subscription):
        today = subscription._get_today()
        history = subscription._get_usage_history(today)
        return {
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
