"""`make test`: the pure core, the tooling, the Odoo tests, the installations; one closing line."""

import json
import os
import shutil
import time
from pathlib import Path

from . import databases, modules, templates, workspace
from .console import Problem, say
from .odoo_cli import script
from .pdf_and_browser import ensure_browser
from .process import call
from .python_env import python
from .settings import BUILD, ROOT

RESULTS = BUILD / "tests" / str(os.getpid())  # two runs at once do not mix
REQUIREMENTS = BUILD / "requirements.json"
COMPANY = Path(__file__).with_name("prepare_company.py")
COMMON = ["-q", "-rfE", "-p", "no:cacheprovider", "-p", "pytest_record"]
NOTHING_COLLECTED = 5
COUNTED = ("passed", "failed", "skipped")


def test(arguments):
    """run all tests, or some: make test ARGS=addons/subscription_base/tests/test_x.py"""
    paths, options = split_arguments(arguments)
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    if not arguments:
        REQUIREMENTS.unlink(missing_ok=True)
    groups = group_paths(paths)
    whole = not paths
    started = time.monotonic()
    try:
        with workspace.ready():
            codes = [RUNNERS[name](chosen, options, whole) for name, chosen in groups.items()]
        say(f"tests: {time.monotonic() - started:.0f} s")
        return summarise(codes)
    finally:
        shutil.rmtree(RESULTS, ignore_errors=True)


# ------------------------------------------------------------------ what to run
def split_arguments(arguments, root=ROOT):
    """Separate the test paths (`file.py::Class::test` too) from pytest's options."""
    paths, options = [], []
    for argument in arguments:
        place = Path(argument.partition("::")[0])
        exists = (root / place).exists() and not argument.startswith("-")
        (paths if exists else options).append(argument)
    return paths, options


def place_of(path, root=ROOT):
    """Where a test path lies in this project."""
    try:
        return (root / path.partition("::")[0]).resolve().relative_to(root.resolve())
    except ValueError:
        raise Problem(f"{path} lies outside this project") from None


def group_of(path, root=ROOT):
    """Which runner a test path belongs to."""
    parts = place_of(path, root).parts
    if parts[:1] == ("addons",):
        return "odoo"
    return "install" if parts[:2] == ("tests", "install") else "pure"


def all_paths(root=ROOT):
    """The folders that hold tests."""
    paths = ["tests/core", "tests/tooling", "tests/install"]
    paths += [f"addons/{path.parent.name}/tests" for path in root.glob("addons/*/__manifest__.py")]
    return [path for path in paths if (root / path).exists()]


def group_paths(paths, root=ROOT):
    """The test paths of each runner: a folder of several, such as ``addons``, is all of them."""
    groups = {"pure": [], "odoo": [], "install": []}
    for path in paths or ["."]:
        place = place_of(path, root)
        inside = [each for each in all_paths(root) if place in Path(each).parents]
        for each in inside or [path]:
            groups[group_of(each, root)].append(each)
    return {name: sorted(set(chosen)) for name, chosen in groups.items() if chosen}


def workers_for(paths):
    """Two processes share the work, but one file is quicker in one."""
    if chosen := os.environ.get("TEST_WORKERS"):
        return chosen
    single = len(paths) == 1 and ".py" in paths[0]
    return "0" if single else "2"


def _spread(paths):
    workers = workers_for(paths)
    return [] if workers == "0" else ["-n", workers, "--dist", "worksteal"]


# ------------------------------------------------------------------ the runners
def pytest(group, arguments, **environment):
    """One run of pytest; what it found goes to build/tests/<group>.json."""
    result = {"SUITE_TEST_RESULT": str(RESULTS / f"{group}.json")}
    command = [python(), "-m", "pytest", *COMMON, *arguments]
    return call(command, cwd=ROOT, env={**os.environ, **result, **environment})


def run_pure(paths, options, _whole):
    say("tests: the functional core and the tooling, without Odoo")
    return pytest("pure", ["-p", "no:odoo", *options, *paths])


def run_odoo(paths, options, whole):
    """The modules' tests on a database of their own."""
    ensure_browser()
    touched = sorted({place_of(path).parts[1] for path in paths})
    template = templates.suite() if whole else templates.suite_for(touched)
    databases.drop_abandoned("test")
    name = databases.temporary("test")
    databases.clone(template, name)
    if any(Path(path).is_dir() for path in paths):
        script("tests: making a company", COMPANY, name)
    say(f"tests: {', '.join(touched)}")
    try:
        return pytest(
            "odoo",
            ["--odoo-http", "-p", "pytest_browser", "-p", "pytest_clock"]
            + [
                "-W",
                "ignore::DeprecationWarning",
                "-o",
                "pythonpath=tools",
                *_spread(paths),
                *options,
                *paths,
            ],
            PGDATABASE=name,
        )
    finally:
        for left in [name, *databases.names(name + "-")]:  # one of each xdist worker
            databases.drop(left)


def run_install(paths, options, _whole):
    """Each module alone on an empty database: install, update, uninstall."""
    databases.drop_abandoned("install")
    for module in modules.all_modules():  # here, so that two processes do not wait for each other
        templates.bare(modules.foreign_dependencies(module))
    say("tests: installing, updating and uninstalling each module")
    return pytest("install", ["-p", "no:odoo", *_spread(paths), *options, *paths])


RUNNERS = {"pure": run_pure, "odoo": run_odoo, "install": run_install}


# ------------------------------------------------------------------ the end
def summarise(codes):
    """Print the closing line; return 0 only if tests passed, none failed and none was skipped."""
    total = dict.fromkeys(COUNTED, 0)
    for path in sorted(RESULTS.glob("*.json")):
        counts = json.loads(path.read_text())
        for key in COUNTED:
            total[key] += counts[key]
        for line in counts["skips"]:
            say(f"skipped, which counts as a failure: {line}")
    broken = [code for code in codes if code not in (0, 1, NOTHING_COLLECTED)]
    if broken:
        say(f"a test run broke off (exit code {broken[0]})")
        total["failed"] += 1
    if not total["passed"] and not total["failed"]:
        say("no test passed")
    line = f"{total['passed']} passed, {total['failed']} failed"
    if total["skipped"]:
        line += f", {total['skipped']} skipped"
    print(line, flush=True)
    good = total["passed"] and not total["failed"] and not total["skipped"] and not broken
    return 0 if good and 1 not in codes else 1
