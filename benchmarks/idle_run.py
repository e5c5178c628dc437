"""Milliseconds of a billing run that finds nothing due; against the query that says so."""

import time
from datetime import timedelta

from measure import compare
from population import Population, throwaway_copy
from scenario import INVOICE_DATE

from suite.odoo_env import open_env

SUBSCRIPTIONS = 100_000
FLOOR = """SELECT COUNT(*) FROM subscription_subscription
            WHERE active AND next_billing_date <= %s AND company_id = %s"""


def run(options):
    """Measure runs on the day after all have been billed."""
    day = INVOICE_DATE + timedelta(days=1)
    with throwaway_copy(options.database) as copy, open_env(copy) as env:
        population, cr = Population(env, INVOICE_DATE), env.cr
        population.new_run(INVOICE_DATE)._process()
        population.grow(SUBSCRIPTIONS)
        runs, queries = [], []
        for number in range(options.rounds + 1):
            population.env.invalidate_all()
            start = time.perf_counter()
            billing_run = population.new_run(day)
            billing_run._process()
            middle = time.perf_counter()
            cr.execute(FLOOR, [day, population.company.id])
            if cr.fetchone()[0]:
                raise AssertionError("something is due")
            cr.commit()
            end = time.perf_counter()
            if billing_run.charge_ids or billing_run.state != "done":
                raise AssertionError("the run was not idle")
            if number:  # the first one warms up the caches
                runs.append((middle - start) * 1000)
                queries.append((end - middle) * 1000)
    return {"idle_run_100k": compare(runs, queries, "ms")}
