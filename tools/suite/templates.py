"""Template databases: built once for each content, cloned in a second.

- *dependencies*: Odoo with all that the suite needs, a German company, no demo data;
- *suite*: the same with our modules installed;
- *bare*: only what one module depends on, for the tests that install it.

A template's name holds the digest of all that it was made from. A half-made one lacks the
template flag and is made anew.
"""

import hashlib
from pathlib import Path

from . import databases, locks, modules
from .console import Problem
from .odoo_cli import odoo, script
from .odoo_source import odoo_id
from .settings import DEPENDENCIES, DEV, LANGUAGES, LOCK_FILE, PREFIX, checkout_id

KEPT = {"deps": 3, "tpl": 3, "bare": 8}  # how many are kept of each kind, the latest used
USED = DEV / "templates"
PREPARE = Path(__file__).with_name("prepare_dependencies.py")
ASSETS = Path(__file__).with_name("prepare_assets.py")


def _digest(*parts):
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:10]


def _machine_key():
    return _digest(checkout_id(), odoo_id(), LOCK_FILE.read_text())


def _touch(name):
    USED.mkdir(parents=True, exist_ok=True)
    (USED / name).touch()
    return name


def _prune(kind):
    """Drop this folder's templates of a kind beyond the latest few."""
    marks = sorted(USED.glob(f"{PREFIX}{kind}_*"), key=lambda mark: -mark.stat().st_mtime)
    for mark in marks[KEPT[kind] :]:
        databases.drop(mark.name)
        mark.unlink()


def _make(name, kind, build):
    """Return the template `name`, built by `build(name)` unless it is there."""
    if not databases.is_template(name):
        with locks.exclusive("templates", "makes a template database"):
            if not databases.is_template(name):
                databases.drop(name)
                _touch(name)  # first: what a killed command leaves is pruned too
                try:
                    build(name)
                except Problem:
                    databases.drop(name)
                    raise
                databases.make_template(name)
                _prune(kind)
    return _touch(name)


def dependencies():
    """Everything that the suite needs, with a German main company."""
    key = _digest(_machine_key(), *DEPENDENCIES, *LANGUAGES, PREPARE.read_text())

    def build(name):
        wanted = ["-i", ",".join(DEPENDENCIES), f"--load-language={','.join(LANGUAGES)}"]
        odoo(
            "database: installing Odoo's modules (once)",
            *["-d", name, *wanted, "--stop-after-init", "--no-http"],
            log="template-dependencies",
        )
        script("database: setting up the German company", PREPARE, name)

    return _make(f"{PREFIX}deps_{key}", "deps", build)


def bare(needed):
    """Only the modules `needed`, as an empty database of a company would have them."""
    key = _digest(_machine_key(), *needed)
    core = modules.foreign_dependencies(modules.CORE)
    start = bare(core) if set(core) < set(needed) else None

    def build(name):
        if start:
            databases.clone(start, name)
        odoo(
            f"database: installing {', '.join(needed)} (once)",
            *["-d", name, "-i", ",".join(needed), "--stop-after-init", "--no-http"],
            log="template-bare",
        )

    return _make(f"{PREFIX}bare_{key}", "bare", build)


def suite_name(wanted, assets=True):
    """What the suite template with the modules `wanted` is called at their present content."""
    key = _digest(dependencies(), *wanted, ASSETS.read_text() if assets else "")
    return f"{PREFIX}tpl_{key}_{modules.content_key(wanted)}"


def suite(wanted=None, assets=True):
    """The dependencies with our modules (all of them, or those `wanted`) installed.

    Without `assets` it is made some seconds faster, and tests that use a browser take longer.
    """
    wanted = modules.all_modules() if wanted is None else modules.closure(wanted)
    if not wanted:
        return dependencies()
    name = suite_name(wanted, assets)

    def build(name):
        databases.clone(dependencies(), name)
        odoo(
            f"database: installing {', '.join(wanted)}",
            *["-d", name, "-i", ",".join(wanted), "--stop-after-init", "--no-http"],
            log="template-suite",
        )
        if assets:
            script("database: building the web assets", ASSETS, name)

    return _make(name, "tpl", build)


def suite_for(wanted):
    """The quickest template that holds `wanted`: the full one if it is up to date."""
    everything = modules.all_modules()
    if everything and databases.is_template(suite_name(everything)):
        return suite()
    return suite(wanted, assets=False)
