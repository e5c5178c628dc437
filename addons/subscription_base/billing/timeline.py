"""What has been agreed: the only input of billing."""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from .calendar import Grid, Period, Schedule
from .pricing import Pricing


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


@dataclass(frozen=True)
class Line:
    """One dated slice of the timeline: what, how many, at which price, from when until when.

    :param key: identity of the line in the ledger.
    :param end: first day that no longer belongs to the line; ``None`` is open.
    :param origin: first day of the unbroken run of lines at this price, when the line continues
        another one; parts of one period are rounded together from here.
    :param schedule: the line's own schedule, when it differs from the subscription's (SM-09).
    """

    key: Hashable
    start: date
    pricing: Pricing
    quantity: Decimal = Decimal(1)
    end: date | None = None
    charge_type: ChargeType = ChargeType.RECURRING
    timing: Timing = Timing.ADVANCE
    origin: date | None = None
    schedule: Schedule | None = None


def _no_usage(key: Hashable, period: Period) -> Decimal:
    return Decimal(0)


@dataclass(frozen=True)
class Timeline:
    """A subscription as the billing core sees it.

    :param anchor: the day from which the periods are counted; the first day that is charged.
    :param end: first day that is no longer charged; ``None`` is open.
    :param rounding: smallest amount of the currency.
    :param pauses: periods in which recurring lines are not charged; one that has no end yet ends
        on ``date.max``.
    :param usage: ``usage(line key, period)``, the metered quantity of a line in a period.
    """

    anchor: date
    schedule: Schedule
    lines: tuple[Line, ...]
    end: date | None = None
    rounding: Decimal = Decimal("0.01")
    partial_period: PartialPeriod = PartialPeriod.PRORATED
    pauses: tuple[Period, ...] = ()
    usage: Callable[[Hashable, Period], Decimal] = _no_usage

    def grid(self, line: Line) -> Grid:
        return (line.schedule or self.schedule).grid(self.anchor)

    def span(self, line: Line) -> tuple[date, date | None]:
        """First day and first day after of what ``line`` is charged for."""
        ends = [end for end in (line.end, self.end) if end]
        if line.charge_type is ChargeType.RECURRING:
            ends += [pause.start for pause in self.pauses if pause.end == date.max]
        return max(line.start, self.anchor), min(ends, default=None)

    def unpaused(self, period: Period) -> Iterator[Period]:
        """The parts of ``period`` that no pause covers, in order."""
        start = period.start
        for pause in sorted(self.pauses):
            if pause.overlaps(period):
                if start < pause.start:
                    yield Period(start, pause.start)
                start = max(start, pause.end)
        if start < period.end:
            yield Period(start, period.end)
