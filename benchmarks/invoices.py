"""Invoices a second, created and posted: our billing run, plain Odoo, OCA ``contract``."""

from entries import assert_equal_entries
from measure import compare, interleave
from oca_contract import OcaContract, install
from ours import BillingRun
from plain import PlainOdoo
from scenario import Scenario

from suite.odoo_env import open_env


def run(options):
    """Measure, prove that all three write the same entries, and return the results."""
    install(options.database)
    with open_env(options.database) as env:
        scenario = Scenario(env, options.size)
        ours, plain, oca = BillingRun(scenario), PlainOdoo(scenario), OcaContract(scenario)
        figures = interleave([ours, plain, oca], options.rounds, options.size)
        assert_equal_entries(ours.moves, plain.moves, oca.moves)
    return {
        "invoices_vs_plain_odoo": compare(figures[ours.name], figures[plain.name], "invoices/s"),
        "invoices_vs_oca_contract": compare(figures[ours.name], figures[oca.name], "invoices/s"),
    }
