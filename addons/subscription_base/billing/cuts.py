"""Charges cut off by the end of a contract or by a pause: the usual answers of a charge type."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .calendar import Period
from .charge import Charge
from .proration import part_amount
from .timeline import Line, Timeline


def until_end(timeline: Timeline, line: Line, charges: Iterable[Charge]) -> Iterator[Charge]:
    """``charges`` up to the end of ``line``: the one that it falls into is charged in part.

    A charge that cannot be divided and has begun stays as it is.
    """
    _start, end = timeline.span(line)
    for charge in charges:
        part = charge.period.clip(charge.period.start, end)
        if part is None:
            return
        yield _part(timeline, charge, part)


def unpaused(timeline: Timeline, charges: Iterable[Charge]) -> Iterator[Charge]:
    """``charges`` without the days of pauses; what cannot be divided is charged in full."""
    for charge in charges:
        parts = timeline.unpaused(charge.period) if charge.divisible else (charge.period,)
        for part in parts:
            yield _part(timeline, charge, part)


def _part(timeline: Timeline, charge: Charge, part: Period) -> Charge:
    if not charge.divisible or part == charge.period:
        return charge
    amount = part_amount(charge.price, part, charge.full, charge.origin, timeline.rounding)
    return replace(charge, period=part, amount=amount)
