"""The provider and the billing run fail each other: money and records agree in the end.

Issue 4, must show 4: the provider times out, answers twice, answers late; the process dies between
charge and write; always one charge, one payment, and an invoice that is paid.
"""

import pytest
import race

AMOUNT = 11.9  # 10.00 and 19 % tax
ONE = ["succeeded"]
FAULTS = {
    "timeout": ONE,
    "dies_between_charge_and_write": ONE,
    "dies_between_commit_and_request": ["failed", "succeeded"],
    "dies_and_the_provider_recognises_the_request": ONE,
    "killed_then_no_line": ONE,
    "timeout_then_no_line": ONE,
    "dies_before_the_booking": ONE,
    "answers_twice": ONE,
    "answers_late": ONE,
    "webhook_during_the_run": ONE,
    "two_workers": ONE,
    "two_clicks": ["cancelled", "succeeded"],
}

database = pytest.fixture(race.database)


@pytest.mark.parametrize("scenario", FAULTS)
@pytest.mark.requirement("K3-07")
def test_one_charge_one_payment_whatever_happens(scenario, database):
    found = race.play("payment_faults.py", scenario, database)
    assert found["charged"] == 1, found
    assert found["amounts"] == found["payments"] == [AMOUNT], found
    assert (found["open"], found["states"]) == (0.0, ["paid"]), found
    assert found["attempts"] == FAULTS[scenario], found
    assert (found["succeeded"], found["errors"]) == (1, []), found
