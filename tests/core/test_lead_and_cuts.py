"""Invoices ahead of their period, and the usual answers of a charge type of one's own."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from billing import (
    Charge,
    Line,
    Period,
    Pricing,
    Schedule,
    ScheduleKind,
    Timeline,
    Timing,
    bill,
    next_billing_date,
    part_amount,
    unpaused,
    until_end,
)

START = date(2026, 3, 1)
MONTHLY = Line(key="a", start=START, pricing=Pricing(Decimal(31)), lead=14)


def timeline(line, **values):
    return Timeline(
        anchor=START, schedule=Schedule(ScheduleKind.MONTH_START), lines=(line,), **values
    )


def instalments(agreed, line, after=None):
    """Endless instalments, one every ten days."""
    day = line.start
    while True:
        period = Period(day, day + timedelta(days=10))
        price = line.pricing.amount(line.quantity)
        yield Charge(
            line=line.key,
            period=period,
            full=period,
            origin=day,
            quantity=line.quantity,
            price=price,
            amount=part_amount(price, period, period, day, agreed.rounding),
            due=day,
        )
        day = period.end


def test_a_period_is_due_some_days_before_it_begins():
    agreed = timeline(MONTHLY)
    assert next_billing_date(agreed, []) == date(2026, 2, 15)
    first = bill(agreed, [], date(2026, 2, 15))
    assert [entry.charge.period.start for entry in first.entries] == [START]
    assert first.next_due == date(2026, 3, 18)
    assert bill(agreed, first.entries, date(2026, 3, 17)).entries == []


def test_what_is_billed_in_arrears_is_not_due_ahead():
    agreed = timeline(replace(MONTHLY, timing=Timing.ARREARS))
    assert next_billing_date(agreed, []) == date(2026, 4, 1)


def test_another_lead_does_not_charge_again():
    entries = bill(timeline(MONTHLY), [], date(2026, 3, 18)).entries
    later = timeline(replace(MONTHLY, lead=0))
    assert bill(later, entries, date(2026, 3, 18)).entries == []


def test_an_end_cuts_the_last_instalment():
    line = replace(MONTHLY, lead=0, end=date(2026, 3, 16), provider=instalments)
    cut = list(until_end(timeline(line), line, instalments(timeline(line), line)))
    assert [(c.period.end, c.amount) for c in cut] == [
        (date(2026, 3, 11), Decimal("31.00")),
        (date(2026, 3, 16), Decimal("15.50")),
    ]


def test_a_pause_is_left_out_and_the_parts_add_up():
    pause = Period(date(2026, 3, 4), date(2026, 3, 5))
    line = replace(MONTHLY, lead=0)
    agreed = timeline(line, pauses=(pause,))
    charges = unpaused(agreed, instalments(agreed, line))
    first, second = next(charges), next(charges)
    assert (first.period.end, second.period.start) == (pause.start, pause.end)
    assert first.amount + second.amount == Decimal("27.90")


def test_what_cannot_be_divided_is_charged_in_full():
    line = replace(MONTHLY, lead=0, end=date(2026, 3, 16))
    agreed = timeline(line, pauses=(Period(date(2026, 3, 4), date(2026, 3, 5)),))
    whole = replace(next(instalments(agreed, line)), divisible=False)
    assert list(until_end(agreed, line, unpaused(agreed, [whole]))) == [whole]
