"""Metered usage: which line counts an event, and what the events of a period come to.

The shell reads the events summed up by days; nothing here knows where they are kept.
"""

from bisect import bisect_left
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from itertools import accumulate, chain

from .calendar import Period
from .money import round_half_up
from .timeline import Usage


class Aggregation(str, Enum):
    """How the events of a period become one quantity.

    An event with a negative quantity takes back: its quantity from a sum, one event from a count.
    """

    SUM = "sum"
    COUNT = "count"
    MAX = "max"
    LAST = "last"
    UNIQUE = "unique"


@dataclass(frozen=True)
class DimensionFilter:
    """The dimension values whose events a line counts (requirement SM-15).

    :param values: the values; none of them for every event, whatever its value.
    :param excluded: the values are those that the line does not count.
    """

    values: frozenset[str] = frozenset()
    excluded: bool = False

    @classmethod
    def named(cls, text: str | None, excluded: bool = False) -> "DimensionFilter":
        """The filter of a text that names the values, with commas between them."""
        values = (value.strip() for value in (text or "").split(","))
        return cls(frozenset(filter(None, values)), excluded)

    def accepts(self, value: str | None) -> bool:
        return not self.values or (value in self.values) != self.excluded

    def within(self, other: "DimensionFilter") -> bool:
        """Whether all that this filter accepts is accepted by ``other``, too."""
        if not other.values:
            return True
        if not self.values:
            return False
        if self.excluded:
            return other.excluded and other.values <= self.values
        return all(map(other.accepts, self.values))

    @property
    def precision(self) -> int:
        """How closely the filter names what it takes: values, all but some values, everything."""
        return 2 * bool(self.values) - (bool(self.values) and self.excluded)


@dataclass(frozen=True)
class Counter:
    """A line that counts the events of a meter on ``[start, end)``; ``end=None`` is open."""

    key: Hashable
    start: date
    end: date | None = None
    dimensions: DimensionFilter = DimensionFilter()

    def counts(self, value: str | None, day: date) -> bool:
        runs = self.start <= day and (self.end is None or day < self.end)
        return runs and self.dimensions.accepts(value)


def find_counter(counters: Sequence[Counter], value: str | None, day: date) -> Counter | None:
    """The one line that counts an event, so that no event is ever charged twice.

    Among several the one that names the value most closely, then the one that started last, then
    the last one.
    """
    candidates = (counter for counter in reversed(counters) if counter.counts(value, day))
    return max(
        candidates,
        key=lambda counter: (counter.dimensions.precision, counter.start),
        default=None,
    )


@dataclass(frozen=True)
class DayUsage:
    """What the events of one day and one dimension value come to.

    :param value: the sum, the number, the greatest or the last quantity of the events.
    :param moment: sorts the last events of a day's dimension values.
    :param values: the distinct values, for ``UNIQUE``.
    :param events: the quantity of each event, where the pricing asks for them.
    """

    day: date
    value: Decimal = Decimal(0)
    moment: tuple[datetime, int] | None = None
    values: Collection[str] = ()
    events: tuple[Decimal, ...] = ()


class Readings:
    """What a line has counted, for asking about any period.

    :param decimals: the quantity of a period is rounded half-up to so many decimals.
    """

    def __init__(self, aggregation: Aggregation, decimals: int, days: Iterable[DayUsage]):
        self._aggregation = aggregation
        self._rounding = Decimal(1).scaleb(-decimals)
        self._usage = sorted(days, key=lambda usage: usage.day)
        self._days = [usage.day for usage in self._usage]
        self._totals = [*accumulate((usage.value for usage in self._usage), initial=Decimal(0))]

    def quantity(self, period: Period) -> Decimal:
        """The quantity of ``period``, 0 without events."""
        first, last = self._range(period)
        return round_half_up(self._aggregate(first, last), self._rounding)

    @property
    def days(self) -> list[date]:
        """The days on which something was counted, in order, some of them more than once."""
        return self._days

    def events(self, period: Period) -> tuple[Decimal, ...]:
        """The quantity of each event of ``period``, in order."""
        first, last = self._range(period)
        return tuple(chain.from_iterable(usage.events for usage in self._usage[first:last]))

    def _range(self, period: Period) -> tuple[int, int]:
        return bisect_left(self._days, period.start), bisect_left(self._days, period.end)

    def _aggregate(self, first: int, last: int) -> Decimal:
        days = self._usage[first:last]
        match self._aggregation:
            case Aggregation.SUM | Aggregation.COUNT:
                return self._totals[last] - self._totals[first]
            case Aggregation.MAX:
                return max((usage.value for usage in days), default=Decimal(0))
            case Aggregation.LAST:
                final = max(days, key=lambda usage: usage.moment, default=None)
                return final.value if final else Decimal(0)
            case Aggregation.UNIQUE:
                return Decimal(len(set(chain.from_iterable(usage.values for usage in days))))


class MeteredUsage:
    """What metered lines have counted, as a timeline asks for it.

    :param readings: by the key of their line; a line without any has no usage.
    """

    def __init__(self, readings: Mapping[Hashable, Readings]):
        self._readings = readings

    def __call__(self, line: Hashable, period: Period) -> Usage:
        if reading := self._readings.get(line):
            return Usage(reading.quantity(period), reading.events(period))
        return Usage(Decimal(0))

    def days(self, line: Hashable) -> Sequence[date]:
        """The days on which the line has counted something, in order."""
        reading = self._readings.get(line)
        return reading.days if reading else ()
