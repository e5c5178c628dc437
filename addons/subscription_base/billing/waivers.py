"""What credits by hand leave of the price.

A credit by hand takes the same share of the price of each day that it states: after a credit of 10
on a month at 30, each of its days is worth two thirds of its price. What billing credits, or
charges again, on these days later is that much, so all credits together never exceed the charge,
and nothing is left once all of it has been credited by hand.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from .calendar import Period
from .entry import Entry
from .tariff import Reckoning, Stretch, Tariff


def waivers_by_line(ledger: Iterable[Entry], reckoning: Reckoning) -> dict[Hashable, "Waivers"]:
    """The waivers of each line; metered charges are settled by amount and have none."""
    entries = defaultdict(list)
    for entry in ledger:
        if entry.waived and not entry.charge.measured:
            entries[entry.charge.line].append(entry)
    found = defaultdict(lambda: Waivers((), reckoning))
    found.update((line, Waivers(stated, reckoning)) for line, stated in entries.items())
    return found


class Waivers:
    """The shares of the price that are left on the days of a line.

    :param entries: the waived entries of the line, in the order of their statement.
    """

    def __init__(self, entries: Iterable[Entry], reckoning: Reckoning):
        self._reckoning = reckoning
        self._reduced: list[Stretch] = []
        credits: dict[tuple[Period, Tariff], Decimal] = defaultdict(Decimal)
        for entry in entries:
            credits[entry.charge.period, Tariff.of(entry.charge)] -= entry.charge.amount
        for (period, tariff), amount in credits.items():
            if amount > 0:
                self._reduce(period, tariff, amount)

    def stretches(self, period: Period) -> list[Stretch]:
        """``period`` in parts of which one share each is left, in order."""
        found, start = [], period.start
        for stretch in self._reduced:
            part = stretch.period.clip(period.start, period.end)
            if part is None:
                continue
            if start < part.start:
                found.append(Stretch(Period(start, part.start)))
            found.append(replace(stretch, period=part))
            start = part.end
        if start < period.end:
            found.append(Stretch(Period(start, period.end)))
        return found

    def _reduce(self, period: Period, tariff: Tariff, amount: Decimal) -> None:
        before = self.stretches(period)
        stated = sum(tariff.amount(stretch, self._reckoning) for stretch in before)
        exact = sum(tariff.exact(stretch, self._reckoning) for stretch in before)
        left = max(Fraction(stated - amount) / exact, Fraction(0)) if exact else Fraction(1)
        outside = [
            replace(stretch, period=part)
            for stretch in self._reduced
            for part in _outside(stretch.period, period)
        ]
        inside = [
            Stretch(stretch.period, stretch.share * left, stretch.period.start)
            for stretch in before
        ]
        self._reduced = sorted([*outside, *inside], key=lambda stretch: stretch.period)


def _outside(period: Period, other: Period) -> list[Period]:
    """The parts of ``period`` before and after ``other``."""
    parts = (period.clip(period.start, other.start), period.clip(other.end, None))
    return [part for part in parts if part]
