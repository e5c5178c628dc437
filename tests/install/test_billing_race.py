"""Two workers that bill the same subscription."""

import pytest
import race

BASE = 10.0

database = pytest.fixture(race.database)


@pytest.mark.parametrize("scenario", ["same_moment", "behind_the_lock"])
def test_failure_32_two_workers_on_one_contract(scenario, database):
    """The second is refused by the database, if both happen to write the same row."""
    found = race.play("billing_race.py", scenario, database)
    assert found["invoices"] == ["posted"]
    assert found["charged"] == BASE
    assert found["error"] is False
    assert True in found["finished"]
    assert len(found["finished"]) == 2
