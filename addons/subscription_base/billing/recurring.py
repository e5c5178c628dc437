"""Recurring revenue: what a price per period is worth per month."""

from decimal import Decimal
from fractions import Fraction

from .calendar import DAYS_A_WEEK, MONTHS_A_YEAR, Schedule, ScheduleKind

DAYS_A_MONTH = Fraction(365, MONTHS_A_YEAR)


def periods_per_month(schedule: Schedule) -> Fraction:
    """How many billing periods an average month has; a year has 12 months or 365 days."""
    match schedule.kind:
        case ScheduleKind.DAILY:
            return DAYS_A_MONTH / schedule.interval
        case ScheduleKind.WEEKLY_FIXED:
            return DAYS_A_MONTH / (schedule.interval * DAYS_A_WEEK)
        case _:
            return Fraction(1, schedule.interval)


def monthly_amount(price: Decimal, schedule: Schedule, free_every: int | None = None) -> Fraction:
    """The exact monthly worth of ``price`` per billing period.

    :param free_every: every n-th period is free; like every lasting discount, that is taken off on
        average, so that recurring revenue does not move from period to period.
    """
    paid = Fraction(free_every - 1, free_every) if free_every else 1
    return Fraction(price) * periods_per_month(schedule) * paid
