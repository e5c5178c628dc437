"""What a quantity costs: the pricing models."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction


class PricingModel(str, Enum):
    """How a quantity becomes a price (requirement PA-03)."""

    FLAT = "flat"
    PER_UNIT = "per_unit"


@dataclass(frozen=True)
class Pricing:
    """The price rule of a line.

    :param price: price in the subscription's currency, of one unit or of the whole (flat).
    :param included: quantity a period that is not charged (requirements PA-05, PA-25).
    :param discount: percent, 0 to 100.
    """

    price: Decimal
    model: PricingModel = PricingModel.PER_UNIT
    included: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)

    def billable(self, quantity: Decimal) -> Decimal:
        """The part of ``quantity`` that is charged."""
        return max(quantity - self.included, Decimal(0)) if self.included else quantity

    def amount(
        self,
        quantity: Decimal,
        events: tuple[Decimal, ...] = (),
        share: Fraction = Fraction(1),
    ) -> Decimal:
        """The exact, unrounded price of ``quantity`` for one full period."""
        units = Decimal(1) if self.model is PricingModel.FLAT else self.billable(quantity)
        return units * self.unit_price

    @property
    def unit_price(self) -> Decimal:
        """The price of one unit after the discount, unrounded."""
        return self.price * (100 - self.discount) / 100
