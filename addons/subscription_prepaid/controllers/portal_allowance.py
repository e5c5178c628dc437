"""Packs of units in the portal: what is left and what has used it; buying another one."""

from uuid import uuid4

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.subscription_base.controllers.portal_access import SubscriptionPortal
from odoo.addons.subscription_base.models.price_text import quantity_text

PATH = "/my/subscriptions/<int:subscription_id>/packs"


class AllowancePortal(SubscriptionPortal):
    @http.route(PATH, type="http", auth="public", methods=["GET"], website=True, sitemap=False)
    def packs(self, subscription_id, access_token=None, pack_id=None, **_values):
        """The customer's packs and the offers, or the summary of an offer; nothing is written."""
        subscription = self._get_subscription(subscription_id, access_token)
        if not subscription:
            return request.redirect("/my")
        return self._show_packs(subscription, access_token, pack_id)

    @http.route(PATH, type="http", auth="public", methods=["POST"], website=True, sitemap=False)
    def packs_confirm(
        self,
        subscription_id,
        access_token=None,
        pack_id=None,
        key=None,
        total=None,
        payment=None,
        **_values,
    ):
        """Order the pack that was shown; what has changed meanwhile is shown again."""
        subscription = self._get_subscription(subscription_id, access_token)
        if not subscription:
            return request.redirect("/my")
        chosen = self._find_pack(subscription, pack_id)
        try:
            if not chosen:
                raise UserError(request.env._("Please choose a pack."))
            subscription._buy_pack_in_turn(chosen, key, float(total), payment)
        except (UserError, TypeError, ValueError) as error:
            text = str(error) if isinstance(error, UserError) else None
            return self._show_packs(subscription, access_token, pack_id, error=text)
        return request.redirect(
            self._get_subscription_url(subscription, access_token, "/packs", done="bought"),
            code=303,
        )

    def _find_pack(self, subscription, pack_id):
        number = int(pack_id) if str(pack_id or "").isdigit() else 0
        return subscription._get_self_packs().filtered(lambda pack: pack.id == number)

    def _show_packs(self, subscription, access_token, pack_id, error=None):
        subscription.invalidate_recordset()
        chosen = self._find_pack(subscription, pack_id)
        offers = subscription._get_pack_offers()
        draws = subscription._get_draws()
        page = self._prepare_subscription_values(subscription, access_token, "subscription_action")
        page |= {
            "allowances": [
                (allowance, allowance._prepare_statement(draws[allowance.id]))
                for allowance in subscription.allowance_ids
                if allowance.state != "revoked"
            ],
            "offers": offers,
            "chosen": next((offer for offer in offers if offer.pack == chosen), None),
            "balance": subscription.wallet_balance,
            "key": uuid4().hex,
            "quantity_text": lambda quantity: quantity_text(request.env, quantity),
            "error": error,
        }
        return self._render_subscription("subscription_prepaid.portal_packs", page)
