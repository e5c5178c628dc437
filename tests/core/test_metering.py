"""Metered events: which line counts them, and what those of a period come to."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import Period
from billing.metering import (
    Aggregation,
    Counter,
    DayUsage,
    DimensionFilter,
    Readings,
    find_counter,
)

START = date(2026, 1, 1)
DAYS = 60
named = DimensionFilter.named


@dataclass(frozen=True)
class Event:
    number: int
    moment: datetime
    quantity: Decimal
    value: str
    dimension: str

    @property
    def day(self):
        return self.moment.date()


def oracle(aggregation, events, period):
    """The aggregation as one would say it: over the plain list of events, in order of time."""
    inside = [event for event in events if period.start <= event.day < period.end]
    inside.sort(key=lambda event: (event.moment, event.number))
    if aggregation is Aggregation.SUM:
        return sum((event.quantity for event in inside), Decimal(0))
    if aggregation is Aggregation.COUNT:
        return sum((event.quantity > 0) - (event.quantity < 0) for event in inside)
    if aggregation is Aggregation.MAX:
        return max((event.quantity for event in inside), default=0)
    if aggregation is Aggregation.LAST:
        return inside[-1].quantity if inside else 0
    return len({event.value for event in inside if event.quantity > 0})


def by_day(aggregation, events):
    """What the database hands over: one row a day and dimension value."""
    groups = defaultdict(list)
    for event in events:
        groups[event.day, event.dimension].append(event)
    for (day, _dimension), found in groups.items():
        last = max(found, key=lambda event: (event.moment, event.number))
        everything = Period(date.min, date.max)
        yield DayUsage(
            day=day,
            value=Decimal(oracle(aggregation, found, everything)),
            moment=(last.moment, last.number),
            values={event.value for event in found if event.quantity > 0},
        )


@st.composite
def event_lists(draw):
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, DAYS * 24 * 60),
                st.decimals("-50", "50", places=3),
                st.sampled_from("abcd"),
                st.sampled_from(["DE", "mobile"]),
            ),
            max_size=40,
        )
    )
    begin = datetime(2026, 1, 1)
    return [
        Event(number, begin + timedelta(minutes=minutes), quantity, value, dimension)
        for number, (minutes, quantity, value, dimension) in enumerate(rows)
    ]


@given(event_lists(), st.sampled_from(Aggregation), st.integers(0, DAYS), st.integers(1, DAYS))
def test_any_period_comes_to_what_its_events_say(events, aggregation, offset, length):
    start = START + timedelta(offset)
    period = Period(start, start + timedelta(length))
    readings = Readings(aggregation, 2, by_day(aggregation, events))
    expected = Decimal(oracle(aggregation, events, period))
    assert readings.quantity(period) == expected.quantize(Decimal("0.01"), ROUND_HALF_UP)


@given(event_lists(), st.integers(1, DAYS))
def test_the_parts_of_a_period_sum_up_to_the_whole(events, split):
    readings = Readings(Aggregation.SUM, 3, by_day(Aggregation.SUM, events))
    middle, end = START + timedelta(split), START + timedelta(DAYS + 2)
    parts = readings.quantity(Period(START, middle)) + readings.quantity(Period(middle, end))
    assert parts == readings.quantity(Period(START, end))


def test_a_quantity_is_rounded_once_a_period_half_up():
    days = [DayUsage(START + timedelta(number), Decimal("0.0025")) for number in range(2)]
    readings = Readings(Aggregation.SUM, 2, days)
    assert readings.quantity(Period(START, START + timedelta(2))) == Decimal("0.01")


def test_single_events_are_read_in_order():
    days = [
        DayUsage(date(2026, 1, 2), events=(Decimal(3),)),
        DayUsage(START, events=(Decimal(1), Decimal(2))),
    ]
    readings = Readings(Aggregation.SUM, 2, days)
    assert readings.events(Period(START, date(2026, 1, 3))) == (1, 2, 3)
    assert readings.events(Period(date(2026, 1, 2), date(2026, 1, 3))) == (3,)


DE = DimensionFilter(frozenset({"DE landline"}))
NOT_DE = DimensionFilter(frozenset({"DE landline"}), excluded=True)


@pytest.mark.parametrize(
    ("dimensions", "accepted"),
    [
        (DimensionFilter(), ["DE landline", "mobile", None]),
        (DE, ["DE landline"]),
        (NOT_DE, ["mobile", None]),
    ],
)
def test_a_filter_takes_its_values_or_all_others(dimensions, accepted):
    values = ["DE landline", "mobile", None]
    assert [value for value in values if dimensions.accepts(value)] == accepted


def test_an_event_is_counted_by_the_line_that_names_it_most_closely():
    everything, others, landline = (
        Counter("everything", START),
        Counter("others", START, dimensions=NOT_DE),
        Counter("landline", START, dimensions=DE),
    )
    counters = [everything, others, landline]
    assert find_counter(counters, "DE landline", START) is landline
    assert find_counter(counters, "mobile", START) is others
    assert find_counter([everything, landline], "mobile", START) is everything
    assert find_counter([landline], "mobile", START) is None


def test_of_two_equal_lines_the_later_one_counts_so_that_nothing_is_charged_twice():
    first, second = Counter("first", START), Counter("second", date(2026, 2, 1))
    assert find_counter([first, second], None, date(2026, 1, 31)) is first
    assert find_counter([first, second], None, date(2026, 2, 1)) is second
    ended = Counter("ended", START, end=date(2026, 1, 16))
    assert find_counter([ended], None, date(2026, 1, 16)) is None


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        (named("de"), named(""), True),
        (named(""), named("de"), False),
        (named("de"), named("de, at"), True),
        (named("de, fr"), named("de, at"), False),
        (named("de", excluded=True), named("at"), False),
        (named("fr"), named("de", excluded=True), True),
        (named("de"), named("de", excluded=True), False),
        (named("de, at", excluded=True), named("de", excluded=True), True),
        (named("at", excluded=True), named("de", excluded=True), False),
    ],
)
def test_whether_one_filter_takes_all_that_another_takes(inner, outer, expected):
    assert inner.within(outer) is expected
