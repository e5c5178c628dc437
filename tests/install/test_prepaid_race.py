"""A balance is used once, whoever confirms at the same moment and whatever dies on the way."""

import pytest
import race

CUSTOMERS, AFFORDED, GROSS = 50, 7, 35.7  # as in prepaid_race.py


@pytest.fixture
def database():
    yield from race.database("subscription_prepaid")


@pytest.mark.requirement("SD-14")
def test_fifty_confirm_at_once_and_seven_can_be_paid(database):
    found = race.play("prepaid_race.py", "fifty_at_once", database)
    assert found["others"] == []
    assert (found["sold"], found["told"]) == (AFFORDED, CUSTOMERS - AFFORDED)
    assert (found["extensions"], found["invoices"], found["open"]) == (AFFORDED, AFFORDED, 0.0)
    assert (found["balance"], found["difference"]) == (0.0, 0.0)


@pytest.mark.requirement("SD-12")
def test_ten_clicks_buy_one_package(database):
    found = race.play("prepaid_race.py", "one_clicked_often", database)
    assert (found["sold"], found["extensions"], found["invoices"]) == (10, 1, 1)
    assert found["balance"] == round((AFFORDED - 1) * GROSS, 2)


@pytest.mark.requirement("SD-13")
def test_killed_between_two_steps_nothing_has_happened(database):
    found = race.play("prepaid_race.py", "killed", database)
    assert found["unchanged"] == [True] * 5
    assert (found["sold"], found["invoices"], found["open"]) == (1, 1, 0.0)
    assert found["balance"] == round((AFFORDED - 1) * GROSS, 2)
