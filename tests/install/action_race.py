"""Jobs that run life-cycle actions at once, or die on the way; prints what came out as JSON.

python action_race.py SCENARIO   (the database is named by SUITE_DATABASE)
"""

import json
import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import odoo.api
from odoo.fields import Command
from odoo.modules.registry import Registry

from suite.odoo_env import open_env

DATABASE = os.environ["SUITE_DATABASE"]
COUNT = 20
CODE = "record.write({'client_order_ref': (record.client_order_ref or '') + 'x'})"


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.keys.append(self.headers["Idempotency-Key"])
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        """Say nothing."""


def make_subscriptions(env, **action):
    """Subscriptions whose start has started an action each."""
    product = env["product.product"].create(
        {"name": "Base", "type": "service", "list_price": 10.0, "taxes_id": False}
    )
    plan = env["subscription.plan"].create(
        {
            "name": "Base",
            "component_ids": [Command.create({"product_id": product.id})],
            "action_ids": [Command.create({"trigger": "activation", **action})],
        }
    )
    plan.action_activate()
    customer = env["res.partner"].create({"name": "Customer"})
    subscriptions = env["subscription.subscription"].create(
        [{"partner_id": customer.id, "plan_id": plan.id} for _number in range(COUNT)]
    )
    for subscription in subscriptions:
        subscription.line_ids = [
            Command.create(vals) for vals in subscription._prepare_plan_lines()
        ]
    subscriptions.action_start()
    env.cr.commit()
    return subscriptions


def prepare_server_action(env):
    model = env["ir.model"]._get_id("subscription.subscription")
    action = env["ir.actions.server"].create(
        {"name": "Trace", "model_id": model, "state": "code", "code": CODE}
    )
    return {"action_type": "server", "server_action_id": action.id}


def work():
    """What the scheduler does, in a transaction of its own."""
    with Registry(DATABASE).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        env["subscription.action.run"]._cron_execute()


def die_at(method):
    """Let a process of its own do the work; it is killed where ``method`` is called."""
    done = subprocess.run([sys.executable, __file__, "die", method], check=False)
    assert done.returncode == -signal.SIGKILL, done.returncode


def die(method):
    with open_env(DATABASE) as env:
        Run = type(env["subscription.action.run"])
        original = getattr(Run, method)

        def kill(self, *args, **kwargs):
            if method == "_call":
                original(self, *args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(Run, method, kill)
        env["subscription.action.run"]._cron_execute()


def two_workers(env):
    """Two jobs share the work."""
    make_subscriptions(env, **prepare_server_action(env))
    workers = [threading.Thread(target=work) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return {}


def dies_before_the_note(env):
    """The action is carried out, and the process dies before that is noted."""
    make_subscriptions(env, **prepare_server_action(env))
    die_at("_succeed")
    died = env["subscription.action.run"].search_count([("state", "=", "done")])
    work()
    return {"died_with": died}


def dies_after_the_call(env):
    """The receiver has accepted, and the process dies before it can note it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.keys = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    env.company.subscription_private_webhooks = True
    make_subscriptions(
        env, action_type="webhook", webhook_url=f"http://127.0.0.1:{server.server_port}/"
    )
    die_at("_call")
    unanswered = env["subscription.action.run"].search([("state", "=", "sending")]).mapped("key")
    env.cr.rollback()
    work()
    before = list(server.keys)
    env.cr.execute(
        "UPDATE subscription_action_run SET next_try = now() AT TIME ZONE 'UTC' - INTERVAL '1 s'"
    )
    env.cr.commit()
    work()
    server.shutdown()
    return {
        "unanswered": len(unanswered),
        "before_the_lease_is_over": len(before),
        "calls": len(server.keys),
        "keys": len(set(server.keys)),
        "repeated": max(map(server.keys.count, unanswered)),
    }


SCENARIOS = {
    function.__name__: function
    for function in (two_workers, dies_before_the_note, dies_after_the_call)
}


def main(name):
    with open_env(DATABASE) as env:
        result = SCENARIOS[name](env)
        env.cr.rollback()
        env.invalidate_all()
        runs = env["subscription.action.run"].search([])
        result |= {
            "runs": len(runs),
            "done": len(runs.filtered(lambda run: run.state == "done")),
            "traces": [run.subscription_id.client_order_ref or "" for run in runs],
        }
    print(json.dumps(result))


if __name__ == "__main__":
    if sys.argv[1] == "die":
        die(sys.argv[2])
    else:
        main(sys.argv[1])
