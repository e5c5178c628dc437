"""An end, pause or change that is taken back leaves what was billed in arrears alone."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from billing import Line, Period, Pricing, Schedule, ScheduleKind, Timeline, Timing, bill

START = date(2026, 4, 1)
LINE = Line("a", START, Pricing(Decimal(30)), timing=Timing.ARREARS)
OPEN = Timeline(START, Schedule(ScheduleKind.MONTH_START), (LINE,))


def amounts(entries):
    return [entry.charge.amount for entry in entries]


def test_an_end_taken_back():
    ended = replace(OPEN, end=date(2026, 4, 11))
    ledger = bill(ended, [], date(2026, 4, 11)).entries
    assert amounts(ledger) == [Decimal("10.00")]
    assert not bill(OPEN, ledger, date(2026, 4, 12)).entries
    rest = bill(OPEN, ledger, date(2026, 5, 1)).entries
    assert amounts(rest) == [Decimal("20.00")]
    assert rest[0].charge.period == Period(date(2026, 4, 11), date(2026, 5, 1))


def test_a_pause_taken_back():
    paused = replace(OPEN, pauses=(Period(date(2026, 4, 11), date(2026, 4, 21)),))
    ledger = bill(paused, [], date(2026, 4, 12)).entries
    assert amounts(ledger) == [Decimal("10.00")]
    assert not bill(OPEN, ledger, date(2026, 4, 12)).entries
    assert amounts(bill(OPEN, ledger, date(2026, 5, 1)).entries) == [Decimal("20.00")]
