"""Random stories of subscriptions; after each step the rules that must never break hold.

Rules that need records (balances, isolation, access) are told through the ORM.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

from books import DAY, Books, target
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from strategies import cents, pricings, quantities, schedules

from billing import (
    ChargeType,
    DayCount,
    Line,
    PartialPeriod,
    Period,
    Timeline,
    Timing,
    as_day,
    next_billing_date,
    part_amount,
    round_half_up,
)
from billing.by_hand import credit_by_hand, remaining
from billing.ledger import horizon, stated_until
from billing.tariff import Reckoning

SPECIAL_DAYS = [
    date(2024, 1, 31), date(2024, 2, 29), date(2023, 12, 31), date(2026, 1, 31),
    date(2026, 3, 29), date(2026, 10, 25), date(2025, 8, 30),
]  # fmt: skip
starts = st.sampled_from(SPECIAL_DAYS) | st.dates(date(2024, 1, 1), date(2027, 12, 31))
offsets = st.integers(-45, 45)
CENT = Decimal("0.01")


@st.composite
def fresh_lines(draw, key, start):
    """A line as it is sold: any charge type, advance or arrears, with its own bonus rules."""
    kind = draw(st.sampled_from([ChargeType.RECURRING] * 4 + list(ChargeType)))
    is_usage = kind is ChargeType.USAGE
    return Line(
        key=key,
        start=start,
        pricing=draw(pricings()),
        quantity=draw(quantities),
        charge_type=kind,
        timing=Timing.ARREARS if is_usage else draw(st.sampled_from(Timing)),
        schedule=draw(st.none() | st.none() | schedules()),
        free_every=draw(st.none() | st.none() | st.integers(2, 4)),
        rollover=draw(st.integers(0, 2)) if is_usage else 0,
        threshold=draw(st.none() | st.just(Decimal(40))) if is_usage else None,
        zero_usage=draw(st.booleans()),
    )


class Story(RuleBasedStateMachine):
    """One subscription from its start on, on random days and in random order."""

    @initialize(
        start=starts,
        schedule=schedules(),
        mode=st.sampled_from(PartialPeriod),
        clock=st.none() | st.none() | st.times(),
        day_count=st.sampled_from([DayCount.ACTUAL, DayCount.ACTUAL, DayCount.THIRTY]),
        trial=st.sampled_from([0, 0, 14]),
        data=st.data(),
    )
    def sell(self, start, schedule, mode, clock, day_count, trial, data):
        self.usage = defaultdict(lambda: defaultdict(Decimal))
        self.keys = 0
        self.books, self.today = Books(), start
        anchor = start + trial * DAY
        if clock and mode is PartialPeriod.PRORATED:
            anchor = datetime.combine(anchor, time(clock.hour, clock.minute))
        self.timeline = Timeline(
            anchor=anchor,
            start=start,
            schedule=schedule,
            lines=(),
            partial_period=mode,
            day_count=day_count,
            usage=self.measure,
        )
        for _ in range(data.draw(st.integers(1, 3))):
            self.add_line(data.draw(fresh_lines(self.new_key(), start)))

    def new_key(self):
        self.keys += 1
        return self.keys

    def measure(self, key, period):
        events = self.usage[key].items()
        return sum((used for day, used in events if period.start <= day < period.end), Decimal(0))

    def add_line(self, line, *instead_of):
        kept = [other for other in self.timeline.lines if other not in instead_of]
        self.timeline = replace(self.timeline, lines=(*kept, line))

    def lines(self, *kinds):
        return [line for line in self.timeline.lines if line.charge_type in kinds]

    @rule(days=st.sampled_from([0, 1, 1, 7, 30, 31, 31, 90]))
    def bill(self, days):
        self.today += days * DAY
        self.books.bill(self.timeline, self.today)

    @rule(days=st.integers(1, 40))
    def time_passes(self, days):
        self.today += days * DAY

    @precondition(lambda self: self.lines(ChargeType.RECURRING))
    @rule(offset=offsets, data=st.data())
    def change(self, offset, data):
        """Another quantity, price, schedule or a correction in the past."""
        old = data.draw(st.sampled_from(self.lines(ChargeType.RECURRING)))
        on = max(self.today + offset * DAY, old.start)
        if old.end and on >= old.end:
            return
        new = replace(old, key=self.new_key(), start=on)
        match data.draw(st.sampled_from(["quantity", "price", "plan"])):
            case "quantity":
                new = replace(new, quantity=data.draw(quantities), origin=old.origin or old.start)
            case "price":
                new = replace(new, pricing=data.draw(pricings()), origin=None)
            case "plan":
                other = data.draw(schedules())
                new = replace(new, schedule=other, anchor=max(on, self.first), origin=None)
        self.add_line(replace(old, end=on), old)
        self.add_line(new)

    @rule(offset=offsets, data=st.data())
    def add_an_option(self, offset, data):
        day = max(self.today + offset * DAY, self.first)
        self.add_line(data.draw(fresh_lines(self.new_key(), day)))

    @rule(offset=offsets, data=st.data())
    def remove_an_option(self, offset, data):
        line = data.draw(st.sampled_from(self.timeline.lines))
        self.add_line(replace(line, end=max(self.today + offset * DAY, line.start)), line)

    @rule(offset=offsets, days=st.integers(1, 60) | st.none())
    def pause(self, offset, days):
        day = self.today + offset * DAY
        pause = Period(day, day + days * DAY if days else date.max)
        self.timeline = replace(self.timeline, pauses=(*self.timeline.pauses, pause))

    @precondition(lambda self: any(pause.end == date.max for pause in self.timeline.pauses))
    @rule(days=st.integers(1, 60))
    def resume(self, days):
        pauses = [
            Period(pause.start, pause.start + days * DAY) if pause.end == date.max else pause
            for pause in self.timeline.pauses
        ]
        self.timeline = replace(self.timeline, pauses=tuple(pauses))

    @rule(offset=offsets, clock=st.times())
    def cancel(self, offset, clock):
        end = max(self.today + offset * DAY, self.first + DAY)
        if isinstance(self.timeline.anchor, datetime):
            end = datetime.combine(end, time(clock.hour, clock.minute))
        self.timeline = replace(self.timeline, end=end)

    @rule()
    def take_the_cancellation_back(self):
        self.timeline = replace(self.timeline, end=None)

    @precondition(lambda self: self.lines(ChargeType.USAGE))
    @rule(offset=st.integers(-90, 0), quantity=cents, data=st.data())
    def usage_comes(self, offset, quantity, data):
        """In time, late, or corrected downwards."""
        key = data.draw(st.sampled_from(self.lines(ChargeType.USAGE))).key
        self.usage[key][self.today + offset * DAY] += quantity - 200

    @precondition(lambda self: self.creditable())
    @rule(share=st.integers(1, 100), waive=st.booleans(), data=st.data())
    def credit_by_hand(self, share, waive, data):
        charge, left = data.draw(st.sampled_from(self.creditable()))
        amount = max(round_half_up(left * share / 100, CENT), CENT)
        self.books.ledger += credit_by_hand(
            self.books.ledger, charge, amount, waive=waive, reckoning=self.reckoning
        )

    @property
    def reckoning(self):
        return Reckoning(self.timeline.rounding, self.timeline.day_count)

    def creditable(self):
        """Charges of which something is left, with what it is."""
        charges = [entry.charge for entry in self.books.ledger if entry.sign > 0]
        left = [
            (charge, remaining(self.books.ledger, charge, self.reckoning)) for charge in charges
        ]
        return [(charge, amount) for charge, amount in left if amount > 0]

    @property
    def first(self):
        return as_day(self.timeline.anchor)

    def billed(self):
        """The books as they would stand if everything were billed today."""
        books = Books(self.books.ledger)
        books.bill(self.timeline, self.today)
        return books

    @invariant()
    def the_rules_hold(self):
        books = self.billed()
        self.no_double_charge_and_no_gap(books)
        self.money_adds_up(books)
        self.billing_is_a_difference(books)
        self.posted_is_posted(books)
        self.periods_lie_on_the_grid(books)
        self.amounts_can_be_explained(books)

    def no_double_charge_and_no_gap(self, books):
        """Rule 1: each day of a line is charged once or, beyond its agreement, not at all."""
        steps = defaultdict(lambda: defaultdict(int))
        for entry in books.ledger:
            if not (entry.charge.measured or entry.waived):
                steps[entry.charge.line][entry.charge.period.start] += entry.sign
                steps[entry.charge.line][entry.charge.period.end] -= entry.sign
        for moments in steps.values():
            assert set(accumulate(moments[moment] for moment in sorted(moments))) <= {0, 1}

    def money_adds_up(self, books):
        """Rule 2: what is charged for a line is what it costs; credits never exceed it."""
        until = stated_until(books.ledger, horizon(books.ledger, self.today))
        later, owed = Books(books.ledger), target(self.timeline, until)
        later.bill(self.timeline, until)
        waived = {entry.charge.line for entry in books.ledger if entry.waived}
        for key in {line.key for line in self.timeline.lines} - waived:
            assert later.per_line.get(key, 0) == owed.get(key, 0)
        for key in waived - {line.key for line in self.lines(ChargeType.USAGE)}:
            assert books.per_line.get(key, 0) >= 0

    def billing_is_a_difference(self, books):
        """Rule 3: billing again adds nothing, and the next day is after today."""
        assert books.bill(self.timeline, self.today) == []
        assert books.next_due is None or books.next_due > self.today
        assert next_billing_date(self.timeline, books.ledger, self.today) == books.next_due

    def posted_is_posted(self, books):
        """Rule 4: what stood in the ledger stands there still; no statement is made twice."""
        assert books.ledger[: len(self.books.ledger)] == self.books.ledger
        statements = [(entry.slice, entry.revision) for entry in books.ledger]
        assert len(set(statements)) == len(statements)

    def periods_lie_on_the_grid(self, books):
        """Rule 7: whole periods lie on the grid that is counted from the original anchor."""
        lines = {line.key: line for line in self.timeline.lines}
        for entry in books.ledger:
            line, full = lines[entry.charge.line], entry.charge.full
            if line.charge_type is ChargeType.RECURRING and not line.partial_period:
                days = self.timeline.grid(line).containing(as_day(full.start))
                assert days.start <= full.days.start and full.days.end <= days.end

    def amounts_can_be_explained(self, books):
        """Rule 8: each priced amount follows from what its charge states."""
        waived = {entry.charge.line for entry in books.ledger if entry.waived}
        for entry in books.ledger:
            charge = entry.charge
            if charge.line not in waived and charge.divisible:
                amount = part_amount(
                    charge.price,
                    charge.period,
                    charge.full,
                    charge.origin,
                    self.timeline.rounding,
                    self.timeline.day_count,
                )
                assert charge.amount == entry.sign * amount
                exact = Fraction(charge.price) * self.timeline.day_count.ticks(charge.period)
                share = exact / (self.timeline.day_count.ticks(charge.full) or 1)
                assert abs(abs(Fraction(charge.amount)) - abs(share)) <= Fraction(CENT)


Story.TestCase.settings = settings(stateful_step_count=12, report_multiple_bugs=False)
TestStory = Story.TestCase
