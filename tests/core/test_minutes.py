"""Charging to the minute, by the clock on the wall (requirements RE-83, RE-84)."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from agreements import FIRST_OF_MONTH, MONDAYS, agreement, line
from books import Books
from hypothesis import given
from hypothesis import strategies as st

from billing import rate

NOON = datetime(2026, 4, 16, 12)


def from_noon(price="30", schedule=FIRST_OF_MONTH, start=NOON, **values):
    fee = line("fee", start.date().isoformat(), price)
    return replace(agreement(start.date().isoformat(), schedule, fee, **values), anchor=start)


def amounts(timeline, until):
    return [charge.amount for charge in rate(timeline, until)]


@pytest.mark.requirement("RE-83")
def test_whole_days_count_the_day_of_the_start():
    by_days = replace(from_noon(), anchor=NOON.date())
    assert amounts(by_days, date(2026, 4, 16)) == [Decimal("15.00")]


@pytest.mark.requirement("RE-84")
def test_minutes_count_from_the_start_and_to_the_end():
    assert amounts(from_noon(), date(2026, 5, 1)) == [Decimal("14.50"), 30]
    ended = from_noon(end=datetime(2026, 5, 20, 6))
    assert amounts(ended, date(2026, 5, 1))[1] == Decimal("18.63")  # 19.25 of 31 days


@pytest.mark.requirement("RE-84")
def test_the_clock_on_the_wall_counts_across_a_clock_change():
    start = datetime(2026, 3, 29, 0, 0)  # the night that has 23 hours in Berlin
    assert amounts(from_noon("31", start=start), date(2026, 3, 29)) == [3]


def test_an_early_end_credits_to_the_minute():
    books, running = Books(), from_noon()
    books.bill(running, date(2026, 5, 1))
    ended = replace(running, end=datetime(2026, 5, 16, 12))
    assert books.amounts(ended, date(2026, 5, 16)) == [Decimal("-15.00")]


def test_a_charge_is_printed_with_the_days_that_it_touches():
    charges = rate(from_noon(end=datetime(2026, 5, 20, 6)), date(2026, 5, 1))
    printed = [(charge.period.days.start, charge.period.last_day) for charge in charges]
    assert printed == [
        (date(2026, 4, 16), date(2026, 4, 30)),
        (date(2026, 5, 1), date(2026, 5, 20)),
    ]


def test_other_lines_are_charged_beside():
    fees = (
        line("fee", "2026-04-16", "30"),
        line("setup", "2026-04-16", "50", charge_type="setup"),
        line("calls", "2026-04-16", "1", charge_type="usage"),
    )
    timeline = replace(from_noon(usage=lambda *_: Decimal(7)), lines=fees)
    assert sorted(amounts(timeline, date(2026, 5, 1))) == [7, Decimal("14.50"), 30, 50]


@given(
    st.datetimes(datetime(2026, 3, 20), datetime(2026, 4, 10)),
    st.datetimes(datetime(2026, 4, 11), datetime(2026, 6, 1)),
    st.lists(st.dates(date(2026, 3, 20), date(2026, 6, 10)), max_size=4),
)
def test_however_often_it_is_billed_the_minutes_add_up(start, end, days):
    running = from_noon("70", MONDAYS, start.replace(second=0, microsecond=0))
    ended = replace(running, end=end.replace(second=0, microsecond=0))
    often, once = Books(), Books()
    for day in days:
        often.bill(running, day)
    until = max([date(2026, 6, 10), *days])
    often.bill(ended, until)
    once.bill(ended, until)
    assert often.per_line == once.per_line
