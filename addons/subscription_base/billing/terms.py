"""When may a subscription end? Trial, term, renewal, minimum term and notice.

As everywhere in the core an *end* is the first day that no longer belongs. The day on which
notice is given still belongs: notice of one month given on 10 March ends after 10 April (§§ 187,
188 BGB). Every date is counted from the one anchor, the first paid day, never from a date that
was clamped to a shorter month.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import cached_property
from itertools import islice

from .calendar import DAYS_A_WEEK, Grid, Schedule, ScheduleKind, add_months
from .timeline import PartialPeriod

_DAY = timedelta(days=1)
SHOWN_RENEWALS = 2


class Unit(str, Enum):
    """What a duration is counted in; a period is a billing period of the schedule."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    PERIOD = "period"


@dataclass(frozen=True)
class Duration:
    """A length of time in whole days, weeks, months or billing periods.

    :raises ValueError: when ``count`` is negative.
    """

    count: int
    unit: Unit

    def __post_init__(self):
        if self.count < 0:
            raise ValueError("a duration cannot be negative")

    def in_steps(self, schedule: Schedule) -> tuple[int, bool]:
        """The length as a number of days, or of months; and whether it is months."""
        match self.unit:
            case Unit.DAY:
                return self.count, False
            case Unit.WEEK:
                return self.count * DAYS_A_WEEK, False
            case Unit.MONTH:
                return self.count, True
        step = self.count * schedule.interval
        match schedule.kind:
            case ScheduleKind.DAILY:
                return step, False
            case ScheduleKind.WEEKLY_FIXED:
                return step * DAYS_A_WEEK, False
            case _:
                return step, True


class TermType(str, Enum):
    """How a subscription comes to its end by itself (requirements RE-89 to RE-91)."""

    RENEWING = "renewing"
    CYCLES = "cycles"
    FIXED_TERM = "fixed_term"


class NoticeStart(str, Enum):
    """From when notice is counted: the day on which it is given, or the end of that period."""

    NOTICE = "notice"
    PERIOD_END = "period_end"


class Effect(str, Enum):
    """When a termination takes effect, once notice and minimum term are over.

    ``BILLED`` is not before the end of what has been billed in advance (SM-57 to SM-60).
    """

    ANY_DAY = "any_day"
    PERIOD_END = "period_end"
    BILLED = "billed"


class MilestoneKind(str, Enum):
    """What a date in the course of a subscription is."""

    START = "start"
    TRIAL_END = "trial_end"
    MINIMUM_END = "minimum_end"
    NOTICE_DEADLINE = "notice_deadline"
    TERM_END = "term_end"
    RENEWAL_END = "renewal_end"


@dataclass(frozen=True)
class Milestone:
    """:param day: the first day after what ends; the last day on which notice is in time."""

    kind: MilestoneKind
    day: date


def trial_end(start: date, trial: Duration | None) -> date:
    """The first paid day of a subscription that begins on ``start`` with ``trial``.

    :raises ValueError: when the trial is not counted in days, weeks or months.
    """
    if trial is None:
        return start
    if trial.unit is Unit.PERIOD:
        raise ValueError("a trial is counted in days, weeks or months")
    count, in_months = trial.in_steps(Schedule(ScheduleKind.DAILY))
    return add_months(start, count) if in_months else start + timedelta(days=count)


def end_after_cycles(
    schedule: Schedule,
    anchor: date,
    cycles: int,
    partial_period: PartialPeriod = PartialPeriod.PRORATED,
) -> date:
    """The end of billing cycle number ``cycles``, counted from ``anchor``.

    The part of a period before the first billing date is a cycle when an invoice states it:
    prorated, in full or at zero, but not when its amount joins the next invoice or is waived.
    """
    if cycles < 1:
        raise ValueError("a fixed number of billing cycles is at least 1")
    grid = schedule.grid(anchor)
    first = grid.index(anchor)
    if grid.boundary(first) < anchor and not partial_period.bills_first_stub:
        first += 1
    return grid.boundary(first + cycles)


