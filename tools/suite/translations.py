"""The German translation: exporting terms, merging them, and finding what is missing."""

import json
import shutil

from . import databases, modules, templates, workspace
from .console import progress, say
from .odoo_cli import script
from .process import run
from .python_env import python
from .settings import ADDONS, BUILD, DEV, ROOT, shown

LANGUAGE = "de"
EXPORT = ROOT / "tools" / "suite" / "export_terms.py"
CHECKER = ROOT / "tools" / "suite" / "po_files.py"
CHECKED = DEV / "translations"


def export(target):
    """Write <module>.pot of every module to `target`, from a database that has them all."""
    wanted = modules.all_modules()
    databases.drop_abandoned("terms")
    name = databases.temporary("terms")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    try:
        databases.clone(templates.suite_for(wanted), name)
        script("translations: exporting the terms", EXPORT, name, target, *wanted)
    finally:
        databases.drop(name)


def missing_translations():
    """What the German translation lacks. Remembered until the add-ons change."""
    wanted = modules.all_modules()
    key = f"{modules.content_key(wanted)}\n{CHECKER.read_text()}{EXPORT.read_text()}"
    if CHECKED.exists() and CHECKED.read_text() == key:
        return
    findings = []
    if wanted:
        target = BUILD / "terms"
        export(target)
        pairs = [f"{target / name}.pot={ADDONS / name / 'i18n' / LANGUAGE}.po" for name in wanted]
        findings = json.loads(run([python(), CHECKER, "check", *pairs]))
    if findings:
        yield from findings
    else:
        CHECKED.write_text(key)


def translations(_arguments):
    """export the terms (.pot) and merge them into the German translation"""
    with workspace.ready():
        target = BUILD / "terms"
        export(target)
        for name in modules.all_modules():
            folder = ADDONS / name / "i18n"
            folder.mkdir(exist_ok=True)
            template = folder / f"{name}.pot"
            shutil.copyfile(target / template.name, template)
            with progress(f"translations: {name}"):
                pair = f"{template}={folder / LANGUAGE}.po"
                print(run([python(), CHECKER, "merge", pair]), end="")
            say(f"translations: {shown(folder / LANGUAGE)}.po")
