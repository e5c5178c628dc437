"""Several transactions at once on one database; prints what came out as JSON.

python usage_race.py SCENARIO   (the database is named by SUITE_DATABASE)
"""

import functools
import json
import os
import sys
import threading
from datetime import date

import odoo.api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service.model import retrying

from suite.odoo_env import open_env

DATABASE = os.environ["SUITE_DATABASE"]
EVENTS = 1000
START, END = date(2026, 1, 1), date(2026, 1, 31)
BILLED_ON = date(2026, 2, 1)


def make_subscription(env):
    product = env["product.product"].create(
        {"name": "Calls", "type": "service", "list_price": 0.1, "taxes_id": False}
    )
    base = env["product.product"].create(
        {"name": "Base", "type": "service", "list_price": 10.0, "taxes_id": False}
    )
    plan = env["subscription.plan"].create(
        {
            "name": "Telephone",
            "component_ids": [
                Command.create({"product_id": base.id}),
                Command.create({"product_id": product.id, "charge_type": "usage"}),
            ],
        }
    )
    plan.action_activate()
    subscription = env["subscription.subscription"].create(
        {
            "partner_id": env["res.partner"].create({"name": "Customer"}).id,
            "plan_id": plan.id,
            "date_start": START,
        }
    )
    subscription.line_ids = [Command.create(vals) for vals in subscription._prepare_plan_lines()]
    subscription.action_start()
    subscription._close(on=END)
    env.cr.commit()
    return subscription


def events(subscription, count):
    meter = subscription.line_ids.meter_id
    return [
        {
            "subscription": subscription.name,
            "meter": meter.handle,
            "timestamp": "2026-01-20T12:00:00Z",
            "quantity": 1,
            "key": str(number),
        }
        for number in range(count)
    ]


def record(batch):
    """Record a batch as a request does: in a transaction of its own that is tried again."""
    with Registry(DATABASE).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        return retrying(functools.partial(env["subscription.usage"].record_usage, batch), env)


def in_background(work, *args):
    thread = threading.Thread(target=work, args=args)
    thread.start()
    return thread


def bill(env):
    run = env["subscription.billing.run"].create({"company_id": env.company.id, "date": BILLED_ON})
    env.cr.commit()
    run._process()


def same_batch_twice(env, subscription):
    """Two senders report the same events at the same moment."""
    batch, answers = events(subscription, EVENTS), []
    senders = [in_background(lambda: answers.append(record(batch))) for _ in range(2)]
    for sender in senders:
        sender.join()
    return {
        "accepted": sum(len(answer["accepted"]) for answer in answers),
        "duplicates": sum(len(answer["duplicates"]) for answer in answers),
    }


def before_the_lock(env, subscription):
    """The run sees the state before the events are committed, and locks the subscription after."""
    run = env["subscription.billing.run"].create({"company_id": env.company.id, "date": BILLED_ON})
    env.cr.commit()
    claim, sent = type(run)._claim_create, []

    def claim_create(self, failed):
        self.env.cr.execute("SELECT 1")  # from now on the transaction sees nothing new
        if not sent:
            sent.append(record(events(subscription, EVENTS)))
        return claim(self, failed)

    type(run)._claim_create = claim_create
    run._process()
    type(run)._claim_create = claim
    return {"accepted": len(sent[0]["accepted"])}


def behind_the_lock(env, subscription):
    """The run has locked the subscription, and closes it while the events arrive."""
    run = env["subscription.billing.run"].create({"company_id": env.company.id, "date": BILLED_ON})
    env.cr.commit()
    do, senders = type(run)._do_create, []

    def do_create(self, subscriptions):
        if not senders:
            senders.append(in_background(record, events(subscription, EVENTS)))
            senders[0].join(timeout=1)  # it waits for the lock
        return do(self, subscriptions)

    type(run)._do_create = do_create
    run._process()
    type(run)._do_create = do
    senders[0].join()
    return {"accepted": EVENTS}


SCENARIOS = {
    function.__name__: function for function in (same_batch_twice, before_the_lock, behind_the_lock)
}


def main(name):
    with open_env(DATABASE) as env:
        subscription = make_subscription(env)
        result = SCENARIOS[name](env, subscription)
        env.cr.rollback()
        env.invalidate_all()
        bill(env)
        env.cr.rollback()
        env.invalidate_all()
        measured = subscription.charge_ids.filtered("measured")
        result |= {
            "events": env["subscription.usage"].search_count([]),
            "billed": round(sum(measured.mapped("amount")), 2),
            "state": subscription.state,
            "invoiced": round(sum(subscription._get_invoices().mapped("amount_untaxed")), 2),
        }
    print(json.dumps(result))


if __name__ == "__main__":
    main(sys.argv[1])
