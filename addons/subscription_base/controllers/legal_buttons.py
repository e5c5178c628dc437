"""The public pages to terminate and to withdraw (§ 312k and § 356a BGB); nobody logs in."""

import re
import uuid
from base64 import b64decode
from datetime import datetime

from odoo import SUPERUSER_ID, http
from odoo.http import content_disposition, request
from odoo.tools import email_normalize
from odoo.tools.misc import get_lang

from ..models.subscription_legal_buttons import PATHS

MAX_BODY = 64 * 1024  # bytes
MAX_LENGTHS = {"declarant": 200, "contract": 500, "email": 254, "grounds": 4000}
TRAP = "fax_number"  # seen by programs only
PUBLIC = {"type": "http", "auth": "public", "website": True, "multilang": False}
FORM_ROUTE = PUBLIC | {
    "methods": ["GET", "POST"],
    "sitemap": True,
    "csrf": False,  # checked in _answer, which asks again instead of losing what was typed
    "max_content_length": MAX_BODY,
}
RECEIPT_ROUTE = PUBLIC | {"methods": ["GET"], "sitemap": False}


class LegalButtons(http.Controller):
    @http.route(list(PATHS["termination"]), **FORM_ROUTE)
    def terminate(self, **post):
        return self._answer("termination", post)

    @http.route(list(PATHS["withdrawal"]), **FORM_ROUTE)
    def withdraw(self, **post):
        return self._answer("withdrawal", post)

    @http.route("/subscription/declaration/<string:token>", **RECEIPT_ROUTE)
    def show(self, token, **_get):
        """What was declared, and when it was received; the link cannot be guessed."""
        declaration = self._get_declaration(token)
        self._speak(declaration.lang)
        return self._render(
            "subscription_base.legal_buttons_receipt",
            {"declaration": declaration.with_context(lang=request.env.lang)},
        )

    @http.route("/subscription/declaration/<string:token>/pdf", **RECEIPT_ROUTE)
    def download(self, token, **_get):
        declaration = self._get_declaration(token)
        if not declaration.receipt:
            declaration._make_receipt()
        if not declaration.receipt:
            return request.redirect(declaration._get_page_url())
        content = b64decode(declaration.with_context(bin_size=False).receipt)
        return request.make_response(
            content,
            [
                ("Content-Type", "application/pdf"),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(declaration.receipt_name)),
                ("X-Robots-Tag", "noindex"),
            ],
        )

    def _answer(self, kind, post):
        """The form, or what follows when it was sent."""
        if not self._is_offered():
            raise request.not_found()
        self._speak_as_the_path()
        if request.httprequest.method != "POST":
            return self._render_form(kind, self._get_known(post), {})
        values = self._read(kind, post)
        if not request.validate_csrf(post.get("csrf_token")):
            stale = request.env._("This page was open for too long. Please confirm once more.")
            return self._render_form(kind, values, {"form": stale}, status=400)
        if errors := self._find_errors(values):
            return self._render_form(kind, values, errors)
        declaration = self._get_model()._receive(
            {
                **values,
                "date_wished": self._read_date(values.get("date_wished")),
                "lang": request.env.lang,
                "company_id": request.env.company.id,
            },
            submission=str(post.get("submission") or uuid.uuid4()),
            source=self._get_model()._get_source(request.httprequest.remote_addr),
            is_suspicious=bool(post.get(TRAP)),
        )
        return request.redirect(declaration._get_page_url(), code=303)

    def _get_model(self):
        """The declarations, as the system that receives them."""
        return request.env["subscription.declaration"].with_user(SUPERUSER_ID)

    def _is_offered(self):
        """Whether any company here sells to consumers."""
        companies = request.env["res.company"].sudo()
        return bool(companies.search([("subscription_sells_to_consumers", "=", True)], limit=1))

    def _speak_as_the_path(self):
        """The German path speaks German, where it is installed; the other one does not."""
        german = request.httprequest.path in (paths[1] for paths in PATHS.values())
        if german != (request.env.lang or "").startswith("de"):
            self._speak("de_DE" if german else "en_US")

    def _speak(self, lang):
        """Answer in the language, or in one that is near it, if there is any."""
        nearest = request.env["ir.http"].get_nearest_lang(lang)
        if nearest:
            request.update_context(lang=nearest)
            request.lang = request.env["res.lang"]._get_data(code=nearest)

    def _get_known(self, query):
        """What need not be typed: of who is logged in, or of the page that the link was on."""
        contract = str(query.get("contract") or "")[: MAX_LENGTHS["contract"]]
        known = {"termination_kind": "ordinary", "contract": contract}
        user = request.env.user
        if not user._is_public():
            partner = user.partner_id
            known |= {"declarant": partner.name, "email": partner.email}
            known["contract"] = contract or self._get_only_contract(partner)
        return known

    def _get_only_contract(self, partner):
        subscriptions = (
            request.env["subscription.subscription"]
            .sudo()
            .search(
                [
                    ("partner_id", "child_of", partner.commercial_partner_id.id),
                    ("state", "not in", ("draft", "closed")),
                ],
                limit=2,
            )
        )
        return subscriptions.name if len(subscriptions) == 1 else ""

    def _read(self, kind, post):
        """What was typed, without characters that cannot be stored."""
        values = {"kind": kind}
        names = ["declarant", "contract", "email"]
        if kind == "termination":
            names += ["termination_kind", "grounds", "date_wished"]
        for name in names:
            text = str(post.get(name) or "").replace("\r\n", "\n")
            values[name] = re.sub(r"[\x00-\x09\x0b-\x1f\x7f]", " ", text).strip()
        if kind == "termination" and values["termination_kind"] != "extraordinary":
            values["termination_kind"] = "ordinary"
        return values

    def _find_errors(self, values):
        """What has to be mended, by name of the input."""
        errors = {}
        required = {
            "declarant": request.env._("Please state your name."),
            "contract": request.env._("Please state which contract it is about."),
            "email": request.env._("Please state where to send the confirmation."),
        }
        if values.get("termination_kind") == "extraordinary":
            required["grounds"] = request.env._("Please state the reason.")
        for name, message in required.items():
            if not values[name]:
                errors[name] = message
        for name, length in MAX_LENGTHS.items():
            if len(values.get(name) or "") > length:
                errors[name] = request.env._("Please write at most %s characters.", length)
        if values["email"] and not email_normalize(values["email"]):
            errors["email"] = request.env._("Please check this e-mail address.")
        if values.get("date_wished") and not self._read_date(values["date_wished"]):
            errors["date_wished"] = request.env._("Please write the day like this: 2026-12-31.")
        return errors

    def _read_date(self, text):
        """A day as browsers send it, or as people write it.

        :rtype: datetime.date | None
        """
        for pattern in ("%Y-%m-%d", "%d.%m.%Y", get_lang(request.env).date_format):
            try:
                return datetime.strptime(text or "", pattern).date()
            except ValueError:
                continue
        return None

    def _render_form(self, kind, values, errors, status=200):
        english, german = PATHS[kind]
        has_german = request.env["ir.http"].get_nearest_lang("de_DE")
        spoken = (request.env.lang or "").startswith("de")
        response = self._render(
            "subscription_base.legal_buttons_page",
            {
                "kind": kind,
                "values": values,
                "errors": errors,
                "lengths": MAX_LENGTHS,
                "trap": TRAP,
                "submission": str(uuid.uuid4()),
                "other_path": has_german and (english if spoken else german),
                "other_lang": "en" if spoken else "de",
                "other_name": "English" if spoken else "Deutsch",
            },
        )
        response.status_code = status
        return response

    def _render(self, template, values):
        response = request.render(template, {**values, "no_breadcrumbs": True})
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def _get_declaration(self, token):
        found = self._get_model().search([("access_token", "=", token)], limit=1)
        if not found:
            raise request.not_found()
        return found
