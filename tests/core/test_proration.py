"""The parts of a period sum to the whole, however often it is split."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import any_day, cents, roundings, schedules

from billing import DayCount, Period, part_amount, round_half_up
from billing.proration import fraction

CENT = Decimal("0.01")
prices = st.one_of(cents, cents.map(lambda price: -price), st.decimals(0, 999, places=6))


@st.composite
def splits(draw):
    """A full period, the first day that is charged, and the days on which it is split."""
    full = draw(schedules()).grid(draw(any_day)).containing(draw(any_day))
    length = full.length.days
    origin = draw(st.integers(0, length - 1))
    cuts = draw(st.sets(st.integers(origin, length), max_size=8))
    days = sorted({origin, length, *cuts})
    return full, [full.start + timedelta(days=day) for day in days]


@given(splits(), prices, roundings)
def test_the_parts_sum_to_the_whole(split, price, rounding):
    full, days = split
    origin = days[0]
    parts = [
        part_amount(price, Period(one, two), full, origin, rounding) for one, two in pairwise(days)
    ]
    assert sum(parts) == part_amount(price, Period(origin, full.end), full, origin, rounding)
    if origin == full.start:
        assert sum(parts) == round_half_up(price, rounding)


@given(splits(), prices, roundings)
def test_the_first_part_is_simply_rounded(split, price, rounding):
    full, days = split
    part = Period(days[0], days[1])
    exact = Fraction(price) * part.length.days / full.length.days
    assert part_amount(price, part, full, days[0], rounding) == round_half_up(exact, rounding)


@given(splits(), prices, roundings)
def test_every_part_is_within_one_step_of_its_exact_share(split, price, rounding):
    full, days = split
    for one, two in pairwise(days):
        part = Period(one, two)
        amount = part_amount(price, part, full, days[0], rounding)
        assert abs(Fraction(amount) - Fraction(price) * fraction(part, full)) <= Fraction(rounding)


@given(splits(), roundings)
def test_a_part_of_a_price_above_zero_is_never_negative(split, rounding):
    full, days = split
    for one, two in pairwise(days):
        assert part_amount(Decimal("0.03"), Period(one, two), full, days[0], rounding) >= 0


def test_the_parts_of_a_datetime_period_are_weighed_to_the_second():
    full = Period(datetime(2026, 4, 1), datetime(2026, 5, 1))
    noon = datetime(2026, 4, 16, 12)
    assert part_amount(Decimal(30), Period(noon, full.end), full, noon, CENT) == Decimal("14.50")


@pytest.mark.parametrize(
    ("start", "end", "origin"),
    [
        (date(2025, 12, 31), date(2026, 1, 5), date(2026, 1, 1)),
        (date(2026, 1, 20), date(2026, 2, 2), date(2026, 1, 1)),
        (date(2026, 1, 5), date(2026, 1, 9), date(2026, 1, 6)),
        (date(2026, 1, 5), date(2026, 1, 9), date(2025, 12, 31)),
    ],
)
def test_what_is_not_a_part_is_refused(start, end, origin):
    january = Period(date(2026, 1, 1), date(2026, 2, 1))
    with pytest.raises(ValueError, match="is not a part of"):
        part_amount(Decimal(10), Period(start, end), january, origin, CENT)


@given(splits(), prices, roundings)
def test_the_parts_sum_to_the_whole_in_months_of_thirty_days_too(split, price, rounding):
    full, days = split
    origin, thirty = days[0], DayCount.THIRTY
    parts = [
        part_amount(price, Period(one, two), full, origin, rounding, thirty)
        for one, two in pairwise(days)
    ]
    whole = part_amount(price, Period(origin, full.end), full, origin, rounding, thirty)
    assert sum(parts) == whole


def test_in_months_of_thirty_days_each_day_but_the_31st_costs_the_same():
    march = Period(date(2026, 3, 1), date(2026, 4, 1))
    price = Decimal(30)

    def cost(first):
        day = Period(date(2026, 3, first), date(2026, 3, first) + timedelta(days=1))
        return part_amount(price, day, march, march.start, CENT, DayCount.THIRTY)

    assert [cost(first) for first in (1, 15, 30, 31)] == [1, 1, 1, 0]
