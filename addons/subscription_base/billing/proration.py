"""What a part of a period costs, so that the parts add up to the whole again."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from .calendar import Period
from .money import round_half_up

_TICK = timedelta(seconds=1)


def fraction(part: Period, full: Period) -> Fraction:
    """The exact share of ``full`` that ``part`` is: days of days, or minutes of minutes.

    Minutes are those of the local clock on the wall (requirement RE-84).
    """
    return Fraction(part.length // _TICK, full.length // _TICK)


def part_amount(price: Decimal, part: Period, full: Period, origin: date, rounding: Decimal):
    """The rounded price of ``part``, where ``price`` is the exact price of ``full``.

    It is a difference of running totals that start at ``origin``, the first day of ``full`` that
    is charged at all: the amounts of any split of ``[origin, full.end)`` sum to the rounded price
    of that span, and the part that starts at ``origin`` is simply rounded half-up.

    :raises ValueError: when ``part`` is not within ``[origin, full.end)``.
    """
    if not (full.start <= origin <= part.start and part.end <= full.end):
        raise ValueError(f"{part} is not a part of {full} from {origin}")
    return _running(price, part.end, full, origin, rounding) - _running(
        price, part.start, full, origin, rounding
    )


def _running(price, day, full, origin, rounding) -> Decimal:
    if day == origin:
        return Decimal(0)
    return round_half_up(Fraction(price) * fraction(Period(origin, day), full), rounding)
