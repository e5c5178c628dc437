"""Which share of a pack has been used, and who is told of it."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class ThresholdWarning:
    """A warning that is due.

    :param percent: the threshold that has been reached.
    :param passed: lower ones that nobody is told of any more; they count as served with it.
    """

    percent: int
    passed: tuple[int, ...] = ()


def due_threshold(
    used: Decimal, units: Decimal, thresholds: Collection[int], served: Collection[int]
) -> ThresholdWarning | None:
    """The one warning to be sent now about what was used of ``units``, if any.

    What an outage has delayed is caught up, but only the highest threshold that has been reached.
    Each is served once, even when usage is taken back and comes again.

    :param thresholds: in percent.
    :param served: the thresholds that were served for this very pack.
    """
    reached = sorted((one for one in thresholds if used * 100 >= units * one), reverse=True)
    highest_served = max(served, default=0)
    if not reached or reached[0] <= highest_served:
        return None
    passed = tuple(one for one in reached[1:] if one not in served)
    return ThresholdWarning(reached[0], passed)
