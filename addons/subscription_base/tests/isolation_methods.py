"""How the tests of isolation find public methods, and how they call them.

The methods are discovered: all public ones of the suite's models, and those that the suite adds to
models of others. A new one is tried as soon as it exists; where it wants an argument that nobody
knows yet, :meth:`IsolationMethods._get_argument` says so.
"""

import inspect
from contextlib import closing

from odoo.exceptions import AccessError
from odoo.models import BaseModel
from odoo.service.model import call_kw, get_public_method

from .isolation import IsolationCommon, is_ours
from .isolation_records import DAY, MARK

#: Methods of Odoo that are tried on every model; on the subscription all are.
ORM = {
    "copy", "create", "export_data", "name_search", "onchange", "read", "search_read", "unlink",
    "web_read", "web_save", "web_search_read", "write",
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
    "arguments": {"quantity": 3.0},
    "method": "change_quantity",
    "on": DAY,
    "quantity": 3.0,
    "date_end": "2026-12-31",
    "date_notice": DAY,
    "date_start": DAY,
    "description": "Alma was here",
    "discount": 10.0,
    "external_reference": "alma-1",
    "price_unit": 1.0,
    "reason": False,
    "reason_id": False,
    "start": True,
    "until": "2026-04-30",
    "subscription": f"{MARK}-SUB",
    "today": DAY,
}
#: Who speaks of a refusal in the log.
QUIET = (
    "odoo.sql_db", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule",
    "odoo.models", "odoo.orm.models", "odoo.http", "odoo.addons.rpc.controllers.json2",
)  # fmt: skip


class IsolationMethods(IsolationCommon):
    """Knows every public method, and calls it as somebody."""

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
    def _is_added(model, name):
        return any(is_ours(base.__module__ + ".") and name in base.__dict__ for base in model.mro())

    def _get_targets(self, model, attacker):
        """One record of each victim of the attacker; the records of the other company are its."""
        groups = self._get_owned(model)
        return [groups[group][:1] for group in self._get_victims(attacker) if groups[group]]

    def _get_owned(self, model):
        if model in self.owned:
            return self.owned[model]
        records = self.env[model].sudo()
        return {
            "victim": records.search(self._get_owner_domain(model, self.planted["partner"])),
            "elsewhere": records.search(self._get_company_domain(model)),
        }

    def _get_arguments(self, model, name, optional=False):
        """Values for the required arguments of a method, or for those that have a default as well.

        :return: the values by name, in the order of the parameters.
        :rtype: dict
        """
        parameters = inspect.signature(getattr(self.env.registry[model], name)).parameters.values()
        return {
            parameter.name: self._get_argument(parameter.name, model, name)
            for parameter in list(parameters)[1:]
            if (optional or parameter.default is parameter.empty)
            and parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        }

    def _get_argument(self, parameter, model, name):
        fields = self.env[model]._fields
        match parameter:
            case "options":
                return [{"component_id": self._get_named_victim("component_id"), "quantity": 1.0}]
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
        if victim := self._get_named_victim(parameter):
            return victim
        cls = self.env.registry[model]
        self.assertFalse(
            self._is_added(cls, name),
            f"{model}.{name} wants {parameter!r}: say in ARGUMENTS what that is",
        )
        return False

    def _get_named_victim(self, parameter):
        """The id of a victim's record that an argument like ``line_id`` or ``plan`` names."""
        kind = parameter.removesuffix("_id")
        for model in (f"subscription.{kind}", f"subscription.plan.{kind}", f"res.{kind}"):
            if owned := self.owned.get(model, {}).get("victim"):
                return owned[0].id
        return None

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
            leaks = [f"discloses {it}" for it in self._get_leaks(told, str(args), attacker)]
            damage = []
            if not refused and self._count_writes() != count:
                damage = self._get_damage(self.before, self._take_fingerprint(), attacker)
        return leaks + damage

    def _attack(self, attacker, model, name, context=None):
        method = getattr(self.env.registry[model], name)
        args = [*self._get_arguments(model, name).values()]
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
