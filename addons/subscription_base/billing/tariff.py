"""What days are priced by."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .calendar import Period
from .charge import Charge
from .proration import DayCount, fraction, part_amount


@dataclass(frozen=True)
class Reckoning:
    """How parts of a period are weighed and rounded."""

    rounding: Decimal
    day_count: DayCount = DayCount.ACTUAL


@dataclass(frozen=True)
class Stretch:
    """Days of which the same share of the price is left.

    :param share: what hand-made credits leave of the price, 0 to 1.
    :param origin: the day from which the parts are rounded together; ``None`` for the tariff's.
    """

    period: Period
    share: Fraction = Fraction(1)
    origin: date | None = None


@dataclass(frozen=True)
class Tariff:
    """What the days of a charge were priced by: two charges of one tariff are interchangeable."""

    line: Hashable
    full: Period
    origin: date
    quantity: Decimal
    price: Decimal
    whole: Period | None

    @classmethod
    def of(cls, charge: Charge) -> "Tariff":
        whole = None if charge.divisible else charge.period
        return cls(charge.line, charge.full, charge.origin, charge.quantity, charge.price, whole)

    def amount(self, stretch: Stretch, reckoning: Reckoning) -> Decimal:
        """What is left of the price of a stretch; what cannot be divided costs the whole."""
        price = Fraction(self.price) * stretch.share
        if self.whole:
            return part_amount(price, self.full, self.full, self.full.start, reckoning.rounding)
        origin = stretch.origin or self.origin
        return part_amount(
            price, stretch.period, self.full, origin, reckoning.rounding, reckoning.day_count
        )

    def exact(self, stretch: Stretch, reckoning: Reckoning) -> Fraction:
        """The amount before rounding."""
        part = self.full if self.whole else stretch.period
        return Fraction(self.price) * stretch.share * fraction(part, self.full, reckoning.day_count)
