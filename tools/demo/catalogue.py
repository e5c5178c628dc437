"""The demo catalogue: the module's demo data, for databases that were made without."""

from odoo.tools.convert import convert_file

from demo.german import NAMES

MODULE = "subscription_base"
#: The files, and a record that tells whether each is there.
FILES = {
    "demo/product_demo.xml": "demo_product_monitoring",
    "demo/subscription_plan_demo.xml": "demo_plan_monitoring",
    "demo/subscription_plan_trades_demo.xml": "demo_plan_server",
    "demo/subscription_self_service_demo.xml": "demo_plan_vpn",
}
REDUCED_TAX_PRODUCTS = ("newspaper",)
NAMED = ("product.product", "subscription.plan", "subscription.feature")


def load(env):
    """Load what is missing of the module's demo data."""
    for path, record in FILES.items():
        if not env.ref(f"{MODULE}.{record}", raise_if_not_found=False):
            convert_file(env, MODULE, path, {}, mode="init", noupdate=True)
    _translate(env)


def _translate(env):
    """Give what is sold its German names; the texts of the demo data are English."""
    known = env["ir.model.data"].search(
        [("module", "=", MODULE), ("model", "in", NAMED), ("name", "=like", "demo\\_%")]
    )
    for model, rows in known.grouped("model").items():
        records = env[model].browse(rows.mapped("res_id")).exists()
        _name(records)
        if model == "subscription.plan":
            _name(records.component_ids)


def _name(records):
    for record in records:
        for field in {"name", "description_sale"} & record._fields.keys():
            if german := NAMES.get(record[field]):
                record.with_context(lang="de_DE")[field] = german


def plan(env, name):
    """The demo plan that `name` stands for, such as ``gym``."""
    return env.ref(f"{MODULE}.demo_plan_{name}")


def product(env, name):
    """The demo product that `name` stands for."""
    return env.ref(f"{MODULE}.demo_product_{name}")


def reduce_taxes(env, company):
    """Newspapers bear the reduced German rate."""
    tax = env["account.tax"].search(
        [
            ("company_id", "=", company.id),
            ("type_tax_use", "=", "sale"),
            ("amount", "=", 7),
            ("country_id.code", "=", "DE"),
            ("price_include", "=", False),
        ],
        limit=1,
    )
    for name in REDUCED_TAX_PRODUCTS:
        product(env, name).taxes_id = tax
    return tax
