"""Charges that are invoiced later than they fall due (requirement SM-22)."""

from datetime import date, timedelta

from .calendar import Schedule, ScheduleKind, add_months
from .terms import Duration, Unit

NO_DELAY = Duration(0, Unit.DAY)


def invoiced_from(due: date, delay: Duration = NO_DELAY, last: date | None = None) -> date:
    """The first day on which a charge is invoiced.

    :param due: the day on which it falls due, and stands in the ledger.
    :param delay: by how many days, weeks or months its invoice is shifted.
    :param last: last day of the subscription; nothing waits beyond it.
    :raises ValueError: when the delay is counted in billing periods.
    """
    if delay.unit is Unit.PERIOD:
        raise ValueError("a delay is counted in days, weeks or months")
    count, in_months = delay.in_steps(Schedule(ScheduleKind.DAILY))
    day = add_months(due, count) if in_months else due + timedelta(days=count)
    return day if last is None else max(due, min(day, last))
