"""The commands behind the make targets, one line of help each."""

import os
import shutil

from . import databases, demo, locks, postgres, templates, workspace
from .console import Problem, progress, say
from .coverage_requirements import coverage_requirements
from .lint import lint
from .process import call, run, wait_until
from .python_env import ensure_uv, python
from .settings import BUILD, DEV, LOCK_FILE, PREFIX, ROOT
from .testing import test
from .translations import translations


def setup(_arguments):
    """install everything: Python packages, Odoo, PostgreSQL, wkhtmltopdf"""
    with workspace.ready():
        say("ready: make demo, make serve, make test")


def crash_test(arguments):
    """kill billing runs at random moments and compare the books"""
    return on_fresh_copy("tools/crash_test.py", "crash", arguments)


def bench(arguments):
    """measure billing runs"""
    return on_fresh_copy("benchmarks/run.py", "bench", arguments)


def screenshots(arguments):
    """photograph the demo database's pages"""
    script = _script("tools/screenshots.py")
    with workspace.ready():
        environment = _script_environment(demo.filled())
        return call([python(), script, *arguments], env=environment)


def on_fresh_copy(path, purpose, arguments):
    """Run a script on a copy of the suite's database of its own."""
    script = _script(path)
    with workspace.ready():
        name = PREFIX + purpose
        with locks.exclusive(purpose, f"uses the database {name}"):
            databases.clone(templates.suite(), name)
            return call([python(), script, *arguments], env=_script_environment(name))


def _script(path):
    script = ROOT / path
    if not script.exists():
        raise Problem(f"{path} does not exist")
    return script


def _script_environment(database):
    return {**os.environ, "PGDATABASE": database, "SUITE_DATABASE": database}


def execute(arguments):
    """run any program with Odoo, PostgreSQL and the packages at hand: exec psql -l"""
    if not arguments:
        raise Problem("exec what?")
    with workspace.ready():
        return call(arguments)


def template(arguments):
    """make the template database with the named modules (all of them) and print its name"""
    with workspace.ready():
        print(templates.suite(arguments or None))


def lock(_arguments):
    """resolve requirements.txt anew and write requirements.lock"""
    with workspace.ready(), progress("Python: resolving the requirements"):
        uv = ensure_uv(os.environ)
        run(
            [uv, "pip", "compile", "-q", "--universal", "--override", "overrides.txt"]
            + ["--python-version", "3.10", "--generate-hashes", "--no-header", "--no-annotate"]
            + ["--no-emit-index-url", "requirements.txt", "-o", LOCK_FILE.name],
            cwd=ROOT,
        )


def stop(_arguments):
    """end what runs in this folder: servers, tests, PostgreSQL"""
    count = locks.stop_others()
    gone = wait_until(lambda: not postgres.socket_file().exists(), 10)
    if not gone:  # no keeper looks after it any more: become a user for a moment
        with workspace.ready():
            pass
    say("stopped" if count or not gone else "nothing was running")


def clean(_arguments):
    """remove everything that was generated (.dev, build)"""
    if running := locks.others():
        names = ", ".join(f"{name} ({pid})" for pid, name in running)
        raise Problem(f"still in use by {names}: make stop")
    if not postgres.is_own() and postgres.socket_file().exists():
        wait_until(lambda: not postgres.socket_file().exists(), 10)
    with progress("removing .dev and build"):
        for folder in (BUILD, postgres.socket_folder(), postgres.private_copy()):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(DEV, ignore_errors=True)


COMMANDS = {
    "setup": setup,
    "demo": demo.demo,
    "serve": demo.serve,
    "test": test,
    "lint": lint,
    "bench": bench,
    "crash-test": crash_test,
    "screenshots": screenshots,
    "coverage-requirements": coverage_requirements,
    "translations": translations,
    "stop": stop,
    "clean": clean,
    "exec": execute,
    "template": template,
    "lock": lock,
}
NOT_IN_MAKE = {"exec", "template", "lock"}


def usage():
    """One line for each command."""
    lines = ["Subscription billing for Odoo 19", ""]
    lines += [f"  make {name:<22} {_first_line(COMMANDS[name])}" for name in _make_targets()]
    lines += ["", "Without make:", ""]
    lines += [
        f"  tools/run {name:<17} {_first_line(COMMANDS[name])}" for name in sorted(NOT_IN_MAKE)
    ]
    return "\n".join([*lines, "", *ENVIRONMENT_HELP])


def _make_targets():
    return [name for name in COMMANDS if name not in NOT_IN_MAKE]


def _first_line(command):
    return command.__doc__.strip().splitlines()[0]


ENVIRONMENT_HELP = (
    "Environment (all optional):",
    "  ODOO_PATH      your own Odoo 19 (a folder that holds the package `odoo`)",
    "  ODOO_DEB       an Odoo 19 Debian package that is already here",
    "  PGHOST ...     your own PostgreSQL (13 or newer); only subscription_suite_* is used",
    "  HTTP_PORT      the web server's port (8069)",
    "  TEST_WORKERS   test processes (2; 0 for none beside the main one)",
    "  DEV_DIR        where everything generated goes (.dev)",
    "  FRESH=1        make demo: build the demo database anew",
)
