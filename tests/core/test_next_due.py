"""The day that is announced is the first one on which there is something to bill."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from agreements import MONTHLY, agreement, line
from books import DAY, Books
from hypothesis import given
from hypothesis import strategies as st
from strategies import FIRST, HORIZON, changes, timelines

from billing import ChargeType, next_billing_date, next_due, rate

billing_days = st.dates(FIRST, HORIZON)
FAR = date(2027, 12, 31)


@given(timelines(), billing_days)
def test_nothing_falls_due_before_the_next_due_date(timeline, day):
    due = next_due(timeline, day)
    before = len(rate(timeline, day))
    if due is None:
        assert len(rate(timeline, FAR)) == before
    else:
        assert due > day
        assert len(rate(timeline, due - DAY)) == before < len(rate(timeline, due))


@given(timelines(), billing_days, st.data())
def test_billing_before_the_announced_day_is_empty_and_on_it_is_not(timeline, until, data):
    books = Books()
    books.bill(timeline, until)
    announced = books.next_due
    assert announced is None or announced > until
    between = data.draw(st.dates(until, (announced or FAR) - DAY))
    assert books.bill(timeline, between) == []
    assert books.next_due == announced
    if announced:
        assert books.bill(timeline, announced)


@given(timelines(), billing_days, st.integers(1, 2))
def test_what_is_left_for_later_stays_due(timeline, until, max_periods):
    books = Books()
    total = len(rate(timeline, until))
    while books.bill(timeline, until, max_periods):
        if len(books.ledger) < total:
            assert books.next_due <= until
        else:
            assert books.next_due is None or books.next_due > until


@given(timelines())
def test_billing_on_each_announced_day_bills_everything(timeline):
    once, steps = Books(), Books()
    once.bill(timeline, HORIZON)
    steps.bill(timeline, FIRST)
    while steps.next_due and steps.next_due <= HORIZON:
        steps.bill(timeline, steps.next_due)
    assert steps.per_line == once.per_line
    assert steps.days() == once.days()


@given(timelines(), billing_days)
def test_the_next_billing_date_of_a_billed_subscription_is_the_announced_one(timeline, until):
    books = Books()
    books.bill(timeline, until)
    assert next_billing_date(timeline, books.ledger) == books.next_due


@given(timelines(), billing_days, st.data())
def test_a_subscription_with_something_to_bill_is_not_billed_later_than_that(timeline, until, data):
    books = Books()
    books.bill(timeline, until)
    changed = data.draw(changes(timeline, 0))
    announced = next_billing_date(changed, books.ledger)
    if books.bill(changed, until):
        assert announced <= until


def test_a_period_in_which_nothing_was_used_is_not_looked_at_again():
    calls = line("calls", "2026-01-01", "1", charge_type=ChargeType.USAGE)
    timeline = agreement("2026-01-01", MONTHLY, calls, end=date(2026, 2, 1))
    assert next_billing_date(timeline, []) == date(2026, 2, 1)
    assert next_billing_date(timeline, [], billed_until=date(2026, 2, 1)) is None
    late = replace(timeline, usage=lambda _key, _period: Decimal(3))
    assert next_billing_date(late, [], billed_until=date(2026, 2, 1)) == date(2026, 2, 1)
