"""Invoices by OCA's ``contract`` add-on: its own recurring job, then ``_post``.

The add-on is fetched into .dev/bench and installed in the benchmark's database only.
"""

import configparser
import os
import subprocess
import sys
from pathlib import Path

from scenario import INVOICE_DATE, PRICES

from odoo.fields import Command
from odoo.tools import config as odoo_config

from suite.environment import download_environment
from suite.python_env import ensure_uv

PACKAGE = "odoo-addon-contract==19.0.*"
FOLDER = Path(__file__).resolve().parent.parent / ".dev" / "bench"


def install(database):
    """Fetch the add-on, add it to the add-ons path of this process and install it."""
    addons = FOLDER / "odoo" / "addons"
    if not (addons / "contract").exists():
        env = download_environment()
        command = [ensure_uv(env), "pip", "install", "-q", "--no-deps", "--target", FOLDER, PACKAGE]
        subprocess.run([*command, "--python", sys.executable], check=True, env=env)
    config = configparser.RawConfigParser()
    config.read(os.environ["ODOO_RC"])
    config["options"]["addons_path"] += f",{addons}"
    path = FOLDER / "odoo.conf"
    with path.open("w") as stream:
        config.write(stream)
    os.environ["ODOO_RC"] = str(path)
    arguments = ["-c", str(path), "-d", database, "--log-level=warn"]
    odoo_config.parse_config(arguments, setup_logging=True)
    command = [sys.executable, "-m", "odoo", "-c", path, "-d", database, "-i", "contract"]
    subprocess.run([*command, "--stop-after-init", "--no-http", "--log-level=warn"], check=True)


class OcaContract:
    name = "OCA contract"

    def __init__(self, scenario):
        self.scenario = scenario
        self.moves = None

    def prepare(self, number):
        """Create contracts that are due: they are invoiced once, their next period is later."""
        scenario = self.scenario
        self.contracts = scenario.env["contract.contract"].create(
            [
                {
                    "name": f"Contract {number}/{index}",
                    "partner_id": partner.id,
                    "company_id": scenario.company.id,
                    "contract_type": "sale",
                    "line_recurrence": False,
                    "recurring_rule_type": "monthly",
                    "recurring_interval": 1,
                    "date_start": INVOICE_DATE,
                    "recurring_next_date": INVOICE_DATE,
                    "contract_line_ids": [
                        Command.create(
                            {
                                **scenario.get_line_values(index, product, price),
                                "date_start": INVOICE_DATE,
                                "recurring_next_date": INVOICE_DATE,
                            }
                        )
                        for product, price in zip(scenario.products, PRICES, strict=True)
                    ],
                }
                for index, partner in enumerate(scenario.partners)
            ]
        )
        scenario.env.cr.commit()
        scenario.env.invalidate_all()

    def run(self):
        env = self.scenario.env
        env["contract.contract"].cron_recurring_create_invoice(INVOICE_DATE)
        lines = env["account.move.line"].search(
            [("contract_line_id.contract_id", "in", self.contracts.ids)]
        )
        self.moves = lines.move_id
        self.moves._post(soft=False)
        env.cr.commit()
