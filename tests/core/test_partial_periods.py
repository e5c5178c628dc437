"""A period that the subscription cuts short follows its mode; a change within it is prorated."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from books import Books, invoices

from billing import (
    ChargeType,
    Line,
    PartialPeriod,
    Period,
    Pricing,
    Schedule,
    ScheduleKind,
    Timeline,
    Timing,
    next_due,
    rate,
)

MODES = list(PartialPeriod)
START = date(2026, 4, 16)
MAY = date(2026, 5, 1)


def line(key, price, start=START, **values):
    return Line(key=key, start=start, pricing=Pricing(Decimal(price)), **values)


def monthly(*lines, mode=PartialPeriod.PRORATED, **values):
    """Billed on the first of each month, from 16 April on."""
    schedule = Schedule(ScheduleKind.MONTH_FIXED, fixed_day=1)
    return Timeline(START, schedule, lines, partial_period=mode, **values)


def amounts(timeline, until):
    return [(charge.due, str(charge.amount)) for charge in rate(timeline, until)]


@pytest.mark.parametrize("mode", MODES)
def test_the_first_full_period_is_charged_in_full(mode):
    charges = rate(monthly(line(1, "30.00"), mode=mode), MAY)
    assert charges[-1].period == Period(MAY, date(2026, 6, 1))
    assert charges[-1].amount == Decimal("30.00")


def test_a_change_within_a_full_price_stub_shares_its_price():
    old = line(1, "30.00", end=date(2026, 4, 22))
    new = line(2, "60.00", start=date(2026, 4, 22))
    assert amounts(monthly(old, new, mode=PartialPeriod.FULL), START.replace(day=30)) == [
        (START, "12.00"),  # 6 of 15 days
        (date(2026, 4, 22), "36.00"),  # 9 of 15 days
    ]


def test_a_pause_within_a_full_price_stub_is_left_out_of_its_price():
    pause = Period(date(2026, 4, 19), date(2026, 4, 25))
    timeline = monthly(line(1, "30.00"), mode=PartialPeriod.FULL, pauses=(pause,))
    assert amounts(timeline, START.replace(day=30)) == [
        (START, "6.00"),
        (date(2026, 4, 25), "12.00"),
    ]


@pytest.mark.parametrize("timing", Timing)
def test_no_part_of_a_stub_that_is_no_billing_period_is_due_before_its_end(timing):
    old = line(1, "30.00", end=date(2026, 4, 22), timing=timing)
    new = line(2, "60.00", start=date(2026, 4, 22), timing=timing)
    pause = Period(date(2026, 4, 25), date(2026, 4, 28))
    timeline = monthly(old, new, mode=PartialPeriod.NO_BILL, pauses=(pause,))
    assert next_due(timeline, START) == MAY
    charges = [charge for charge in rate(timeline, MAY) if charge.period.end <= MAY]
    assert [str(charge.amount) for charge in charges] == ["6.00", "6.00", "6.00"]


def test_a_stub_that_is_no_billing_period_is_due_at_the_end_of_the_subscription():
    timeline = monthly(line(1, "30.00"), mode=PartialPeriod.NO_BILL, end=date(2026, 4, 26))
    assert amounts(timeline, MAY) == [(date(2026, 4, 26), "10.00")]


def test_a_last_stub_that_is_no_billing_period_is_due_as_usual():
    timeline = monthly(line(1, "30.00"), mode=PartialPeriod.NO_BILL, end=date(2026, 6, 11))
    assert amounts(timeline, date(2026, 7, 1))[-1] == (date(2026, 6, 1), "10.00")


@pytest.mark.parametrize(
    ("mode", "last"),
    [("prorated", "10.00"), ("full", "30.00"), ("zero", "0.00"), ("no_bill", "10.00")],
)
def test_an_early_end_follows_the_mode_too(mode, last):
    mode = PartialPeriod(mode)
    timeline = monthly(line(1, "30.00"), mode=mode, end=date(2026, 6, 11))
    assert Decimal(amounts(timeline, date(2026, 7, 1))[-1][1]) == Decimal(last)


@pytest.mark.parametrize(
    ("mode", "net"),
    [("prorated", "-20.00"), ("full", "0.00"), ("zero", "-30.00"), ("no_bill", "-20.00")],
)
def test_an_early_end_after_billing_comes_to_what_the_mode_says(mode, net):
    open_ended = monthly(line(1, "30.00"), mode=PartialPeriod(mode))
    books = Books()
    books.bill(open_ended, date(2026, 6, 1))
    ended = replace(open_ended, end=date(2026, 6, 11))
    assert sum(books.amounts(ended, date(2026, 6, 11))) == Decimal(net)


@pytest.mark.parametrize("mode", MODES)
def test_a_change_in_a_whole_period_is_prorated_in_every_mode(mode):
    old = line(1, "30.00", end=date(2026, 6, 11))
    new = line(2, "60.00", start=date(2026, 6, 11))
    charges = rate(monthly(old, new, mode=mode), date(2026, 6, 30))
    assert [str(charge.amount) for charge in charges[-2:]] == ["10.00", "40.00"]


@pytest.mark.parametrize("mode", MODES)
def test_an_option_added_later_is_prorated_in_every_mode(mode):
    option = line(2, "6.00", start=date(2026, 6, 16))
    charges = rate(monthly(line(1, "30.00"), option, mode=mode), date(2026, 6, 30))
    assert str(charges[-1].amount) == "3.00"


def test_a_line_that_began_before_the_anchor_is_rounded_from_the_anchor():
    timeline = monthly(line(1, "0.17", start=date(2026, 4, 2), origin=date(2026, 4, 2)))
    assert str(rate(timeline, START)[0].amount) == "0.09"


def test_a_continued_line_is_rounded_together_with_the_one_before():
    old = line(1, "10.00", end=date(2026, 4, 21))
    new = line(2, "10.00", start=date(2026, 4, 21), origin=START)
    whole = rate(monthly(line(3, "10.00")), START)[0].amount
    parts = rate(monthly(old, new), START.replace(day=30))
    assert sum(part.amount for part in parts) == whole


def test_a_one_off_rebate_is_credited_and_can_be_taken_back():
    rebate = line("rebate", "-10.00", charge_type=ChargeType.ONE_TIME)
    books = Books()
    assert books.amounts(monthly(rebate), START) == [Decimal("-10.00")]
    assert books.amounts(monthly(), START) == [Decimal("10.00")]
    assert books.total == 0


def test_a_recurring_rebate_is_prorated_like_a_price():
    timeline = monthly(line(1, "30.00"), line("rebate", "-3.01"))
    assert invoices(timeline, MAY) == {
        START: [Decimal("15.00"), Decimal("-1.51")],
        MAY: [Decimal("30.00"), Decimal("-3.01")],
    }
