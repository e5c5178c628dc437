"""Nobody reads or changes what is not theirs through a method that can be called by RPC.

The methods are discovered: those of the suite's wizards, and those that it adds to models
of others. A new one is tried as soon as it exists; where it wants an argument that nobody knows
yet, the test says so.
"""

import inspect
from contextlib import closing

from odoo.exceptions import AccessError
from odoo.models import BaseModel
from odoo.service.model import call_kw, get_public_method
from odoo.tests import tagged
from odoo.tools import mute_logger

from .isolation import DAY, MARK, IsolationCommon, is_ours

#: Methods of Odoo that are tried on every model; on the subscription all are.
ORM = {
    "copy", "create", "export_data", "name_search", "onchange", "read", "search_read", "unlink",
    "web_read", "web_save", "web_search_read", "write",
}  # fmt: skip
#: Kinds of records that belong to no customer, or of which none is planted yet: their methods are
#: tried without a record.
UNPLANTED = {
    "subscription.action.run", "subscription.billing.run", "subscription.declaration",
    "subscription.line.tier", "subscription.message.rule", "subscription.meter",
    "subscription.payment.attempt", "subscription.plan.component.tier",
    "subscription.plan.entitlement", "subscription.proforma", "subscription.proforma.line",
    "subscription.withdrawal",
}  # fmt: skip
#: What required arguments of public methods are, by their names.
ARGUMENTS = {
    "count": 3,
    "charge": False,
    "date": DAY,
    "day": DAY,
    "default": {},
    "domain": [],
    "events": [{"subscription": f"{MARK}-SUB", "meter": "traffic", "quantity": 1.0, "key": "k"}],
    "keys": [],
    "on": DAY,
    "plan": 0,
    "subscription": f"{MARK}-SUB",
    "today": DAY,
}


