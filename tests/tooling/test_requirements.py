"""Requirement coverage: reading, merging, counting, and the plugin that records."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from suite import requirements
from suite.coverage_requirements import report

ROWS = [
    {"id": "RE-9", "modules": ["base"], "text": "nine", "open_because": ""},
    {"id": "RE-10", "modules": ["base", "prepaid"], "text": "ten", "open_because": "No shop yet."},
    {"id": "K3-1", "modules": ["prepaid"], "text": "one", "open_because": ""},
]
TOOLS = Path(__file__).resolve().parents[2] / "tools"


def test_a_cell_names_several_modules():
    assert requirements.split_modules("base; g:sepa") == ["base", "g:sepa"]
    assert requirements.split_modules("prepaid") == ["prepaid"]


@pytest.mark.parametrize(("name", "family"), [("RE-73", "RE"), ("LAW-1", "LAW"), ("K3-17", "K3")])
def test_an_id_belongs_to_a_family(name, family):
    assert requirements.family(name) == family


def test_ids_are_ordered_by_number():
    assert sorted(["RE-10", "RE-9", "K-1"], key=requirements.order) == ["K-1", "RE-9", "RE-10"]


def test_a_row_counts_for_each_module_it_names():
    assert requirements.totals(ROWS, {"RE-10": ["test"]}) == [
        ("base", 1, 2),
        ("prepaid", 1, 2),
        ("K3", 0, 1),
        ("RE", 1, 2),
        ("all", 1, 3),
    ]


def test_a_partial_run_updates_only_what_it_ran(tmp_path):
    path = tmp_path / "build" / "requirements.json"
    first = {"a": ["RE-9"], "b": ["RE-10"], "c": []}
    requirements.merge_results(path, ran={"a", "b", "c"}, passed=first)
    requirements.merge_results(path, ran={"b"}, passed={})
    assert requirements.load_results(path) == {"a": ["RE-9"]}


def test_the_report_ends_with_totals():
    lines = list(report(ROWS, {"tests/test_x.py::test": ["RE-9"]}))
    assert lines[:2] == ["RE-9  nine", "    tests/test_x.py::test"]
    assert "RE-10  [base;prepaid] ten" in lines
    assert lines[-1] == "all 1/3"


def test_what_is_open_says_why_and_what_is_shown_does_not():
    lines = list(report(ROWS, {"tests/test_x.py::test": ["RE-9"]}))
    assert lines[lines.index("RE-10  [base;prepaid] ten") + 1] == "    No shop yet."
    assert list(requirements.mistakes(ROWS, {"RE-9": ["test"]})) == [
        "K3-1 is open, and the list does not say why"
    ]
    assert list(requirements.mistakes(ROWS[:2], {"RE-9": ["test"], "RE-10": ["test"]})) == [
        "RE-10 is shown, yet the list says why it is open"
    ]


SAMPLE = """
import unittest
import pytest

@pytest.mark.requirement("RE-73")
def test_passes(): pass

@pytest.mark.requirement("RE-74")
def test_fails(): assert False

class TestOdooStyle(unittest.TestCase):
    requirement_ids = ("RE-75",)
    def test_one(self): pass
    test_one.requirement_ids = ("RE-76",)
    def test_skipped(self): self.skipTest("no reason")  # to see that the skip is recorded
"""


def run_pytest(folder, sample, *options):
    """A run of its own with the plugin, in a folder that stands in for the project."""
    (folder / "tools").mkdir()
    plugin = (TOOLS / "pytest_record.py").read_text()
    (folder / "tools" / "pytest_record.py").write_text(plugin)
    (folder / "test_sample.py").write_text(sample)
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": f"{folder / 'tools'}:{TOOLS}",
        "SUITE_TEST_RESULT": str(folder / "result.json"),
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:odoo", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, "-p", "pytest_record", *options, "test_sample.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_the_plugin_records_what_passed(tmp_path, options):
    run_pytest(tmp_path, SAMPLE, *options)
    counts = json.loads((tmp_path / "result.json").read_text())
    assert (counts["passed"], counts["failed"], counts["skipped"]) == (2, 1, 1)
    assert json.loads((tmp_path / "build" / "requirements.json").read_text()) == {
        "test_sample.py::TestOdooStyle::test_one": ["RE-75", "RE-76"],
        "test_sample.py::test_passes": ["RE-73"],
    }


def test_an_unknown_id_is_an_error(tmp_path):
    done = run_pytest(tmp_path, SAMPLE.replace("RE-74", "RE-99999"))
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "RE-99999 in test_sample.py::test_fails" in done.stdout + done.stderr
