"""A small `make crash-test`: a kill in each step, then two runs at once."""

import os
import subprocess
import sys

import pytest

from suite import databases, templates
from suite.settings import ROOT

SCRIPT = ROOT / "tools" / "crash_test.py"
SIZE = ["--seed", "5", "--kills", "3", "--races", "1", "--subscriptions", "40"]


@pytest.fixture
def database():
    name = databases.temporary("install") + "_crash"
    databases.clone(templates.suite_for(["subscription_base"]), name)
    yield name
    databases.drop(name)


@pytest.mark.requirement("PA-43")
def test_each_period_is_billed_once_though_runs_are_killed_and_raced(database):
    done = subprocess.run(
        [sys.executable, SCRIPT, *SIZE],
        env={**os.environ, "PGDATABASE": database, "SUITE_DATABASE": database},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1:] == [
        "crash-test: 3 kills, 1 races, 40 subscriptions, 0 charged twice, 0 missing, 0 different"
    ], done.stdout + done.stderr
    assert done.returncode == 0
