"""What is used day by day beyond what a line includes: what may be drawn from elsewhere."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from .allowance import Allowance
from .calendar import Period, as_day
from .charge_types import billing_periods
from .timeline import Line, Timeline

_DAY = timedelta(days=1)


def beyond_included(
    timeline: Timeline, line: Line, days: Sequence[date], after: date | None = None
) -> Iterator[tuple[date, Decimal]]:
    """By how much each day moves what a period uses beyond what is included in it.

    The included units of a period are used first. The sum of a period's days is what is beyond
    them in the whole period; a day whose corrections outweigh its usage moves it back.

    :param line: of usage.
    :param days: those on which the line has counted something, in order.
    :param after: periods that end before this day may be left out.
    """
    allowance = Allowance(line.pricing.included, line.rollover, line.rollover_most)
    days = list(dict.fromkeys(days))
    position = 0
    for part, _full in billing_periods(timeline, line, None if line.rollover else after):
        first, end = as_day(part.start), part.last_day + _DAY
        included, beyond = allowance.available, Decimal(0)
        while position < len(days) and days[position] < end:
            day = days[position]
            position += 1
            if day < first:
                continue
            used = timeline.measure(line, Period(first, day + _DAY)).quantity
            total = max(used - included, Decimal(0)) if included else used
            if total != beyond:
                yield day, total - beyond
            beyond = total
        if position == len(days):
            return
        if line.rollover:
            allowance.use(timeline.measure(line, part).quantity)
