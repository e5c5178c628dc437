"""Timeline -> target charges: what should have been charged up to a date."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import takewhile

from .charge import Charge
from .charge_types import PROVIDERS
from .timeline import Line, Timeline, Timing


def rate(timeline: Timeline, until: date) -> list[Charge]:
    """Every charge that is due on or before ``until``, in the order in which they fall due."""
    charges = [charge for line in timeline.lines for charge in _due(timeline, line, until)]
    return sorted(charges, key=lambda charge: charge.due)


def next_due(timeline: Timeline, after: date) -> date | None:
    """The first day after ``after`` on which something falls due; ``None`` if nothing will."""
    upcoming = (_first_due_after(timeline, line, after) for line in timeline.lines)
    return min(filter(None, upcoming), default=None)


def _due(timeline: Timeline, line: Line, until: date) -> Iterator[Charge]:
    for charge in takewhile(lambda charge: charge.due <= until, _charges(timeline, line)):
        if line.zero_usage or not charge.measured or charge.usage or charge.amount:
            yield charge


def _first_due_after(timeline: Timeline, line: Line, after: date) -> date | None:
    return next((c.due for c in _charges(timeline, line, after) if c.due > after), None)


def _charges(timeline: Timeline, line: Line, after: date | None = None) -> Iterator[Charge]:
    provider = line.provider or PROVIDERS[line.charge_type]
    charges = provider(timeline, line, after)
    if not line.lead or line.timing is not Timing.ADVANCE:
        return charges
    ahead = timedelta(days=line.lead)
    return (replace(charge, due=charge.due - ahead) for charge in charges)
