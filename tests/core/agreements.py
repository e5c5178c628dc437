"""Short ways to write down an agreement and what is billed for it."""

from datetime import date
from decimal import Decimal

from books import DAY, Books

from billing import Line, Pricing, Schedule, ScheduleKind, Timeline

MONTHLY = Schedule(ScheduleKind.MONTH_START)
YEARLY = Schedule(ScheduleKind.MONTH_START, 12)
FIRST_OF_MONTH = Schedule(ScheduleKind.MONTH_FIXED, fixed_day=1)
MONDAYS = Schedule(ScheduleKind.WEEKLY_FIXED, fixed_day=1)


def line(key, start, price, included="0", **values):
    pricing = Pricing(Decimal(price), included=Decimal(included))
    return Line(key, date.fromisoformat(start), pricing, **values)


def agreement(start, schedule, *lines, **values):
    """A subscription from ``start``; a price instead of a line is one open recurring line."""
    lines = tuple(one if isinstance(one, Line) else line("fee", start, one) for one in lines)
    return Timeline(date.fromisoformat(start), schedule, lines, **values)


def daily_runs(timeline, until):
    """Bill on every day, as a daily job does: ``{day: ["period: amount", ...]}``."""
    books, found, day = Books(), {}, timeline.anchor
    while day <= date.fromisoformat(until):
        if entries := books.bill(timeline, day):
            found[day.isoformat()] = [printed(entry.charge) for entry in entries]
        day += DAY
    return found


def printed(charge):
    return f"{charge.period.start} to {charge.period.last_day}: {charge.amount:.2f}"


def runs(timeline, until):
    """The days on which daily runs bill something."""
    return list(daily_runs(timeline, until))


def billed(books, timeline, on):
    """What one bill adds, in the order of the invoice's lines."""
    return [printed(entry.charge) for entry in books.bill(timeline, date.fromisoformat(on))]
