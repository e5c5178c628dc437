"""What has been used in each period, what of it is included and what it comes to so far."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .allowance import Allowance
from .calendar import Period
from .charge import Charge
from .charge_types import usage
from .timeline import Line, Timeline


@dataclass(frozen=True)
class UsageStatus:
    """The usage of a line in one period.

    :param included: units that are free in the period, with those that rolled over.
    :param covered: units beyond those that have been paid for already.
    :param charged: units that are charged.
    :param amount: what they cost, in the currency of the timeline.
    """

    line: Line
    period: Period
    used: Decimal
    included: Decimal
    charged: Decimal
    amount: Decimal
    covered: Decimal = Decimal(0)

    @property
    def remaining(self) -> Decimal:
        """Units that are still free."""
        return max(self.included - self.used, Decimal(0))


def usage_statuses(
    timeline: Timeline, line: Line, after: date | None = None
) -> Iterator[UsageStatus]:
    """The status of each period of ``line``, endless for an open one.

    :param after: periods that end before this day may be left out.
    """
    allowance = Allowance(line.pricing.included, line.rollover, line.rollover_most)
    for charges in _by_period(usage(timeline, line, after)):
        used = sum((charge.usage for charge in charges), Decimal(0))
        yield UsageStatus(
            line=line,
            period=charges[0].period,
            used=used,
            included=allowance.available,
            charged=sum((charge.quantity for charge in charges), Decimal(0)),
            amount=sum((charge.amount for charge in charges), Decimal(0)),
            covered=timeline.measure(line, charges[0].period).covered,
        )
        if line.rollover:
            allowance.use(used)


def _by_period(charges: Iterator[Charge]) -> Iterator[list[Charge]]:
    """The charges of each period: what is billed at a threshold, and the rest at its end."""
    found: list[Charge] = []
    for charge in charges:
        if found and charge.period != found[0].period:
            yield found
            found = []
        found.append(charge)
    if found:
        yield found
