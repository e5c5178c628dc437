"""Bonus credit: it makes invoices cheaper, and goes back as bonus, never as money (LAW-42, SM-69).

A *part* of an invoice is what it charges for one contract, with taxes. A bonus lowers parts, never
below zero; when a part is credited later, the same share of its bonus goes back.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from .burn_down import Grant, burn_down, in_order

CENT = Decimal("0.01")


@dataclass(frozen=True)
class BonusUse:
    """What of a grant makes a part of an invoice cheaper."""

    grant: Hashable
    part: Hashable
    amount: Decimal


def spread(amount: Decimal, rooms: Mapping[Hashable, Decimal], unit: Decimal = CENT) -> dict:
    """Split an amount in proportion to the rooms, none of which it exceeds.

    :param amount: not negative and not more than all rooms together, a multiple of ``unit``.
    :param rooms: not negative, multiples of ``unit``.
    :return: the parts by the keys of the rooms, multiples of ``unit``; they add up to ``amount``.
    :raises ValueError: when the amount is out of its range.
    """
    total = sum(rooms.values(), Decimal(0))
    if not 0 <= amount <= total:
        raise ValueError("an amount must fit into the rooms")
    parts, done, seen = {}, Decimal(0), Decimal(0)
    for key, room in rooms.items():
        seen += room
        upto = _round(Fraction(amount) * Fraction(seen) / Fraction(total), unit) if total else done
        parts[key], done = upto - done, upto
    return parts


def use_bonus(
    grants: Iterable[tuple[Grant, Hashable | None]],
    parts: Mapping[Hashable, Decimal],
    on: date,
    limit: Decimal | None = None,
    unit: Decimal = CENT,
) -> list[BonusUse]:
    """How bonus makes an invoice cheaper: what expires first is used first, then the oldest.

    :param grants: each with the only part that it is for, ``None`` for any.
    :param parts: what the invoice charges, with taxes, by contract.
    :param on: the date of the invoice.
    :param limit: at most so much in all; ``None`` for no limit.
    """
    only = {grant.key: part for grant, part in grants}
    rooms = {key: max(room, Decimal(0)) for key, room in parts.items()}
    left = sum(rooms.values(), Decimal(0)) if limit is None else max(limit, Decimal(0))
    uses = []
    for grant in in_order(grant for grant, _part in grants):
        part = only[grant.key]
        open_rooms = rooms if part is None else {part: rooms.get(part, Decimal(0))}
        wanted = min(left, sum(open_rooms.values(), Decimal(0)))
        taken, _after = burn_down([grant], wanted, on)
        for use in taken:
            for key, amount in spread(use.amount, open_rooms, unit).items():
                if amount:
                    uses.append(BonusUse(grant.key, key, amount))
                    rooms[key] -= amount
            left -= use.amount
    return uses


def bonus_back(
    bonus: Decimal, gross: Decimal, before: Decimal, now: Decimal, unit: Decimal = CENT
) -> Decimal:
    """How much bonus goes back when a part of what it made cheaper is credited.

    It is a difference of running totals: after any number of credits the customer has got back at
    most what was paid, and with the last one all of the bonus is back.

    :param bonus: by how much the part was made cheaper, at most ``gross``.
    :param gross: what the part cost without it, with taxes.
    :param before: what has been credited of ``gross`` so far.
    :param now: what is credited of it now.
    """
    if gross <= 0:
        return Decimal(0)

    def upto(credited):
        share = min(Fraction(credited) / Fraction(gross), Fraction(1))
        return _round(Fraction(bonus) * share, unit)

    return upto(before + now) - upto(before)


def _round(value: Fraction, unit: Decimal) -> Decimal:
    """Half up to a multiple of the unit; the value is not negative."""
    units = Decimal((value / Fraction(unit) + Fraction(1, 2)).__floor__())
    return (units * unit).quantize(unit, ROUND_HALF_UP)