@tagged("post_install", "-at_install")
class TestIsolationMethods(IsolationCommon):
    def _get_methods(self, model):
        """Names of the public methods to try on a model."""
        cls = self.env.registry[model]
        names = []
        for name in dir(cls):
            if name.startswith("_") or not inspect.isfunction(getattr(cls, name, None)):
                continue
            is_ours_model = is_ours(f"odoo.addons.{cls._original_module}.")
            is_tried = is_ours_model and (name in ORM or model == "subscription.subscription")
            if is_tried or self._is_added(cls, name):
                try:
                    get_public_method(self.env[model], name)
                except AccessError:
                    continue
                names.append(name)
        return names

    @staticmethod
    def _is_added(cls, name):
        return any(is_ours(base.__module__ + ".") and name in base.__dict__ for base in cls.mro())

    def _get_targets(self, model, attacker):
        """One record of each victim of the attacker; the records of the other company are its."""
        groups = self._get_owned(model)
        wanted = ("victim",) if attacker == "stranger" else ("victim", "elsewhere")
        return [groups[group][:1] for group in wanted if groups[group]]

    def _get_owned(self, model):
        if model in self.owned:
            return self.owned[model]
        records = self.env[model].sudo()
        return {
            "victim": records.search(self._get_owner_domain(model, self.planted["partner"])),
            "elsewhere": records.search(self._get_company_domain(model)),
        }

    def _get_arguments(self, method, model, name):
        """Values for the required arguments of a method."""
        parameters = list(inspect.signature(method).parameters.values())[1:]
        required = [
            parameter.name
            for parameter in parameters
            if parameter.default is parameter.empty
            and parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        ]
        return [self._get_argument(parameter, model, name) for parameter in required]

    def _get_argument(self, parameter, model, name):
        fields = self.env[model]._fields
        match parameter:
            case "vals" | "values":
                return self._get_values(model)
            case "vals_list":
                return [self._get_values(model)]
            case "fields" | "fields_list" | "field_names" | "fields_to_export" | "allfields":
                return [field for field in fields if field not in ("create_uid", "write_uid")]
            case "specification" | "fields_spec":
                return {
                    field: {"fields": {"display_name": {}}} if fields[field].relational else {}
                    for field in fields
                }
        if parameter in ARGUMENTS:
            return ARGUMENTS[parameter]
        cls = self.env.registry[model]
        self.assertFalse(
            self._is_added(cls, name),
            f"{model}.{name} wants {parameter!r}: say in ARGUMENTS what that is",
        )
        return False

    def _get_values(self, model):
        """Values that point to records of the victims wherever they can."""
        values = {}
        for name, field in self.env[model]._fields.items():
            owned = self.owned.get(field.comodel_name, {}).get("victim")
            if owned and field.store and not field.readonly:
                values[name] = owned[:1].id if field.type == "many2one" else [(6, 0, owned.ids)]
            elif name in ("name", "description", "reason"):
                values[name] = "Alma was here"
        return values

    def _try(self, attacker, model, name, args, context=None):
        """Call a method as RPC does, and roll back.

        :return: what it disclosed or damaged, as texts.
        """
        records = self.env(user=self.attackers[attacker], su=False, context={})[model]
        with closing(self.env.cr.savepoint()):
            count = self._count_writes()
            try:
                told = call_kw(records, name, args, {"context": context or {}})
                told = "" if isinstance(told, BaseModel) else str(told)
                self.env.cr.flush()
            except Exception as error:  # any refusal will do
                told, refused = str(error), True
            else:
                refused = False
            leaks = [f"discloses {marker}" for marker in self._get_leaks(told, self._get_sent(args))]
            damage = []
            if not refused and self._count_writes() != count:
                damage = self._get_damage(self.before, self._take_fingerprint())
        return leaks + damage

    def _get_sent(self, args):
        """Markers that the caller knew: they may come back in a refusal."""
        return [marker for marker in (MARK,) if marker in str(args)]

    def _attack(self, attacker, model, name, context=None):
        method = getattr(self.env.registry[model], name)
        args = self._get_arguments(method, model, name)
        if getattr(method, "_api_model", False):
            return self._try(attacker, model, name, args, context)
        return [
            f"{found} ({target})"
            for target in self._get_targets(model, attacker)
            for found in self._try(attacker, model, name, [target.ids, *args], context)
        ]

    def _find_holes(self, models, attackers=None):
        self.before = self._take_fingerprint()
        return [
            f"{model}.{name} as {attacker}: {', '.join(found)}"
            for model in models
            for name in self._get_methods(model)
            for attacker in attackers or self.attackers
            if (found := self._attack(attacker, model, name))
        ]

    def _get_extended_models(self):
        """Models of others to which the suite adds public methods."""
        own = {*self._get_suite_models(), *self._get_suite_models(transient=True)}
        return sorted(
            name
            for name, cls in self.env.registry.items()
            if name not in own
            and not cls._abstract
            and any(
                is_ours(base.__module__ + ".") and not attribute.startswith("_")
                for base in cls.mro()
                for attribute, value in base.__dict__.items()
                if inspect.isfunction(value)
            )
        )

    def test_every_kind_of_record_has_a_victim(self):
        missing = {
            model for model in self._get_suite_models() if not self._get_owned(model)["victim"]
        }
        self.assertLessEqual(missing, UNPLANTED, "plant one in IsolationCommon._plant")

    @mute_logger("odoo.sql_db", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule",
                 "odoo.models", "odoo.orm.models")  # fmt: skip
    def test_methods_that_are_added_to_other_models(self):
        models = self._get_extended_models()
        self.assertIn("sale.order", models)
        self.assertEqual(self._find_holes(models), [])

    @mute_logger("odoo.sql_db", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule",
                 "odoo.models", "odoo.orm.models")  # fmt: skip
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
                args = self._get_arguments(method, model, name)
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

    def test_these_tests_would_see_a_hole(self):
        """A user who may read and change the victim's records is found out."""
        self.attackers = {"insider": self.env.user}
        self.before = self._take_fingerprint()
        self.assertTrue(self._attack("insider", "subscription.subscription", "read"))
        self.assertTrue(self._attack("insider", "subscription.subscription", "action_close"))
        self.assertTrue(self._attack("insider", "subscription.subscription", "search_read"))
        self.assertTrue(self._attack("insider", "subscription.pause", "unlink"))
