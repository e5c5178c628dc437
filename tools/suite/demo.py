"""The demo database: made once, brought up to date when the add-ons change, and served."""

import os
import re
import socket
import subprocess
import time

from . import databases, locks, modules, templates, workspace
from .console import Problem, progress, say
from .odoo_cli import odoo
from .process import call, forget, spawn, stop
from .python_env import python
from .settings import DEMO_DATABASE, LOGS, ROOT, http_port, shown

MAIN_JOB = ROOT / "tools" / "demo" / "main_job.py"
START_SECONDS = 120


def demo(arguments):
    """sell, bill and collect a year of subscriptions and print the books"""
    with workspace.ready():
        ensure(fresh=os.environ.get("FRESH") not in (None, "", "0"))
        return main_job(arguments)


def ensure(fresh=False):
    """The demo database, with the add-ons as they are now; return its name."""
    with locks.exclusive("demo", "builds the demo database"):
        wanted = modules.all_modules()
        key = modules.content_key(wanted)
        known = (
            "" if fresh or not databases.exists(DEMO_DATABASE) else databases.note(DEMO_DATABASE)
        )
        if not known:  # absent, or half-made
            databases.clone(templates.suite(), DEMO_DATABASE)
        elif known != key:
            install = [name for name in wanted if not _installed(name)]
            update = [name for name in wanted if name not in install]
            odoo(
                "demo: updating the add-ons",
                *["-d", DEMO_DATABASE, "--stop-after-init", "--no-http"],
                *(["-i", ",".join(install)] if install else []),
                *(["-u", ",".join(update)] if update else []),
                log="demo-update",
            )
        if known != key:
            databases.set_note(DEMO_DATABASE, key)
    return DEMO_DATABASE


def _installed(module):
    query = f"select 1 from ir_module_module where name = '{module}' and state = 'installed'"
    return bool(databases.sql(query, DEMO_DATABASE))


def main_job(arguments=()):
    """Run the job on the demo database; a second run finds nothing to do."""
    if not MAIN_JOB.exists():
        say(f"{shown(MAIN_JOB)} does not exist yet: the database is ready, the job is left out")
        return 0
    environment = {**os.environ, "PGDATABASE": DEMO_DATABASE, "SUITE_DATABASE": DEMO_DATABASE}
    return call([python(), MAIN_JOB, *arguments], env=environment)


def filled():
    """The demo database with its year of business; return its name."""
    ensure()
    if main_job():
        raise Problem("the demo job failed")
    return DEMO_DATABASE


def serve(_arguments):
    """open the demo database in the browser (HTTP_PORT, default 8069)"""
    port = http_port()
    require_free(port)
    with workspace.ready():
        filled()
        return _serve(port)


def require_free(port):
    """One line instead of a traceback when something listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise Problem(f"port {port} is not allowed here: set HTTP_PORT") from error
        except OSError as error:
            raise Problem(f"port {port} is taken: set HTTP_PORT to a free one") from error


def _serve(port):
    log = LOGS / "serve.log"
    command = [python(), "-m", "odoo", "-d", DEMO_DATABASE, f"--http-port={port}"]
    command += [f"--db-filter=^{re.escape(DEMO_DATABASE)}$", "--max-cron-threads=1"]
    with open(log, "w") as stream:
        server = spawn(command, stdout=stream, stderr=subprocess.STDOUT)
    try:
        with progress("Odoo: starting"):
            _wait_for(port, server, log)
        say(f"open http://127.0.0.1:{port}/odoo  user admin, password admin")
        say(f"Ctrl-C ends it; log: {shown(log)}")
        returncode = server.wait()
        forget(server)
        raise Problem(f"Odoo ended with {returncode}, see {shown(log)}")
    finally:
        stop(server, patience=15)


def _wait_for(port, server, log):
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise Problem(f"Odoo does not start, see {shown(log)}")
