"""Exact money: half-up rounding at the currency's precision, and only there."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction


def to_fraction(value: Decimal | Fraction | int) -> Fraction:
    return value if isinstance(value, Fraction) else Fraction(value)


def round_half_up(value: Decimal | Fraction | int, rounding: Decimal) -> Decimal:
    """``value`` rounded to a multiple of ``rounding``; ties go away from zero.

    :param rounding: the currency's smallest amount, such as ``Decimal("0.01")``.
    """
    steps = to_fraction(value) / Fraction(rounding)
    whole, rest = divmod(abs(steps.numerator), steps.denominator)
    if 2 * rest >= steps.denominator:
        whole += 1
    return rounding * (whole if steps >= 0 else -whole)


@dataclass(frozen=True)
class InvoiceLine:
    """Quantity, unit price and discount percent whose rounded product is the charged amount."""

    quantity: Decimal
    price_unit: Decimal
    discount: Decimal = Decimal(0)

    def subtotal(self, rounding: Decimal) -> Decimal:
        price = self.price_unit * (100 - self.discount) / 100
        return round_half_up(self.quantity * price, rounding)


def as_invoice_line(
    quantity: Decimal,
    price_unit: Decimal,
    amount: Decimal,
    rounding: Decimal,
    discount: Decimal = Decimal(0),
) -> InvoiceLine:
    """How to print ``amount`` so that quantity, price and discount give it back to the cent.

    The agreed quantity, unit price and discount are shown where they yield the amount; else the
    price of the part for the same quantity; else one piece at the whole amount. The quantity
    carries the sign.

    :param amount: the signed charge, rounded to the currency.
    :param discount: percent, 0 to 100.
    """
    if amount < 0:
        credit = as_invoice_line(abs(quantity), price_unit, -amount, rounding, discount)
        return InvoiceLine(-credit.quantity, credit.price_unit, credit.discount)
    if amount == 0:
        return InvoiceLine(quantity, Decimal(0))
    if quantity > 0:
        share = (amount / quantity).quantize(rounding, ROUND_HALF_UP)
        for line in (
            InvoiceLine(quantity, price_unit, discount),
            InvoiceLine(quantity, share),
        ):
            if line.subtotal(rounding) == amount:
                return line
    return InvoiceLine(Decimal(1), amount)
