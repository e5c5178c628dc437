"""How a deposit is settled: what is kept, what is offset, and what is paid back (SM-20, LAW-46)."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class DepositReturn:
    """What becomes of a deposit; the amounts add up to what was held.

    :param offsets: what is used of it for each claim, in their order; claims that get nothing are
        left out.
    :param kept: what is kept for damage.
    :param rest: what is left for the customer.
    """

    offsets: tuple[tuple[Hashable, Decimal], ...]
    kept: Decimal
    rest: Decimal

    @property
    def offset(self) -> Decimal:
        return sum((amount for _claim, amount in self.offsets), Decimal(0))


def settle_deposit(
    held: Decimal, claims: Iterable[tuple[Hashable, Decimal]], kept: Decimal = Decimal(0)
) -> DepositReturn:
    """Settle a deposit: what is kept comes first, then the claims as far as it is enough.

    :param held: what the customer has paid and is still held.
    :param claims: what each claim is and what is open of it, in the order in which they are
        offset.
    :param kept: for damage, not more than is held.
    :raises ValueError: when an amount is negative, or more is to be kept than is held.
    """
    if held < 0 or kept < 0:
        raise ValueError("amounts cannot be negative")
    if kept > held:
        raise ValueError("more is to be kept than is held")
    left, offsets = held - kept, []
    for claim, amount in claims:
        if amount < 0:
            raise ValueError("amounts cannot be negative")
        if used := min(left, amount):
            offsets.append((claim, used))
            left -= used
    return DepositReturn(tuple(offsets), kept, left)
