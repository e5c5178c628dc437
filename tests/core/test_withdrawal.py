"""Until when a consumer may withdraw."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.withdrawal import refund_deadline, withdrawal_until

FIRST_OF_MARCH = date(2026, 3, 1)
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@pytest.mark.requirement("LAW-14")
def test_fourteen_days_from_the_contract():
    assert withdrawal_until(FIRST_OF_MARCH, FIRST_OF_MARCH) == date(2026, 3, 15)


@pytest.mark.requirement("LAW-14")
def test_a_year_longer_without_the_instruction():
    assert withdrawal_until(FIRST_OF_MARCH) == date(2027, 3, 15)


def test_a_late_instruction_lets_the_days_begin():
    assert withdrawal_until(FIRST_OF_MARCH, date(2026, 4, 10)) == date(2026, 4, 24)


def test_an_instruction_beforehand_gives_no_shorter_time():
    assert withdrawal_until(FIRST_OF_MARCH, date(2026, 2, 1)) == date(2026, 3, 15)


def test_a_very_late_instruction_gives_no_longer_time():
    assert withdrawal_until(FIRST_OF_MARCH, date(2027, 3, 10)) == date(2027, 3, 15)


def test_a_leap_day_has_no_anniversary():
    assert withdrawal_until(date(2028, 2, 29)) == date(2029, 3, 14)


@pytest.mark.requirement("LAW-17")
def test_a_trial_whose_price_was_not_shown_opens_a_second_period():
    conversion = date(2026, 3, 31)
    assert withdrawal_until(FIRST_OF_MARCH, FIRST_OF_MARCH, conversion) == date(2026, 4, 14)
    assert withdrawal_until(FIRST_OF_MARCH, None, conversion) == date(2027, 4, 14)


@pytest.mark.requirement("LAW-16")
def test_the_refund_is_due_within_fourteen_days():
    assert refund_deadline(date(2026, 6, 10)) == date(2026, 6, 24)


@given(days, st.none() | days)
def test_never_less_than_fourteen_days_never_more_than_a_year_longer(begins, instructed):
    last = withdrawal_until(begins, instructed)
    assert begins + timedelta(days=14) <= last <= withdrawal_until(begins)
