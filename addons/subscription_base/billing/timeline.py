"""What has been agreed: the only input of billing."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cached_property

from .calendar import Grid, Period, Schedule, as_day
from .charge import Charge
from .pricing import Pricing
from .proration import DayCount


class ChargeType(str, Enum):
    """What makes a charge arise (requirements SM-01 to SM-03)."""

    RECURRING = "recurring"
    SETUP = "setup"
    ONE_TIME = "one_time"
    USAGE = "usage"


class Timing(str, Enum):
    """When in a period its charge is due (requirements SM-40, SM-41)."""

    ADVANCE = "advance"
    ARREARS = "arrears"


class PartialPeriod(str, Enum):
    """What a period costs that the subscription fills only in part (RE-77 to RE-81)."""

    PRORATED = "prorated"
    FULL = "full"
    ZERO = "zero"
    NO_BILL = "no_bill"
    WAIVED = "waived"

    @property
    def bills_first_stub(self) -> bool:
        """Whether the days before the first billing date are a billing period (RE-80, C9)."""
        return self not in (PartialPeriod.NO_BILL, PartialPeriod.WAIVED)


@dataclass(frozen=True)
class Usage:
    """What was measured in a period.

    :param quantity: the aggregated quantity.
    :param events: the quantity of each event, where the price looks at single ones (percentage).
    :param covered: how much of the quantity has been paid for already, so that it is not charged;
        never a part of what the line includes.
    """

    quantity: Decimal
    events: tuple[Decimal, ...] = ()
    covered: Decimal = Decimal(0)

    @property
    def uncovered(self) -> Decimal:
        """The quantity that the price rule is asked about."""
        return self.quantity - self.covered


@dataclass(frozen=True)
class Line:
    """One dated slice of the timeline: what, how many, at which price, from when until when.

    :param key: identity of the line in the ledger.
    :param end: first day that no longer belongs to the line; ``None`` is open.
    :param origin: first day of the unbroken run of lines at this price, when the line continues
        another one; parts of one period are rounded together from here.
    :param schedule: the line's own schedule, when it differs from the subscription's (SM-09).
    :param anchor: the day from which the line's periods are counted, when it differs from the
        subscription's: a plan that was agreed later.
    :param partial_period: what a partial period of the line costs, when it differs from the
        subscription's.
    :param free_every: every n-th billing period, counted from the anchor, is free (PA-06).
    :param zero_usage: a period without usage states a charge of zero; else it states none (SM-03).
    :param rollover: for how many periods an unused allowance can still be used; 0 for none.
    :param rollover_most: at most so many units go over to the next period; ``None`` for all.
    :param threshold: amount of unbilled usage that is billed within the period, on the day that
        reaches it (SM-42).
    :param lead: how many days before they fall due the charges in advance are invoiced.
    :param with_first: a charge made once is due with the first recurring charge, not before: a
        set-up fee on the first scheduled invoice (RE-111).
    :param provider: the charges of a charge type of one's own; see :data:`Provider`.
    """

    key: Hashable
    start: date
    pricing: Pricing
    quantity: Decimal = Decimal(1)
    end: date | None = None
    charge_type: str = ChargeType.RECURRING
    timing: Timing = Timing.ADVANCE
    origin: date | None = None
    schedule: Schedule | None = None
    anchor: date | None = None
    partial_period: PartialPeriod | None = None
    free_every: int | None = None
    zero_usage: bool = False
    rollover: int = 0
    rollover_most: Decimal | None = None
    threshold: Decimal | None = None
    lead: int = 0
    with_first: bool = False
    provider: "Provider | None" = None


def _no_usage(key: Hashable, period: Period) -> Usage:
    return Usage(Decimal(0))


@dataclass(frozen=True)
class Timeline:
    """A subscription as the billing core sees it.

    :param anchor: the day from which the periods are counted, and the first on which recurring
        lines are charged: the day after a trial. A local date and time charges to the minute.
    :param start: the first day of the subscription, where it begins with a trial before the
        anchor; fees and usage are charged from here.
    :param end: first day that is no longer charged, or the local date and time; ``None`` is open.
    :param rounding: smallest amount of the currency.
    :param day_count: how the days of a part of a period are weighed.
    :param pauses: periods in which recurring lines are not charged; one that has no end yet ends
        on ``date.max``.
    :param usage: ``usage(line key, period of days)``, what was measured for a line; a plain
        quantity will do where single events do not matter.
    """

    anchor: date
    schedule: Schedule
    lines: tuple[Line, ...]
    end: date | None = None
    rounding: Decimal = Decimal("0.01")
    partial_period: PartialPeriod = PartialPeriod.PRORATED
    pauses: tuple[Period, ...] = ()
    usage: Callable[[Hashable, Period], Usage | Decimal] = _no_usage
    start: date | None = None
    day_count: DayCount = DayCount.ACTUAL

    @cached_property
    def is_to_the_minute(self) -> bool:
        return isinstance(self.anchor, datetime) or isinstance(self.end, datetime)

    def moment(self, day: date) -> date:
        """``day`` as the timeline counts time: its midnight where it charges to the minute."""
        if self.is_to_the_minute and not isinstance(day, datetime):
            return datetime(day.year, day.month, day.day)
        return day

    def moments(self, period: Period) -> Period:
        return Period(self.moment(period.start), self.moment(period.end))

    def anchor_of(self, line: Line) -> date:
        return self.moment(line.anchor or self.anchor)

    def grid(self, line: Line) -> Grid:
        return (line.schedule or self.schedule).grid(as_day(self.anchor_of(line)))

    def mode(self, line: Line) -> PartialPeriod:
        return line.partial_period or self.partial_period

    def measure(self, line: Line, period: Period) -> Usage:
        """What was used of ``line`` on the days of ``period``."""
        found = self.usage(line.key, period.days)
        return found if isinstance(found, Usage) else Usage(found)

    def span(self, line: Line) -> tuple[date, date | None]:
        """Beginning and end of what ``line`` is charged for.

        Only a recurring line waits for the anchor: a fee is due, and usage counts, in a trial too.
        """
        is_recurring = line.charge_type == ChargeType.RECURRING
        ends = [self.moment(end) for end in (line.end, self.end) if end]
        if is_recurring:
            ends += [self.moment(pause.start) for pause in self.pauses if pause.end == date.max]
        first = self.anchor if is_recurring else self.start or self.anchor
        return max(self.moment(line.start), self.moment(first)), min(ends, default=None)

    def unpaused(self, period: Period) -> Iterator[Period]:
        """The parts of ``period`` that no pause covers, in order."""
        start = period.start
        for pause in sorted(map(self.moments, self.pauses)):
            if pause.overlaps(period):
                if start < pause.start:
                    yield Period(start, pause.start)
                start = max(start, pause.end)
        if start < period.end:
            yield Period(start, period.end)


#: The charges of a line as they fall due, endless for an open one: ``provider(timeline, line,
#: after)``, where periods that end before the day ``after`` may be left out.
Provider = Callable[[Timeline, Line, date | None], Iterator[Charge]]
