"""A subscription's ledger as the shell keeps it: entries are only ever added."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from billing import Charge, Entry, Timeline, bill, rate

DAY = timedelta(days=1)


class Books:
    """The ledger of one subscription, and what has been billed into it."""

    def __init__(self, ledger: Iterable[Entry] = ()):
        self.ledger = list(ledger)
        self.next_due = None

    def bill(self, timeline: Timeline, until: date, max_periods=None) -> list[Entry]:
        """Bill once and return the new entries."""
        result = bill(timeline, self.ledger, until, max_periods)
        self.ledger += result.entries
        self.next_due = result.next_due
        return result.entries

    def amounts(self, timeline: Timeline, until: date) -> list[Decimal]:
        """Bill once and return the amounts in the order of an invoice's lines."""
        return [entry.charge.amount for entry in self.bill(timeline, until)]

    @property
    def total(self) -> Decimal:
        return sum((entry.charge.amount for entry in self.ledger), Decimal(0))

    @property
    def per_line(self) -> dict:
        return net(entry.charge for entry in self.ledger)

    def days(self) -> dict:
        """The net number of times that each day of each line is charged by price."""
        count = defaultdict(int)
        for entry in self.ledger:
            if not entry.charge.measured:
                for day in days_of(entry.charge.period):
                    count[entry.charge.line, day] += entry.sign
        return {key: number for key, number in count.items() if number}


def invoices(timeline: Timeline, until: date) -> dict:
    """The amounts billed on each due date up to ``until``, billing as the dates come."""
    books, found = Books(), {}
    day = timeline.anchor
    while day is not None and day <= until:
        amounts = books.amounts(timeline, day)
        if amounts:
            found[day] = amounts
        day = books.next_due
    return found


def net(charges: Iterable[Charge]) -> dict:
    """The amount of each line; lines that come to nothing are left out."""
    totals = defaultdict(Decimal)
    for charge in charges:
        totals[charge.line] += charge.amount
    return {line: total for line, total in totals.items() if total}


def target(timeline: Timeline, until: date) -> dict:
    """What each line should have been charged up to ``until``."""
    return net(rate(timeline, until))


def days_of(period):
    day = period.start
    while day < period.end:
        yield day
        day += DAY
