"""Run by testing.py: make the companies of Odoo's accounting tests once, not in every class."""

import sys

from suite.odoo_env import open_env

#: Name and country, as the tests' common class looks for them.
COMPANIES = (
    ("Company of the tests", ""),
    ("Other company of the tests", ""),
    ("Company of the tests, DE", "DE"),
)
CHART = "generic_coa"


def prepare(env, name, country_code):
    """Make a company with a chart of accounts as Odoo's ``AccountTestInvoicingCommon`` does."""
    country = env["res.country"].search([("code", "=", country_code)]) if country_code else None
    values = {"country_id": country.id, "currency_id": country.currency_id.id} if country else {}
    # as in tests: no module is installed because of the country
    company = env["res.company"].with_context(install_mode=True).create({"name": name, **values})
    company = company.with_env(env)
    charts = env["account.chart.template"]
    chart = charts._guess_chart_template(country) if country else CHART
    charts.try_loading(chart, company=company, install_demo=False)
    if not company.account_fiscal_country_id:
        company.account_fiscal_country_id = env.ref("base.us")
    if country:
        company.currency_id = country.currency_id


if __name__ == "__main__":
    with open_env(sys.argv[1]) as env:
        for company in COMPANIES:
            prepare(env, *company)
