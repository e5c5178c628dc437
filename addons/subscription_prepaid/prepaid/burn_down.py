"""Which credit is used first, and which use came of which grant.

Money and units bought in advance are used by the same rule: in the order of their kinds, then the
lower priority number, then what expires earliest, then what was given first.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

DEFAULT_PRIORITY = 50


@dataclass(frozen=True)
class Grant:
    """Credit that was given, or units that were bought, with what is left of it.

    It counts on ``[effective, expires)``.

    :param kind: what sort of credit it is, such as ``bonus``.
    :param left: what has not been used, not negative; an amount or a number of units.
    :param expires: first day on which it cannot be used; ``None`` when it never expires.
    :param priority: the lower, the earlier it is used.
    :param created: when it was given, comparable with that of the other grants.
    """

    key: Hashable
    left: Decimal
    kind: str = ""
    effective: date | None = None
    expires: date | None = None
    priority: int = DEFAULT_PRIORITY
    created: int = 0

    def counts(self, on: date) -> bool:
        begun = self.effective is None or self.effective <= on
        return begun and not (self.expires and self.expires <= on)


@dataclass(frozen=True)
class Use:
    """What was used of a grant."""

    grant: Hashable
    amount: Decimal


def kind_order(kinds: Sequence[str]):
    """A sort key: the place of a grant's kind in ``kinds``; kinds that are not in it come last."""
    places = {kind: place for place, kind in enumerate(kinds)}
    return lambda grant: places.get(grant.kind, len(places))


def in_order(grants: Iterable[Grant], kinds: Sequence[str] = ()) -> list[Grant]:
    """The grants in the order in which they are used.

    :param kinds: kinds in their order; empty, the priority alone decides.
    """
    place = kind_order(kinds)
    return sorted(
        grants,
        key=lambda grant: (
            place(grant),
            grant.priority,
            grant.expires or date.max,
            grant.created,
            grant.key,
        ),
    )


def balance(grants: Iterable[Grant], on: date) -> Decimal:
    """What can be used on a day."""
    return sum((grant.left for grant in grants if grant.counts(on)), Decimal(0))


def burn_down(
    grants: Iterable[Grant], amount: Decimal, on: date, kinds: Sequence[str] = ()
) -> tuple[list[Use], list[Grant]]:
    """Use up to ``amount`` of the grants.

    :param amount: not negative; what the grants do not cover is left over, see :func:`balance`.
    :return: the uses in their order, and all grants as they are afterwards, in the order given.
    :raises ValueError: when the amount is negative.
    """
    if amount < 0:
        raise ValueError("what is used cannot be negative")
    grants, uses = list(grants), []
    for grant in in_order((g for g in grants if g.counts(on)), kinds):
        if taken := min(grant.left, amount):
            uses.append(Use(grant.key, taken))
            amount -= taken
    used = {use.grant: use.amount for use in uses}
    after = [replace(g, left=g.left - used.get(g.key, Decimal(0))) for g in grants]
    return uses, after


def rolled_over(left: Decimal, most: Decimal | None = None, least: Decimal = Decimal(0)) -> Decimal:
    """How much of an allowance goes over to the next period.

    :param left: what was not used.
    :param most: at most so much goes over; ``None`` for all.
    :param least: at least so much is there in the next period.
    """
    wanted = max(left, least)
    return wanted if most is None else min(most, wanted)
