"""Extension packages: a length and a bonus in percent, priced by nominal days (SD-08, SD-09)."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

NOMINAL_DAYS_A_MONTH = 30


@dataclass(frozen=True)
class Length:
    """A length in days or in months.

    :param count: how many of them, at least 1.
    :param is_months: whether they are months; days otherwise.
    :raises ValueError: when the count is below 1.
    """

    count: int
    is_months: bool = False

    def __post_init__(self):
        if self.count < 1:
            raise ValueError("a length must be at least 1")

    @property
    def nominal_days(self) -> int:
        """What prices go by: a month counts for 30 days, so a year for 360 (decision C11)."""
        return self.count * (NOMINAL_DAYS_A_MONTH if self.is_months else 1)


@dataclass(frozen=True)
class Offer:
    """What a package costs.

    :param list_price: without the bonus, in the currency of the price it was made of; exact.
    :param price: with it.
    :param saving: the difference.
    :param monthly: the price for 30 days.
    """

    list_price: Fraction
    price: Fraction
    saving: Fraction
    monthly: Fraction


def list_price(price: Decimal | Fraction, cycle: Length, package: Length) -> Fraction:
    """What the package costs at a price that is agreed for a billing cycle, before any bonus."""
    return Fraction(price) * package.nominal_days / cycle.nominal_days


def offer(
    prices: list[tuple[Decimal | Fraction, Length]], package: Length, bonus: Decimal = Decimal(0)
) -> Offer:
    """What a package costs for all that is extended by it, options included (SD-27).

    :param prices: each price with the cycle that it is for.
    :param bonus: percent, 0 to 100, by which the price of the package is lower.
    :raises ValueError: when the bonus is out of its range.
    """
    if not 0 <= bonus <= 100:
        raise ValueError("a bonus must be 0 to 100 percent")
    full = sum((list_price(price, cycle, package) for price, cycle in prices), Fraction(0))
    price = full * (100 - Fraction(bonus)) / 100
    monthly = price * NOMINAL_DAYS_A_MONTH / package.nominal_days
    return Offer(full, price, full - price, monthly)
