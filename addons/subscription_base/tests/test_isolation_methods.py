"""Nobody reads or changes what is not theirs through a method that can be called by RPC.

See ``isolation_methods`` for how the methods are found.
"""

from contextlib import closing

from odoo.service.model import call_kw
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .isolation import SHARED
from .isolation_methods import QUIET, IsolationMethods
from .isolation_records import DAY

#: A run belongs to a company: its methods are tried on that of the other company.
WITHOUT_CUSTOMER = {"subscription.billing.run"}


@tagged("post_install", "-at_install")
class TestIsolationMethods(IsolationMethods):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.attackers["public"] = cls.env.ref("base.public_user").sudo()

    def test_every_kind_of_record_has_a_victim(self):
        missing = {
            model for model in self._get_suite_models() if not self._get_owned(model)["victim"]
        }
        self.assertEqual(missing, WITHOUT_CUSTOMER | SHARED, "plant one in IsolationRecords._plant")
        for model in WITHOUT_CUSTOMER:
            self.assertTrue(self._get_owned(model)["elsewhere"])

    @mute_logger(*QUIET)
    def test_methods_of_the_suite(self):
        self.assertEqual(self._find_holes(self._get_suite_models()), [])

    @mute_logger(*QUIET)
    def test_arguments_name_no_records_of_others(self):
        """Whoever changes an own subscription cannot bring records of others into it."""
        self.before = self._take_fingerprint()
        model, own = "subscription.subscription", self.planted_elsewhere["subscription"]
        holes = []
        for name in self._get_methods(model):
            method = getattr(self.env.registry[model], name)
            if not self._is_added(self.env.registry[model], name):
                continue
            args = [*self._get_arguments(model, name, optional=True).values()]
            ids = [] if getattr(method, "_api_model", False) else [own.ids]
            holes += [
                f"{name}: {found}" for found in self._try("stranger", model, name, [*ids, *args])
            ]
        self.assertEqual(holes, [])

    @mute_logger(*QUIET)
    def test_methods_that_are_added_to_other_models(self):
        models = self._get_extended_models()
        self.assertIn("sale.order", models)
        self.assertEqual(self._find_holes(models), [])

    @mute_logger(*QUIET)
    def test_wizards_made_for_records_of_others(self):
        """Whoever may use a wizard cannot point it at what is not theirs."""
        self.before = self._take_fingerprint()
        holes = []
        for model in self._get_suite_models(transient=True):
            for attacker in self.attackers:
                for found in self._attack_by_wizard(attacker, model):
                    holes.append(f"{model} as {attacker}: {found}")
        self.assertEqual(holes, [])

    def _attack_by_wizard(self, attacker, model):
        records = self.env(user=self.attackers[attacker], su=False, context={})[model]
        subscription = self.planted["subscription"]
        context = {
            "active_model": "subscription.subscription",
            "active_id": subscription.id,
            "active_ids": subscription.ids,
        }
        found = self._try(attacker, model, "create", [[self._get_values(model)]], context)
        for name in self._get_methods(model):
            method = getattr(self.env.registry[model], name)
            if not self._is_added(self.env.registry[model], name) or hasattr(method, "_api_model"):
                continue
            with closing(self.env.cr.savepoint()):
                try:
                    wizard = call_kw(
                        records, "create", [[self._get_values(model)]], {"context": context}
                    )
                    self.env.cr.flush()
                except Exception:  # any refusal will do
                    return found
                args = [*self._get_arguments(model, name).values()]
                found += self._try(attacker, model, name, [wizard, *args], context)
        return found

    def test_the_context_of_a_call_opens_nothing(self):
        """Neither another company nor a flag of Odoo's own comes in by the context."""
        self.before = self._take_fingerprint()
        forged = {
            "allowed_company_ids": self.company.ids,
            "_force_unlink": True,
            "active_test": False,
            "su": True,
        }
        holes = [
            (model, name, attacker, found)
            for model in ("subscription.subscription", "subscription.line", "subscription.event")
            for name in ("read", "write", "unlink", "search_read", "export_data")
            for attacker in self.attackers
            if (found := self._attack(attacker, model, name, forged))
        ]
        self.assertEqual(holes, [])

    @freeze_time(DAY)
    def test_these_tests_would_see_a_hole(self):
        """A user who may read and change the victim's records is found out."""
        self.attackers = {"insider": self.env.user}
        self.before = self._take_fingerprint()
        self.assertTrue(self._attack("insider", "subscription.subscription", "read"))
        self.assertTrue(self._attack("insider", "subscription.subscription", "search_read"))
        self.assertTrue(self._attack("insider", "subscription.pause", "write"))
        self.assertTrue(self._attack("insider", "subscription.subscription", "terminate"))
