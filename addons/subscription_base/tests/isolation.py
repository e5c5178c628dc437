"""How to find out that nobody has seen or changed records of others.

What belongs to the victims is found out by asking the records: everything that leads to a victim's
partner, plan or company.
"""

from contextlib import suppress

from odoo import fields
from odoo.models import MAGIC_COLUMNS as MAGIC
from odoo.tests import freeze_time
from odoo.tools import SQL, mute_logger

from .isolation_records import ABROAD, DAY, MARK, PRICE, IsolationRecords
from .test_views import INVOICING, MANAGER

#: By what the records of each victim are recognised.
MARKERS = {
    "victim": (MARK, "7391.57", "7,391.57", "7.391,57"),
    "elsewhere": (ABROAD, "6183.42", "6,183.42", "6.183,42"),
}
#: Tables beside the suite's own that hold what belongs to a customer.
CORE_TABLES = (
    "account.move", "account.move.line", "account.payment", "mail.activity", "mail.mail",
    "mail.message", "payment.token", "payment.transaction", "product.template", "res.partner",
    "res.users", "sale.order", "sale.order.line",
)  # fmt: skip
#: Models that all companies share: who may use subscriptions in one of them sees them all.
SHARED = {"subscription.close.reason", "subscription.feature"}
#: How records lead to the partner that they belong to, or to what is named by its mark.
TO_PARTNER = {
    "res.partner": "",
    "account.move": ".partner_id",
    "sale.order": ".partner_id",
    "subscription.line": ".subscription_id.partner_id",
    "subscription.proforma": ".partner_id",
    "subscription.subscription": ".partner_id",
}
TO_PLAN = {
    "subscription.plan": ".name",
    "subscription.plan.component": ".plan_id.name",
    "subscription.meter": ".name",
}


def is_ours(module):
    """Whether a Python module belongs to the suite."""
    return module.startswith("odoo.addons.subscription_") and ".tests" not in module


