"""Headless Chromium as a child process that ends with its parent."""

import contextlib
import signal
import subprocess
import tempfile
from pathlib import Path

from suite.console import Problem
from suite.pdf_and_browser import ensure_browser, find_browser
from suite.process import spawn, stop, wait_until

from .devtools import DevTools

START_SECONDS = 60
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--disable-quic",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    "--hide-scrollbars",
    "--lang=en-US",
    "--remote-debugging-port=0",
)


@contextlib.contextmanager
def browser():
    """Yield a DevTools connection to a browser with an empty profile of its own."""
    ensure_browser()
    with tempfile.TemporaryDirectory(prefix="photo-", ignore_cleanup_errors=True) as profile:
        port_file = Path(profile) / "DevToolsActivePort"
        command = [find_browser(), *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        with open(Path(profile) / "chromium.log", "w") as log:
            child = spawn(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield from _connected(child, port_file)
        finally:
            stop(child, signal.SIGTERM, patience=5)


def _connected(child, port_file):
    def started():
        return child.poll() is not None or (port_file.exists() and len(_lines(port_file)) == 2)

    if not wait_until(started, START_SECONDS) or child.poll() is not None:
        raise Problem("Chromium does not start")
    port, path = _lines(port_file)
    devtools = DevTools(f"ws://127.0.0.1:{port}{path}")
    try:
        yield devtools
    finally:
        devtools.close()


def _lines(path):
    return path.read_text().split()
