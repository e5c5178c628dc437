"""`make lint`: every check in turn; all findings are shown before it fails."""

from . import workspace
from .console import progress, say
from .style import CHECKS
from .translations import missing_translations


def lint(_arguments):
    """check style, Odoo's rules, XML, file sizes and translations"""
    count = 0
    with workspace.ready():
        for name, check in {**CHECKS, "translations": missing_translations}.items():
            with progress(f"lint: {name}"):
                findings = list(check())
            for finding in findings:
                print(finding, flush=True)
            count += len(findings)
    say(f"lint: {count} findings" if count else "lint: nothing to complain about")
    return 1 if count else 0
