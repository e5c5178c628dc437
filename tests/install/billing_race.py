"""Two processes that bill the same subscription at once; prints what came out as JSON.

python billing_race.py SCENARIO   (the database is named by SUITE_DATABASE)
"""

import json
import sys
import threading

from usage_race import BILLED_ON, DATABASE, in_background, make_subscription

import odoo.api
from odoo.modules.registry import Registry

from suite.odoo_env import open_env

WAIT = 30  # seconds


def work(results):
    """Process a run of one's own as a worker does, in transactions of one's own."""
    with Registry(DATABASE).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        values = {"company_id": env.company.id, "date": BILLED_ON}
        run = env["subscription.billing.run"].create(values)
        cr.commit()
        results.append(run._process())
        cr.commit()


def same_moment(Run, results):
    """Both have begun before either has billed, so that neither sees what the other does."""
    together, begun = threading.Barrier(2), threading.local()
    claim = Run._claim_create

    def claim_create(self, failed):
        if not getattr(begun, "here", False):
            begun.here = True
            self.env.cr.execute("SELECT 1")  # from now on the transaction sees nothing new
            together.wait(timeout=WAIT)
        return claim(self, failed)

    Run._claim_create = claim_create
    workers = [in_background(work, results) for _number in range(2)]
    for worker in workers:
        worker.join()


def behind_the_lock(Run, results):
    """The second comes when the first has billed, but not committed."""
    do, second = Run._do_create, []

    def do_create(self, subscriptions):
        failed = do(self, subscriptions)
        if not second:
            second.append(in_background(work, results))
            second[0].join(timeout=1)
        return failed

    Run._do_create = do_create
    work(results)
    second[0].join()


SCENARIOS = {function.__name__: function for function in (same_moment, behind_the_lock)}


def main(name):
    with open_env(DATABASE) as env:
        subscription = make_subscription(env)
        results = []
        SCENARIOS[name](type(env["subscription.billing.run"]), results)
        env.cr.rollback()
        env.invalidate_all()
        found = {
            "finished": results,
            "invoices": subscription._get_invoices().mapped("state"),
            "charged": sum(subscription.charge_ids.mapped("amount")),
            "error": subscription.billing_error,
        }
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
