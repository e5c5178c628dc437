import json
import re
import shlex
from functools import partial
from pathlib import Path
from xmlrpc.client import ServerProxy

from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tests.common import Transport

from .common import SubscriptionCommon

MANUAL = Path(__file__).parents[3] / "docs" / "api.md"


@tagged("post_install", "-at_install")
class TestApiManual(SubscriptionCommon, HttpCase):
    """The examples of the manual are run as they stand there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machine = new_test_user(
            cls.env,
            "shop",
            "subscription_base.group_subscription_user,base.group_partner_manager",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        keys = cls.env["res.users.apikeys"].with_user(cls.machine).sudo()
        cls.key = keys._generate("rpc", "test", None)

    def _get_examples(self, language):
        """The examples in a language, with the ids that the test has."""
        return [
            text.replace("42", str(self.partner_a.id))
            for text in re.findall(rf"```{language}\n(.*?)```", MANUAL.read_text(), re.S)
        ]

    def _curl(self, command):
        """Send what a curl command of the manual would send."""
        words = shlex.split(command.replace("\\\n", " "))
        url = next(word for word in words if word.startswith("$ODOO_URL"))
        headers = [words[at + 1] for at, word in enumerate(words) if word == "-H"]
        return self.url_open(
            url.removeprefix("$ODOO_URL"),
            data=words[words.index("-d") + 1],
            headers=dict(header.replace("$API_KEY", self.key).split(": ", 1) for header in headers),
        )

    @freeze_time("2026-05-10")
    def test_json_2(self):
        subscribe, change = self._get_examples("sh")
        answer = self._curl(subscribe)
        self.assertEqual(answer.status_code, 200, answer.text)
        subscription = self.env["subscription.subscription"].browse(answer.json())
        self.assertEqual(
            (subscription.external_reference, subscription.state), ("shop-000193", "active")
        )
        self.assertEqual(subscription.line_ids[0].quantity, 3.0)
        self.assertEqual(self._curl(subscribe).json(), subscription.id)
        answer = self._curl(change.replace("[7]", f"[{subscription.id}]"))
        line = self.env["subscription.line"].browse(answer.json())
        self.assertEqual((line.quantity, str(line.date_start)), (5.0, "2026-06-01"))
        refused = self._curl(subscribe.replace("hosting-monthly", "nothing"))
        self.assertEqual(refused.status_code, 422, refused.text)
        self.assertIn("no active plan", json.loads(refused.text)["message"])

    def test_a_wrong_key_is_refused(self):
        subscribe = self._get_examples("sh")[0]
        self.key = "nothing"
        self.assertEqual(self._curl(subscribe).status_code, 401)

    @freeze_time("2026-05-10")
    def test_xml_rpc(self):
        [example] = self._get_examples("python")
        example = example.replace("from xmlrpc.client import ServerProxy\n", "")
        found = {
            "ServerProxy": partial(ServerProxy, transport=Transport(self)),
            "ODOO_URL": self.base_url(),
            "DATABASE": self.env.cr.dbname,
            "USER_ID": self.machine.id,
            "API_KEY": self.key,
        }
        exec(example, found)  # noqa: S102  the manual's own text
        subscription = self.env["subscription.subscription"].browse(found["subscription"])
        self.assertEqual(subscription.external_reference, "shop-000194")
        self.assertEqual(found["preview"]["recurring_amount"], 60.0)
        self.assertEqual(subscription.recurring_amount, 60.0)
        self.assertEqual(found["summary"]["id"], subscription.id)
