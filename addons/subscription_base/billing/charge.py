"""One charge as it should stand in the ledger."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .calendar import Period


@dataclass(frozen=True)
class Charge:
    """One charge as it should stand in the ledger.

    :param period: the days that are charged.
    :param full: the days that ``price`` pays for and that ``period`` is a part of: an anchored
        period, or what the subscription leaves of it where a partial period costs the full price.
    :param origin: the day from which the parts of ``full`` are rounded together.
    :param quantity: what is charged for: units after the included ones.
    :param price: exact price of ``full``, unrounded.
    :param amount: what is charged, rounded; negative for a credit.
    :param due: first day on which it may be invoiced.
    :param divisible: a part of the period may be credited by days.
    :param measured: the amount states a measured quantity, so a correction is a difference.
    :param usage: the measured quantity before included units were taken off.
    """

    line: Hashable
    period: Period
    full: Period
    origin: date
    quantity: Decimal
    price: Decimal
    amount: Decimal
    due: date
    divisible: bool = True
    measured: bool = False
    usage: Decimal = Decimal(0)
