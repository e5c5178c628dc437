"""Set-up: from an empty folder to a place where Odoo runs. What is done is not done again."""

import concurrent.futures
import contextlib
import os

from . import locks, postgres, process
from .console import Problem, say
from .environment import clean_environment
from .odoo_source import complete_odoo, ensure_odoo, odoo_path
from .pdf_and_browser import BIN, ensure_wkhtmltopdf
from .process import CommandFailed, run
from .python_env import ensure_python, python
from .settings import ADDONS, BUILD, DEV, LOGS, ROOT, VENV
from .space import require_space

CONFIGURATION = DEV / "odoo.conf"
CHECKED = DEV / "checked"


@contextlib.contextmanager
def ready():
    """Everything is installed, PostgreSQL answers, and `os.environ` is that of our programs."""
    DEV.mkdir(parents=True, exist_ok=True)
    (DEV / ".gitignore").write_text("*\n")
    require_space()
    with locks.exclusive("setup", "sets this folder up"):
        _install()
        _activate()
    with postgres.running():
        yield


def _install():
    for folder in (LOGS, BUILD):
        folder.mkdir(parents=True, exist_ok=True)
    pool = concurrent.futures.ThreadPoolExecutor(2)
    try:
        tasks = [pool.submit(ensure_python), pool.submit(ensure_odoo)]
        for task in concurrent.futures.as_completed(tasks):
            task.result()
    except BaseException:
        process.stop_all()  # the other task fails at once instead of being waited for
        raise
    finally:
        pool.shutdown()
    complete_odoo()
    ensure_wkhtmltopdf()


def _activate():
    """Make `os.environ` the environment of our programs, and check once that Odoo starts."""
    environment = clean_environment()
    environment.update(postgres.connection_settings())
    path = [str(BIN), str(VENV / "bin"), str(postgres.programs())]
    environment["PATH"] = os.pathsep.join([*path, environment.get("PATH", os.defpath)])
    environment["PYTHONPATH"] = os.pathsep.join([str(odoo_path()), str(ROOT / "tools")])
    environment["ODOO_RC"] = str(CONFIGURATION)
    environment["HYPOTHESIS_STORAGE_DIRECTORY"] = str(DEV / "hypothesis")
    os.environ.clear()
    os.environ.update(environment)
    _write_configuration()
    key = f"{odoo_path()} {(VENV / '.complete').read_text()}"
    if CHECKED.exists() and CHECKED.read_text() == key:
        return
    try:
        version = run([python(), "-m", "odoo", "--version"])
    except CommandFailed as error:
        raise Problem(f"Odoo does not start: {error.output.strip().splitlines()[-1]}") from error
    say(f"set-up complete: {version.strip().splitlines()[-1]}")
    CHECKED.write_text(key)


def _write_configuration():
    CONFIGURATION.write_text(
        "[options]\n"
        f"addons_path = {ADDONS}\n"
        f"data_dir = {DEV / 'data'}\n"
        f"screenshots = {DEV / 'screenshots'}\n"
        "admin_passwd = admin\n"
        "http_interface = 127.0.0.1\n"
        "list_db = False\n"
    )
