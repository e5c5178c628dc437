"""Billing runs in processes of their own, which say how long they took and how they grew."""

import contextlib
import json
import logging
import os
import resource
import signal
import sys
import time
import traceback

import odoo.api
import odoo.sql_db
from odoo.modules.registry import Registry

from suite.process import die_with_parent

PAUSE = 0.02


class Worker:
    """A forked process that bills; it waits until it is told to :meth:`go`."""

    def __init__(self, database, run_id):
        Registry(database)  # loaded before the fork, so that a process starts at once
        odoo.sql_db.close_all()
        self._answers, answer = os.pipe()
        order, self._orders = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if not self.pid:
            os.close(self._answers)
            os.close(self._orders)
            _work(database, run_id, order, answer)
        os.close(order)
        os.close(answer)
        os.read(self._answers, 1)  # it is ready

    def go(self):
        os.write(self._orders, b"!")

    def wait(self):
        """Return ``{step: [peak of memory in MB after each batch, ...]}``."""
        with open(self._answers, closefd=True) as stream:
            answer = stream.read()
        os.close(self._orders)
        os.waitpid(self.pid, 0)
        if not answer:
            raise AssertionError("a process that billed has failed")
        return json.loads(answer)


def bill(database, run_id, count):
    """Let ``count`` processes share a billing run.

    :return: seconds, and what each of them answers.
    """
    workers = [Worker(database, run_id) for _number in range(count)]
    start = time.perf_counter()
    for worker in workers:
        worker.go()
    answers = [worker.wait() for worker in workers]
    return time.perf_counter() - start, answers


def _work(database, run_id, order, answer):
    """The forked process: bill, and leave without any of the parent's clean-up."""
    die_with_parent(signal.SIGKILL)
    logging.getLogger("odoo.sql_db").setLevel(logging.CRITICAL)  # conflicts are expected
    try:
        peaks = {}
        with Registry(database).cursor() as cr:
            env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
            run = env["subscription.billing.run"].browse(run_id)
            _watch(type(run), peaks)
            os.write(answer, b"!")
            os.read(order, 1)
            while not run._process():
                time.sleep(PAUSE)
        os.write(answer, json.dumps(peaks).encode())
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stderr.flush()
        os._exit(0)


def _watch(model, peaks):
    """Note the peak of memory after each batch of each step."""
    process_step, commit, current = model._process_step, model._commit, []

    def watched_step(self, step):
        current[:] = [step]
        try:
            return process_step(self, step)
        finally:
            current.clear()

    def watched_commit(self, processed=0):
        left = commit(self, processed)
        if current:
            peaks.setdefault(current[0], []).append(_get_peak())
        return left

    model._process_step, model._commit = watched_step, watched_commit


def _get_peak():
    """Peak of this process's memory in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
