"""Paused days are not charged, and are credited where they were charged already."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from books import Books

from billing import (
    ChargeType,
    Line,
    Period,
    Pricing,
    Schedule,
    ScheduleKind,
    Timeline,
    Timing,
    next_due,
    rate,
)

START = date(2026, 4, 1)
TEN_DAYS = Period(date(2026, 4, 11), date(2026, 4, 21))


def monthly(timing=Timing.ADVANCE, charge_type=ChargeType.RECURRING, **values):
    line = Line(1, START, Pricing(Decimal("30.00")), timing=timing, charge_type=charge_type)
    return Timeline(START, Schedule(ScheduleKind.MONTH_START), (line,), **values)


def charged(timeline, until):
    charges = rate(timeline, until)
    return [(c.period.start.day, c.period.last_day.day, str(c.amount)) for c in charges]


@pytest.mark.parametrize("timing", Timing)
def test_the_days_of_a_pause_are_left_out(timing):
    timeline = monthly(timing, pauses=(TEN_DAYS,))
    assert charged(timeline, date(2026, 5, 1))[:2] == [(1, 10, "10.00"), (21, 30, "10.00")]


def test_a_pause_after_billing_is_credited_by_days():
    books = Books()
    books.bill(monthly(), START)
    assert books.amounts(monthly(pauses=(TEN_DAYS,)), date(2026, 4, 21)) == [Decimal("-10.00")]


def test_a_pause_that_did_not_happen_is_charged_again():
    books = Books()
    books.bill(monthly(), START)
    books.bill(monthly(pauses=(TEN_DAYS,)), date(2026, 4, 21))
    assert books.amounts(monthly(), date(2026, 4, 22)) == [Decimal("10.00")]
    assert books.total == Decimal("30.00")


def test_overlapping_pauses_count_once():
    inner = Period(date(2026, 4, 13), date(2026, 4, 15))
    longer = Period(date(2026, 4, 18), date(2026, 4, 26))
    timeline = monthly(pauses=(longer, inner, TEN_DAYS))
    assert charged(timeline, date(2026, 4, 30)) == [(1, 10, "10.00"), (26, 30, "5.00")]


def test_a_paused_period_is_not_billed_at_all():
    timeline = monthly(pauses=(Period(date(2026, 5, 1), date(2026, 7, 1)),))
    assert next_due(timeline, START) == date(2026, 7, 1)


def test_usage_and_one_time_charges_go_on_during_a_pause():
    kinds = {
        kind: charged(
            monthly(charge_type=kind, pauses=(TEN_DAYS,), usage=lambda *_: Decimal(2)),
            date(2026, 5, 1),
        )
        for kind in (ChargeType.USAGE, ChargeType.SETUP)
    }
    assert kinds == {ChargeType.USAGE: [(1, 30, "60.00")], ChargeType.SETUP: [(1, 1, "30.00")]}


@pytest.mark.parametrize("timing", Timing)
def test_a_pause_without_an_end_stops_billing_until_it_is_lifted(timing):
    books = Books()
    paused = monthly(timing, pauses=(Period(date(2026, 4, 11), date.max),))
    books.bill(paused, date(2026, 4, 15))
    assert books.total == Decimal("10.00")
    assert books.next_due is None
    resumed = replace(paused, pauses=(TEN_DAYS,))
    books.bill(resumed, date(2026, 5, 1))
    expected = "50.00" if timing is Timing.ADVANCE else "20.00"
    assert books.total == Decimal(expected)
