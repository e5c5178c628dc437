"""How the tests of isolation find routes, and how they call them.

The routes are discovered: those of the suite, those of Odoo that it overrides, and Odoo's pages of
orders, invoices and payments. A new one is tried as soon as it exists; where it has an argument
that nobody knows yet, :meth:`IsolationRoutes._get_choices` says so.
"""

import inspect
import json
import threading
from itertools import product

from odoo.http import Request
from odoo.tests import HttpCase

from ..models.subscription_self_service import ACTIONS
from .isolation import IsolationCommon, is_ours
from .isolation_records import DAY, MARK

#: Modules of Odoo whose pages show what the suite makes, and the paths of those pages.
SHOWING_MODULES = ("account", "account_payment", "payment", "sale")
SHOWING_PATHS = ("/my/", "/invoice/", "/payment/")
#: Arguments that name a record, and the kind of it in ``IsolationRecords._plant``.
RECORDS = {
    "subscription_id": "subscription",
    "extend": "subscription",
    "line_id": "line",
    "migration_id": "migration",
    "pause_id": "pause",
    "invoice_id": "invoice",
    "move_id": "invoice",
    "order_id": "order",
    "plan_id": "plan",
    "product_id": "product",
    "partner_id": "partner",
    "token_id": "token",
    "tx_id": "transaction",
}
SIGNATURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
#: What other arguments are; of several values each is tried, of those in a path with all others.
ARGUMENTS = {
    "action": [*ACTIONS],
    "amount": [None, "1"],
    "amount_selection": [None],
    "answer": ["agree", "refuse"],
    "company_id": [None],
    "consent": ["1"],
    "currency_id": [None],
    "date": [DAY],
    "date_from": [DAY],
    "date_begin": [None],
    "date_end": [None],
    "decline_message": ["no"],
    "document_id": [1],
    "done": [None],
    "download": [None, "1"],
    "downpayment": [None],
    "error": [None],
    "filterby": [None],
    "journal_id": [1],
    "key": ["1"],
    "message": [None],
    "name": ["Alma"],
    "page": [1],
    "payment": [None, "invoice"],
    "payment_amount": [None],
    "payment_reference": [None],
    "quantity": ["7"],
    "reference": [None],
    "report_type": [None, "pdf", "html"],
    "search": [None, MARK],
    "signature": [SIGNATURE],
    "sortby": [None],
    "subscription": [f"{MARK}-SUB"],
    "total": ["1"],
}
DECLARED = {
    "declarant": "Alma",
    "contract": f"{MARK}-SUB",
    "email": "alma@example.com",
    "termination_kind": "ordinary",
    "submission": "forged",
}
CHOSEN = {
    "line": "line",
    "plan": "plan",
    "token": "token",
    "partner_invoice_id": "partner",
    "partner_shipping_id": "partner",
}
PAID = {
    "token_id": "token",
    "flow": "token",
    "landing_route": "/my",
    "tokenization_requested": False,
    "provider_id": None,
    "payment_method_id": None,
    "amount": 1.0,
}
AGREED = {"token": "token", "threshold": "5", "amount": "20"}
#: What is sent beside the named arguments, by the name of the method; of records the kind.
FORMS = {
    "invoice_transaction": PAID,
    "payment_transaction": PAID,
    "portal_order_transaction": PAID,
    "proforma_transaction": PAID,
    "overdue_invoices_transaction": PAID,
    "recharge": AGREED,
    "recharge_agree": AGREED,
    "self_service": CHOSEN | {"step": "preview", "quantity": "3"},
    "self_service_confirm": CHOSEN | {"step": "preview", "quantity": "3"},
    "terminate": DECLARED,
    "withdraw": DECLARED,
}
#: Bodies of routes that read the raw request, by the name of their method.
BODIES = {
    "record_usage": {
        "events": [
            {"subscription": f"{MARK}-SUB", "meter": "traffic", "quantity": 9.0, "key": "forged"}
        ]
    },
}
QUIET = (
    "odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "werkzeug",
    "odoo.addons.rpc.controllers.json2", "odoo.addons.base.models.ir_http", "odoo.sql_db",
)  # fmt: skip


class Route:
    """A page, and what it is called with."""

    def __init__(self, rule):
        self.rule = rule
        self.routing = rule.endpoint.routing
        self.is_json = self.routing["type"] == "jsonrpc"
        methods = ["POST"] if self.is_json else ["GET", "POST"]
        self.methods = self.routing.get("methods") or methods
        self.converters = set(rule.arguments)
        function = rule.endpoint.func
        self.name = function.__name__
        self.classes = type(function.__self__).__mro__
        parameters = inspect.signature(function).parameters.values()
        takes_form = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
        self.takes_token = takes_form or any(it.name == "access_token" for it in parameters)
        self.arguments = [
            parameter.name
            for parameter in parameters
            if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        ]
        self.is_raw = not (self.arguments or takes_form or self.is_json) and "POST" in self.methods

    def __str__(self):
        return self.rule.rule

    def is_tried(self):
        """Whether the route is of the suite, overridden by it, or shows what it makes."""
        for cls in self.classes:
            if self.name in cls.__dict__:
                if is_ours(cls.__module__ + "."):
                    return True
                module = cls.__module__.split(".")[2:3]
                if module and module[0] in SHOWING_MODULES:
                    return str(self).startswith(SHOWING_PATHS)
        return False

    def is_of_suite(self):
        """Whether the suite has a part in it; of Odoo's own pages some fail without a token."""
        return any(
            is_ours(cls.__module__ + ".") for cls in self.classes if self.name in cls.__dict__
        )

    def is_bearer(self):
        """Whether programs call it, with a key instead of a session."""
        return self.routing.get("auth") == "bearer"

    def get_kind(self):
        """The kind of the record that the path names, if it is one that is planted."""
        for name in self.converters:
            if name.endswith("_id"):
                return RECORDS.get(name, name.removesuffix("_id"))
        return "declaration" if "token" in self.converters else None


