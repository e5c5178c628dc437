"""Usage that arrives while other senders or a billing run are at work on the same subscription."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from suite import databases, templates

SCRIPT = Path(__file__).with_name("usage_race.py")
EVENTS = 1000
USED = 100.0
BASE = 10.0


@pytest.fixture
def database():
    name = databases.temporary("install") + "_race"
    databases.clone(templates.suite_for(["subscription_base"]), name)
    yield name
    databases.drop(name)


def play(scenario, database):
    environment = {**os.environ, "PGDATABASE": database, "SUITE_DATABASE": database}
    path = [str(SCRIPT.parents[2] / "tools"), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, path))
    done = subprocess.run(
        [sys.executable, SCRIPT, scenario],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("scenario", ["same_batch_twice", "before_the_lock", "behind_the_lock"])
@pytest.mark.requirement("PA-19")
def test_every_event_is_counted_and_billed_once(scenario, database):
    found = play(scenario, database)
    assert (found["accepted"], found["events"]) == (EVENTS, EVENTS)
    assert found.get("duplicates", EVENTS) == EVENTS
    assert (found["billed"], found["invoiced"]) == (USED, USED + BASE)
    assert found["state"] == "closed"
