"""Included units that are used up period by period, and may roll over."""

from decimal import Decimal


class Allowance:
    """The included units of a period, and what earlier periods have left over.

    The oldest units are used first (requirement PA-05: unused units do not carry over unless it is
    agreed).

    :param included: units that each period brings.
    :param rollover: for how many further periods they can still be used.
    :param most: at most so many units go over to the next period, the youngest ones; ``None`` for
        all.
    """

    def __init__(self, included: Decimal, rollover: int, most: Decimal | None = None):
        self._included = included
        self._rollover = rollover
        self._most = most
        self._left: list[Decimal] = []

    @property
    def available(self) -> Decimal:
        """Units that are free in the current period."""
        return sum(self._left, self._included)

    def use(self, quantity: Decimal) -> None:
        """Close the current period, in which ``quantity`` units were used."""
        pools = []
        for units in [*self._left, self._included]:
            taken = min(units, quantity)
            quantity -= taken
            pools.append(units - taken)
        self._left = self._limited(pools[max(len(pools) - self._rollover, 0) :])

    def _limited(self, pools: list[Decimal]) -> list[Decimal]:
        if self._most is None:
            return pools
        room, kept = self._most, []
        for units in reversed(pools):
            kept.append(min(units, room))
            room -= kept[-1]
        return kept[::-1]
