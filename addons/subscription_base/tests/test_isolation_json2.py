"""What RPC refuses, JSON-2 refuses as well; without a key it does nothing at all."""

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .isolation_methods import QUIET, IsolationMethods


@tagged("post_install", "-at_install")
class TestIsolationJson2(IsolationMethods, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keys = {
            name: cls.env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "test", None)
            for name, user in cls.attackers.items()
        }

    def _call_json2(self, attacker, model, name, values):
        """Call a method by JSON-2.

        :return: the response.
        """
        headers = {}
        if attacker in self.keys:
            headers["Authorization"] = f"Bearer {self.keys[attacker]}"
        return self.url_open(f"/json/2/{model}/{name}", json=values, headers=headers)

    def _attack_by_json2(self, attacker, model, name):
        """What a method gives away or lets be changed, as texts."""
        values, found = self._get_arguments(model, name), []
        method = getattr(self.env.registry[model], name)
        is_api_model = getattr(method, "_api_model", False)
        targets = [None] if is_api_model else self._get_targets(model, attacker)
        for target in targets:
            count = self._count_writes()
            ids = {} if is_api_model else {"ids": target.ids}
            answer = self._call_json2(attacker, model, name, values | ids)
            found += [
                f"discloses {it}" for it in self._get_leaks(answer.text, str(values), attacker)
            ]
            if "werkzeug.exceptions.UnprocessableEntity" in answer.text:
                found.append(f"was called wrongly: {answer.text[:200]}")
            if attacker not in self.keys and answer.ok:
                found.append("answers without a key")
            self.env.invalidate_all()
            if self._count_writes() != count:
                after = self._take_fingerprint()
                found += self._get_damage(self.before, after, attacker)
                self.before = after
        return found

    @mute_logger(*QUIET)
    def test_methods_by_json2(self):
        """Those that the suite brings; what Odoo brings is the same behind the same door."""
        self.before = self._take_fingerprint()
        holes = []
        for model in (*self._get_suite_models(), *self._get_extended_models()):
            cls = self.env.registry[model]
            for name in self._get_methods(model):
                if not self._is_added(cls, name) and name != "search_read":
                    continue
                for attacker in ("nobody", *self.keys):
                    found = self._attack_by_json2(attacker, model, name)
                    holes += [f"{model}.{name} as {attacker}: {it}" for it in found]
        self.assertEqual(holes, [])
