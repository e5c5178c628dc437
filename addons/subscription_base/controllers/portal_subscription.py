"""The customer's subscriptions: the card of the home page, the list, and the page of each."""

from odoo import http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import pager

from ..models.price_text import quantity_text
from .portal_access import SubscriptionPortal

HISTORY = "my_subscriptions_history"
MOST_MOVES = 24


class SubscriptionPages(SubscriptionPortal):
    _subscriptions_per_page = 20

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "subscription_count" in counters:
            subscriptions = request.env["subscription.subscription"].sudo()
            domain = subscriptions._get_portal_domain(request.env.user)
            values["subscription_count"] = subscriptions.search_count(domain)
        return values

    @http.route(
        ["/my/subscriptions", "/my/subscriptions/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def my_subscriptions(self, page=1, sortby=None, filterby=None, search=None, **_query):
        values = self._prepare_subscriptions_values(page, sortby, filterby, search)
        request.session[HISTORY] = values["subscriptions"].ids
        return self._render_subscription("subscription_base.portal_my_subscriptions", values)

    def _get_subscription_sortings(self):
        return {
            "newest": {"label": request.env._("Newest first"), "order": "date_start desc, id desc"},
            "name": {"label": request.env._("Reference"), "order": "name, id"},
            "next": {
                "label": request.env._("Next invoice"),
                "order": "next_billing_date asc nulls last, id",
            },
        }

    def _get_subscription_filters(self):
        ended = Domain("state", "=", "closed")
        return {
            "active": {"label": request.env._("Current"), "domain": ~ended},
            "ended": {"label": request.env._("Ended"), "domain": ended},
            "all": {"label": request.env._("All"), "domain": Domain.TRUE},
        }

    def _prepare_subscriptions_values(self, page, sortby, filterby, search):
        subscriptions = request.env["subscription.subscription"].sudo()
        sortings, filters = self._get_subscription_sortings(), self._get_subscription_filters()
        sortby = sortby if sortby in sortings else "newest"
        filterby = filterby if filterby in filters else "active"
        own = subscriptions._get_portal_domain(request.env.user)
        domain = own & filters[filterby]["domain"]
        search = (search or "").strip()
        if search:
            domain &= Domain("name", "ilike", search) | Domain("plan_id.name", "ilike", search)
        url_args = {"sortby": sortby, "filterby": filterby, "search": search}
        pages = pager(
            url="/my/subscriptions",
            total=subscriptions.search_count(domain),
            page=page,
            step=self._subscriptions_per_page,
            url_args=url_args,
        )
        found = subscriptions.search(
            domain,
            order=sortings[sortby]["order"],
            limit=self._subscriptions_per_page,
            offset=pages["offset"],
        )
        return self._prepare_portal_layout_values() | {
            "subscriptions": found,
            "prices": {s: s._get_price_steps()[:1] for s in found},
            "has_any": bool(found) or bool(subscriptions.search_count(own, limit=1)),
            "page_name": "subscriptions",
            "pager": pages,
            "searchbar_sortings": sortings,
            "searchbar_filters": filters,
            "sortby": sortby,
            "filterby": filterby,
            "search": search,
            "keep": url_args,
        }

    @http.route("/my/subscriptions/<int:subscription_id>", type="http", auth="public", website=True)
    def my_subscription(self, subscription_id, access_token=None, done=None, **_query):
        subscription = self._get_subscription(subscription_id, access_token)
        if not subscription:
            return request.redirect("/my")
        values = self._prepare_subscription_page_values(subscription, access_token)
        values["done"] = done
        return self._render_subscription("subscription_base.portal_subscription_page", values)

    def _prepare_subscription_page_values(self, subscription, access_token):
        values = self._prepare_subscription_values(subscription, access_token, "subscription")
        moves = subscription._get_portal_moves()
        by_token = values["by_token"]
        lines = subscription._get_portal_lines()
        values |= {
            "steps": subscription._get_price_steps(),
            "invoices": subscription._get_portal_invoices(),
            "lines": lines,
            "taxes": lines._get_portal_taxes(),
            "documents": subscription._get_portal_documents(),
            "moves": [
                (move, move._may_be_opened_from(subscription, by_token))
                for move in moves[:MOST_MOVES]
            ],
            "open_amount": subscription._get_portal_open_amount(moves),
            "explanations": {
                move: move._get_portal_explanations(subscription) for move in moves[:MOST_MOVES]
            },
            "today": subscription._get_today(),
            "hidden_moves": max(len(moves) - MOST_MOVES, 0),
            "actions": subscription._get_self_actions(),
            "quantity_text": lambda quantity: quantity_text(request.env, float(quantity)),
            "token": subscription._portal_ensure_token(),
            "no_breadcrumbs": by_token and request.env.user._is_public(),
        }
        history = HISTORY if not by_token else "no_history"
        return self._get_page_view_values(
            subscription, values["access_token"], values, history, values["no_breadcrumbs"]
        ) | {"token": values["token"]}
