"""Target charges minus ledger -> the difference, the only thing that is ever written.

A charge in the ledger is never edited. What is no longer right is reversed at the price and for
the days that were charged; what is missing is charged. Nothing else computes a credit, so a
credit can never exceed what was charged.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from .calendar import Period
from .proration import part_amount
from .rating import Charge


@dataclass(frozen=True)
class Entry:
    """A charge in the ledger.

    :param sign: 1 for a charge, -1 for the reversal of (a part of) one. The charge's own amount
        is signed already.
    :param revision: the n-th statement about this line and these days, from 1.
    """

    charge: Charge
    sign: int
    revision: int

    @property
    def slice(self) -> tuple[Hashable, date, date]:
        """What is unique together with the revision."""
        return self.charge.line, self.charge.period.start, self.charge.period.end


@dataclass(frozen=True)
class _Tariff:
    """What the days of a charge were priced by: two charges of one tariff are interchangeable."""

    line: Hashable
    full: Period
    origin: date
    quantity: Decimal
    price: Decimal
    whole: Period | None

    @classmethod
    def of(cls, charge: Charge) -> "_Tariff":
        whole = None if charge.divisible else charge.period
        return cls(charge.line, charge.full, charge.origin, charge.quantity, charge.price, whole)


def difference(
    target: Iterable[Charge], ledger: Iterable[Entry], rounding: Decimal = Decimal("0.01")
) -> list[Entry]:
    """What must be added to ``ledger`` so that it states exactly ``target``.

    ``target`` must reach as far as the ledger does; see :func:`stated_until`. Reversals come
    first, then charges in the order in which they fall due.
    """
    target, ledger = list(target), list(ledger)
    revisions = _Revisions(ledger)
    missing = [*_measured(target, ledger), *_priced(target, ledger, rounding)]
    missing.sort(key=lambda item: (item[1] > 0, item[0].due, item[0].period))
    return [revisions.entry(charge, sign) for charge, sign in missing]


def horizon(ledger: Iterable[Entry], until: date) -> date:
    """How far to rate, so that what was charged ahead of ``until`` is not taken for wrong."""
    return max([until, *(entry.charge.due for entry in ledger)])


def stated_until(ledger: Iterable[Entry], until: date) -> date:
    """How far to rate, so that every day that the ledger states is rated, whenever it is due now.

    A period billed in arrears up to an end that was taken back falls due later than before.
    """
    return max([until, *(entry.charge.full.end for entry in ledger)])


class _Revisions:
    """Numbers the statements about each slice."""

    def __init__(self, ledger: list[Entry]):
        self._last = defaultdict(int)
        for entry in ledger:
            self._last[entry.slice] = max(self._last[entry.slice], entry.revision)

    def entry(self, charge: Charge, sign: int) -> Entry:
        entry = Entry(charge, sign, 1)
        self._last[entry.slice] += 1
        return replace(entry, revision=self._last[entry.slice])


def _measured(target: list[Charge], ledger: list[Entry]) -> Iterator[tuple[Charge, int]]:
    """Differences of metered charges: the quantity and amount by which a slice has changed."""
    slices = defaultdict(lambda: [None, Decimal(0), Decimal(0)])
    for charge, sign in [(c, 1) for c in target] + [(e.charge, -1) for e in ledger]:
        if charge.measured:
            state = slices[charge.line, charge.period]
            state[0] = state[0] or charge
            state[1] += sign * charge.quantity
            state[2] += sign * charge.amount
    stated = {(e.charge.line, e.charge.period) for e in ledger if e.charge.measured}
    for key, (charge, quantity, amount) in slices.items():
        if quantity or amount or key not in stated:
            yield replace(charge, quantity=quantity, amount=amount), -1 if amount < 0 else 1


def _priced(
    target: list[Charge], ledger: list[Entry], rounding: Decimal
) -> Iterator[tuple[Charge, int]]:
    """Differences of charges by price: days charged but not owed, and owed but not charged."""
    tariffs = defaultdict(list)
    for charge in target:
        if not charge.measured:
            tariffs[_Tariff.of(charge)].append((charge, 1))
    for entry in ledger:
        if not entry.charge.measured:
            tariffs[_Tariff.of(entry.charge)].append((entry.charge, -entry.sign))
    for tariff, statements in tariffs.items():
        for period, count in _coverage(statements):
            sample = next(c for c, _ in statements if c.period.overlaps(period))
            days, origin = (
                (period, tariff.origin)
                if tariff.whole is None
                else (tariff.full, tariff.full.start)
            )
            amount = part_amount(tariff.price, days, tariff.full, origin, rounding)
            sign = 1 if count > 0 else -1
            charge = replace(sample, period=period, amount=sign * amount)
            yield from [(charge, sign)] * abs(count)


def _coverage(statements: list[tuple[Charge, int]]) -> Iterator[tuple[Period, int]]:
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
