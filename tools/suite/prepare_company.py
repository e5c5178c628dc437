"""Run by testing.py: make the company of Odoo's accounting tests once, not once in every class."""

import sys

from suite.odoo_env import open_env

NAME = "Company of the tests"
CHART = "generic_coa"

if __name__ == "__main__":
    with open_env(sys.argv[1]) as env:
        company = env["res.company"].create({"name": NAME})
        env["account.chart.template"].try_loading(CHART, company=company, install_demo=False)
        if not company.account_fiscal_country_id:
            company.account_fiscal_country_id = env.ref("base.us")
