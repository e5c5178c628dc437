"""pytest plugin: records what passed, and which requirements the passed tests show.

A test names requirements with `@pytest.mark.requirement("RE-73")` or, in Odoo's tests, with a
decorator that sets `requirement_ids` on the function or the class. An id that is not in
docs/requirements.csv is an error. Works with xdist: the ids travel in the reports.
"""

import json
import os
from pathlib import Path

import pytest

from suite.requirements import known_ids, merge_results

MARK = "requirement"
RESULT_VARIABLE = "SUITE_TEST_RESULT"
REQUIREMENTS = Path(__file__).resolve().parents[1] / "build" / "requirements.json"


def pytest_configure(config):
    config.addinivalue_line("markers", f"{MARK}(*ids): the requirements that this test shows")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(), "suite-recorder")


def requirement_ids(item):
    """All ids that a test names, on itself, its class or its module."""
    ids = [name for mark in item.iter_markers(MARK) for name in mark.args]
    for holder in (getattr(item, "obj", None), getattr(item, "cls", None)):
        ids += getattr(holder, "requirement_ids", ())
    return sorted(set(ids))


def pytest_collection_modifyitems(items):
    known = known_ids()
    unknown = {}
    for item in items:
        ids = requirement_ids(item)
        if ids:
            item.user_properties.append((MARK, ids))
        for name in ids if known is not None else ():
            if name not in known:
                unknown.setdefault(name, item.nodeid)
    if unknown:
        lines = [f"{name} in {nodeid}" for name, nodeid in sorted(unknown.items())]
        raise pytest.UsageError("ids that docs/requirements.csv does not have: " + ", ".join(lines))


class Recorder:
    """Collects the reports of one run (in the main process when there are workers)."""

    def __init__(self):
        self.outcomes = {}
        self.ids = {}
        self.skips = []
        self.collection_errors = 0

    def pytest_collectreport(self, report):
        if report.failed:
            self.collection_errors += 1
        elif report.skipped:
            self.skips.append(report.nodeid)
            self.outcomes[report.nodeid] = "skipped"

    def pytest_runtest_logreport(self, report):
        before = self.outcomes.get(report.nodeid)
        if report.failed or before == "failed":
            outcome = "failed"
        elif report.skipped:
            outcome = "skipped"
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
            self.skips.append(f"{report.nodeid} {reason}".strip())
        elif report.when == "call":
            outcome = "passed"
        else:
            return
        self.outcomes[report.nodeid] = outcome
        for key, value in report.user_properties:
            if key == MARK:
                self.ids[report.nodeid] = list(value)

    def pytest_sessionfinish(self, session):
        if session.config.option.collectonly:
            return
        passed = {
            nodeid: self.ids.get(nodeid, [])
            for nodeid, outcome in self.outcomes.items()
            if outcome == "passed"
        }
        merge_results(REQUIREMENTS, ran=set(self.outcomes), passed=passed)
        if target := os.environ.get(RESULT_VARIABLE):
            counts = dict.fromkeys(("passed", "failed", "skipped"), 0)
            for outcome in self.outcomes.values():
                counts[outcome] += 1
            counts["failed"] += self.collection_errors
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            Path(target).write_text(json.dumps({**counts, "skips": self.skips}, indent=1))
