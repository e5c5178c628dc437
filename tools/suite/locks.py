"""Locks that the kernel gives back when their holder dies, however it dies."""

import contextlib
import fcntl
import os
import signal

from .console import Problem, say
from .process import wait_until
from .settings import DEV

RUNNING = DEV / "run"


def open_lock(path):
    """A file to lock; children do not inherit it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(fd, shared=False):
    """Take the lock if nobody else has it."""
    try:
        fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def exclusive(name, waiting_for):
    """Hold the lock `name` of this folder; say once what is waited for."""
    fd = open_lock(DEV / f"{name}.lock")
    try:
        if not try_lock(fd):
            say(f"waiting for another command that {waiting_for}")
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


@contextlib.contextmanager
def registered(command):
    """Be listed as a running command of this folder, for `make stop` and `make clean`."""
    path = RUNNING / f"{os.getpid()}-{command}"
    fd = open_lock(path)
    try:
        try_lock(fd)
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(fd)


def others():
    """The process ids and names of this folder's other running commands."""
    found = []
    for path in RUNNING.glob("*-*") if RUNNING.exists() else ():
        pid, _, command = path.name.partition("-")
        if int(pid) == os.getpid():
            continue
        try:
            fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            if try_lock(fd):
                path.unlink(missing_ok=True)  # left by a killed command
            else:
                found.append((int(pid), command))
        finally:
            os.close(fd)
    return found


def stop_others():
    """End the other commands of this folder; return how many there were."""
    running = others()
    for pid, command in running:
        say(f"stopping {command} (process {pid})")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    if not wait_until(lambda: not others(), 20):
        for pid, _command in others():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if not wait_until(lambda: not others(), 5):
            raise Problem("some commands of this folder do not end")
    return len(running)
