"""Billing periods tile the calendar and come back to their anchor."""

from calendar import isleap, monthrange
from datetime import date, timedelta
from itertools import islice, pairwise

import pytest
from books import DAY
from hypothesis import given
from hypothesis import strategies as st
from strategies import any_day, schedules

from billing import Grid, Period, Schedule, ScheduleKind, add_months, add_months_from


@given(schedules(), any_day, any_day)
def test_periods_tile_without_gap_or_overlap(schedule, anchor, start):
    found = list(islice(schedule.grid(anchor).periods(start), 30))
    assert found[0].start <= start < found[0].end
    assert all(one.end == two.start for one, two in pairwise(found))


@given(schedules(), any_day, any_day)
def test_every_day_lies_in_exactly_the_period_that_contains_it(schedule, anchor, day):
    grid = schedule.grid(anchor)
    period = grid.containing(day)
    assert period.start <= day < period.end
    assert grid.index(period.start) == grid.index(period.last_day) == grid.index(day)
    assert grid.index(period.end) == grid.index(day) + 1


@given(schedules(), any_day, any_day)
def test_the_next_boundary_is_the_first_one_on_or_after_a_day(schedule, anchor, day):
    grid = schedule.grid(anchor)
    boundary = grid.next_boundary(day)
    assert grid.containing(boundary).start == boundary >= day
    assert boundary == day or grid.containing(day).end == boundary


@given(schedules(), any_day, st.integers(1, 400))
def test_bounded_periods_are_those_with_a_day_inside(schedule, anchor, length):
    grid, end = schedule.grid(anchor), anchor + timedelta(days=length)
    found = list(grid.periods(anchor, end))
    assert found[0].start <= anchor < found[0].end
    assert found[-1].start < end <= found[-1].end


@given(any_day, st.integers(1, 12), st.integers(0, 60))
def test_month_periods_keep_the_anchor_day_or_end_with_the_month(anchor, interval, index):
    boundary = Schedule(ScheduleKind.MONTH_START, interval).grid(anchor).boundary(index)
    last = monthrange(boundary.year, boundary.month)[1]
    assert boundary.day == min(anchor.day, last)
    assert add_months(anchor, index * interval) == boundary


@given(any_day, st.integers(1, 12), st.integers(0, 60))
def test_last_day_periods_begin_on_the_last_day_of_a_month(anchor, interval, index):
    boundary = Schedule(ScheduleKind.MONTH_LAST, interval).grid(anchor).boundary(index)
    assert (boundary + DAY).day == 1


@given(any_day, st.integers(1, 31), st.integers(1, 12), st.integers(1, 12), st.integers(0, 40))
def test_a_base_month_aligns_every_boundary(anchor, day, base_month, interval, index):
    schedule = Schedule(ScheduleKind.MONTH_FIXED, interval, day, base_month)
    boundary = schedule.grid(anchor).boundary(index)
    distance = 12 * (boundary.year - anchor.year) + boundary.month - base_month
    assert distance % interval == 0


@given(any_day, st.integers(1, 7), st.integers(1, 6), st.integers(-20, 20))
def test_week_periods_begin_on_their_weekday(anchor, weekday, interval, index):
    grid = Schedule(ScheduleKind.WEEKLY_FIXED, interval, weekday).grid(anchor)
    assert grid.boundary(index).isoweekday() == weekday
    assert anchor <= grid.boundary(0) < anchor + timedelta(days=7)


@given(schedules(), any_day)
def test_the_first_boundary_is_at_most_one_period_after_the_anchor(schedule, anchor):
    period = schedule.grid(anchor).containing(anchor)
    assert period.start <= anchor < period.end


def test_the_31st_comes_back_after_february():
    grid = Schedule(ScheduleKind.MONTH_START).grid(date(2026, 1, 31))
    assert [grid.boundary(n).isoformat() for n in range(-1, 5)] == [
        "2025-12-31", "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31",
    ]  # fmt: skip


def test_a_yearly_29_february_comes_back_in_leap_years():
    grid = Schedule(ScheduleKind.MONTH_START, 12).grid(date(2024, 2, 29))
    found = [grid.boundary(n) for n in range(9)]
    assert [day.day for day in found] == [29 if isleap(day.year) else 28 for day in found]
    assert {day.year for day in found if day.day == 29} == {2024, 2028, 2032}


@given(any_day, st.integers(1, 400), any_day, st.none() | any_day)
def test_clipping_keeps_exactly_the_days_in_both(start, length, first, end):
    period = Period(start, start + timedelta(days=length))
    clipped = period.clip(first, end)
    lower, upper = max(start, first), min(period.end, end or period.end)
    assert clipped == (Period(lower, upper) if lower < upper else None)
    if clipped:
        assert period.start <= clipped.start and clipped.end <= period.end
        assert clipped.overlaps(period)


@given(any_day, any_day, any_day, any_day)
def test_periods_overlap_when_they_share_a_day(a, b, c, d):
    if a < b and c < d:
        one, two = Period(a, b), Period(c, d)
        shared = range(max(a, c).toordinal(), min(b, d).toordinal())
        assert one.overlaps(two) == two.overlaps(one) == bool(shared)


@pytest.mark.parametrize("length", [0, -1])
def test_a_period_holds_at_least_one_day(length):
    with pytest.raises(ValueError, match="must end after it starts"):
        Period(date(2026, 1, 1), date(2026, 1, 1) + length * DAY)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (ScheduleKind.DAILY, {"interval": 0}),
        (ScheduleKind.WEEKLY_FIXED, {"fixed_day": 8}),
        (ScheduleKind.WEEKLY_FIXED, {}),
        (ScheduleKind.MONTH_FIXED, {"fixed_day": 32}),
        (ScheduleKind.MONTH_FIXED, {"fixed_day": 0}),
    ],
)
def test_an_impossible_schedule_is_refused(kind, values):
    with pytest.raises(ValueError, match=r"interval must be|fixed day of"):
        Schedule(kind, **values)


def test_an_impossible_grid_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        Grid(date(2026, 1, 1), 0)


def test_months_keep_the_day_of_the_start():
    start, day, found = date(2026, 1, 31), date(2026, 2, 28), []
    for count in (1, 1, 1, 10):
        day = add_months_from(start, day, count)
        found.append(day)
    assert found == [date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31), date(2027, 3, 31)]
    assert add_months_from(start, date(2026, 3, 15), 1) == date(2026, 4, 15)
