from odoo import http
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import consteq

ANSWERS = {"agree": True, "refuse": False}


class SubscriptionChange(http.Controller):
    """The page on which a customer agrees to changed terms, or does not; no login is needed."""

    @http.route(
        "/my/subscription-change/<int:migration_id>",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
    )
    def show(self, migration_id, access_token=None):
        return self._render(self._get_migration(migration_id, access_token))

    @http.route(
        "/my/subscription-change/<int:migration_id>/<string:answer>",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def answer(self, migration_id, answer, access_token=None, **_post):
        """Answers are posted only: a mail program that opens links answers nothing."""
        migration = self._get_migration(migration_id, access_token)
        if answer not in ANSWERS:
            raise request.not_found()
        try:
            migration._answer(
                ANSWERS[answer],
                ip=request.httprequest.remote_addr,
                agent=request.httprequest.user_agent.string,
            )
        except UserError:
            return self._render(migration)
        return request.redirect(migration._get_share_url())

    def _get_migration(self, migration_id, access_token):
        """The migration, if the token is its own; nobody learns whether another one exists."""
        migration = request.env["subscription.migration"].sudo().browse(migration_id).exists()
        token = migration.access_token
        if not token or not access_token or not consteq(token, access_token):
            raise request.not_found()
        return migration

    def _render(self, migration):
        request.update_context(lang=migration.partner_id.lang)
        response = request.render(
            "subscription_base.subscription_change_page",
            {"migration": migration.with_env(request.env).sudo(), "no_breadcrumbs": True},
        )
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex"
        return response
