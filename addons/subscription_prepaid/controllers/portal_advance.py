"""Paying in advance for one contract: the customer asks for the advance invoice and pays it."""

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.subscription_base.controllers.portal_access import SubscriptionPortal

from .portal_balance import BalancePortal

PATH = "/my/subscriptions/<int:subscription_id>/advance"


class AdvancePortal(SubscriptionPortal):
    @http.route(PATH, type="http", auth="user", methods=["GET"], website=True, sitemap=False)
    def advance(self, subscription_id, amount=None, **_values):
        """The form; nothing is written."""
        subscription = self._get_subscription(subscription_id)
        if not subscription:
            return request.redirect("/my")
        return self._show_advance(subscription, amount)

    @http.route(PATH, type="http", auth="user", methods=["POST"], website=True, sitemap=False)
    def advance_confirm(self, subscription_id, amount=None, **_values):
        """Make the advance invoice, or take the one that waits for its payment, and show it."""
        subscription = self._get_subscription(subscription_id)
        if not subscription:
            return request.redirect("/my")
        if self._get_advance_obstacle(subscription):
            return self._show_advance(subscription, amount)
        try:
            move = subscription._ask_for_advance(BalancePortal._read_amount(amount))
        except UserError as error:
            return self._show_advance(subscription, amount, str(error))
        return request.redirect(move.get_portal_url(), code=303)

    def _get_advance_obstacle(self, subscription):
        if not subscription._is_topped_up_by_advance():
            return request.env._("This contract is paid from your balance.")
        if subscription.state == "closed":
            return request.env._("This contract has ended.")
        return ""

    def _show_advance(self, subscription, amount, error=None):
        page = self._prepare_subscription_values(subscription, None, "subscription_action")
        page |= {
            "amount_entered": amount,
            "error": error,
            "obstacle": self._get_advance_obstacle(subscription),
        }
        return self._render_subscription("subscription_prepaid.portal_advance", page)
