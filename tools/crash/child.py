"""Billing runs in processes of their own, which can be watched and killed."""

import logging
import os
import select
import signal
import sys
import time

import odoo.api
import odoo.sql_db
from odoo.modules.registry import Registry

CREATE_BATCH = 25  # small, so that there are many places to be interrupted at
COLLECT_BATCH = 8
STEPS = ("create", "post", "send", "collect")
PAUSE = 0.05


class Runner:
    """A billing run in a forked process; it tells the step that it is in through a pipe."""

    def __init__(self, database, run_id, small_batches=True):
        Registry(database)  # loaded before the fork, so that a process starts at once
        odoo.sql_db.close_all()
        self.step, self.conflicts, self.failed = None, 0, False
        self._reader, writer = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if not self.pid:
            _bill_and_exit(database, run_id, small_batches, writer)
        os.close(writer)

    def wait(self, until=None, timeout=None):
        """Wait for the step `until`, or for the end.

        :return: whether the process is still running.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while until is None or self.step != until:
            left = None if end is None else max(0.0, end - time.monotonic())
            if not select.select([self._reader], [], [], left)[0]:
                return True
            told = os.read(self._reader, 1)
            if not told:
                return self._reap()
            self._note(told)
        return True

    def sleep(self, seconds):
        """Let the process go on; return whether it is still running afterwards."""
        return self.wait(timeout=seconds)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        while told := os.read(self._reader, 1):
            self._note(told)
        self._reap()

    def _note(self, told):
        if told == b"!":
            self.conflicts += 1
        else:
            self.step = STEPS[int(told)]

    def _reap(self):
        os.close(self._reader)
        status = os.waitpid(self.pid, 0)[1]
        self.failed = os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0
        return False


def _bill_and_exit(database, run_id, small_batches, writer):
    """The forked process: bill, and leave without any of the parent's clean-up."""
    code = 1
    try:
        _bill(database, run_id, small_batches, writer)
        code = 0
    except BaseException:
        logging.getLogger(__name__).exception("the billing run broke off")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


class _Conflicts(logging.Handler):
    """Tells of the conflicts between two runs, which the run logs."""

    def __init__(self, writer):
        super().__init__(logging.INFO)
        self._writer = writer

    def emit(self, record):
        if "conflict" in record.getMessage():
            os.write(self._writer, b"!")


def _bill(database, run_id, small_batches, writer):
    from odoo.addons.subscription_base.models import subscription_billing_run as engine

    if small_batches:
        engine.CREATE_BATCH, engine.COLLECT_BATCH = CREATE_BATCH, COLLECT_BATCH
    logger = logging.getLogger(engine.__name__)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(_Conflicts(writer))
    registry = Registry(database)
    model = registry["subscription.billing.run"]
    original = model._process_step

    def process_step(self, step):
        os.write(writer, str(STEPS.index(step)).encode())
        return original(self, step)

    model._process_step = process_step
    with registry.cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        run = env["subscription.billing.run"].browse(run_id)
        while not run._process():
            time.sleep(PAUSE)
