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


def list_price(price: Decimal | Fraction, cycle: Length, package: Length) -> Fraction:
    """What the package costs at a price that is agreed for a billing cycle, before any bonus."""
    return Fraction(price) * package.nominal_days / cycle.nominal_days


def with_bonus(discount: Decimal, bonus: Decimal) -> Fraction:
    """The discount in percent that a customer's own and the bonus of a package come to (SD-09).

    :param discount: percent, 0 to 100.
    :param bonus: percent, by which the package is cheaper than its list price.
    :raises ValueError: when one of them is out of its range.
    """
    if not (0 <= discount <= 100 and 0 <= bonus <= 100):
        raise ValueError("a discount or bonus must be 0 to 100 percent")
    return 100 - (100 - Fraction(discount)) * (100 - Fraction(bonus)) / 100


def monthly(price: Decimal | Fraction, package: Length) -> Fraction:
    """What the package costs for 30 days."""
    return Fraction(price) * NOMINAL_DAYS_A_MONTH / package.nominal_days


def saving(price: Decimal | Fraction, bonus: Decimal) -> Fraction:
    """By how much the bonus has lowered a price; nothing where all of it is a bonus."""
    if bonus == 100:
        return Fraction(0)
    return Fraction(price) * Fraction(bonus) / (100 - Fraction(bonus))
