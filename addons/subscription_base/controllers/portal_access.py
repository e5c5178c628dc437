"""Which subscription a visitor of the portal may see: one rule for all of its pages."""

from odoo.http import request
from odoo.tools import consteq

from odoo.addons.portal.controllers.portal import CustomerPortal


class SubscriptionPortal(CustomerPortal):
    """What the pages of subscriptions have in common.

    Subscriptions are no records of portal users: a page asks here for the one of its visitor and
    works with it as superuser, in the name of the visitor.
    """

    def _get_subscription(self, subscription_id, access_token=None):
        """The subscription, if the visitor has its token or is its customer.

        :return: the record as superuser in its own company; empty when the visitor may not see
            it, whether it exists or not.
        """
        subscriptions = request.env["subscription.subscription"].sudo()
        found = subscriptions.browse(subscription_id).exists()
        if not found or not found.active or found.state == "draft":
            return subscriptions
        if found._is_visible_to(request.env.user) or self._holds_subscription_token(
            found, access_token
        ):
            return found.with_company(found.company_id)
        return subscriptions

    def _holds_subscription_token(self, subscription, access_token):
        own = subscription.access_token
        return bool(access_token and own and consteq(own, access_token))

    def _is_subscription_customer(self, subscription):
        """Whether the visitor has logged in as the customer, and not come by a link only."""
        return subscription._is_visible_to(request.env.user)

    def _get_subscription_url(self, subscription, access_token, suffix="", **query):
        """The address of a page of the subscription; the token goes with whoever came by it."""
        base = f"/my/subscriptions/{subscription.id}{suffix}"
        if not self._is_subscription_customer(subscription):
            query["access_token"] = access_token
        arguments = "&".join(f"{name}={value}" for name, value in query.items() if value)
        return f"{base}?{arguments}" if arguments else base

    def _prepare_subscription_values(self, subscription, access_token, page_name):
        """Values that every page of a subscription needs.

        :param str page_name: tells the breadcrumbs where the visitor is.
        """
        by_token = not self._is_subscription_customer(subscription)
        return self._prepare_portal_layout_values() | {
            "subscription": subscription,
            "page_name": page_name,
            "by_token": by_token,
            "access_token": access_token if by_token else None,
            "url": lambda suffix="", **query: self._get_subscription_url(
                subscription, access_token, suffix, **query
            ),
            "res_company": subscription.company_id,
        }

    def _render_subscription(self, template, values):
        """A page that no search engine lists and whose address no other site learns."""
        response = request.render(template, values)
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Cache-Control"] = "no-store"
        return response
