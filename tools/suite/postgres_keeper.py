"""Runs PostgreSQL for as long as any command uses it. Started by postgres.py, never by hand."""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time

from . import process

PAUSE = 0.2
SERVER_START_SECONDS = 60


def lock(path, flags):
    """Open and lock a file, or return None if somebody else has it."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, flags)
    except BlockingIOError:
        os.close(fd)
        return None
    return fd


def keep(order):
    """Start the server, wait until its last user is gone, stop it."""
    keeper = lock(order["keeper_lock"], fcntl.LOCK_EX | fcntl.LOCK_NB)
    if keeper is None:
        return  # another keeper was quicker
    account = {}
    if order["uid"] is not None:
        account = {"user": order["uid"], "group": order["gid"], "extra_groups": []}
    adopted = _left_running(order["pid_file"])
    server = None
    if not adopted:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(order["socket"])
        # SIGINT is PostgreSQL's "fast shutdown": what the kernel sends if this keeper is killed
        server = process.spawn(order["command"], signal.SIGINT, cwd="/", **account)
    users = None
    while users is None and (adopted or server.poll() is None):
        time.sleep(PAUSE)
        users = lock(order["users_lock"], fcntl.LOCK_EX | fcntl.LOCK_NB)
    if adopted:
        subprocess.run(order["stop"], cwd="/", check=False, **account)
    else:
        process.stop(server, signal.SIGINT, patience=30)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(order["socket"])
    os.close(keeper)  # before the users' lock: who gets that one must find no keeper
    if users is not None:
        os.close(users)


def _left_running(pid_file):
    """Does a server of this cluster still run, or shut down, without a keeper?"""
    end = time.monotonic() + SERVER_START_SECONDS
    while time.monotonic() < end:
        try:
            with open(pid_file) as stream:
                pid = int(stream.readline())
            os.kill(pid, 0)
        except (OSError, ValueError):
            return False
        if sys.platform != "linux":
            return True
        if not _is_postgres(pid):
            return False
        time.sleep(PAUSE)  # its keeper was killed, so it has been told to stop: wait for that
    return True


def _is_postgres(pid):
    """Is it a server, rather than a killed one not yet reaped or a number used again?"""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat") as stream:
        name, _, rest = stream.read().rpartition(")")
        return name.endswith("(postgres") and rest.split()[0] != "Z"
    return False


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    keep(json.loads(sys.argv[1]))
