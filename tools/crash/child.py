"""Billing runs in processes of their own, which can be watched and killed."""

import functools
import logging
import os
import select
import signal
import sys
import time

import odoo.api
import odoo.sql_db
from odoo.exceptions import ValidationError
from odoo.modules.registry import Registry
from odoo.service.model import retrying

from suite.process import die_with_parent

CREATE_BATCH = 25  # small, so that there are many places to be interrupted at
COLLECT_BATCH = 8
PAUSE = 0.05
_MODELS = "odoo.addons.subscription_"
_ENGINE = "odoo.addons.subscription_base.models.subscription_billing_steps"
CONFLICT = b"!\n"
CLICKS = 3


class Runner:
    """A billing run in a forked process; it tells the step that it is in through a pipe."""

    def __init__(self, database, run_id, small_batches=True, by_hand=()):
        """
        :param by_hand: ids of subscriptions to bill one by one, as users do from the form.
        """
        Registry(database)  # loaded before the fork, so that a process starts at once
        odoo.sql_db.close_all()
        self.step, self.conflicts, self.failed = None, 0, False
        self.seconds, self._since = {}, time.monotonic()
        self._reader, writer = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if not self.pid:
            _bill_and_exit(database, run_id, small_batches, by_hand, writer)
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
            if not self._read():
                return self._reap()
        return True

    def sleep(self, seconds):
        """Let the process go on; return whether it is still running afterwards."""
        return self.wait(timeout=seconds)

    def kill(self):
        """Kill the process; return the step that it was in."""
        os.kill(self.pid, signal.SIGKILL)
        while self._read():
            pass
        step = self.step
        self._reap()
        return step

    def _read(self):
        """Note what the process tells: a conflict, or the step that it enters."""
        if not (told := os.read(self._reader, 1)):
            return False
        while told[-1:] != b"\n":
            if not (more := os.read(self._reader, 1)):
                return False
            told += more
        if told == CONFLICT:
            self.conflicts += 1
        else:
            self._enter(told.decode().strip())
        return True

    def _enter(self, step):
        now = time.monotonic()
        if self.step:
            self.seconds[self.step] = self.seconds.get(self.step, 0) + now - self._since
        self.step, self._since = step, now

    def _reap(self):
        self._enter(None)
        os.close(self._reader)
        status = os.waitpid(self.pid, 0)[1]
        self.failed = os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0
        return False


def _bill_and_exit(database, run_id, small_batches, by_hand, writer):
    """The forked process: bill, and leave without any of the parent's clean-up."""
    die_with_parent(signal.SIGKILL)
    code = 1
    try:
        _bill(database, run_id, small_batches, by_hand, writer)
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
            os.write(self._writer, CONFLICT)


def _set_batches(**sizes):
    """Change the sizes of batches wherever a module of the suite has imported them."""
    for name, size in sizes.items():
        assert hasattr(sys.modules[_ENGINE], name), f"{name} has another name now"
        for module in [*sys.modules.values()]:
            if hasattr(module, name) and module.__name__.startswith(_MODELS):
                setattr(module, name, size)


def _bill(database, run_id, small_batches, by_hand, writer):
    registry = Registry(database)
    model = registry["subscription.billing.run"]
    engine = sys.modules[_ENGINE]
    if small_batches:
        _set_batches(CREATE_BATCH=CREATE_BATCH, COLLECT_BATCH=COLLECT_BATCH)
    logging.getLogger("odoo.sql_db").setLevel(logging.CRITICAL)  # conflicts are expected
    logger = logging.getLogger(engine.__name__)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(_Conflicts(writer))
    original = model._process_step

    def process_step(self, step):
        os.write(writer, f"{step}\n".encode())
        return original(self, step)

    model._process_step = process_step
    with registry.cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        run = env["subscription.billing.run"].browse(run_id)
        if by_hand:
            return _bill_by_hand(run, by_hand, writer)
        while not run._process():
            time.sleep(PAUSE)


def _bill_by_hand(run, ids, writer):
    """Bill one subscription after the other, each in a request that is retried as Odoo's are."""
    for subscription in run.env["subscription.subscription"].browse(ids):
        bill = functools.partial(run._bill_subscriptions, subscription)
        for _click in range(CLICKS):
            try:
                retrying(bill, run.env)
                break
            except ValidationError:  # what the user is told when the run was quicker
                os.write(writer, CONFLICT)
