"""The add-ons: which there are, what they depend on, and what of them a database depends on."""

import ast
import hashlib

from .settings import ADDONS

CORE = "subscription_base"  # what all others build on
IGNORED_FOLDERS = {"tests", "__pycache__", "readme"}
IGNORED_SUFFIXES = {".pyc", ".md", ".rst", ".pot"}


def manifest(module, addons=ADDONS):
    """A module's manifest as a dictionary."""
    return ast.literal_eval((addons / module / "__manifest__.py").read_text())


def all_modules(addons=ADDONS):
    """Our modules, each after those that it depends on."""
    found = sorted(path.parent.name for path in addons.glob("*/__manifest__.py"))
    ordered = []
    for module in found:
        for name in closure([module], addons):
            if name not in ordered:
                ordered.append(name)
    return ordered


def closure(modules, addons=ADDONS):
    """`modules` and those of ours that they depend on, in the order of installation."""
    ordered = []

    def visit(module):
        if module in ordered or not (addons / module / "__manifest__.py").exists():
            return
        for dependency in manifest(module, addons).get("depends", []):
            visit(dependency)
        ordered.append(module)

    for module in modules:
        visit(module)
    return ordered


def foreign_dependencies(module, addons=ADDONS):
    """What a module needs that is not ours."""
    ours = closure([module], addons)
    needed = {name for one in ours for name in manifest(one, addons).get("depends", [])}
    return sorted(needed - set(ours))


def relevant_files(module, addons=ADDONS):
    """The files that what is in a database can depend on: all but tests and texts."""
    base = addons / module
    for path in sorted(base.rglob("*")):
        parts = path.relative_to(base).parts
        if (
            parts[0] in IGNORED_FOLDERS
            or parts[:2] == ("static", "tests")
            or "__pycache__" in parts
            or path.suffix in IGNORED_SUFFIXES
        ):
            continue
        if path.is_file():
            yield path


def content_key(modules, addons=ADDONS):
    """A digest of the modules' content: when it changes, so may what a database holds."""
    digest = hashlib.sha256()
    for module in modules:
        for path in relevant_files(module, addons):
            digest.update(f"{path.relative_to(addons)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]
