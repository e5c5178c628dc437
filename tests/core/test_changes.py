"""Whatever changes, whenever it is billed, the ledger ends up at what is owed."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal

from agreements import YEARLY, agreement, line
from agreements import billed as bill_once
from books import Books, target
from hypothesis import given
from hypothesis import strategies as st
from strategies import FIRST, HORIZON, changes, timelines, with_line

from billing import (
    ChargeType,
    PartialPeriod,
    Pricing,
    Schedule,
    ScheduleKind,
    next_billing_date,
    rate,
)
from billing.ledger import horizon, stated_until

billing_days = st.dates(FIRST, HORIZON)
AFTERWARDS = date(2027, 6, 30)


@st.composite
def histories(draw):
    """An agreement after each of some changes, each with the day on which it is billed."""
    timeline = draw(timelines())
    steps = [(timeline, draw(billing_days))]
    for number in range(draw(st.integers(1, 4))):
        timeline = draw(changes(timeline, number))
        steps.append((timeline, draw(billing_days)))
    return steps


def billed(history):
    books = Books()
    for timeline, until in history:
        books.bill(timeline, until)
    return books


@given(histories())
def test_after_each_change_the_ledger_states_what_is_owed(history):
    books = Books()
    for timeline, until in history:
        reach = horizon(books.ledger, until)
        books.bill(timeline, until)
        assert books.per_line == target(timeline, reach)
        assert books.bill(timeline, until) == []


@given(histories())
def test_bills_between_the_changes_do_not_alter_the_outcome(history):
    last, until = history[-1]
    often, once = billed(history), Books()
    until = horizon(often.ledger, until)
    once.bill(last, until)
    often.bill(last, until)
    assert often.per_line == once.per_line
    assert often.days() == once.days()


@given(histories())
def test_slices_stay_unique_through_all_changes(history):
    slices = [(entry.slice, entry.revision) for entry in billed(history).ledger]
    assert len(slices) == len(set(slices))


@given(histories())
def test_a_credit_never_exceeds_what_was_charged_for_these_days(history):
    tariffs, days = defaultdict(int), Counter()
    for entry in billed(history).ledger:
        charge = entry.charge
        what = charge.period if charge.measured else (charge.full, charge.origin)
        price = None if charge.measured else (charge.quantity, charge.price)
        tariffs[charge.line, what, price] += charge.amount
        assert tariffs[charge.line, what, price] >= 0
        if not charge.measured:
            for day in range(charge.period.start.toordinal(), charge.period.end.toordinal()):
                days[charge.line, day, price] += entry.sign
                assert days[charge.line, day, price] in (0, 1)


@given(histories(), st.data())
def test_a_change_and_its_undoing_come_to_nothing(history, data):
    books = billed(history)
    timeline, until = history[-1]
    until = stated_until(books.ledger, until)
    books.bill(timeline, until)
    before, days = books.per_line, books.days()
    mark = len(books.ledger)
    books.bill(data.draw(changes(timeline, "undone")), until)
    books.bill(timeline, until)
    assert books.per_line == before
    assert books.days() == days
    assert sum(entry.charge.amount for entry in books.ledger[mark:]) == 0


@given(histories())
def test_taking_every_line_back_credits_everything(history):
    books = billed(history)
    timeline, until = history[-1]
    books.bill(replace(timeline, lines=()), stated_until(books.ledger, until))
    assert books.total == 0
    assert books.days() == {}


@given(timelines(), billing_days, st.data())
def test_a_change_in_the_future_alters_nothing_now(timeline, until, data):
    books = Books()
    books.bill(timeline, until)
    changed = data.draw(changes(timeline, 0))
    if Counter(rate(changed, until)) == Counter(rate(timeline, until)):
        assert books.bill(changed, until) == []


@given(timelines(), st.dates(FIRST, HORIZON), st.data())
def test_splitting_a_line_at_the_same_price_alters_no_total(timeline, day, data):
    index = data.draw(st.integers(0, len(timeline.lines) - 1))
    line = replace(timeline.lines[index], charge_type=ChargeType.RECURRING)
    whole = with_line(timeline, index, line)
    if line.start < day < (line.end or date.max):
        then = replace(line, key="then", start=day, origin=line.start)
        split = with_line(timeline, index, replace(line, end=day), then)
        totals = target(whole, AFTERWARDS), target(split, AFTERWARDS)
        assert sum(totals[0].values()) == sum(totals[1].values())


@given(timelines(partial_periods=[PartialPeriod.FULL]), st.data())
def test_a_change_in_a_full_price_period_never_costs_more_than_the_dearer_price(timeline, data):
    day = data.draw(st.dates(timeline.anchor, HORIZON))
    line = replace(timeline.lines[0], charge_type=ChargeType.RECURRING, start=timeline.anchor)
    dearer = Pricing(line.pricing.price + 10)
    new = replace(line, key="new", start=day, pricing=dearer, quantity=Decimal(1))
    old = replace(line, end=day, pricing=Pricing(line.pricing.price), quantity=Decimal(1))
    spent = defaultdict(Decimal)
    for charge in rate(replace(timeline, lines=(old, new)), HORIZON):
        spent[charge.full] += charge.amount
    assert all(amount <= dearer.price + timeline.rounding for amount in spent.values())


def test_a_change_agreed_for_a_later_day_is_credited_on_that_day():
    quarterly = Schedule(ScheduleKind.MONTH_START, 3)
    books, old = Books(), line("old", "2026-01-01", "90")
    bill_once(books, agreement("2026-01-01", quarterly, old), "2026-01-01")
    new = line("new", "2026-02-20", "180")
    changed = agreement("2026-01-01", quarterly, replace(old, end=date(2026, 2, 20)), new)
    assert bill_once(books, changed, "2026-01-05") == []
    assert books.next_due == next_billing_date(changed, books.ledger) == date(2026, 2, 20)
    assert bill_once(books, changed, "2026-02-20") == [
        "2026-02-20 to 2026-03-31: -40.00",
        "2026-02-20 to 2026-03-31: 80.00",
    ]


def test_an_end_agreed_for_a_later_day_is_settled_at_once():
    books, timeline = Books(), agreement("2026-01-01", YEARLY, "365")
    bill_once(books, timeline, "2026-01-01")
    ended = replace(timeline, end=date(2026, 7, 1))
    assert bill_once(books, ended, "2026-03-01") == ["2026-07-01 to 2026-12-31: -184.00"]
