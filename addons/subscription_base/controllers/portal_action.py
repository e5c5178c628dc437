"""Self-service in two steps: choose and look, which writes nothing, then confirm by a POST."""

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from ..models.price_text import quantity_text
from ..models.subscription_self_service import ACTIONS, LOGIN_ACTIONS
from .portal_access import SubscriptionPortal

PATH = "/my/subscriptions/<int:subscription_id>/do/<string:action>"
#: What a form may send; everything else is ignored.
FORM_FIELDS = (
    "step", "plan", "line", "quantity", "option", "date_start", "date_end", "reason", "text",
    "token", "partner_invoice_id", "partner_shipping_id",
)  # fmt: skip


class SelfServicePortal(SubscriptionPortal):
    @http.route(PATH, type="http", auth="public", methods=["GET"], website=True, sitemap=False)
    def self_service(self, subscription_id, action, access_token=None, **values):
        """Choose, and see what the choice means."""
        subscription = self._get_subscription(subscription_id, access_token)
        if not subscription or action not in ACTIONS:
            return request.redirect("/my")
        if refusal := self._refuse_self_service(subscription, action, access_token):
            return refusal
        return self._show_self_service(subscription, action, access_token, values)

    @http.route(PATH, type="http", auth="public", methods=["POST"], website=True, sitemap=False)
    def self_service_confirm(self, subscription_id, action, access_token=None, key="", **values):
        """Do what was shown; a form that is sent again, or too late, changes nothing."""
        subscription = self._get_subscription(subscription_id, access_token)
        if not subscription or action not in ACTIONS:
            return request.redirect("/my")
        if refusal := self._refuse_self_service(subscription, action, access_token):
            return refusal
        try:
            with request.env.cr.savepoint():
                choice = subscription._choose_self(action, self._filter_self_values(values))
                is_done = choice is not None and subscription._confirm_self(action, choice, key)
        except UserError as error:
            return self._show_self_service(
                subscription, action, access_token, values, error=str(error)
            )
        if not is_done:
            return self._show_self_service(
                subscription, action, access_token, values, is_outdated=True
            )
        return request.redirect(self._get_subscription_url(subscription, access_token, done=action))

    def _filter_self_values(self, values):
        return {name: values[name] for name in FORM_FIELDS if name in values}

    def _refuse_self_service(self, subscription, action, access_token):
        """The answer to whoever may not do this; ``None`` when it is allowed."""
        if action in LOGIN_ACTIONS and not self._is_subscription_customer(subscription):
            return request.redirect(
                self._get_subscription_url(subscription, access_token, done="login")
            )
        if subscription._get_self_obstacle(action):
            return request.redirect(
                self._get_subscription_url(subscription, access_token, done="refused")
            )
        return None

    def _show_self_service(
        self, subscription, action, access_token, values, error="", is_outdated=False
    ):
        """The form of the action, or what the choice means once it has been made."""
        values = self._filter_self_values(values)
        choice = preview = key = None
        try:
            choice = subscription._choose_self(action, values)
            if choice is not None:
                preview, key = subscription._preview_self(action, choice)
        except UserError as refusal:
            error = error or str(refusal)
        page = self._prepare_subscription_values(subscription, access_token, "subscription_action")
        page |= {
            "action": action,
            "values": values,
            "choice": choice,
            "preview": preview,
            "key": key,
            "quantity_text": lambda quantity: quantity_text(request.env, float(quantity)),
            "quantity_number": "{:g}".format,
            "error": error,
            "is_outdated": is_outdated,
        }
        return self._render_subscription("subscription_base.portal_self_page", page)
