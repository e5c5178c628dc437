"""Prices in percent of what passes through: payments, commissions, trades."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from .steps import Step, StepKind

_NONE = Decimal(0)


@dataclass(frozen=True)
class Transaction:
    """What one transaction costs.

    :param volume: the part of its volume that is charged.
    :param fee: fixed fee; 0 for a free transaction.
    :param amount: the price, within the limits per transaction.
    :param plain: the price before the limits.
    """

    volume: Decimal = _NONE
    fee: Decimal = _NONE
    amount: Decimal = _NONE
    plain: Decimal = _NONE
    is_free: bool = False


@dataclass(frozen=True)
class Percentage:
    """A price in percent of each transaction, and a fee for it.

    The first transactions can be free: up to a number, up to a volume, or, with both, up to what
    is reached first. A transaction that is covered in part pays for the rest.

    :param percent: of the volume.
    :param fee: for each transaction that is not free.
    :param free_events: number of free transactions; ``None`` for no such limit.
    :param free_volume: volume that is free; ``None`` for no such limit.
    :param minimum: least price of a transaction that is not free.
    :param maximum: highest price of a transaction.
    """

    percent: Decimal
    fee: Decimal = _NONE
    free_events: int | None = None
    free_volume: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    def transactions(self, volumes: Iterable[Decimal]) -> Iterator[Transaction]:
        """The price of each transaction, in the order in which they happened.

        A negative volume takes back: its percentage is credited, without fee and limits.
        """
        events, volume = self.free_events, self.free_volume
        for given in volumes:
            charged = given
            if given >= 0 and _lasts(events, volume):
                events = None if events is None else events - 1
                if volume is None or given <= volume:
                    volume = None if volume is None else volume - given
                    yield Transaction(is_free=True)
                    continue
                charged, volume = given - volume, _NONE
            yield self._price(charged)

    def _price(self, volume: Decimal) -> Transaction:
        if volume < 0:
            amount = volume * self.percent / 100
            return Transaction(volume, _NONE, amount, amount)
        plain = volume * self.percent / 100 + self.fee
        amount = max(plain, self.minimum or _NONE)
        if self.maximum is not None:
            amount = min(amount, self.maximum)
        return Transaction(volume, self.fee, amount, plain)

    def steps(self, volumes: Iterable[Decimal]) -> Iterator[Step]:
        """The sums over all transactions."""
        paid = [one for one in self.transactions(volumes) if not one.is_free]
        volume = sum((one.volume for one in paid), _NONE)
        yield Step(StepKind.PERCENT, volume * self.percent / 100, volume, self.percent)
        fees = [one.fee for one in paid if one.fee]
        if fees:
            yield Step(StepKind.FEE, sum(fees, _NONE), Decimal(len(fees)), self.fee)
        for kind, limit, changes in (
            (StepKind.TRANSACTION_MINIMUM, self.minimum, [t for t in paid if t.amount > t.plain]),
            (StepKind.TRANSACTION_MAXIMUM, self.maximum, [t for t in paid if t.amount < t.plain]),
        ):
            if changes:
                amount = sum((one.amount - one.plain for one in changes), _NONE)
                yield Step(kind, amount, Decimal(len(changes)), limit)


def _lasts(events: int | None, volume: Decimal | None) -> bool:
    """Whether what is free is not used up: neither of the limits that there are is reached."""
    limits = [limit for limit in (events, volume) if limit is not None]
    return bool(limits) and all(limit > 0 for limit in limits)
