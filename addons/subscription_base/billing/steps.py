"""How a price comes about, step by step: what an explanation is made of."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum


class StepKind(str, Enum):
    """What a step of a price is."""

    UNITS = "units"
    PACKAGES = "packages"
    FLAT = "flat"
    PERCENT = "percent"
    FEE = "fee"
    TRANSACTION_MINIMUM = "transaction_minimum"
    TRANSACTION_MAXIMUM = "transaction_maximum"
    DISCOUNT = "discount"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"


@dataclass(frozen=True)
class Step:
    """One addend of a price; the amounts of all steps sum to it, exactly.

    :param amount: in the subscription's currency, unrounded; negative for what is taken off.
    :param units: number of units, packages or transactions; volume for ``PERCENT``.
    :param rate: price of one unit, package or transaction; percent for ``PERCENT`` and
        ``DISCOUNT``; the limit for a minimum or maximum.
    :param size: units in a package.
    :param tier: number of the tier, from 0, that the step belongs to.
    """

    kind: StepKind
    amount: Decimal
    units: Decimal = Decimal(0)
    rate: Decimal = Decimal(0)
    size: Decimal | None = None
    tier: int | None = None
