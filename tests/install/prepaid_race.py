"""Many who extend a prepaid contract at once, or die over it; prints what came out as JSON.

python prepaid_race.py SCENARIO   (the database is named by SUITE_DATABASE)
"""

import json
import os
import signal
import sys
import threading

from usage_race import DATABASE

import odoo.api
import odoo.sql_db
from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.service.model import retrying

from suite.odoo_env import open_env

CUSTOMERS, AFFORDED, PRICE, GROSS = 50, 7, 30.0, 35.7  # the account of the revenue has 19 %
MINUTE = 60  # seconds


def environment(cr):
    return odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})


def make_contracts(env, count):
    """Contracts of one customer, each with one package for 35.70, and the customer's balance."""
    product = env["product.product"].create(
        {"name": "Hosting", "type": "service", "list_price": PRICE, "taxes_id": False}
    )
    plan = env["subscription.plan"].create(
        {
            "name": "Prepaid",
            "is_prepaid": True,
            "component_ids": [Command.create({"product_id": product.id})],
            "package_ids": [Command.create({"length_count": 1, "length_unit": "month"})],
        }
    )
    plan.action_activate()
    customer = env["res.partner"].create({"name": "Customer"})
    contracts = env["subscription.subscription"].create(
        [
            {
                "partner_id": customer.id,
                "plan_id": plan.id,
                "date_start": fields.Date.today(),
                "line_ids": [
                    Command.create(
                        {"component_id": plan.main_component_id.id, "product_id": product.id}
                        | {"price_unit": PRICE}
                    )
                ],
            }
            for _number in range(count)
        ]
    )
    contracts.action_start()
    run = env["subscription.billing.run"].create({"date": fields.Date.today()})
    run._bill_subscriptions(contracts)
    return contracts


def top_up(contracts, amount):
    env = contracts.env
    wallet = env["subscription.wallet"]._get(
        contracts[0].partner_id, env.company, env.company.currency_id
    )
    payment = env["account.payment"].create(
        {
            "payment_type": "inbound",
            "partner_type": "customer",
            "partner_id": wallet.partner_id.id,
            "amount": amount,
            "subscription_wallet_id": wallet.id,
        }
    )
    payment.action_post()
    env.cr.commit()
    return wallet


def extend(contract_id, expiry, answers):
    """What a request does whose customer has confirmed."""
    with Registry(DATABASE).cursor() as cr:
        env = environment(cr)
        contract = env["subscription.subscription"].browse(contract_id)
        try:
            retrying(lambda: contract._extend_in_turn(contract.plan_id.package_ids, expiry), env)
            answers.append("sold")
        except UserError as error:
            answers.append(str(error))


def all_at_once(jobs):
    answers = []
    threads = [
        threading.Thread(target=extend, args=(contract, expiry, answers))
        for contract, expiry in jobs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10 * MINUTE)
    return answers


def report(contracts, wallet, answers):
    env = contracts.env
    env.cr.rollback()
    env.invalidate_all()
    extensions = contracts.extension_ids
    return {
        "sold": answers.count("sold"),
        "told": sum("not enough" in answer for answer in answers),
        "others": [a for a in answers if a != "sold" and "not enough" not in a],
        "extensions": len(extensions),
        "invoices": len(extensions.move_id),
        "open": sum(extensions.move_id.mapped("amount_residual")),
        "balance": wallet.balance,
        "difference": wallet.difference,
    }


def fifty_at_once(env):
    """A balance that covers seven."""
    contracts = make_contracts(env, CUSTOMERS)
    wallet = top_up(contracts, AFFORDED * GROSS)
    jobs = [(contract.id, contract.date_expiry) for contract in contracts]
    return report(contracts, wallet, all_at_once(jobs))


def one_clicked_often(env):
    """The same confirmation ten times."""
    contract = make_contracts(env, 1)
    wallet = top_up(contract, AFFORDED * GROSS)
    return report(contract, wallet, all_at_once([(contract.id, contract.date_expiry)] * 10))


def killed(env):
    """A process is killed at each step of the way, and then one is let through."""
    contract = make_contracts(env, 1)
    wallet = top_up(contract, AFFORDED * GROSS)
    before = report(contract, wallet, [])
    job = contract.id, contract.date_expiry
    steps = [
        ("subscription.subscription", "_prolong"),
        ("subscription.subscription", "_bill_extension"),
        ("subscription.wallet", "_settle"),
        ("subscription.extension", "create"),
        ("subscription.subscription", "_log_event"),
    ]
    unchanged = [die_after(*step, job) or report(contract, wallet, []) == before for step in steps]
    answers = all_at_once([job])
    return {**report(contract, wallet, answers), "unchanged": unchanged}


def die_after(model, method, job):
    """Extend in a process that is killed as soon as a step has been taken."""
    registry = Registry(DATABASE)
    pid = os.fork()
    if not pid:
        odoo.sql_db._Pool = None  # its connections are the parent's
        registry._db = odoo.sql_db.db_connect(DATABASE)
        original = getattr(registry[model], method)

        def last_step(self, *arguments, **named):
            original(self, *arguments, **named)
            self.env.flush_all()
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(registry[model], method, last_step)
        extend(*job, [])
        os._exit(0)
    status = os.waitpid(pid, 0)[1]
    assert os.WIFSIGNALED(status), f"{method} was never reached"


SCENARIOS = {scene.__name__: scene for scene in (fifty_at_once, one_clicked_often, killed)}


def main(name):
    with open_env(DATABASE) as env:
        found = SCENARIOS[name](env)
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