class IsolationCommon(IsolationRecords):
    """Who is after records of others, and how it is found out what they have seen and changed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.setup_other_company(name=f"{ABROAD} company")["company"]
        cls.attackers = {
            "portal": cls._create_customer("Alma", cls.company),
            "internal": cls._create_login("plain", "base.group_user", cls.company),
            "stranger": cls._create_login(
                "stranger", f"base.group_user,{MANAGER},{INVOICING}", cls.other_company
            ),
        }
        cls.victim = cls._create_customer(f"{MARK} Zebulon", cls.company)
        secret = cls._create_service(f"{MARK} service", PRICE)
        with freeze_time(DAY):
            cls.own = cls._plant(cls.attackers["portal"].partner_id, cls.hosting, 30.0)
            cls.planted = cls._plant(cls.victim.partner_id, secret, PRICE, MARK)
            cls.planted_elsewhere = cls._plant_elsewhere()
        cls.env.cr.flush()
        cls.owned = cls._find_owned()
        cls._plant_the_rest()
        cls.owned = cls._find_owned()

    @classmethod
    def _plant_the_rest(cls):
        """A record of the victim of each kind that :meth:`_plant` does not know.

        Its relations lead to records of the victim, its texts carry :data:`MARK`; what a model
        asks for beyond that has to be planted by hand.
        """
        for model in cls._get_suite_models():
            if model in cls.owned and model not in SHARED and not cls.owned[model]["victim"]:
                with suppress(Exception), mute_logger("odoo.sql_db"), cls.env.cr.savepoint():
                    cls.env[model].sudo().create(cls._prepare_any(model))
                    cls.env.cr.flush()

    @classmethod
    def _prepare_any(cls, model):
        values = {}
        for name, field in cls.env[model]._fields.items():
            owned = cls.owned.get(field.comodel_name, {}).get("victim")
            if name in MAGIC or not field.store or field.related:
                continue
            if field.type == "many2one" and owned:
                values[name] = owned[0].id
            elif field.type in ("char", "text", "html") and not field.compute:
                values[name] = MARK
            elif field.required and not field.compute and not field.default:
                match field.type:
                    case "selection":
                        values[name] = field.get_values(cls.env)[0]
                    case "date" | "datetime":
                        values[name] = DAY
                    case "many2one":
                        records = cls.env[field.comodel_name].sudo()
                        values[name] = records.search([], limit=1).id
        return values

    @classmethod
    def _find_owned(cls):
        """All records of the victims, by model: what leads to one of their partners or companies.

        :return: ``{model: {"victim": records, "elsewhere": records}}``
        """
        victim = cls.planted["partner"]
        owned = {}
        for model in cls._get_watched_models():
            records = cls.env[model].sudo().with_context(active_test=False)
            owned[model] = {
                "victim": records.search(cls._get_owner_domain(model, victim)),
                "elsewhere": records.search(cls._get_company_domain(model)),
            }
        return owned

    @classmethod
    def _get_company_domain(cls, model):
        if model in ("res.users", "res.partner") or "company_id" not in cls.env[model]._fields:
            return fields.Domain.FALSE
        field = cls.env[model]._fields["company_id"]
        if not (field.store or field.search):
            return fields.Domain.FALSE
        return fields.Domain("company_id", "=", cls.other_company.id)

    @classmethod
    def _get_owner_domain(cls, model, partner):
        """What leads to a partner by stored relations, over one record between at most."""
        if model in SHARED:
            return fields.Domain.FALSE
        domain = fields.Domain.FALSE
        if model == "res.partner":
            domain = fields.Domain("id", "=", partner.id)
        named = cls.env[model]._fields.get("name")
        if named and named.store and named.type == "char":
            domain |= fields.Domain("name", "ilike", MARK)
        for name, field in cls.env[model]._fields.items():
            if not field.store or field.type != "many2one" or name.endswith("_uid"):
                continue
            if field.comodel_name in TO_PARTNER:
                domain |= fields.Domain(name + TO_PARTNER[field.comodel_name], "=", partner.id)
            elif field.comodel_name in TO_PLAN:
                domain |= fields.Domain(name + TO_PLAN[field.comodel_name], "=like", f"{MARK}%")
        if "res_id" in cls.env[model]._fields and "model" in cls.env[model]._fields:
            domain |= fields.Domain("model", "=", "subscription.subscription") & fields.Domain(
                "res_id", "=", cls.planted["subscription"].id
            )
        return domain

    @classmethod
    def _get_suite_models(cls, transient=False):
        """Names of the models that the suite brings, other than abstract ones."""
        return sorted(
            name
            for name, model in cls.env.registry.items()
            if is_ours(f"odoo.addons.{model._original_module}.")
            and not model._abstract
            and bool(model._transient) is transient
        )

    @classmethod
    def _get_watched_models(cls):
        tables = [name for name in cls._get_suite_models() if cls.env[name]._auto]
        return [*tables, *(name for name in CORE_TABLES if name in cls.env)]

    @staticmethod
    def _get_victims(attacker):
        """Whose records somebody is after; the other company's are the stranger's own."""
        return ("victim",) if attacker == "stranger" else ("victim", "elsewhere")

    def _get_leaks(self, text, sent="", attacker=None):
        """Markers of the victims in what somebody was told, and did not say before."""
        markers = [marker for group in self._get_victims(attacker) for marker in MARKERS[group]]
        return [marker for marker in markers if marker in text and marker not in sent]

    # --- what changed -----------------------------------------------------------------------

    def _count_writes(self):
        """How many rows of the watched tables this transaction has written so far."""
        tables = tuple(self.env[model]._table for model in self._get_watched_models())
        [[count]] = self.env.execute_query(
            SQL(
                """SELECT SUM(n_tup_ins + n_tup_upd + n_tup_del)
                     FROM pg_stat_xact_user_tables WHERE relname IN %s""",
                tables,
            )
        )
        return count

    def _take_fingerprint(self):
        """Every row of the watched tables.

        :return: ``{model: {id: row as text}}``
        :rtype: dict
        """
        return {
            model: dict(
                self.env.execute_query(
                    SQL("SELECT id, t::text FROM %s t", SQL.identifier(self.env[model]._table))
                )
            )
            for model in self._get_watched_models()
        }

    def _get_damage(self, before, after, attacker=None):
        """What happened to records of the victims: changed, deleted, or added to them.

        :return: texts; empty when they are as they were.
        :rtype: list[str]
        """
        damage = []
        for model, rows in before.items():
            changed = {row for row, text in rows.items() if after[model].get(row) != text}
            owned = self._get_victims_records(model, attacker)
            damage += [f"{model} {row} changed" for row in sorted(changed & set(owned.ids))]
            added = after[model].keys() - rows.keys()
            damage += [
                f"{model} {record.id} added to a victim"
                for record in self.env[model].sudo().browse(sorted(added))
                if self._is_owned(record, attacker)
            ]
        return damage

    def _get_victims_records(self, model, attacker):
        groups = self._get_victims(attacker)
        return self.env[model].union(*(self.owned[model][group] for group in groups))

    def _is_owned(self, record, attacker):
        """Whether a new record hangs on one of a victim."""
        for name, field in record._fields.items():
            if field.store and field.type == "many2one" and field.comodel_name in self.owned:
                if field.comodel_name.startswith(("product.", "subscription.feature")):
                    continue
                if record[name] & self._get_victims_records(field.comodel_name, attacker):
                    return True
        return False
