"""One call for the shell: what is there to bill now, and when again?"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from .calendar import as_day
from .ledger import Entry, difference, horizon, stated_until
from .rating import next_due, rate
from .timeline import Timeline


@dataclass(frozen=True)
class Bill:
    """What a subscription owes beyond its ledger.

    :param entries: what to add to the ledger, in the order of an invoice's lines.
    :param next_due: first day on which there is something to bill again; ``None`` for never.
    """

    entries: list[Entry]
    next_due: date | None


def bill(
    timeline: Timeline, ledger: Iterable[Entry], until: date, max_periods: int | None = None
) -> Bill:
    """The bill of ``timeline`` as of ``until``.

    :param max_periods: how many missed periods of a line are caught up at once; the rest stays
        due and follows with the next bill.
    """
    ledger = list(ledger)
    reach = horizon(ledger, until)
    target = [
        charge
        for charge in rate(timeline, stated_until(ledger, reach))
        if charge.due <= reach or not charge.measured
    ]
    missing = difference(target, ledger, timeline.rounding, timeline.day_count)
    entries = [entry for entry in missing if _due(entry, timeline) <= reach]
    now = entries if max_periods is None else _first_periods(entries, max_periods)
    if len(now) < len(entries):
        return Bill(now, min(entry.charge.due for entry in entries if entry not in now))
    later = [_due(entry, timeline) for entry in missing if _corrects(entry)]
    upcoming = [*filter(lambda due: due > reach, later), next_due(timeline, reach)]
    return Bill(now, min(filter(None, upcoming), default=None))


def _corrects(entry: Entry) -> bool:
    """Whether the entry takes back what has been charged."""
    return entry.sign < 0 and (entry.revision > 1 or not entry.charge.measured)


def _due(entry: Entry, timeline: Timeline) -> date:
    """The first day on which an entry may be invoiced.

    What is taken back falls due with the first of its days, when what replaces it does; after the
    end of the subscription it is settled at once.
    """
    if not _corrects(entry):
        return entry.charge.due
    start = entry.charge.period.start
    is_after_the_end = timeline.end is not None and start >= timeline.moment(timeline.end)
    return _first_day(timeline) if is_after_the_end else as_day(start)


def _first_day(timeline: Timeline) -> date:
    return as_day(timeline.start or timeline.anchor)


def next_billing_date(
    timeline: Timeline, ledger: Iterable[Entry], billed_until: date | None = None
) -> date | None:
    """The first day on which ``timeline`` is to be billed; at once where the ledger is wrong.

    :param billed_until: the day up to which it has been billed, if ever: a period that left no
        trace in the ledger, because nothing was used in it, need not be looked at again.
    :return: a day in the past when something is overdue, ``None`` when nothing will fall due.
    """
    day_before = _first_day(timeline) - timedelta(days=1)
    open_bill = bill(timeline, ledger, billed_until or day_before)
    return min((_due(entry, timeline) for entry in open_bill.entries), default=open_bill.next_due)


def _first_periods(entries: list[Entry], max_periods: int) -> list[Entry]:
    """The credits with what replaces them, and the first of the other periods of each line.

    What falls due together stays together.
    """
    credited = [entry.charge.period for entry in entries if entry.sign < 0]
    periods, dues = defaultdict(set), defaultdict(set)
    kept = []
    for entry in entries:
        charge = entry.charge
        if entry.sign < 0 or any(map(charge.period.overlaps, credited)):
            kept.append(entry)
            continue
        seen = charge.full in periods[charge.line] or charge.due in dues[charge.line]
        if seen or len(periods[charge.line]) < max_periods:
            kept.append(entry)
            periods[charge.line].add(charge.full)
            dues[charge.line].add(charge.due)
    return kept
