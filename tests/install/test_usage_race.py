"""Usage that arrives while other senders or a billing run are at work on the same subscription."""

import pytest
import race

EVENTS = 1000
USED = 100.0
BASE = 10.0

database = pytest.fixture(race.database)


@pytest.mark.parametrize("scenario", ["same_batch_twice", "before_the_lock", "behind_the_lock"])
@pytest.mark.requirement("PA-19")
def test_every_event_is_counted_and_billed_once(scenario, database):
    found = race.play("usage_race.py", scenario, database)
    assert (found["accepted"], found["events"]) == (EVENTS, EVENTS)
    assert found.get("duplicates", EVENTS) == EVENTS
    assert (found["billed"], found["invoiced"]) == (USED, USED + BASE)
    assert found["state"] == "closed"
