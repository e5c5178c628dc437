import json
import re
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..models import webhook_request
from .test_action import ActionCommon

DOCS = Path(__file__).parents[3] / "docs"
WEBHOOK = "odoo.addons.subscription_base.models.subscription_action_webhook"


class Receiver(BaseHTTPRequestHandler):
    """Notes what it is sent, and answers what its server says."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(b"no room left" if self.server.status >= 300 else b"")

    def log_message(self, *args):
        """Say nothing."""


@tagged("post_install", "-at_install")
class TestActionWebhook(ActionCommon):
    """Other systems are told, signed, and asked again with the same key until they accept."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enterClassContext(freeze_time("2026-01-01"))
        cls.receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=cls.receiver.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.receiver.server_close)
        cls.addClassCleanup(cls.receiver.shutdown)
        cls.url = f"http://127.0.0.1:{cls.receiver.server_port}/hook"
        cls.company.subscription_private_webhooks = True
        cls.action = cls._create_action(
            "activation", action_type="webhook", webhook_url=cls.url, webhook_secret="shh"
        )

    def setUp(self):
        super().setUp()
        self.receiver.received, self.receiver.status = [], 204

    def _run_actions(self):
        with mute_logger(WEBHOOK):
            return super()._run_actions()

    def test_what_is_sent(self):
        self.partner_a.email = "a@example.com"
        subscription = self._create_subscription()
        subscription.line_ids.price_unit = 47.11
        self._run_actions()
        run = self._get_runs(subscription)
        self.assertEqual((run.state, run.attempts), ("done", 1))
        [(headers, body)] = self.receiver.received
        self.assertEqual(headers["Content-Type"], "application/json")
        self.assertEqual(headers["Idempotency-Key"], run.key)
        self.assertEqual(headers["X-Subscription-Event"], "started")
        sent = json.loads(body)
        self.assertEqual((sent["trigger"], sent["key"]), ("activation", run.key))
        self.assertEqual(sent["event"]["date"], "2026-01-01T00:00:00+00:00")
        self.assertEqual(sent["event"]["state"], "active")
        self.assertEqual(sent["subscription"]["reference"], subscription.name)
        self.assertEqual(sent["subscription"]["plan"]["handle"], self.flat_plan.handle)
        self.assertEqual(sent["subscription"]["customer"]["email"], "a@example.com")
        self.assertEqual([line["quantity"] for line in sent["subscription"]["lines"]], [1.0])
        self.assertNotIn("47.11", body.decode())

    def test_the_example_of_the_documentation_verifies_the_signature(self):
        self._create_subscription()
        self._run_actions()
        [(headers, body)] = self.receiver.received
        text = (DOCS / "provisioning.md").read_text()
        names = {}
        exec(re.search(r"```python\n(.*?)```", text, re.DOTALL).group(1), names)  # noqa: S102
        with freeze_time("2026-01-01 00:01:00"):
            self.assertTrue(names["is_genuine"]("shh", headers, body))
            self.assertFalse(names["is_genuine"]("other", headers, body))
            self.assertFalse(names["is_genuine"]("shh", headers, body + b" "))
        with freeze_time("2026-01-01 01:00:00"):
            self.assertFalse(names["is_genuine"]("shh", headers, body), "replayed")

    def test_the_documented_body_has_the_fields_that_are_sent(self):
        subscription = self._create_subscription()
        documented = re.search(
            r"```json\n(.*?)```", (DOCS / "provisioning.md").read_text(), re.DOTALL
        ).group(1)
        sent = self._get_runs(subscription)._prepare_payload()
        example = json.loads(documented)

        def shape(value):
            if isinstance(value, dict):
                return {name: shape(inner) for name, inner in value.items()}
            return [] if isinstance(value, list) else None

        self.assertEqual(shape(example), shape(sent))
        line = sent["subscription"]["lines"][0]
        self.assertEqual(example["subscription"]["lines"][0].keys(), line.keys())

    def test_another_status_than_success_is_a_failure(self):
        subscription = self._create_subscription()
        for status in (500, 404, 302):
            self.receiver.status = status
            run = self._get_runs(subscription)
            run.action_retry()
            self._run_actions()
            self.assertEqual(run.state, "pending")
            self.assertIn(f"{status}: no room left", run.error)
        self.assertEqual(len(self.receiver.received), 3, "a redirect is not followed")
        keys = {headers["Idempotency-Key"] for headers, _body in self.receiver.received}
        bodies = {body for _headers, body in self.receiver.received}
        self.assertEqual((keys, len(bodies)), ({run.key}, 1))

    def test_a_receiver_that_is_not_there(self):
        with patch.object(
            webhook_request.requests.Session, "post", side_effect=ConnectionError("down")
        ):
            subscription = self._create_subscription()
            self._run_actions()
        run = self._get_runs(subscription)
        self.assertEqual((run.state, run.attempts), ("pending", 1))
        self.assertEqual(run.error, "The receiver could not be reached: down")

    def test_a_process_that_dies_during_the_call_repeats_it_with_the_same_key(self):
        subscription = self._create_subscription()
        run = self._get_runs(subscription)
        Run = type(run)

        class Died(BaseException):
            """What no handler catches."""

        call = Run._call

        def call_and_die(self, **request):
            call(self, **request)
            raise Died

        with patch.object(Run, "_call", call_and_die), suppress(Died):  # keeps what is committed
            self._run_actions()
            self.fail("the process has not died")
        self.assertEqual((run.state, run.attempts), ("sending", 1))
        self._run_actions()
        self.assertEqual(len(self.receiver.received), 1, "the answer may still be on its way")
        with freeze_time("2026-01-01 00:05:00"):
            self._run_actions()
        self.assertEqual((run.state, run.attempts), ("done", 2))
        (first, body), (second, again) = self.receiver.received
        self.assertEqual(first["Idempotency-Key"], second["Idempotency-Key"])
        self.assertEqual(body, again)

    def test_a_call_that_kills_the_process_each_time_is_given_up(self):
        subscription = self._create_subscription()
        run = self._get_runs(subscription)
        run.sudo().write({"state": "sending", "attempts": 5})
        self._run_actions()
        self.assertEqual(run.state, "failed")
        self.assertIn("stopped during the call", run.error)
        self.assertFalse(self.receiver.received)

    def test_private_networks_are_not_called_unless_the_company_allows_it(self):
        self.company.subscription_private_webhooks = False
        for url in (
            self.url,
            self.url.replace("127.0.0.1", "localhost"),
            "http://10.1.2.3/",
            "http://[::ffff:127.0.0.1]/",
            "http://169.254.169.254/",
            "http://[::1]:1/",
        ):
            with self.subTest(url):
                self.action.webhook_url = url
                subscription = self._create_subscription()
                self._run_actions()
                self.assertIn("private network", self._get_runs(subscription).error)
        self.assertFalse(self.receiver.received)

    def test_a_name_that_lies_is_found_out_when_it_is_called(self):
        """The name answers with a public address when asked, and leads to this computer then."""
        self.company.subscription_private_webhooks = False
        subscription = self._create_subscription()
        with patch.object(webhook_request, "_check_public"):
            self._run_actions()
        self.assertIn("private network", self._get_runs(subscription).error)
        self.assertFalse(self.receiver.received)

    def test_the_secret_is_for_managers_only(self):
        user = new_test_user(
            self.env, "hook_user", "base.group_user,subscription_base.group_subscription_user",
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)],
        )  # fmt: skip
        action = self.action.with_user(user)
        self.assertTrue(action.name)
        with self.assertRaises(AccessError):
            action.read(["webhook_secret"])
        with self.assertRaises(AccessError):
            action.action_new_secret()
        before = self.action.webhook_secret
        self.action.action_new_secret()
        self.assertNotEqual(self.action.webhook_secret, before)
        self.assertNotEqual(
            self._create_action(action_type="webhook", webhook_url=self.url).webhook_secret, before
        )
