"""The charges that each charge type makes of a line.

A charge type of one's own is one more function of this shape, given as ``Line.provider``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from .allowance import Allowance
from .calendar import Period, as_day, day_after
from .charge import Charge
from .money import round_half_up
from .proration import fraction, part_amount
from .timeline import ChargeType, Line, PartialPeriod, Provider, Timeline, Timing, Usage

_DAY = timedelta(days=1)


def once(timeline: Timeline, line: Line, after: date | None = None) -> Iterator[Charge]:
    """One charge for the first day of the line (requirement SM-01)."""
    start, end = timeline.span(line)
    if end is not None and end <= start:
        return
    if line.with_first and timeline.end and timeline.moment(timeline.end) <= timeline.anchor:
        return  # the trial was left: there is no first invoice
    day = timeline.moments(Period(as_day(start), as_day(start) + _DAY))
    due = as_day(start)
    if line.with_first:
        due = max(due, _first_recurring_due(timeline))
    price = line.pricing.amount(line.quantity)
    yield Charge(
        line=line.key,
        period=day,
        full=day,
        origin=day.start,
        quantity=line.quantity,
        price=price,
        amount=part_amount(price, day, day, day.start, timeline.rounding),
        due=due,
        divisible=False,
    )


def _first_recurring_due(timeline: Timeline) -> date:
    """When the first recurring charge falls due; the anchor where there is none."""
    firsts = (
        next(recurring(timeline, line), None)
        for line in timeline.lines
        if line.charge_type == ChargeType.RECURRING
    )
    return min((first.due for first in firsts if first), default=as_day(timeline.anchor))


def recurring(timeline: Timeline, line: Line, after: date | None = None) -> Iterator[Charge]:
    """A charge for each period, or part of one, in advance or in arrears (SM-02, SM-40, SM-41)."""
    for covered, full in billing_periods(timeline, line, after):
        for part in timeline.unpaused(covered):
            if charge := _recurring(timeline, line, part, full):
                yield charge


def usage(timeline: Timeline, line: Line, after: date | None = None) -> Iterator[Charge]:
    """What was used in each period, at its end or when it reaches a threshold (SM-03, SM-42)."""
    allowance = Allowance(line.pricing.included, line.rollover, line.rollover_most)
    for part, full in billing_periods(timeline, line, None if line.rollover else after):
        counter = _Counter(
            timeline, line, allowance.available, part, fraction(part, full, timeline.day_count)
        )
        if line.threshold:
            for day in _days(part):
                if counter.unbilled(day) >= line.threshold:
                    yield counter.charge(day, due=day, full=full)
        yield counter.charge(part.last_day, due=day_after(part.end), full=full)
        if line.rollover:
            allowance.use(timeline.measure(line, part).quantity)


PROVIDERS: dict[str, Provider] = {
    ChargeType.RECURRING: recurring,
    ChargeType.SETUP: once,
    ChargeType.ONE_TIME: once,
    ChargeType.USAGE: usage,
}


def billing_periods(
    timeline: Timeline, line: Line, after: date | None = None
) -> Iterator[tuple[Period, Period]]:
    """The parts of the line's periods that it covers, each with the whole anchored period.

    :param after: periods that end before this day may be left out.
    """
    start, end = timeline.span(line)
    if end is not None and end <= start:
        return
    first = max(as_day(start), after) if after else as_day(start)
    if end is not None:
        first = min(first, day_after(end) - _DAY)
    for days in timeline.grid(line).periods(first, None if end is None else day_after(end)):
        full = timeline.moments(days)
        yield full.clip(start, end), full


def _recurring(timeline: Timeline, line: Line, part: Period, full: Period) -> Charge | None:
    end = timeline.end and timeline.moment(timeline.end)
    served = full.clip(timeline.anchor_of(line), end)
    is_first_stub = full.start < served.start
    mode = timeline.mode(line) if served != full else None
    if mode is PartialPeriod.WAIVED and is_first_stub:
        return None
    is_free = mode is PartialPeriod.ZERO or _is_free(timeline, line, full)
    price = Decimal(0) if is_free else line.pricing.amount(line.quantity)
    due = part.start if line.timing is Timing.ADVANCE else part.end
    if mode is PartialPeriod.NO_BILL and is_first_stub:
        due = served.end
    if mode is PartialPeriod.FULL:
        full = served
    origin = max(served.start, timeline.moment(line.origin or line.start))
    return Charge(
        line=line.key,
        period=part,
        full=full,
        origin=origin,
        quantity=line.quantity,
        price=price,
        amount=part_amount(price, part, full, origin, timeline.rounding, timeline.day_count),
        due=as_day(due),
    )


def _is_free(timeline: Timeline, line: Line, full: Period) -> bool:
    """Whether ``full`` is one of the line's free periods (requirement PA-06)."""
    if not line.free_every:
        return False
    grid, anchor = timeline.grid(line), as_day(timeline.anchor_of(line))
    first = grid.index(anchor)
    if grid.boundary(first) < anchor and not timeline.mode(line).bills_first_stub:
        first += 1
    number = grid.index(as_day(full.start)) - first + 1
    return number > 0 and number % line.free_every == 0


def _days(period: Period) -> Iterator[date]:
    day, last = as_day(period.start), period.last_day
    while day < last:
        yield day
        day += _DAY


@dataclass
class _Counter:
    """The usage of a period and how much of its amount has been charged within it."""

    timeline: Timeline
    line: Line
    included: Decimal
    part: Period
    share: Fraction
    quantity: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    usage: Decimal = Decimal(0)

    def unbilled(self, day: date) -> Decimal:
        """The amount of what was used up to ``day``, less what has been charged of it."""
        return self._rounded(self._price(self._until(day), day)) - self.amount

    def charge(self, day: date, due: date, full: Period) -> Charge:
        """The charge for what was used up to ``day`` and has not been charged."""
        used = self._until(day)
        price = self._price(used, day)
        quantity = self._pricing.billable(used.uncovered, used.events)
        amount = self._rounded(price)
        before = (self.quantity, self.amount, self.usage)
        self.quantity, self.amount, self.usage = quantity, amount, used.quantity
        return Charge(
            line=self.line.key,
            period=self.part,
            full=full,
            origin=self.part.start,
            quantity=quantity - before[0],
            price=price,
            amount=amount - before[1],
            due=due,
            divisible=False,
            measured=True,
            usage=used.quantity - before[2],
        )

    @property
    def _pricing(self):
        return replace(self.line.pricing, included=self.included)

    def _price(self, used: Usage, day: date) -> Decimal:
        """The price of ``used``; whether it falls short of the minimum is known on the last day."""
        pricing = self._pricing
        if day < self.part.last_day:
            pricing = replace(pricing, minimum=None)
        return pricing.amount(used.uncovered, used.events, self.share)

    def _rounded(self, price: Decimal) -> Decimal:
        return round_half_up(price, self.timeline.rounding)

    def _until(self, day: date) -> Usage:
        return self.timeline.measure(self.line, Period(as_day(self.part.start), day + _DAY))
