"""What a part of a period costs, so that the parts add up to the whole again."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from .calendar import MONTHS_A_YEAR, Period
from .money import round_half_up

THIRTY_DAYS = 30
_TICK = timedelta(seconds=1)
_DAY = timedelta(days=1)


class DayCount(str, Enum):
    """How the days of a part are weighed against those of its period.

    ``ACTUAL``: days of the calendar, or minutes of the local clock on the wall (RE-83, RE-84).
    ``THIRTY``: every month has 30 days (30/360), so the 31st costs nothing.
    """

    ACTUAL = "actual"
    THIRTY = "thirty"

    def ticks(self, period: Period) -> int:
        """The weight of ``period``; that of a split period is the sum of its parts."""
        if self is DayCount.ACTUAL:
            return period.length // _TICK
        return _on_thirty_days(period.end) - _on_thirty_days(period.start)


def _on_thirty_days(moment: date) -> int:
    """Ticks from the beginning of time to ``moment`` in months of 30 days."""
    month = moment.year * MONTHS_A_YEAR + moment.month
    ticks = (month * THIRTY_DAYS + moment.day) * (_DAY // _TICK)
    if isinstance(moment, datetime) and moment.day <= THIRTY_DAYS:
        ticks += (moment - datetime(moment.year, moment.month, moment.day)) // _TICK
    return ticks


def fraction(part: Period, full: Period, day_count: DayCount = DayCount.ACTUAL) -> Fraction:
    """The exact share of ``full`` that ``part`` is."""
    whole = day_count.ticks(full)
    if not whole:  # a billing period that is just the 31st
        return fraction(part, full)
    return Fraction(day_count.ticks(part), whole)


def part_amount(
    price: Decimal,
    part: Period,
    full: Period,
    origin: date,
    rounding: Decimal,
    day_count: DayCount = DayCount.ACTUAL,
) -> Decimal:
    """The rounded price of ``part``, where ``price`` is the exact price of ``full``.

    It is a difference of running totals that start at ``origin``, the first day of ``full`` that
    is charged at all: the amounts of any split of ``[origin, full.end)`` sum to the rounded price
    of that span, and the part that starts at ``origin`` is simply rounded half-up.

    :raises ValueError: when ``part`` is not within ``[origin, full.end)``.
    """
    if not (full.start <= origin <= part.start and part.end <= full.end):
        raise ValueError(f"{part} is not a part of {full} from {origin}")

    def running(moment: date) -> Decimal:
        if moment == origin:
            return Decimal(0)
        share = fraction(Period(origin, moment), full, day_count)
        return round_half_up(Fraction(price) * share, rounding)

    return running(part.end) - running(part.start)
