"""Run by templates.py: build the web assets once, not once in every test that needs them."""

import sys

from suite.odoo_env import open_env

if __name__ == "__main__":
    with open_env(sys.argv[1]) as env:
        env["ir.qweb"]._pregenerate_assets_bundles()
