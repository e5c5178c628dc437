"""Records that nobody but their owner may see or change, and how to find out that nobody did.

Everything of the victims carries :data:`MARK` or :data:`PRICE` in what can be read. What is theirs
is found out by asking the records: everything that leads to a victim's partner.
"""

from contextlib import suppress

from odoo import fields
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS as MAGIC
from odoo.tests import freeze_time, new_test_user
from odoo.tools import SQL, mute_logger

from .common import SubscriptionCommon
from .test_views import INVOICING, MANAGER

MARK = "QXVB"
PRICE = 7391.57
MARKERS = (MARK, "7391.57", "7,391.57", "7.391,57")
DAY = "2026-03-10"
#: Tables beside the suite's own that hold what belongs to a customer.
CORE_TABLES = (
    "account.move", "account.move.line", "account.payment", "mail.activity", "mail.mail",
    "mail.message", "payment.token", "payment.transaction", "product.template", "res.partner",
    "res.users", "sale.order", "sale.order.line",
)  # fmt: skip


def is_ours(module):
    """Whether a Python module belongs to the suite."""
    return module.startswith("odoo.addons.subscription_") and ".tests" not in module


class IsolationCommon(SubscriptionCommon):
    """A customer and another company with records of their own, and those who are after them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.setup_other_company(name=f"{MARK} company")["company"]
        cls.attackers = {
            "portal": cls._create_customer("Alma", cls.company),
            "internal": cls._create_user("plain", "base.group_user", cls.company),
            "stranger": cls._create_user(
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
    def _create_user(cls, login, groups, company, **values):
        return new_test_user(
            cls.env,
            f"isolation_{login.lower()}",
            groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
            **values,
        )

    @classmethod
    def _create_customer(cls, name, company):
        user = cls._create_user(name.split()[-1], "base.group_portal", company, name=name)
        user.partner_id.write({"email": f"{name.split()[-1].lower()}@example.com"})
        return user

    @classmethod
    def _plant(cls, partner, product, price, mark="Mine"):
        """Give a customer a record of every kind; returns those that routes may name.

        A new kind of record is planted here, or in an override.
        """
        components = [
            {"product_id": product.id, "price_unit": price},
            {"product_id": cls.traffic.id, "charge_type": "usage", "included_qty": 1.0},
            {"product_id": cls.domain.id, "is_optional": True},
        ]
        feature = cls.env["subscription.feature"].create({"name": f"{mark} access"})
        plan = cls._create_plan(
            f"{mark} plan",
            components,
            entitlement_ids=[Command.create({"feature_id": feature.id})],
        )
        order = cls._plant_order(partner, product, price, mark)
        subscription = cls._create_subscription(
            plan,
            "2026-01-01",
            partner_id=partner.id,
            client_order_ref=f"{mark} reference",
            sale_order_id=order.id,
            note=f"{mark} note",
        )
        subscription.name = f"{mark}-SUB"
        subscription._portal_ensure_token()
        line = subscription.line_ids[0]
        line.name = f"{mark} line"
        usage = cls.env["subscription.usage"].create(
            {
                "line_id": subscription.line_ids[1].id,
                "quantity": 2.0,
                "date": "2026-01-05",
                "key": f"{mark} key",
            }
        )
        move = cls._bill(subscription, "2026-03-01")
        move._portal_ensure_token()
        pause = subscription._pause("2026-05-01", "2026-05-31", reason=f"{mark} pause")
        migration = cls.env["subscription.migration"].sudo().create(
            {
                "subscription_id": subscription.id,
                "plan_from_id": plan.id,
                "plan_to_id": cls.flat_plan.id,
                "date_switch": "2026-06-01",
                "state": "requested",
                "consent_text": f"{mark} consent",
            }
        )
        migration._portal_ensure_token()
        return {
            "plan": plan,
            "subscription": subscription,
            "line": line,
            "usage": usage,
            "invoice": move,
            "pause": pause,
            "migration": migration,
            "order": order,
            "partner": partner,
            "product": product,
        }

    @classmethod
    def _plant_the_rest(cls):
        """A record of the victim of each kind that :meth:`_plant` does not know.

        Its relations lead to records of the victim, its texts carry :data:`MARK`; what a model
        asks for beyond that has to be planted by hand.
        """
        for model in cls._get_suite_models():
            if cls.env[model]._auto and not cls.owned[model]["victim"]:
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
    def _plant_order(cls, partner, product, price, mark):
        order = cls.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "client_order_ref": f"{mark} order",
                "require_signature": True,
                "order_line": [
                    Command.create({"product_id": product.id, "price_unit": price}),
                ],
            }
        )
        order.name = f"{mark}-ORDER"
        order._portal_ensure_token()
        order.action_quotation_sent()
        return order

    @classmethod
    def _plant_elsewhere(cls):
        """A subscription of another company; its own are looked for by its partner, too."""
        env = cls.env(
            user=cls.attackers["stranger"], context={"allowed_company_ids": cls.other_company.ids}
        )
        partner = env["res.partner"].sudo().create({"name": f"{MARK} abroad"}).sudo(False)
        product = env["product.product"].sudo().create(
            {
                "name": f"{MARK} abroad service",
                "type": "service",
                "list_price": PRICE,
                "company_id": cls.other_company.id,
            }
        )
        plan = env["subscription.plan"].create(
            {
                "name": f"{MARK} abroad plan",
                "component_ids": [Command.create({"product_id": product.id, "price_unit": PRICE})],
            }
        )
        plan.action_activate()
        subscription = env["subscription.subscription"].create(
            {"partner_id": partner.id, "plan_id": plan.id, "date_start": "2026-01-01"}
        )
        subscription.line_ids = [
            Command.create(values) for values in subscription._prepare_plan_lines()
        ]
        subscription.name = f"{MARK}-ABROAD"
        subscription.action_start()
        subscription._portal_ensure_token()
        return {"subscription": subscription, "plan": plan, "partner": partner}

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
        domain = fields.Domain("id", "=", partner.id) if model == "res.partner" else None
        domain = domain or fields.Domain.FALSE
        named = cls.env[model]._fields.get("name")
        if named and named.store and named.type == "char":
            domain |= fields.Domain("name", "ilike", MARK)
        for name, field in cls.env[model]._fields.items():
            if not field.store or field.type != "many2one" or name.endswith("_uid"):
                continue
            if field.comodel_name == "res.partner":
                domain |= fields.Domain(name, "=", partner.id)
            elif field.comodel_name in ("subscription.subscription", "account.move", "sale.order"):
                domain |= fields.Domain(f"{name}.partner_id", "=", partner.id)
            elif field.comodel_name == "subscription.line":
                domain |= fields.Domain(f"{name}.subscription_id.partner_id", "=", partner.id)
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

    def _get_leaks(self, text, allowed=()):
        """Markers of the victims in what somebody was told."""
        return [marker for marker in MARKERS if marker in text and marker not in allowed]

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

    def _get_damage(self, before, after):
        """What happened to records of the victims: changed, deleted, or added to them.

        :return: texts; empty when they are as they were.
        :rtype: list[str]
        """
        damage = []
        for model, rows in before.items():
            changed = {row for row, text in rows.items() if after[model].get(row) != text}
            owned = self.owned[model]["victim"] | self.owned[model]["elsewhere"]
            damage += [f"{model} {row} changed" for row in sorted(changed & set(owned.ids))]
            added = after[model].keys() - rows.keys()
            damage += [
                f"{model} {record.id} added to a victim"
                for record in self.env[model].sudo().browse(sorted(added))
                if self._is_owned(record)
            ]
        return damage

    def _is_owned(self, record):
        """Whether a new record hangs on one of a victim."""
        for name, field in record._fields.items():
            if field.store and field.type == "many2one" and field.comodel_name in self.owned:
                owned = self.owned[field.comodel_name]
                if field.comodel_name.startswith(("product.", "subscription.feature")):
                    continue
                if record[name] and record[name] in (owned["victim"] | owned["elsewhere"]):
                    return True
        return False
