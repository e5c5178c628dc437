import json
import re
import shlex
from pathlib import Path

from odoo.fields import Command
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged

from .common import shows
from .test_usage_ingest import IngestCommon

MANUAL = Path(__file__).parents[3] / "docs" / "usage-api.md"
PATH = "/subscription/v1/usage"


class HttpUsageCommon(IngestCommon, HttpCase):
    def _get_key(self, user):
        keys = self.env["res.users.apikeys"].with_user(user).sudo()
        return keys._generate("rpc", "test", None)

    def _send(self, body, key=None):
        headers = {"Content-Type": "application/json"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        data = body if isinstance(body, str) else json.dumps(body)
        return self.url_open(PATH, data=data, headers=headers)


@tagged("post_install", "-at_install")
class TestUsageApi(HttpUsageCommon):
    def setUp(self):
        super().setUp()
        self.subscription = self._metered({"included_qty": 10.0})
        self.key = self._get_key(self.sender)

    @shows("PA-19")
    def test_a_batch_is_recorded_once(self):
        events = [self._event(self.subscription, str(number), 2.5) for number in range(3)]
        first = self._send({"events": events}, self.key)
        self.assertEqual(first.status_code, 200)
        self.assertEqual(
            first.json(), {"accepted": ["0", "1", "2"], "duplicates": [], "errors": []}
        )
        again = self._send({"events": [*events, {"meter": "calls"}]}, self.key).json()
        self.assertEqual((again["accepted"], again["duplicates"]), ([], ["0", "1", "2"]))
        self.assertEqual(again["errors"][0]["index"], 3)
        self.env.invalidate_all()
        self.assertEqual(sum(self.subscription.usage_ids.mapped("quantity")), 7.5)

    def test_what_cannot_be_read_is_refused_with_a_reason(self):
        for body, reason in (
            ("{", "not JSON"),
            ("[]", "'events'"),
            ({"event": []}, "'events'"),
            ({"events": {}}, "list"),
            ({"events": [{}] * 1001}, "at most 1000"),
        ):
            answer = self._send(body, self.key)
            self.assertEqual(answer.status_code, 400)
            self.assertIn(reason, answer.json()["error"])

    def test_only_keys_with_the_right_are_let_in(self):
        body = {"events": [self._event(self.subscription, "a")]}
        self.assertEqual(self._send(body).status_code, 401)
        self.assertEqual(self._send(body, "wrong").status_code, 401)
        plain = new_test_user(self.env, "api_plain", "base.group_user")
        self.assertEqual(self._send(body, self._get_key(plain)).status_code, 403)
        self.assertEqual(self._send({"events": []}, self.key).status_code, 200)

    def test_usage_is_read_again(self):
        self._use(self.subscription, ("2026-05-12", 12.5), ("2026-05-13", 3), ("2026-06-01", 1))
        query = f"{PATH}?subscription={self.subscription.name}&date=2026-05-20"
        headers = {"Authorization": f"Bearer {self.key}"}
        answer = self.url_open(query, headers=headers).json()
        self.assertEqual(answer["subscription"], self.subscription.name)
        (line,) = answer["lines"]
        self.assertEqual((line["period_start"], line["period_end"]), ("2026-05-01", "2026-05-31"))
        for name, value in (
            ("quantity", 15.5), ("included", 10), ("remaining", 0), ("charged", 5.5),
            ("amount", 0.55),
        ):  # fmt: skip
            self.assertEqual(float(line[name]), value, name)
        for query in ("", "?subscription=NONE", f"?subscription={answer['subscription']}&date=x"):
            self.assertEqual(self.url_open(PATH + query, headers=headers).status_code, 400)

    def test_another_company_s_usage_is_not_read(self):
        other = self.setup_other_company()["company"]
        stranger = new_test_user(
            self.env,
            "api_stranger",
            "subscription_base.group_subscription_usage_api",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        answer = self.url_open(
            f"{PATH}?subscription={self.subscription.name}",
            headers={"Authorization": f"Bearer {self._get_key(stranger)}"},
        )
        self.assertEqual(answer.status_code, 400)

    def test_the_examples_of_the_manual_work(self):
        self.subscription.name = "SUB000042"
        record, read = re.findall(r"```sh\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.S)
        answer = self._run_curl(record).json()
        self.assertEqual(len(answer["accepted"]), 2)
        answer = self._run_curl(read).json()
        self.assertEqual(float(answer["lines"][0]["quantity"]), 15.5)
        self.assertEqual(float(answer["lines"][0]["amount"]), 0.55)

    def _run_curl(self, command):
        """Do what the command line says."""
        for text, value in (("\\\n", " "), ("$ODOO_URL", ""), ("$API_KEY", self.key)):
            command = command.replace(text, value)
        words = shlex.split(command)
        self.assertEqual(words.pop(0), "curl")
        headers, url, data = {}, None, None
        while words:
            match words.pop(0):
                case "-X":
                    words.pop(0)
                case "-H":
                    name, value = words.pop(0).split(": ", 1)
                    headers[name] = value
                case "-d":
                    data = words.pop(0)
                case word:
                    url = word
        return self.url_open(url, data=data, headers=headers)


@tagged("post_install", "-at_install")
class TestUsagePortal(HttpUsageCommon):
    def setUp(self):
        super().setUp()
        self.subscription = self._metered({"included_qty": 10.0})
        self._use(self.subscription, ("2026-01-12", 30), ("2026-02-12", 77))
        self.url = f"/my/subscriptions/{self.subscription.id}/usage"

    def _open(self, url=None):
        with freeze_time("2026-02-20"):
            return self.url_open(url or self.url, allow_redirects=False)

    def test_the_customer_sees_the_usage(self):
        self._login(self.subscription.partner_id)
        page = self._open().text
        self.assertIn("77", page)
        self.assertIn("6.70", page)
        self.assertIn("o_subscription_usage_history", page)
        self.assertIn("2.00", page)

    def _login(self, partner):
        user = new_test_user(self.env, f"portal{partner.id}", "base.group_portal")
        user.partner_id.parent_id = partner
        self.authenticate(user.login, user.login)

    def test_others_see_nothing(self):
        self.assertEqual(self._open().status_code, 303)
        self._login(self.partner_b)
        self.assertEqual(self._open().status_code, 303)
        self.assertEqual(self._open(f"{self.url}?access_token=guess").status_code, 303)
        self.assertEqual(self._open("/my/subscriptions/0/usage").status_code, 303)

    def test_a_shared_link_shows_the_usage(self):
        token = self.subscription._portal_ensure_token()
        self.assertIn("77", self._open(f"{self.url}?access_token={token}").text)

    def test_the_salesperson_sees_the_usage_so_far(self):
        line = self.subscription.line_ids.filtered("meter_id")
        with freeze_time("2026-02-20"):
            self.assertEqual(self.subscription.metered_line_ids, line)
            self.assertEqual(line.usage_quantity, 77.0)
            self.assertEqual(line.usage_included, 10.0)
            self.assertEqual(line.usage_remaining, 0.0)
            self.assertEqual(str(line.usage_start), "2026-02-01")
            self.assertEqual(self.subscription.usage_amount, 6.7)
            self.assertEqual(self.subscription.usage_text, "77 of 10")
