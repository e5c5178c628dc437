"""The virtual environment: every package pinned and hashed, installed by uv (or pip without it)."""

import hashlib
import os
import platform
import re
import shutil
import sys

from .apt import apt_install, can_install
from .console import Problem, progress, say
from .environment import download_environment
from .process import CommandFailed, run, succeeds
from .settings import DEV, LOCK_FILE, ROOT, VENV

OLDEST, NEWEST, PREFERRED = (3, 10), (3, 13), "3.12"
UV_LOCK = ROOT / "tools" / "uv.lock"
STAMP = VENV / ".complete"
NETWORK_SIGNS = (
    "dns error",
    "error sending request",
    "failed to fetch",
    "connection refused",
    "network is unreachable",
    "name resolution",
    "could not connect",
    "timed out",
    "newconnectionerror",
)

#: Each line is a trap that was met: fail here, not later inside Odoo.
SMOKE_TEST = """
import bs4, psycopg2, lxml.html.clean, sass, gevent, cryptography, OpenSSL, pypdf
from importlib.util import find_spec
assert not find_spec("PyPDF2"), "PyPDF2 3 breaks Odoo"
from reportlab.graphics.barcode import createBarcodeDrawing
try:
    createBarcodeDrawing("QR", value="x", width=50, height=50, format="png").asString("png")
except Exception as error:
    print("barcodes are not available:", error)
"""


def python():
    """The interpreter of the virtual environment."""
    return VENV / "bin" / "python"


def ensure_python():
    """Build the virtual environment unless it is there and matches the lock file."""
    wanted = _wanted_version()
    key = _key(wanted)
    if STAMP.exists() and STAMP.read_text() == key and succeeds([python(), "-c", ""]):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    env = download_environment()
    if not os.access(env.get("HOME", "/"), os.W_OK):
        env["UV_CACHE_DIR"] = str(DEV / "uv-cache")
    with progress("Python: installing the locked packages"):
        _install(wanted, env)
        warning = run([python(), "-c", SMOKE_TEST], env=env).strip()
    if warning:
        say(f"Python: {warning}")
    STAMP.write_text(key)


def _wanted_version():
    """An interpreter's path or, where this one does not suit, a version for uv to find."""
    if chosen := os.environ.get("PYTHON_VERSION"):
        return chosen
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        # never the interpreter of a virtual environment: it may be the one that is rebuilt
        return getattr(sys, "_base_executable", sys.executable)
    return PREFERRED


def _key(wanted):
    version = wanted if wanted[0].isdigit() else "{}.{}".format(*sys.version_info[:2])
    facts = f"{version} {platform.system()} {platform.machine()}"
    return hashlib.sha256(LOCK_FILE.read_bytes() + facts.encode()).hexdigest()[:16]


def _install(wanted, env):
    try:
        uv = ensure_uv(env)
        run([uv, "venv", "-q", "--python", wanted, VENV], env=env)
        run(
            [uv, "pip", "install", "-q", "--python", python(), "--no-deps", "--require-hashes"]
            + [*_only_wheels(), "-r", LOCK_FILE],
            env=env,
        )
    except CommandFailed as error:
        refuse_wrong_checksum(error)
        say("Python: uv does not work here, trying pip")
        _install_with_pip(env)


def _only_wheels():
    """Every pin has a wheel for x86-64 Linux; elsewhere two of them may need a C++ compiler."""
    if (platform.system(), platform.machine()) == ("Linux", "x86_64"):
        return ["--only-binary", ":all:"]
    return []


def _install_with_pip(env):
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        run([sys.executable, "-m", "venv", VENV], env=env)
        run(
            [python(), "-m", "pip", "install", "-q", "--retries", "2", "--no-deps"]
            + ["--require-hashes", "-r", LOCK_FILE],
            env=env,
        )
    except CommandFailed as error:
        refuse_wrong_checksum(error)
        if any(sign in error.output.lower() for sign in NETWORK_SIGNS):
            raise Problem(
                "the Python packages cannot be downloaded: no connection to the package index "
                "(behind a mirror, set PIP_INDEX_URL)"
            ) from error
        last = [line for line in error.output.splitlines() if line.strip()][-1:]
        raise Problem(f"the Python packages cannot be installed: {' '.join(last)[:200]}") from error


def refuse_wrong_checksum(error):
    """A package that is not the pinned one is never worked around."""
    text = error.output.lower()
    if "hash mismatch" in text or "do not match the hashes" in text:
        named = re.search(r"`?([\w.-]+==[\w.]+)", error.output)
        package = named.group(1) if named else "a package"
        raise Problem(f"wrong checksum: {package} is not what {LOCK_FILE.name} names") from error


def ensure_uv(env):
    """The path of uv: the machine's own, or the pinned wheel."""
    if own := shutil.which("uv"):
        return own
    key = hashlib.sha256(UV_LOCK.read_bytes()).hexdigest()[:8]
    target = DEV / "uv" / key
    uv = target / "bin" / "uv"
    if uv.exists() and succeeds([uv, "--version"]):
        return str(uv)
    pip = [sys.executable, "-m", "pip"]
    if not succeeds([*pip, "--version"]):
        if not can_install():
            raise Problem(f"{sys.executable} has no pip: install pip (or uv) and run again")
        apt_install("python3-pip", "python3-venv")
    shutil.rmtree(target, ignore_errors=True)
    run(
        [*pip, "install", "-q", "--retries", "2", "--no-deps", "--only-binary", ":all:"]
        + ["--require-hashes", "--target", target, "-r", UV_LOCK],
        env=env,
    )
    return str(uv)
