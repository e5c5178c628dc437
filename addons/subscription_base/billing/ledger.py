"""Target charges minus ledger -> the difference, the only thing that is ever written.

A charge in the ledger is never edited. What is no longer right is reversed at the price and for
the days that were charged; what is missing is charged. Nothing else computes a credit, so a
credit can never exceed what was charged.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from .calendar import Period, as_day
from .charge import Charge
from .entry import Entry
from .proration import DayCount
from .tariff import Reckoning, Tariff
from .waivers import waivers_by_line


def difference(
    target: Iterable[Charge],
    ledger: Iterable[Entry],
    rounding: Decimal = Decimal("0.01"),
    day_count: DayCount = DayCount.ACTUAL,
) -> list[Entry]:
    """What must be added to ``ledger`` so that it states exactly ``target``.

    ``target`` must reach as far as the ledger does; see :func:`stated_until`. Reversals come
    first, then charges in the order in which they fall due. What was credited by hand (see
    :attr:`Entry.waived`) is settled: it is left out of both sides.
    """
    target, ledger = list(target), list(ledger)
    revisions = Revisions(ledger)
    reckoning = Reckoning(rounding, day_count)
    missing = [*_measured(target, ledger), *_priced(target, ledger, reckoning)]
    missing.sort(key=lambda item: (item[1] > 0, item[0].due, item[0].period))
    return [revisions.entry(charge, sign) for charge, sign in missing]


def horizon(ledger: Iterable[Entry], until: date) -> date:
    """How far to rate, so that what was charged ahead of ``until`` is not taken for wrong."""
    return max([until, *(entry.charge.due for entry in ledger)])


def stated_until(ledger: Iterable[Entry], until: date) -> date:
    """How far to rate, so that every day that the ledger states is rated, whenever it is due now.

    A period billed in arrears up to an end that was taken back falls due later than before.
    """
    return max([until, *(as_day(entry.charge.full.end) for entry in ledger)])


class Revisions:
    """Numbers the statements about each slice."""

    def __init__(self, ledger: list[Entry]):
        self._last = defaultdict(int)
        for entry in ledger:
            self._last[entry.slice] = max(self._last[entry.slice], entry.revision)

    def entry(self, charge: Charge, sign: int) -> Entry:
        entry = Entry(charge, sign, 1)
        self._last[entry.slice] += 1
        return replace(entry, revision=self._last[entry.slice])


@dataclass
class _Slice:
    """The sums of the statements about a metered slice."""

    charge: Charge
    quantity: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    usage: Decimal = Decimal(0)
    owed: Decimal = Decimal(0)
    waived: Decimal = Decimal(0)

    def add(self, charge: Charge, sign: int) -> None:
        self.quantity += sign * charge.quantity
        self.amount += sign * charge.amount
        self.usage += sign * charge.usage

    @property
    def missing(self) -> Decimal:
        """What is owed beyond what was waived, less what has been charged beyond it."""
        if not self.waived:
            return self.amount
        charged = self.owed - self.amount
        return max(self.owed - self.waived, Decimal(0)) - (charged - self.waived)


def _measured(target: list[Charge], ledger: list[Entry]) -> Iterator[tuple[Charge, int]]:
    """Differences of metered charges: the quantity and amount by which a slice has changed."""
    slices: dict[tuple, _Slice] = {}
    for charge in filter(lambda charge: charge.measured, target):
        found = slices.setdefault((charge.line, charge.period), _Slice(charge))
        found.add(charge, 1)
        found.owed += charge.amount
    stated = set()
    for entry in filter(lambda entry: entry.charge.measured, ledger):
        charge = entry.charge
        found = slices.setdefault((charge.line, charge.period), _Slice(charge))
        stated.add((charge.line, charge.period))
        if entry.waived:
            found.waived -= charge.amount
        else:
            found.add(charge, -1)
    for key, found in slices.items():
        amount = found.missing
        if found.quantity or amount or key not in stated:
            charge = replace(
                found.charge, quantity=found.quantity, amount=amount, usage=found.usage
            )
            yield charge, -1 if amount < 0 else 1


def _priced(
    target: list[Charge], ledger: list[Entry], reckoning: Reckoning
) -> Iterator[tuple[Charge, int]]:
    """Differences of charges by price: days charged but not owed, and owed but not charged."""
    statements = [(charge, 1) for charge in target if not charge.measured]
    statements += [
        (entry.charge, -entry.sign)
        for entry in ledger
        if not (entry.waived or entry.charge.measured)
    ]
    waivers = waivers_by_line(ledger, reckoning)
    tariffs = defaultdict(list)
    for charge, sign in statements:
        tariffs[Tariff.of(charge)].append((charge, sign))
    for tariff, stated in tariffs.items():
        for period, count in coverage(stated):
            for stretch in waivers[tariff.line].stretches(period):
                if not stretch.share:
                    continue
                sample = next(c for c, _ in stated if c.period.overlaps(stretch.period))
                amount = tariff.amount(stretch, reckoning)
                sign = 1 if count > 0 else -1
                charge = replace(sample, period=stretch.period, amount=sign * amount)
                yield from [(charge, sign)] * abs(count)


def coverage(statements: Iterable[tuple[Charge, int]]) -> Iterator[tuple[Period, int]]:
    """The net number of statements on each stretch of days, zero left out, equal ones merged."""
    steps = defaultdict(int)
    for charge, sign in statements:
        steps[charge.period.start] += sign
        steps[charge.period.end] -= sign
    days = sorted(day for day, step in steps.items() if step)
    count = 0
    for start, end in pairwise(days):
        count += steps[start]
        if count:
            yield Period(start, end), count
