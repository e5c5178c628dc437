"""What a change of the timeline does to the next invoice."""

from datetime import date, timedelta
from decimal import Decimal

from .rating import next_due, rate
from .timeline import Timeline

MAX_LOOKS = 36


def first_invoice_for(timeline: Timeline, day: date) -> tuple[date | None, Decimal]:
    """The first invoice that charges for a period beginning on ``day`` or later.

    :return: the day on which it is due, and its net amount as far as it is known: usage to come
        is not. ``None`` and 0 when there is none.
    """
    due = next_due(timeline, day - timedelta(days=1))
    for _look in range(MAX_LOOKS):
        if due is None:
            break
        charges = [charge for charge in rate(timeline, due) if charge.due == due]
        if any(charge.period.start >= timeline.moment(day) for charge in charges):
            return due, sum((charge.amount for charge in charges), Decimal(0))
        due = next_due(timeline, due)
    return None, Decimal(0)
