"""Billing periods: half-open spans of local dates on an anchored grid.

Every schedule is a grid of boundaries, each computed from the one original anchor and never from
the boundary before it. That is why a period anchored on the 31st comes back to the 31st.
"""

import calendar as _calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

LAST_DAY = 31
MONTHS_A_YEAR = 12
DAYS_A_WEEK = 7
MINUTES_A_DAY = 24 * 60


def _clamped(month_index: int, day: int) -> date:
    """The ``day`` of the month number ``month_index`` (year * 12 + month - 1), or its last day."""
    year, month = divmod(month_index, MONTHS_A_YEAR)
    month += 1
    return date(year, month, min(day, _calendar.monthrange(year, month)[1]))


def _month_index(day: date) -> int:
    return day.year * MONTHS_A_YEAR + day.month - 1


def add_months(day: date, months: int) -> date:
    """``day`` moved by ``months``, clamped to the end of a shorter month."""
    return _clamped(_month_index(day) + months, day.day)


def add_months_from(anchor: date, day: date, count: int) -> date:
    """``count`` months after ``day``, which keeps to the day of the month of ``anchor``.

    An anniversary of the 31st that fell on the last of February comes back to the 31st; a day
    that is no anniversary keeps its own day of the month.
    """
    since = _month_index(day) - _month_index(anchor)
    if add_months(anchor, since) == day:
        return add_months(anchor, since + count)
    return add_months(day, count)


def as_day(moment: date) -> date:
    """The day of a date or of a local date and time."""
    return moment.date() if isinstance(moment, datetime) else moment


def day_after(moment: date) -> date:
    """The first day that no part of ``[..., moment)`` belongs to; midnight opens a new day."""
    day = as_day(moment)
    return day + timedelta(days=1) if is_within_a_day(moment) else day


def minute_of(moment: date) -> int:
    """Minutes since midnight; 0 for a date."""
    return moment.hour * 60 + moment.minute if isinstance(moment, datetime) else 0


def is_within_a_day(moment: date) -> bool:
    return isinstance(moment, datetime) and moment != datetime(*moment.timetuple()[:3])


@dataclass(frozen=True, order=True)
class Period:
    """The days from ``start`` up to, not including, ``end``.

    Both are dates or, where parts of days are charged, local dates and times.

    :raises ValueError: when it would hold nothing.
    """

    start: date
    end: date

    def __post_init__(self):
        if self.end <= self.start:
            raise ValueError(f"a period must end after it starts: {self.start} to {self.end}")

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    @property
    def last_day(self) -> date:
        """The last day that belongs to the period (the day printed on an invoice)."""
        return day_after(self.end) - timedelta(days=1)

    @property
    def days(self) -> "Period":
        """The whole days that the period touches."""
        return Period(as_day(self.start), day_after(self.end))

    def overlaps(self, other: "Period") -> bool:
        return self.start < other.end and other.start < self.end

    def clip(self, start: date, end: date | None) -> "Period | None":
        """The part of the period within ``[start, end)``; ``end=None`` is open."""
        start = max(self.start, start)
        end = self.end if end is None else min(self.end, end)
        return Period(start, end) if start < end else None


@dataclass(frozen=True)
class Grid:
    """Boundaries ``step`` days or months apart, in both directions from ``origin``.

    ``day`` is the day of the month that month steps aim at; it is clamped to shorter months and
    never lost. Without it the steps are days.
    """

    origin: date
    step: int
    day: int | None = None

    def __post_init__(self):
        if self.step < 1:
            raise ValueError("a billing interval must be at least one day or month")

    def boundary(self, index: int) -> date:
        """The date of boundary number ``index``; 0 is the one at the origin."""
        if self.day is None:
            return self.origin + timedelta(days=self.step * index)
        return _clamped(_month_index(self.origin) + self.step * index, self.day)

    def index(self, day: date) -> int:
        """The number of the period that contains ``day``."""
        if self.day is None:
            return (day - self.origin).days // self.step
        index = (_month_index(day) - _month_index(self.origin)) // self.step
        return index if self.boundary(index) <= day else index - 1

    def period(self, index: int) -> Period:
        return Period(self.boundary(index), self.boundary(index + 1))

    def containing(self, day: date) -> Period:
        return self.period(self.index(day))

    def next_boundary(self, day: date) -> date:
        """The first boundary on or after ``day``."""
        period = self.containing(day)
        return period.start if period.start == day else period.end

    def periods(self, start: date, end: date | None = None) -> Iterator[Period]:
        """Every whole period that has a day in ``[start, end)``; ``end=None`` never stops."""
        index = self.index(start)
        while end is None or self.boundary(index) < end:
            yield self.period(index)
            index += 1


class ScheduleKind(str, Enum):
    """How billing dates repeat (requirements RE-73 to RE-88)."""

    DAILY = "daily"
    WEEKLY_FIXED = "weekly_fixed"
    MONTH_START = "month_start"
    MONTH_FIXED = "month_fixed"
    MONTH_LAST = "month_last"
    MANUAL = "manual"


@dataclass(frozen=True)
class Schedule:
    """When a subscription is billed.

    :param interval: number of days, weeks or months between two billing dates.
    :param fixed_day: ISO weekday 1-7 for ``WEEKLY_FIXED``, day of the month for ``MONTH_FIXED``.
    :param base_month: month 1-12 that a multi-month fixed-day interval is aligned to; without it
        the first billing date on or after the start is.
    """

    kind: ScheduleKind
    interval: int = 1
    fixed_day: int | None = None
    base_month: int | None = None

    def __post_init__(self):
        limit = {
            ScheduleKind.WEEKLY_FIXED: DAYS_A_WEEK,
            ScheduleKind.MONTH_FIXED: LAST_DAY,
        }.get(self.kind)
        if self.interval < 1:
            raise ValueError("a billing interval must be at least 1")
        if limit and not (self.fixed_day and 1 <= self.fixed_day <= limit):
            raise ValueError(f"the fixed day of a {self.kind.value} schedule is 1 to {limit}")

    def grid(self, anchor: date) -> Grid:
        """The boundaries of a subscription whose billing starts on ``anchor``."""
        match self.kind:
            case ScheduleKind.DAILY:
                return Grid(anchor, self.interval)
            case ScheduleKind.WEEKLY_FIXED:
                ahead = (self.fixed_day - anchor.isoweekday()) % DAYS_A_WEEK
                return Grid(anchor + timedelta(days=ahead), self.interval * DAYS_A_WEEK)
            case ScheduleKind.MONTH_START | ScheduleKind.MANUAL:
                return Grid(anchor, self.interval, anchor.day)
            case ScheduleKind.MONTH_FIXED:
                return self._monthly(anchor, self.fixed_day)
            case ScheduleKind.MONTH_LAST:
                return self._monthly(anchor, LAST_DAY)

    def _monthly(self, anchor: date, day: int) -> Grid:
        if self.base_month:
            return Grid(date(anchor.year, self.base_month, 1), self.interval, day)
        return Grid(Grid(anchor, 1, day).next_boundary(anchor), self.interval, day)