class IsolationRoutes(IsolationCommon, HttpCase):
    """Knows every route, and calls it as somebody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        thread = threading.current_thread()
        thread.dbname = cls.env.cr.dbname  # the routes are asked for as in a request
        cls.addClassCleanup(delattr, thread, "dbname")
        routes = [Route(rule) for rule in cls.env["ir.http"].routing_map().iter_rules()]
        cls.routes = [route for route in routes if route.is_tried()]
        cls.keys = {
            name: cls.env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "test", None)
            for name, user in cls.attackers.items()
        }

    def _login(self, attacker):
        user = self.attackers.get(attacker)
        self.attacker = attacker
        self.authenticate(user and user.login, user and user.login)

    def _get_choices(self, route, records):
        """The values to try for each argument of a route but its token.

        :param dict records: of each kind the record that is named.
        :rtype: dict[str, list]
        """
        choices = {}
        for name in {*route.arguments, *route.converters} - {"access_token", "payment_token"}:
            if name == "token" and name in route.converters:
                continue
            kind = RECORDS.get(name, name.removesuffix("_id"))
            if name in ARGUMENTS:
                choices[name] = ARGUMENTS[name]
                continue
            known = kind in self.planted or name in RECORDS
            self.assertTrue(
                known, f"{route} has an argument {name!r}: say in RECORDS or ARGUMENTS what it is"
            )
            choices[name] = [records[kind].id if kind in records else 0]
        return choices

    def _get_form(self, route, records):
        """What is sent beside the named arguments."""
        form = {}
        for name, value in FORMS.get(route.name, {}).items():
            kind = value if isinstance(value, str) else None
            form[name] = records[kind].id if kind in records else value
        return form

    def _get_calls(self, route, records, tokens, named=None):
        """The values that a route is called with: each choice once, and once with each token.

        :param dict records: of each kind the record that the path names.
        :param list tokens: the first and the last are tried with every choice.
        :param dict named: of each kind the record that is sent; as in the path when left out.
        :return: pairs of the path and the other values.
        """
        in_path = self._get_choices(route, records)
        choices = self._get_choices(route, named or records)
        paths = [
            dict(zip(route.converters, values, strict=True))
            for values in product(*(in_path.get(name, [None]) for name in route.converters))
        ]
        rest = {n: values for n, values in choices.items() if n not in route.converters}
        sent = self._get_form(route, named or records) | {n: v[0] for n, v in rest.items()}
        variants = [sent | {name: value} for name, values in rest.items() for value in values[1:]]
        calls = [(paths[0], sent, token) for token in tokens]
        for token in dict.fromkeys((tokens[0], tokens[-1])):
            calls += [(path, sent, token) for path in paths[1:]]
            calls += [(paths[0], variant, token) for variant in variants]
        seen = []
        for path, values, token in calls:
            call = self._build_call(route, path, values, token)
            if call not in seen:
                seen.append(call)
                yield call

    def _build_call(self, route, path, values, token):
        if "token" in route.converters:
            return self._build_path(route, path | {"token": token or "none"}), values
        if route.takes_token:
            values = values | {"access_token": token}
        sent = {name: value for name, value in values.items() if value is not None}
        return self._build_path(route, path), sent

    def _build_path(self, route, values):
        parts = [
            str(values[data]) if is_dynamic else data for is_dynamic, data in route.rule._trace
        ]
        return "".join(parts).lstrip("|")

    def _call(self, route, method, path, values, csrf=True):
        """Call a route as the session does; see :meth:`_login`.

        :return: the response.
        """
        headers = {}
        if route.is_bearer() and self.attacker:
            headers["Authorization"] = f"Bearer {self.keys[self.attacker]}"
        if route.is_json:
            body = {"jsonrpc": "2.0", "method": "call", "params": values}
            return self.url_open(path, json=body, headers=headers)
        if method == "GET":
            return self.url_open(
                path, params=values, allow_redirects=False, method="GET", headers=headers
            )
        if route.is_raw:
            self.assertIn(route.name, BODIES, f"{route} reads the body: say in BODIES what to send")
            headers["Content-Type"] = "application/json"
            body = json.dumps(BODIES[route.name])
            return self.url_open(path, data=body, headers=headers, method="POST")
        token = {"csrf_token": Request.csrf_token(self)} if csrf else {}
        data = values | token or {"nothing": ""}
        return self.url_open(path, data=data, allow_redirects=False, method="POST")

    def _find_holes(self, route, records, tokens, named=None, is_open=False):
        """What a route gives away or lets be changed, as texts.

        :param bool is_open: the page may be seen; a PDF of it, in which no marker could be found
            anyway, is not made then.
        """
        holes = []
        for method in route.methods:
            for path, values in self._get_calls(route, records, tokens, named):
                if is_open and "pdf" in (values.get("report_type"), path.rsplit("/", 1)[-1]):
                    continue
                count = self._count_writes()
                response = self._call(route, method, path, values)
                told = response.text + str(response.headers)
                sent = f"{path} {values} {route.is_raw and BODIES}"
                found = [f"discloses {it}" for it in self._get_leaks(told, sent, self.attacker)]
                self.env.invalidate_all()
                if self._count_writes() != count:
                    after = self._take_fingerprint()
                    found += self._get_damage(self.before, after, self.attacker)
                    self.before = after
                if response.status_code >= 500 and route.is_of_suite():
                    found.append(f"fails with {response.status_code}")
                if found:
                    holes.append(f"{self.attacker} {method} {path} {values}: {', '.join(found)}")
        return holes
