"""Timeline -> target charges: what should have been charged up to a date."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import takewhile

from .calendar import Period
from .proration import part_amount
from .timeline import ChargeType, Line, PartialPeriod, Timeline, Timing

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Charge:
    """One charge as it should stand in the ledger.

    :param period: the days that are charged.
    :param full: the days that ``price`` pays for and that ``period`` is a part of: an anchored
        period, or what the subscription leaves of it where a partial period costs the full price.
    :param origin: the day from which the parts of ``full`` are rounded together.
    :param price: exact price of ``full``, unrounded.
    :param amount: what is charged, rounded; negative for a credit.
    :param due: first day on which it may be invoiced.
    :param divisible: a part of the period may be credited by days.
    :param measured: the amount states a measured quantity, so a correction is a difference.
    """

    line: Hashable
    period: Period
    full: Period
    origin: date
    quantity: Decimal
    price: Decimal
    amount: Decimal
    due: date
    divisible: bool = True
    measured: bool = False


def rate(timeline: Timeline, until: date) -> list[Charge]:
    """Every charge that is due on or before ``until``, in the order in which they fall due."""
    charges = [charge for line in timeline.lines for charge in _due(timeline, line, until)]
    return sorted(charges, key=lambda charge: charge.due)


def next_due(timeline: Timeline, after: date) -> date | None:
    """The first day after ``after`` on which something falls due; ``None`` if nothing will."""
    upcoming = (_first_due_after(timeline, line, after) for line in timeline.lines)
    return min(filter(None, upcoming), default=None)


def _due(timeline: Timeline, line: Line, until: date) -> Iterator[Charge]:
    return takewhile(lambda charge: charge.due <= until, _charges(timeline, line))


def _first_due_after(timeline: Timeline, line: Line, after: date) -> date | None:
    return next((c.due for c in _charges(timeline, line, after) if c.due > after), None)


def _charges(timeline: Timeline, line: Line, after: date | None = None) -> Iterator[Charge]:
    """The charges of ``line`` as they fall due, endless for an open line.

    :param after: periods that end before this day may be left out.
    """
    start, end = timeline.span(line)
    if end is not None and end <= start:
        return
    if line.charge_type in (ChargeType.SETUP, ChargeType.ONE_TIME):
        yield _one_time(timeline, line, start)
        return
    first = max(start, after) if after else start
    if end is not None:
        first = min(first, end - _DAY)
    for full in timeline.grid(line).periods(first, end):
        covered = full.clip(start, end)
        if line.charge_type is ChargeType.USAGE:
            yield _usage(timeline, line, covered, full)
        else:
            for part in timeline.unpaused(covered):
                yield _recurring(timeline, line, part, full)


def _one_time(timeline: Timeline, line: Line, start: date) -> Charge:
    day = Period(start, start + _DAY)
    return Charge(
        line=line.key,
        period=day,
        full=day,
        origin=start,
        quantity=line.quantity,
        price=(price := line.pricing.amount(line.quantity)),
        amount=part_amount(price, day, day, start, timeline.rounding),
        due=start,
        divisible=False,
    )


def _usage(timeline: Timeline, line: Line, part: Period, full: Period) -> Charge:
    quantity = timeline.usage(line.key, part)
    price = line.pricing.amount(quantity)
    return Charge(
        line=line.key,
        period=part,
        full=full,
        origin=part.start,
        quantity=line.pricing.billable(quantity),
        price=price,
        amount=part_amount(price, full, full, full.start, timeline.rounding),
        due=part.end,
        divisible=False,
        measured=True,
    )


def _recurring(timeline: Timeline, line: Line, part: Period, full: Period) -> Charge:
    served = full.clip(timeline.anchor, timeline.end)
    mode = timeline.partial_period if served != full else None
    price = line.pricing.amount(line.quantity) if mode is not PartialPeriod.ZERO else Decimal(0)
    due = part.start if line.timing is Timing.ADVANCE else part.end
    if mode is PartialPeriod.NO_BILL and full.start < served.start:
        due = served.end
    if mode is PartialPeriod.FULL:
        full = served
    origin = max(served.start, line.origin or line.start)
    return Charge(
        line=line.key,
        period=part,
        full=full,
        origin=origin,
        quantity=line.quantity,
        price=price,
        amount=part_amount(price, part, full, origin, timeline.rounding),
        due=due,
    )
