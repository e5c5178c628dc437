"""Odoo as a child process, with its progress shown and its log judged."""

import os
import re
import subprocess

from .console import Problem, progress
from .process import CommandFailed, forget, run, spawn, stop
from .python_env import python
from .settings import LOGS, shown

BAD_LINE = re.compile(r"^\S+ \S+ \d+ (?:ERROR|CRITICAL) .*$", re.M)
TRACEBACK = re.compile(r"^Traceback .*\n(?:(?!\d{4}-\d\d-\d\d ).*\n?)*", re.M)
MOST_LINES = 30
LOADING = re.compile(r"Loading module (\S+) \((\d+)/(\d+)\)")


def last_module(log):
    """How far an installation has come, read from the end of its log."""
    with open(log, "rb") as stream:
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - 8000))
        found = LOADING.findall(stream.read().decode(errors="replace"))
    return "{1}/{2} {0}".format(*found[-1]) if found else ""


def odoo(text, *arguments, log):
    """Run Odoo to its end; anything that it logs as an error is a failure. Return its log."""
    path = LOGS / f"{log}.log"
    LOGS.mkdir(parents=True, exist_ok=True)
    with progress(text, lambda: last_module(path)):
        with open(path, "w") as stream:
            command = [python(), "-m", "odoo", *arguments]
            child = spawn(command, stdout=stream, stderr=subprocess.STDOUT)
            try:
                returncode = child.wait()
                forget(child)
            finally:
                stop(child)
        output = path.read_text(errors="replace")
        errors = BAD_LINE.findall(output)
        if returncode or errors:
            raise Problem(_explain(text, returncode, errors, output, path))
    return output


def _explain(text, returncode, errors, output, path):
    """One line where the cause is outside; the end of the traceback where it is in the code."""
    if "No space left on device" in output:
        return f"{text}: the disk is full"
    tracebacks = TRACEBACK.findall(output)
    detail = tracebacks[-1].splitlines() if tracebacks else errors
    if len(detail) > MOST_LINES:
        detail = [*detail[:6], "  ...", *detail[-(MOST_LINES - 7) :]]
    detail = "\n  ".join(["", *detail])
    return f"{text}: failed with exit code {returncode}, see {shown(path)}{detail}"


def script(text, path, *arguments):
    """Run one of our Odoo scripts inside the virtual environment and return its output."""
    try:
        with progress(text):
            return run([python(), path, *arguments])
    except CommandFailed as error:
        end = "\n  ".join(["", *error.output.strip().splitlines()[-15:]])
        raise Problem(f"{text}: failed{end}") from error
