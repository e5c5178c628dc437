"""What goes wrong between a billing run and a payment provider; prints what came out as JSON.

python payment_faults.py SCENARIO   (the database is named by SUITE_DATABASE)

The provider keeps books of its own, in a file that no rollback and no kill takes back.
"""

import json
import os
import signal
import sys
import tempfile
import threading
from datetime import timedelta
from pathlib import Path

from demo import provider as demo_provider
from usage_race import BILLED_ON, DATABASE, in_background, make_subscription

import odoo.api
import odoo.sql_db
from odoo import fields
from odoo.modules.registry import Registry
from odoo.service.model import retrying

from suite.odoo_env import open_env

WAIT = 60  # seconds
BOOKS = Path(tempfile.mkdtemp()) / "provider"


class Provider:
    """A payment provider: what it has charged, and how it answers.

    :param recognises: it charges a request that bears the same reference only once.
    :param fault: ``fault(transaction)``, what happens when the money has moved.
    :param before: ``before(transaction)``, what happens before the request arrives.
    """

    def __init__(self, recognises=False, fault=None, before=None, answer="_set_done"):
        self.recognises, self.fault, self.before = recognises, fault, before
        self.answer = answer

    def install(self, registry):
        """Let the transactions of this process ask this provider."""
        Transaction = registry["payment.transaction"]
        codes = ("demo",) if self.recognises else ()

        def send(transaction):
            self.charge(transaction)

        Transaction._get_repeatable_codes = lambda model: codes
        Transaction._send_payment_request = send

    def charge(self, transaction):
        if self.before:
            self.before(transaction)
        if not (self.recognises and transaction.reference in charges()):
            with BOOKS.open("a") as books:
                books.write(f"{transaction.reference} {transaction.amount}\n")
        if self.fault:
            self.fault(transaction)
        getattr(transaction, self.answer)()


def charges():
    """What the provider has charged: amounts by reference, as it knows them."""
    lines = BOOKS.read_text().splitlines() if BOOKS.exists() else []
    return {reference: float(amount) for reference, amount in (line.split() for line in lines)}


def count_charges():
    return len(BOOKS.read_text().splitlines()) if BOOKS.exists() else 0


def environment(cr):
    return odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})


def run(provider, day=BILLED_ON):
    """Bill as a worker does, in transactions of one's own."""
    registry = Registry(DATABASE)
    provider.install(registry)
    with registry.cursor() as cr:
        env = environment(cr)
        run = env["subscription.billing.run"].create({"company_id": env.company.id, "date": day})
        cr.commit()
        run._process()


def in_process(provider):
    """Bill in a process of its own; return its id."""
    Registry(DATABASE)
    sys.stdout.flush()
    pid = os.fork()
    if not pid:
        odoo.sql_db._Pool = None  # the parent's connections are not ours
        code = 1
        try:
            run(provider)
            code = 0
        finally:
            os._exit(code)
    return pid


def killed(provider):
    status = os.waitpid(in_process(provider), 0)[1]
    assert os.WIFSIGNALED(status), "the process was not killed"


def die(_transaction):
    os.kill(os.getpid(), signal.SIGKILL)


def time_out(_transaction):
    raise TimeoutError("Read timed out.")


def quarter_of_an_hour_later(env):
    """Long enough for everybody to know that the process does not come back."""
    env.cr.execute(
        "UPDATE subscription_payment_attempt SET date_asked = %s WHERE state = 'asked'",
        [fields.Datetime.now() - timedelta(minutes=16)],
    )
    env.cr.commit()
    env.invalidate_all()
    env["subscription.payment.attempt"]._cron_follow_up()
    env.cr.commit()


def look_up(env, attempt):
    """What an accountant does who reads the provider's books."""
    paid = attempt.idempotency_key in charges()
    attempt.action_confirm_paid() if paid else attempt.action_confirm_unpaid()
    env.cr.commit()
    return paid


def resolve(env, subscription):
    """Let a person find out what became of the unanswered attempt, and collect what is open."""
    quarter_of_an_hour_later(env)
    run(Provider())  # no run charges again by itself
    env.cr.rollback()
    env.invalidate_all()
    [attempt] = env["subscription.payment.attempt"].search([("state", "=", "unknown")])
    if not look_up(env, attempt):
        attempt.action_retry()
        env.cr.commit()


def timeout(env, subscription):
    """The money has moved; the answer does not arrive."""
    run(Provider(fault=time_out))
    resolve(env, subscription)


def dies_between_charge_and_write(env, subscription):
    killed(Provider(fault=die))
    resolve(env, subscription)


def dies_between_commit_and_request(env, subscription):
    killed(Provider(before=die))
    resolve(env, subscription)


def dies_and_the_provider_recognises_the_request(env, subscription):
    """The next run asks again, and learns what has become of it."""
    killed(Provider(recognises=True, fault=die))
    run(Provider(recognises=True))


def no_line(_transaction):
    from odoo.addons.subscription_base.models.payment_provider import NotReached

    raise NotReached("No line.")


