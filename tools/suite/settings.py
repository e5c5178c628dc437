"""Where things are, and what the environment may choose."""

import hashlib
import os
import socket
from pathlib import Path

from .console import Problem

ROOT = Path(__file__).resolve().parents[2]
ADDONS = ROOT / "addons"
BUILD = ROOT / "build"
DEV = Path(os.environ.get("DEV_DIR") or ROOT / ".dev").resolve()
VENV = DEV / "venv"
LOGS = DEV / "logs"
LOCK_FILE = ROOT / "requirements.lock"

#: No database outside this prefix is ever created, changed or dropped.
PREFIX = "subscription_suite_"
DEMO_DATABASE = PREFIX + "demo"

#: What the add-ons build on, and what their tests and the demo need beside it.
DEPENDENCIES = (
    "base",
    "web",
    "account",
    "sale_management",
    "payment_demo",
    "account_payment",
    "l10n_de",
)
LANGUAGES = ("en_US", "de_DE")


def http_port():
    """The port that the web server listens on."""
    chosen = os.environ.get("HTTP_PORT") or "8069"
    if not chosen.isdigit() or not 0 < int(chosen) < 65536:
        raise Problem(f"HTTP_PORT={chosen} is no port number")
    return int(chosen)


def checkout_id():
    """A short name for this folder on this machine: two checkouts may share one PostgreSQL."""
    return hashlib.sha256(f"{socket.gethostname()}:{DEV}".encode()).hexdigest()[:6]


def shown(path):
    """A path as a person would write it: relative to the project where it lies inside."""
    try:
        return str(Path(path).relative_to(ROOT))
    except ValueError:
        return str(path)
