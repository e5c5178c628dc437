"""Forged, replayed and doubled posts change nothing: every form of a customer's own pages is tried.

The forms are found by going through the pages as the customer does, one step after the other.
"""

from contextlib import closing
from urllib.parse import parse_qsl, urlsplit

from lxml import html

from odoo.http import Request
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .isolation_records import DAY
from .isolation_routes import QUIET, IsolationRoutes

STEPS = 3
#: What a customer writes into a field, by its name; the others stay as the page proposes.
WRITTEN = {
    "quantity": "4",
    "date_start": "2026-03-20",
    "date_end": "2026-03-25",
    "contract": "Contract 1",
    "declarant": "Alma",
    "email": "alma@example.com",
}
#: Each may be asked for again: it is a try to pay, and only the provider's answer pays.
REPEATABLE = {"payment.transaction"}


@tagged("post_install", "-at_install")
class TestIsolationPosts(IsolationRoutes):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partner = cls.attackers["portal"].partner_id
        office = {"name": "Accounts office", "parent_id": partner.id, "type": "invoice"}
        cls.env["res.partner"].create(office)
        cls._create_saved_method(partner)
        with freeze_time(DAY):
            subscription = cls._create_subscription(cls.own["plan"], DAY, partner_id=partner.id)
        cls.own = cls.own | {"subscription": subscription}

    # --- the forms --------------------------------------------------------------------------

    def _find_forms(self):
        """What the customer's own pages post, and what the routes for scripts take.

        :return: ``{path: (route for scripts or None, values)}``
        """
        forms = {
            path: (route, values)
            for route in self.routes
            if route.is_json
            for path, values in self._get_calls(route, self.own, [None])
        }
        pages, seen = self._get_own_pages(), set()
        for _step in range(STEPS):
            found = []
            for path, query in pages:
                if (path, str(query)) not in seen:
                    seen.add((path, str(query)))
                    found += self._read_forms(path, query)
            pages = [(path, values) for path, method, values in found if method == "get"]
            posted = {path: values for path, method, values in found if method == "post"}
            forms |= {path: (None, posted[path]) for path in posted.keys() - forms.keys()}
        return forms

    def _get_own_pages(self):
        """The paths of the customer's own pages, with nothing chosen yet."""
        return [
            (path, {})
            for route in self.routes
            if "GET" in route.methods and not (route.is_json or route.is_bearer())
            for path, values in self._get_calls(route, self.own, [None])
            if not {"report_type", "download"} & values.keys()
        ]

    def _read_forms(self, path, query):
        """The forms of a page as the customer fills them in.

        :return: triples of the path, the method and the values that are sent.
        """
        answer = self.url_open(path, params=query, allow_redirects=False, method="GET")
        if answer.status_code != 200 or "html" not in answer.headers.get("Content-Type", ""):
            return []
        forms = []
        for form in html.fromstring(answer.text).xpath("//main//form"):
            url = urlsplit(form.get("action") or path)
            values = dict(parse_qsl(url.query)) | {
                name: WRITTEN.get(name, value or "") for name, value in form.form_values()
            }
            for field in form.xpath(".//input[@name] | .//select[@name]"):
                values.setdefault(field.get("name"), self._choose(field))
            forms.append((url.path or path, (form.get("method") or "get").lower(), values))
        return forms

    def _choose(self, field):
        """What a customer enters into a field for which the page proposes nothing."""
        options = field.xpath("./option/@value")
        return WRITTEN.get(field.get("name"), options[0] if options else field.get("value") or "")

    # --- what is sent -----------------------------------------------------------------------

    def _send(self, path, route, values, csrf=None):
        """Post what the page posts.

        :param str csrf: a token that is no right one, or none when empty.
        """
        if route:
            return self._call(route, "POST", path, values)
        token = Request.csrf_token(self) if csrf is None else csrf
        values = {name: value for name, value in values.items() if name != "csrf_token"}
        data = values | ({"csrf_token": token} if token else {})
        return self.url_open(path, data=data or {"nothing": ""}, allow_redirects=False)

    def _forge(self, path, route, values):
        """Let a browser send what another site makes it send."""
        self.url_open(path, params=values, allow_redirects=False, method="GET")
        if route:
            self.url_open(path, data=values, allow_redirects=False)
        else:
            for token in ("", "wrong", "0" * 40 + "o9999999999"):
                self._send(path, None, values, csrf=token)

    def _get_changes(self, before):
        """What differs from a fingerprint, by model."""
        self.env.invalidate_all()
        after = self._take_fingerprint()
        return {
            model: rows
            for model in before
            if (rows := dict(after[model].items() ^ before[model].items()))
        }

    @mute_logger(*QUIET)
    def test_each_form_is_done_once_and_by_the_customer_only(self):
        holes, done = [], set()
        with freeze_time(DAY):
            self._login("portal")
            for path, (route, values) in self._find_forms().items():
                with closing(self.env.cr.savepoint()):
                    before = self._take_fingerprint()
                    self._forge(path, route, values)
                    if changes := self._get_changes(before):
                        holes.append(f"forged {path} {values}: {changes}")
                    self._send(path, route, values)
                    if self._get_changes(before):
                        done.add(path)
                    before = self._take_fingerprint()
                    for _replay in range(2):
                        self._send(path, route, values)
                    changes = self._get_changes(before)
                    if changes.keys() - REPEATABLE:
                        holes.append(f"doubled {path} {values}: {changes}")
                self.env.invalidate_all()
        self.assertEqual(holes, [])
        own = self.own
        account = f"/my/subscriptions/{own['subscription'].id}/do"
        self.assertLessEqual(
            {
                *(
                    f"{account}/{it}"
                    for it in ("plan", "quantity", "add", "pause", "payment", "terminate")
                ),
                f"/my/orders/{own['order'].id}/accept",
                "/subscription/terminate",
                "/subscription/withdraw",
            },
            done,
            "these are real forms: sent by the customer, they change something",
        )
