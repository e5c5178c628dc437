"""The checks that need no database: ruff, pylint-odoo, XML, file sizes, the core's purity."""

import ast
import xml.etree.ElementTree as ElementTree

from . import modules
from .process import CommandFailed, run
from .python_env import python
from .settings import ADDONS, ROOT, VENV

PYTHON_FOLDERS = ("addons", "tools", "tests", "benchmarks")
MOST_LINES = 400
CORE = ADDONS / "subscription_base" / "billing"


def python_files(root=ROOT):
    """Every Python file of ours."""
    for folder in PYTHON_FOLDERS:
        yield from sorted((root / folder).rglob("*.py"))


def long_files(root=ROOT):
    """A file that nobody can take in at once."""
    for path in python_files(root):
        count = len(path.read_text(encoding="utf-8").splitlines())
        if count > MOST_LINES:
            yield f"{path.relative_to(root)}: {count} lines, at most {MOST_LINES} are allowed"


def imports(source):
    """The full names of the modules that a piece of Python imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.level > 1:
            yield "." * node.level + (node.module or ""), node.lineno


def impure_imports(core=CORE):
    """The functional core must not know Odoo, nor anything outside its own folder."""
    for path in sorted(core.rglob("*.py")):
        depth = len(path.relative_to(core).parts)
        for name, line in imports(path.read_text(encoding="utf-8")):
            dots = len(name) - len(name.lstrip("."))
            if name.split(".")[0] == "odoo" or dots > depth:
                yield f"{path.name}:{line}: the functional core imports {name}"


def malformed_xml(root=ADDONS):
    """XML files that cannot be parsed."""
    for path in sorted(root.rglob("*.xml")):
        try:
            ElementTree.parse(path)  # noqa: S314 (our own files)
        except ElementTree.ParseError as error:
            yield f"{path.relative_to(root.parent)}: {error}"


def ruff():
    """ruff's findings: rules, then format."""
    folders = [name for name in PYTHON_FOLDERS if (ROOT / name).exists()]
    program = VENV / "bin" / "ruff"
    concise = ["--output-format", "concise"]
    yield from output([program, "check", "--no-cache", *concise, *folders])
    yield from output([program, "format", "--check", "--no-cache", *concise, *folders])


def pylint():
    """pylint-odoo's findings."""
    folders = [ADDONS / name for name in modules.all_modules()]
    if folders:
        yield from output([python(), "-m", "pylint", "--rcfile=.pylintrc", *folders])


def output(command):
    """The lines of a checker that found something; nothing when it is content."""
    try:
        run(command, cwd=ROOT)
    except CommandFailed as failed:
        for line in failed.output.splitlines():
            if line.strip() and not line.startswith(("Found ", "*****", "[*]")):
                yield line.replace(f"{ROOT}/", "")


CHECKS = {
    "ruff": ruff,
    "pylint-odoo": pylint,
    "XML": malformed_xml,
    "file sizes": long_files,
    "functional core": impure_imports,
}
