"""Extending a prepaid contract in the portal: choose a package, look at it, order it."""

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.subscription_base.controllers.portal_access import SubscriptionPortal

PATH = "/my/subscriptions/<int:subscription_id>/extend"


class ExtensionPortal(SubscriptionPortal):
    @http.route(PATH, type="http", auth="public", methods=["GET"], website=True, sitemap=False)
    def extension(self, subscription_id, access_token=None, package_id=None, **_values):
        """The packages, or the summary of the one that was chosen; nothing is written."""
        subscription = self._get_subscription(subscription_id, access_token)
        if not subscription:
            return self._refuse(access_token)
        return self._show_extension(subscription, access_token, package_id)

    @http.route(PATH, type="http", auth="public", methods=["POST"], website=True, sitemap=False)
    def extension_confirm(
        self,
        subscription_id,
        access_token=None,
        package_id=None,
        date_from=None,
        total=None,
        **_values,
    ):
        """Order the package that was shown; what has changed meanwhile is shown again."""
        subscription = self._get_subscription(subscription_id, access_token)
        if not subscription:
            return self._refuse(access_token)
        chosen = self._find_package(subscription, package_id)
        try:
            if not chosen:
                raise UserError(request.env._("Please choose a package."))
            subscription._extend_in_turn(chosen, date_from, float(total))
        except (UserError, TypeError, ValueError) as error:
            text = str(error) if isinstance(error, UserError) else None
            return self._show_extension(subscription, access_token, package_id, error=text)
        return request.redirect(
            self._get_subscription_url(subscription, access_token, done="extended"), code=303
        )

    def _refuse(self, access_token):
        """A link with a token that does not fit opens nothing; others go to the own contracts."""
        if access_token:
            raise request.not_found()
        return request.redirect("/my")

    def _find_package(self, subscription, package_id):
        number = int(package_id) if str(package_id or "").isdigit() else 0
        return subscription.plan_id.package_ids.filtered(lambda one: one.id == number)

    def _show_extension(self, subscription, access_token, package_id, error=None):
        subscription.invalidate_recordset()
        chosen = self._find_package(subscription, package_id)
        offers = subscription._get_package_offers()
        page = self._prepare_subscription_values(subscription, access_token, "subscription_action")
        page |= {
            "offers": offers,
            "chosen": next((offer for offer in offers if offer.package == chosen), None),
            "obstacle": subscription._get_extension_obstacle(),
            "balance": subscription.wallet_balance,
            "error": error,
        }
        return self._render_subscription("subscription_prepaid.portal_extension", page)
