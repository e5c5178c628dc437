"""What a longer billing interval saves, compared with the dearest one on offer."""

from decimal import Decimal
from fractions import Fraction

from .calendar import Schedule
from .money import round_half_up
from .recurring import monthly_amount

CENT = Decimal("0.01")


def savings(offers: list[tuple[Decimal, Schedule]]) -> list[Decimal]:
    """By how many percent each offer is cheaper a month than the dearest of them.

    Monthly 10, quarterly 29, yearly 100: 0, 3.33 and 16.67 percent (requirement K3-16).

    :param offers: price per billing period, and the schedule of the periods.
    :return: percent with two decimal places, in the order of the offers; 0 for the dearest.
    """
    monthly = [monthly_amount(price, schedule) for price, schedule in offers]
    dearest = max(monthly, default=Fraction(0))
    if not dearest:
        return [Decimal(0)] * len(offers)
    return [round_half_up((1 - amount / dearest) * 100, CENT) for amount in monthly]
