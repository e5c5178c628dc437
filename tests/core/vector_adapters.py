"""From the published examples to calls of the billing core, one small function per shape."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from books import Books

from billing import (
    Line,
    PartialPeriod,
    Period,
    Pricing,
    Schedule,
    ScheduleKind,
    Timeline,
    Timing,
    rate,
    round_half_up,
)

CENT = Decimal("0.01")
ANY_YEAR = 2023
INTERVALS = {
    "month": 1, "monthly": 1, "quarterly": 3, "year": 12, "yearly": 12, "annual": 12, None: 1,
}  # fmt: skip
DAY_INTERVALS = {"weekly": 7, "biweekly": 14, "30 days": 30, "thirty_days": 30}
PARTIAL_PERIODS = {
    "bill_prorated": PartialPeriod.PRORATED,
    "bill_full": PartialPeriod.FULL,
    "bill_zero_amount": PartialPeriod.ZERO,
}

ADAPTERS: dict[str, Callable[[dict], dict]] = {}


def adapter(*ids):
    """The decorated function computes, from ``given``, what the vectors ``ids`` expect."""

    def register(function):
        for vector_id in ids:
            if vector_id in ADAPTERS:
                raise ValueError(f"two adapters for {vector_id}")
            ADAPTERS[vector_id] = function
        return function

    return register


def day(text, year=ANY_YEAR) -> date:
    return date.fromisoformat(text if len(text) > len("01-31") else f"{year}-{text}")


def span(period: Period) -> list[str]:
    return [period.start.isoformat(), period.end.isoformat()]


def money(amount) -> str:
    return str(amount.quantize(CENT))


def share(part: Period, full: Period) -> str:
    return f"{part.length.days}/{full.length.days}"


def nine(value) -> str:
    places = Decimal("0.000000001")
    return str(round_half_up(value, places).quantize(places))


def fixed(day_of_month, interval=None, base_month=None) -> Schedule:
    return Schedule(ScheduleKind.MONTH_FIXED, INTERVALS[interval], day_of_month, base_month)


def anniversary(interval=None) -> Schedule:
    if interval in DAY_INTERVALS:
        return Schedule(ScheduleKind.DAILY, DAY_INTERVALS[interval])
    return Schedule(ScheduleKind.MONTH_START, INTERVALS[interval])


def calendar_aligned(interval="month") -> Schedule:
    return fixed(1, interval, base_month=1)


def timing(given) -> Timing:
    arrears = given.get("billing_mode") == "in_arrear" or given.get("pay_in_advance") is False
    return Timing.ARREARS if arrears else Timing.ADVANCE


def line(key, start, price="0", **values) -> Line:
    return Line(key, start, Pricing(Decimal(price)), **values)


def one_line(given, schedule, price="0", start="start", end=None, **values) -> Timeline:
    """A subscription of one line, in advance or in arrears as ``given`` says."""
    start = day(given[start])
    timed = line(1, start, price, timing=timing(given))
    return Timeline(start, schedule, (timed,), end=end, **values)


def first_charges(timeline, until):
    return sorted(rate(timeline, until), key=lambda charge: charge.period)


def statement(entry) -> dict:
    """An entry as the vectors write a line of an invoice."""
    return {
        "type": "recurring" if entry.sign > 0 else "credit",
        "period": span(entry.charge.period),
        "amount": money(entry.charge.amount),
    }


def invoice_list(timeline, until) -> list[dict]:
    """The invoices that bill one charge each."""
    books, found = Books(), []
    due = timeline.anchor
    while due is not None and due <= until:
        for entry in books.bill(timeline, due):
            stated = statement(entry)
            found.append({"date": due.isoformat(), **{k: stated[k] for k in ("period", "amount")}})
        due = books.next_due
    return found


def with_tax(net: Decimal, percent: str) -> dict:
    tax = round_half_up(net * Decimal(percent) / 100, CENT)
    return {"net": money(net), "tax": money(tax), "total": money(net + tax)}
