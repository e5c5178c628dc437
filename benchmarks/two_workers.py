"""How much sooner two processes that share a billing run are done than a single one."""

import workers
from population import assert_billed, due, new_run
from scenario import INVOICE_DATE

from odoo.tools import date_utils

SUBSCRIPTIONS = 2000
ROUNDS = 3


def run(options):
    """Measure both in turns, each turn on a month of its own, and compare the best of each."""
    seconds = {1: [], 2: []}
    with due(options.database, INVOICE_DATE, SUBSCRIPTIONS) as (database, company_id):
        for number, count in enumerate(_get_turns(min(options.rounds, ROUNDS))):
            day = date_utils.add(INVOICE_DATE, months=number)
            run_id = new_run(database, company_id, day)
            elapsed, _answers = workers.bill(database, run_id, count)
            assert_billed(database, run_id, SUBSCRIPTIONS)
            if number:  # the first one warms up the caches
                seconds[count].append(elapsed)
    one, two = min(seconds[1]), min(seconds[2])
    return {
        "two_workers": {
            "value": round(SUBSCRIPTIONS / two, 2),
            "unit": "invoices/s",
            "ratio": round(one / two, 3),
            "against": round(SUBSCRIPTIONS / one, 2),
        }
    }


def _get_turns(rounds):
    """Numbers of processes, one a turn; who begins changes from round to round."""
    turns = [1]
    for number in range(rounds):
        turns += (2, 1) if number % 2 else (1, 2)
    return turns
