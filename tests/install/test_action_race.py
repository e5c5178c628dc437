"""Life-cycle actions are done exactly once, whoever works on them and whatever dies on the way."""

import pytest
import race

COUNT = 20

database = pytest.fixture(race.database)


@pytest.mark.parametrize("scenario", ["two_workers", "dies_before_the_note"])
@pytest.mark.requirement("SM-32", "SM-33")
def test_a_server_action_is_done_exactly_once(scenario, database):
    found = race.play("action_race.py", scenario, database)
    assert (found["runs"], found["done"]) == (COUNT, COUNT)
    assert found["traces"] == ["x"] * COUNT
    assert found.get("died_with", 0) == 0


def test_a_call_whose_answer_was_lost_is_repeated_with_the_same_key(database):
    found = race.play("action_race.py", "dies_after_the_call", database)
    assert (found["unanswered"], found["before_the_lease_is_over"]) == (1, COUNT)
    assert (found["calls"], found["keys"], found["repeated"]) == (COUNT + 1, COUNT, 2)
    assert (found["runs"], found["done"]) == (COUNT, COUNT)