@dataclass(frozen=True)
class Terms:
    """What has been agreed about the duration of a subscription.

    :param anchor: the first paid day, from which terms are counted.
    :param start: the first day, when a trial precedes ``anchor``.
    :param initial: the first term; it binds the customer.
    :param renewal: by how much the term goes on when nobody terminates; without it the
        subscription is open-ended after the first term.
    :param minimum: what is paid for at least, even after a termination.
    :param cycles: number of billing cycles of ``TermType.CYCLES``.
    :param full_last_period: terms and minimum end with a whole billing period.
    :param longest_notice: notice of more than this has no effect, nor has waiting for the end of
        a period beyond it (consumer law).
    :raises ValueError: when the parts do not fit the type of the term.
    """

    anchor: date
    schedule: Schedule
    type: TermType = TermType.RENEWING
    start: date | None = None
    initial: Duration | None = None
    renewal: Duration | None = None
    minimum: Duration | None = None
    cycles: int | None = None
    partial_period: PartialPeriod = PartialPeriod.PRORATED
    full_last_period: bool = False
    notice: Duration = Duration(0, Unit.DAY)
    notice_start: NoticeStart = NoticeStart.NOTICE
    effect: Effect = Effect.ANY_DAY
    longest_notice: Duration | None = None

    def __post_init__(self):
        if (self.type is TermType.CYCLES) != bool(self.cycles):
            raise ValueError("a number of cycles belongs to the fixed number of cycles only")
        if self.type is TermType.CYCLES and self.initial:
            raise ValueError("a fixed number of cycles has no contract term")
        if self.type is TermType.FIXED_TERM and not self.initial:
            raise ValueError("to end with the contract's end there must be a contract term")
        if self.renewal and not (self.type is TermType.RENEWING and self.initial):
            raise ValueError("only a contract term that renews has a renewal term")
        if any(part and not part.count for part in (self.initial, self.renewal, self.minimum)):
            raise ValueError("a term is at least one day, week, month or period")

    @cached_property
    def _grid(self) -> Grid:
        return self.schedule.grid(self.anchor)

    def _add(self, day: date, duration: Duration) -> date:
        """``day`` moved by ``duration``; billing periods go from billing date to billing date."""
        if duration.unit is Unit.PERIOD and self._grid.boundary(self._grid.index(day)) == day:
            return self._grid.boundary(self._grid.index(day) + duration.count)
        count, in_months = duration.in_steps(self.schedule)
        return add_months(day, count) if in_months else day + timedelta(days=count)

    def _ending(self, day: date) -> date:
        return self._grid.next_boundary(day) if self.full_last_period else day

    @cached_property
    def initial_end(self) -> date | None:
        """The end of the first term."""
        return self.initial and self._ending(self._add(self.anchor, self.initial))

    @cached_property
    def minimum_end(self) -> date:
        """The end of what is paid for at least: one day when nothing has been agreed."""
        if self.minimum is None:
            return self.anchor + _DAY
        return self._ending(self._add(self.anchor, self.minimum))

    @cached_property
    def end(self) -> date | None:
        """The end that comes without a termination; ``None`` when it renews."""
        match self.type:
            case TermType.CYCLES:
                return end_after_cycles(
                    self.schedule, self.anchor, self.cycles, self.partial_period
                )
            case TermType.FIXED_TERM:
                return self.initial_end
            case _:
                return None

    @cached_property
    def _renewals(self) -> Grid:
        """The ends of the first term and of the renewals, before whole periods are made of them."""
        first = self._add(self.anchor, self.initial)
        step, in_months = self.renewal.in_steps(self.schedule)
        if not in_months:
            return Grid(first, step)
        if self.renewal.unit is Unit.PERIOD and self._grid.next_boundary(first) == first:
            return Grid(first, step, self._grid.day)
        if self.initial.in_steps(self.schedule)[1]:
            return Grid(first, step, self.anchor.day)
        return Grid(first, step, first.day)

    def _term_end_from(self, day: date) -> date:
        """The first end of a term on or after ``day``."""
        if day <= self.initial_end:
            return self.initial_end
        grid = self._renewals
        index = grid.index(day)
        ends = (self._ending(grid.boundary(number)) for number in (index - 1, index, index + 1))
        return next(end for end in ends if end >= day)

    def term_end(self, on: date) -> date | None:
        """The end of the term that runs on ``on``; ``None`` while it is open-ended."""
        if self.end:
            return self.end
        if not self.initial or (on >= self.initial_end and not self.renewal):
            return None
        return self._term_end_from(on + _DAY)

    def end_of_notice(self, on: date) -> date:
        """The end of the notice that is given on ``on``."""
        if self.notice_start is NoticeStart.NOTICE:
            end = self._add(on, self.notice) + _DAY
        else:
            end = self._add(self._grid.containing(on).end, self.notice)
        return min(end, self._latest(on))

    def _latest(self, on: date) -> date:
        """The latest that a termination given on ``on`` may be put off for its notice."""
        return self._add(on, self.longest_notice) + _DAY if self.longest_notice else date.max

    def next_termination_date(self, on: date, billed_until: date | None = None) -> date:
        """The earliest end by an ordinary termination that is given on ``on``.

        During a trial that is the end of the trial: neither notice nor minimum term bind yet.

        :param billed_until: the end of what has been billed in advance.
        """
        if on < self.anchor and self.start and self.start < self.anchor:
            return self.anchor
        if self.type is TermType.FIXED_TERM:
            return self.end
        notice = self.end_of_notice(on)
        earliest = max(notice, self.minimum_end)
        if self.initial and (self.renewal or earliest <= self.initial_end):
            return self._term_end_from(earliest)
        effect = min(self._take_effect(notice, billed_until), self._latest(on))
        end = max(effect, earliest, self.initial_end or earliest)
        return min(end, self.end) if self.end else end

    def _take_effect(self, day: date, billed_until: date | None) -> date:
        match self.effect:
            case Effect.PERIOD_END:
                return self._grid.next_boundary(day)
            case Effect.BILLED:
                return max(day, billed_until or day)
            case _:
                return day

    def termination_deadline(self, on: date) -> date | None:
        """The last day on which notice ends the subscription with the term that runs on ``on``.

        :return: ``None`` where no term binds, where the end comes by itself, and where notice
            cannot be given in time.
        """
        end = self.term_end(on)
        if end is None or self.end or self.minimum_end > end:
            return None
        days = range((self.start or self.anchor).toordinal(), end.toordinal())
        in_time = bisect_right(days, end, key=lambda day: self.end_of_notice(date.fromordinal(day)))
        return date.fromordinal(days[in_time - 1]) if in_time else None

    def milestones(self, renewals: int = SHOWN_RENEWALS) -> list[Milestone]:
        """The dates that the terms make, in the order of the calendar.

        :param renewals: how many renewals are listed.
        """
        kind, start = MilestoneKind, self.start or self.anchor
        found = [(kind.START, start)]
        if start < self.anchor:
            found.append((kind.TRIAL_END, self.anchor))
        if self.minimum:
            found.append((kind.MINIMUM_END, self.minimum_end))
        first_end = self.end or self.initial_end
        if first_end:
            found.append((kind.NOTICE_DEADLINE, self.termination_deadline(self.anchor)))
            found.append((kind.TERM_END, first_end))
        if self.renewal:
            found += [(kind.RENEWAL_END, end) for end in islice(self._renewal_ends(), renewals)]
        order = list(kind)
        return sorted(
            (Milestone(*item) for item in found if item[1]),
            key=lambda milestone: (milestone.day, order.index(milestone.kind)),
        )

    def _renewal_ends(self):
        end = self.initial_end
        while True:
            end = self._term_end_from(end + _DAY)
            yield end
