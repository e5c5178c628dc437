"""The web server that is photographed, on a free port, and its sessions."""

import contextlib
import re
import socket
import subprocess
import sys
import time

import requests

from suite.console import Problem
from suite.odoo_cli import BAD_LINE
from suite.process import spawn, stop
from suite.settings import LOGS, shown

START_SECONDS = 120
LOG = LOGS / "screenshots.log"


class Server:
    """Where the server is, and how to log in."""

    def __init__(self, database, port):
        self.database = database
        self.url = f"http://127.0.0.1:{port}"

    def log_in(self, login):
        """A session of the user, whose password is the login; return its cookie."""
        with requests.Session() as http:
            self._rpc(
                http,
                "/web/session/authenticate",
                {"db": self.database, "login": login, "password": login},
            )
            return http.cookies["session_id"]

    def _rpc(self, http, path, parameters):
        call = {"jsonrpc": "2.0", "method": "call", "params": parameters}
        answer = http.post(self.url + path, json=call, timeout=START_SECONDS).json()
        if "error" in answer:
            error = answer["error"]
            raise Problem(f"{path}: {error.get('data', error).get('message')}")
        return answer["result"]

    def errors(self):
        """What the server has logged as an error so far."""
        return BAD_LINE.findall(LOG.read_text(errors="replace"))


@contextlib.contextmanager
def server(database):
    """Yield a running server without cron jobs: nothing changes while it is photographed."""
    port = _free_port()
    command = [sys.executable, "-m", "odoo", "-d", database, f"--http-port={port}"]
    command += [f"--db-filter=^{re.escape(database)}$", "--max-cron-threads=0", "--workers=0"]
    with open(LOG, "w") as stream:
        child = spawn(command, stdout=stream, stderr=subprocess.STDOUT)
    try:
        running = Server(database, port)
        _wait_for(running, child)
        yield running
    finally:
        stop(child, patience=15)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(running, child):
    """Until the first page comes, which loads the registry too."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and child.poll() is None:
        with contextlib.suppress(requests.RequestException):
            if requests.get(running.url + "/web/login", timeout=START_SECONDS).ok:
                return
        time.sleep(0.2)
    raise Problem(f"Odoo does not start, see {shown(LOG)}")
