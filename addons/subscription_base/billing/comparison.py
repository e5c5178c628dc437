"""Is what is offered dearer than what was agreed? (requirement LAW-33)"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from .calendar import Schedule
from .pricing import Pricing
from .recurring import periods_per_month

#: Tried besides the limits of the prices, so that no rate above the last limit is missed.
PROBES = (Decimal("0.01"), Decimal(1), Decimal(2), Decimal(1_000_000))


def is_dearer(
    old: Pricing,
    new: Pricing,
    quantity: Decimal = Decimal(1),
    old_schedule: Schedule | None = None,
    new_schedule: Schedule | None = None,
    measured: bool = False,
) -> bool:
    """Whether ``new`` costs more per month than ``old``, for any quantity.

    Prices are straight between the limits of their tiers, allowances and packages, so it is enough
    to compare them there, at the agreed ``quantity`` and far beyond.

    :param quantity: what is agreed now.
    :param measured: the quantity is what is used, so a shorter period sees less of it.
    """
    old_rate, new_rate = (
        periods_per_month(schedule) if schedule else Fraction(1)
        for schedule in (old_schedule, new_schedule)
    )
    return any(
        _monthly(new, probe, new_rate, measured) > _monthly(old, probe, old_rate, measured)
        for probe in {quantity, *PROBES, *_limits(old), *_limits(new)}
    )


def is_charged(new: Pricing, quantity: Decimal, measured: bool = False) -> bool:
    """Whether what nobody paid for so far costs anything."""
    probes = {quantity, *PROBES, *_limits(new)} if measured else {quantity}
    return any(new.amount(probe) > 0 for probe in probes)


def _monthly(pricing: Pricing, quantity: Decimal, rate: Fraction, measured: bool) -> Fraction:
    if measured:
        quantity = quantity * rate.denominator / rate.numerator
    return Fraction(pricing.amount(quantity)) * rate


def _limits(pricing: Pricing) -> Iterator[Decimal]:
    """Quantities at which the price changes its course, and the next ones."""
    bounds = [pricing.included, *(tier.up_to for tier in pricing.tiers)]
    for package in (pricing.package_size, *(tier.package_size for tier in pricing.tiers)):
        bounds += [package, package * 2] if package else []
    for bound in filter(None, bounds):
        for base in (bound, pricing.included + bound):
            yield base
            yield base + Decimal("0.01")
            yield base + 1
