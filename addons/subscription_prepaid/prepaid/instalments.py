"""A claim that is paid in instalments: equal shares, and the last is what is left (SM-21)."""

from decimal import ROUND_DOWN, Decimal

PERCENT_STEP = Decimal("0.000001")  # as exact as payment terms are
HUNDRED = Decimal(100)


def shares(count: int) -> list[Decimal]:
    """What each of ``count`` instalments is of the claim, in percent; exactly 100 together.

    :raises ValueError: for less than one instalment.
    """
    if count < 1:
        raise ValueError("there must be an instalment")
    share = (HUNDRED / count).quantize(PERCENT_STEP, ROUND_DOWN)
    return [share] * (count - 1) + [HUNDRED - share * (count - 1)]


def can_be_split(total: Decimal, count: int, rounding: Decimal = Decimal("0.01")) -> bool:
    """Whether something is left for the last instalment, when all others were rounded up.

    :param total: the claim with taxes.
    :param rounding: smallest amount of the currency.
    """
    return total >= count * count * rounding
