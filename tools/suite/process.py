"""Child processes that never outlive their parent, whatever ends it."""

import contextlib
import ctypes
import os
import platform
import signal
import subprocess
import threading
import time

from .console import Problem

PR_SET_PDEATHSIG = 1
NO_SPACE = "No space left on device"

_children = set()
_children_lock = threading.Lock()
_libc = ctypes.CDLL(None, use_errno=True) if platform.system() == "Linux" else None


class Interrupted(BaseException):
    """A signal asked this command to end."""

    def __init__(self, signum):
        super().__init__(signum)
        self.exit_code = 128 + signum


class CommandFailed(Exception):
    """A child ended with an error; `output` is what it wrote."""

    def __init__(self, command, returncode, output):
        self.command = [str(part) for part in command]
        self.returncode = returncode
        self.output = output or ""
        super().__init__(f"{' '.join(self.command)[:200]} ended with {returncode}")


def die_with_parent(signum=signal.SIGTERM):
    """Have the kernel send `signum` to this process when its parent is gone (Linux only)."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(signum), 0, 0, 0)


def _preexec(signum):
    parent = os.getpid()

    def prepare():
        die_with_parent(signum)
        if os.getppid() != parent:  # it was gone before the line above took effect
            os._exit(1)

    return prepare


def spawn(command, death_signal=signal.SIGTERM, **kwargs):
    """Start a child that gets `death_signal` when this process is killed."""
    kwargs.setdefault("stdin", subprocess.DEVNULL)
    command = [str(part) for part in command]
    kwargs["preexec_fn"] = _preexec(death_signal)  # one system call: safe beside threads
    child = subprocess.Popen(command, **kwargs)
    with _children_lock:
        _children.add(child)
    return child


def forget(child):
    """The child has ended and was waited for."""
    with _children_lock:
        _children.discard(child)


def stop(child, signum=signal.SIGTERM, patience=10.0):
    """End a child: politely first, then with SIGKILL."""
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(signum)
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    forget(child)


def stop_all():
    """End every child that is still running, all at the same time."""
    with _children_lock:
        children = list(_children)
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
    for child in children:
        stop(child, patience=8.0)


def run(command, check=True, **kwargs):
    """Run a command to its end and return its output (both streams) as text."""
    kwargs.setdefault("stdout", subprocess.PIPE)
    kwargs.setdefault("stderr", subprocess.STDOUT)
    child = spawn(command, text=True, errors="replace", **kwargs)
    try:
        output, _ = child.communicate()
    finally:
        stop(child)
    if check and child.returncode:
        if NO_SPACE in (output or ""):
            raise Problem(f"the disk is full ({os.path.basename(str(command[0]))}: {NO_SPACE})")
        raise CommandFailed(command, child.returncode, output)
    return output or ""


def succeeds(command, **kwargs):
    """Does the command exist, and does it end with 0?"""
    try:
        run(command, **kwargs)
    except (CommandFailed, OSError):
        return False
    return True


def call(command, **kwargs):
    """Run a command in the foreground with this terminal; return its exit code."""
    kwargs.setdefault("stdin", None)
    child = spawn(command, **kwargs)
    try:
        return child.wait()
    except KeyboardInterrupt:
        # the terminal sent the child the same signal: let it end in its own way
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(4)
        raise
    finally:
        stop(child)


def wait_until(condition, seconds, pause=0.1):
    """Poll `condition` until it is true; False when the time is up."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True


def handle_signals():
    """Turn the polite signals into exceptions, so that every `finally` runs."""

    def handler(signum, _frame):
        for other in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(other, signal.SIG_IGN)
        raise Interrupted(signum)

    signal.signal(signal.SIGTERM, handler)
    signal.signal(signal.SIGHUP, handler)
    if os.environ.get("MAKELEVEL"):
        die_with_parent(signal.SIGTERM)  # `kill -9` of make must not leave us behind
