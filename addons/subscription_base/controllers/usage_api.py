"""Usage from and for other systems, over HTTP with an API key; see docs/usage-api.md."""

import json
from decimal import Decimal

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.http import request

MAX_BODY = 4 * 1024 * 1024  # bytes


class UsageApi(http.Controller):
    @http.route(
        "/subscription/v1/usage",
        type="http",
        auth="bearer",
        methods=["POST"],
        csrf=False,
        save_session=False,
        max_content_length=MAX_BODY,
    )
    def record_usage(self):
        """Record a batch of events and tell what became of each."""
        try:
            body = json.loads(request.httprequest.get_data(), parse_float=Decimal)
        except ValueError:
            return self._refuse(400, request.env._("The body is not JSON."))
        if not isinstance(body, dict) or "events" not in body:
            return self._refuse(400, request.env._("The body is an object with 'events'."))
        return self._answer("record_usage", body["events"])

    @http.route(
        "/subscription/v1/usage",
        type="http",
        auth="bearer",
        methods=["GET"],
        save_session=False,
        readonly=True,
    )
    def get_usage(self, subscription=None, date=None):
        """Tell what a subscription has used in its current billing periods."""
        if not subscription:
            return self._refuse(400, request.env._("The subscription is missing."))
        return self._answer("get_usage", subscription, date)

    def _answer(self, method, *args):
        try:
            answer = getattr(request.env["subscription.usage"], method)(*args)
        except AccessError as error:
            return self._refuse(403, str(error))
        except UserError as error:
            return self._refuse(400, str(error))
        return request.make_json_response(answer)

    def _refuse(self, status, reason):
        return request.make_json_response({"error": reason}, status=status)
