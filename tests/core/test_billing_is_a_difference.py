"""Billing any agreement, on any days, in any order, states exactly what is owed."""

from collections import Counter, defaultdict
from fractions import Fraction

from books import DAY, Books, days_of, target
from hypothesis import given
from hypothesis import strategies as st
from strategies import FIRST, HORIZON, timelines

from billing import ChargeType, PartialPeriod, Timing, rate
from billing.proration import fraction

billing_days = st.dates(FIRST, HORIZON)
caps = st.none() | st.integers(1, 3)


def bill_to_the_end(books, timeline, until, max_periods=None):
    while books.bill(timeline, until, max_periods):
        pass


@given(timelines(), billing_days)
def test_a_second_bill_is_empty(timeline, until):
    books = Books()
    books.bill(timeline, until)
    assert books.bill(timeline, until) == []


@given(timelines(), billing_days)
def test_the_ledger_states_what_is_owed(timeline, until):
    books = Books()
    books.bill(timeline, until)
    assert books.per_line == target(timeline, until)
    assert Counter(entry.charge for entry in books.ledger) == Counter(rate(timeline, until))


@given(timelines(), st.lists(st.tuples(billing_days, caps), min_size=1, max_size=6))
def test_the_order_of_billing_days_makes_no_difference(timeline, runs):
    until = max(day for day, _ in runs)
    once, often = Books(), Books()
    once.bill(timeline, until)
    for day, max_periods in runs:
        often.bill(timeline, day, max_periods)
    bill_to_the_end(often, timeline, until)
    assert often.per_line == once.per_line
    assert often.days() == once.days()


@given(timelines(), billing_days, st.integers(1, 3))
def test_catching_up_by_a_few_periods_at_a_time_misses_none(timeline, until, max_periods):
    once, slowly = Books(), Books()
    once.bill(timeline, until)
    bill_to_the_end(slowly, timeline, until, max_periods)
    assert Counter(slowly.ledger) == Counter(once.ledger)


@given(timelines(), billing_days, st.integers(1, 3))
def test_a_bill_catches_up_no_more_periods_than_it_may(timeline, until, max_periods):
    books = Books()
    while entries := books.bill(timeline, until, max_periods):
        periods = defaultdict(set)
        for entry in entries:
            if not is_no_billing_period(timeline, entry.charge):
                periods[entry.charge.line].add(entry.charge.full)
        assert all(len(found) <= max_periods for found in periods.values())


def is_no_billing_period(timeline, charge):
    stub = charge.full.start < timeline.anchor
    return stub and timeline.partial_period is PartialPeriod.NO_BILL


@given(timelines(), st.lists(billing_days, min_size=1, max_size=5))
def test_without_a_change_nothing_is_credited(timeline, runs):
    books = Books()
    for day in runs:
        books.bill(timeline, day)
    assert all(entry.sign > 0 and entry.revision == 1 for entry in books.ledger)


@given(timelines(), billing_days)
def test_each_slice_is_stated_once(timeline, until):
    books = Books()
    books.bill(timeline, until)
    slices = [(entry.slice, entry.revision) for entry in books.ledger]
    assert len(slices) == len(set(slices))


@given(timelines(), billing_days)
def test_recurring_lines_charge_each_day_once_and_leave_out_none(timeline, until):
    books = Books()
    books.bill(timeline, until)
    charged = books.days()
    assert set(charged.values()) <= {1}
    for line in timeline.lines:
        if line.charge_type is ChargeType.RECURRING:
            found = {day for key, day in charged if key == line.key}
            must, may = expected_days(timeline, line, until)
            assert must <= found <= may


def expected_days(timeline, line, until):
    """The days that must be charged by ``until``, and those that may be."""
    start = max(line.start, timeline.anchor)
    end = min(filter(None, [line.end, timeline.end, HORIZON.replace(year=2029)]))
    paused = {day for pause in timeline.pauses for day in days_of(pause)}
    must, may = set(), set()
    grid = timeline.grid(line)
    for full in grid.periods(start, end) if start < end else ():
        days = {day for day in days_of(full) if start <= day < end} - paused
        if full.start < timeline.anchor and timeline.partial_period is PartialPeriod.WAIVED:
            continue
        waits = full.start < timeline.anchor and timeline.partial_period is PartialPeriod.NO_BILL
        if full.start <= until:
            may |= days
        if full.end <= until:
            must |= days
        elif line.timing is Timing.ADVANCE and not waits:
            must |= {day for day in days if day <= until}
    return must, may


@given(timelines(partial_periods=[PartialPeriod.PRORATED, PartialPeriod.NO_BILL]), billing_days)
def test_a_recurring_charge_is_its_share_of_the_anchored_period(timeline, until):
    lines = {line.key: line for line in timeline.lines}
    for charge in rate(timeline, until):
        line = lines[charge.line]
        if line.charge_type is ChargeType.RECURRING:
            full = timeline.grid(line).containing(charge.period.start)
            exact = Fraction(line.pricing.amount(line.quantity)) * fraction(charge.period, full)
            assert abs(Fraction(charge.amount) - exact) <= Fraction(timeline.rounding)


@given(timelines(), billing_days)
def test_one_time_charges_are_billed_once_however_long_it_runs(timeline, until):
    kinds = {line.key: line.charge_type for line in timeline.lines}
    counts = Counter(charge.line for charge in rate(timeline, until))
    for key, kind in kinds.items():
        if kind in (ChargeType.SETUP, ChargeType.ONE_TIME):
            assert counts[key] <= 1


@given(timelines(), billing_days)
def test_usage_is_measured_once_for_each_day(timeline, until):
    lines = {line.key: line for line in timeline.lines}
    seen = Counter()
    for charge in rate(timeline, until):
        if charge.measured:
            used = timeline.usage(charge.line, charge.period)
            assert charge.quantity == lines[charge.line].pricing.billable(used)
            assert charge.due == charge.period.end <= until
            seen.update((charge.line, day) for day in days_of(charge.period))
    assert set(seen.values()) <= {1}


@given(timelines(), billing_days)
def test_nothing_is_charged_outside_of_the_agreement(timeline, until):
    lines = {line.key: line for line in timeline.lines}
    for charge in rate(timeline, until):
        line = lines[charge.line]
        assert charge.due <= until
        assert charge.period.start >= max(line.start, timeline.anchor)
        if charge.period.length > DAY:
            assert all(charge.period.end <= end for end in (line.end, timeline.end) if end)