def killed_then_no_line(env, subscription):
    """The first request has charged; that the next one does not arrive changes nothing."""
    killed(Provider(recognises=True, fault=die))
    run(Provider(recognises=True, before=no_line))
    resolve(env, subscription)


def timeout_then_no_line(env, subscription):
    run(Provider(recognises=True, fault=time_out))
    run(Provider(recognises=True, before=no_line))
    resolve(env, subscription)


def dies_before_the_booking(env, subscription):
    """The answer is committed; the payment is not booked yet."""
    Attempt = Registry(DATABASE)["subscription.payment.attempt"]
    book = Attempt._book
    Attempt._book = die
    killed(Provider())
    Attempt._book = book
    run(Provider())


def answers_twice(env, subscription):
    run(Provider())
    env.cr.rollback()
    transaction = env["payment.transaction"].search([("state", "=", "done")])
    for _again in range(2):
        transaction._process(
            "demo", {"reference": transaction.reference, "simulated_state": "done"}
        )
        env.cr.commit()
        env["payment.transaction"]._cron_post_process()


def answers_late(env, subscription):
    run(Provider(answer="_set_pending"))
    run(Provider())
    env.cr.rollback()
    transaction = env["payment.transaction"].search([("state", "=", "pending")])
    transaction._process("demo", {"reference": transaction.reference, "simulated_state": "done"})
    env.cr.commit()
    env["payment.transaction"]._cron_post_process()


def webhook_during_the_run(env, subscription):
    """The provider's message comes in another worker, before its answer to the run."""
    messages = []

    def receive(reference):
        with Registry(DATABASE).cursor() as cr:
            message = {"reference": reference, "simulated_state": "done"}
            process = environment(cr)["payment.transaction"]._process
            retrying(lambda: process("demo", message), environment(cr))

    def send(transaction):
        messages.append(in_background(receive, transaction.reference))
        messages[0].join(timeout=1)

    run(Provider(fault=send))
    messages[0].join(timeout=WAIT)
    env.cr.rollback()
    env["payment.transaction"]._cron_post_process()


def two_workers(env, subscription):
    """Both find the invoice open; they ask the provider at the same moment."""
    together = threading.Barrier(2)

    def schedule_together(registry):
        Attempt = registry["subscription.payment.attempt"]
        original = Attempt._schedule

        def schedule(self, moves, run=None):
            try:
                together.wait(timeout=3)
            except threading.BrokenBarrierError:
                pass  # the other one was kept from getting here
            return original(self, moves, run)

        Attempt._schedule = schedule

    schedule_together(Registry(DATABASE))
    workers = [in_background(run, Provider()) for _number in range(2)]
    for worker in workers:
        worker.join(timeout=WAIT)


def two_clicks(env, subscription):
    """Two accountants press the button on a refused payment at the same moment."""
    run(Provider(answer="_set_canceled"))
    BOOKS.unlink()
    env.cr.rollback()
    attempt = env["subscription.payment.attempt"].search([])
    Provider().install(Registry(DATABASE))
    together, refused = threading.Barrier(2), []

    def click():
        with Registry(DATABASE).cursor() as cr:
            mine = environment(cr)["subscription.payment.attempt"].browse(attempt.id)
            cr.execute("SELECT 1")
            together.wait(timeout=WAIT)
            try:
                retrying(mine.action_retry, mine.env)
            except Exception as error:
                refused.append(error)

    clicks = [in_background(click) for _number in range(2)]
    for one in clicks:
        one.join(timeout=WAIT)


SCENARIOS = {
    function.__name__: function
    for function in (
        timeout,
        dies_between_charge_and_write,
        dies_between_commit_and_request,
        dies_and_the_provider_recognises_the_request,
        killed_then_no_line,
        timeout_then_no_line,
        dies_before_the_booking,
        answers_twice,
        answers_late,
        webhook_during_the_run,
        two_workers,
        two_clicks,
    )
}


def main(name):
    with open_env(DATABASE) as env:
        subscription = make_subscription(env)
        saved = demo_provider.enable(env, env.company)
        values = demo_provider.token_values(saved, subscription.partner_id, "done", 1)
        subscription.payment_token_id = env["payment.token"].create(values)
        env.cr.commit()
        SCENARIOS[name](env, subscription)
        env.cr.rollback()
        env.invalidate_all()
        env["subscription.payment.attempt"]._cron_follow_up()
        attempts = env["subscription.payment.attempt"].search([], order="id")
        payments = env["account.payment"].search([("payment_transaction_id", "!=", False)])
        events = subscription.event_ids.mapped("event_type")
        found = {
            "charged": count_charges(),
            "amounts": list(charges().values()),
            "attempts": attempts.mapped("state"),
            "payments": payments.mapped("amount"),
            "open": sum(subscription._get_invoices().mapped("amount_residual")),
            "states": subscription._get_invoices().mapped("payment_state"),
            "succeeded": events.count("payment_succeeded"),
            "errors": [error for error in subscription.mapped("billing_error") if error],
        }
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
