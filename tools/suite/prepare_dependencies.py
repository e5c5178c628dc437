"""Run by templates.py: turn the main company of a new database into a German one."""

import sys

from odoo.fields import Command

from suite.odoo_env import open_env

COMPANY = "Muster Abo GmbH"
CHART = "de_skr03"
IBAN = "DE89370400440532013000"


def prepare(env):
    company = env.ref("base.main_company")
    company.partner_id.write(
        {
            "name": COMPANY,
            "street": "Beispielstraße 1",
            "zip": "10115",
            "city": "Berlin",
            "country_id": env.ref("base.de").id,
            "email": "abo@example.com",
            "lang": "de_DE",
            "vat": "DE136695976",
            "company_registry": "12345 B",  # the German layout prints "HRB Nr:" before it
        }
    )
    company.name = COMPANY
    if not company.partner_id.bank_ids:
        bank = {"name": "Musterbank", "bic": "MUSTDEBBXXX", "country": env.ref("base.de").id}
        account = {"acc_number": IBAN, "bank_id": env["res.bank"].create(bank).id}
        company.partner_id.bank_ids = [Command.create(account)]
    if company.chart_template != CHART:
        env["account.chart.template"].try_loading(CHART, company, install_demo=False)
    parameters = env["ir.config_parameter"].sudo()
    parameters.set_param("web.base.url", "http://127.0.0.1:8069")
    parameters.set_param("web.base.url.freeze", "True")


if __name__ == "__main__":
    with open_env(sys.argv[1]) as environment:
        prepare(environment)
