"""Prices that depend on the quantity: tiers and packages (requirement PA-03)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise

from .steps import Step, StepKind

_NONE = Decimal(0)


@dataclass(frozen=True)
class Tier:
    """The prices of the units up to a quantity.

    :param up_to: last quantity of the tier, counted from the first unit; ``None`` is open.
    :param unit_price: price of one unit, or of one started package; a percentage for
        percentage prices.
    :param flat: price of the tier as a whole.
    :param package_size: units in a package, when the tier is priced by started packages.
    """

    up_to: Decimal | None
    unit_price: Decimal = _NONE
    flat: Decimal = _NONE
    package_size: Decimal | None = None

    def steps(self, units: Decimal, number: int) -> Iterator[Step]:
        """What ``units`` of the tier cost, its flat price included.

        :param number: the tier's own number, for the explanation.
        """
        if units > 0 and self.package_size:
            yield package_step(units, self.package_size, self.unit_price, number)
        elif units > 0:
            yield Step(StepKind.UNITS, units * self.unit_price, units, self.unit_price, tier=number)
        if self.flat:
            yield Step(StepKind.FLAT, self.flat, rate=self.flat, tier=number)


def check_tiers(tiers: Sequence[Tier]) -> None:
    """:raises ValueError: when the tiers do not cover every quantity exactly once."""
    if not tiers or tiers[-1].up_to is not None:
        raise ValueError("tiers end with one that has no limit")
    limits = [_NONE, *(tier.up_to for tier in tiers[:-1])]
    if any(upper is None or upper <= lower for lower, upper in pairwise(limits)):
        raise ValueError("each tier reaches further than the one before it")


def graduated_steps(tiers: Sequence[Tier], quantity: Decimal) -> Iterator[Step]:
    """Each unit at the price of its own tier.

    The flat price of every tier that is reached is added; the first one is reached at 0 units.
    """
    lower = _NONE
    for number, tier in enumerate(tiers):
        if number and quantity <= lower:
            return
        upper = quantity if tier.up_to is None else min(quantity, tier.up_to)
        yield from tier.steps(upper - lower, number)
        lower = tier.up_to


def volume_steps(tiers: Sequence[Tier], quantity: Decimal) -> Iterator[Step]:
    """All units at the price of the tier that the whole quantity falls into."""
    number, tier = next(
        (number, tier)
        for number, tier in enumerate(tiers)
        if tier.up_to is None or quantity <= tier.up_to
    )
    yield from tier.steps(quantity, number)


def package_step(units: Decimal, size: Decimal, price: Decimal, tier: int | None = None) -> Step:
    """The price of ``units`` by packages of ``size``; one that is started counts as a whole."""
    packages = (units / size).to_integral_value(ROUND_CEILING)
    return Step(StepKind.PACKAGES, packages * price, packages, price, size, tier)
