"""How the memory of a billing run grows with its size: MB for every 1000 subscriptions."""

import workers
from population import assert_billed, due, new_run
from scenario import INVOICE_DATE

SUBSCRIPTIONS = 5000
WARM = 5  # batches of a step after which the process has everything that it keeps


def run(options):
    """Measure the peak of memory after the fifth and after the last batch of each step."""
    size = options.due
    with due(options.database, INVOICE_DATE, size) as (database, company_id):
        run_id = new_run(database, company_id, INVOICE_DATE)
        _seconds, (peaks,) = workers.bill(database, run_id, 1)
        assert_billed(database, run_id, size)
    steps = [batches for batches in peaks.values() if len(batches) > WARM]
    growth = sum(batches[-1] - batches[WARM - 1] for batches in steps)
    begin = steps[0][WARM - 1]
    return {
        "run_memory_100k": {
            "value": round(growth / (size / 1000), 4),
            "unit": f"MB per 1000 subscriptions, seen in a run of {size}",
            "ratio": round((begin + growth) / begin, 4),
            "against": round(begin, 1),
        }
    }
