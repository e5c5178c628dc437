"""A bill can be limited to a few missed periods; corrections are never cut in two."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from agreements import FIRST_OF_MONTH, MONTHLY, agreement, line
from books import Books

from billing import PartialPeriod

JUNE = date(2026, 6, 1)


def half_a_year(price="30"):
    return agreement("2026-01-01", MONTHLY, price)


def billed_until_june():
    books = Books()
    books.bill(half_a_year(), JUNE)
    return books


def capped(books, timeline):
    """The total of a bill of one missed period."""
    return sum(entry.charge.amount for entry in books.bill(timeline, JUNE, max_periods=1))


def test_missed_periods_are_caught_up_one_by_one():
    books = Books()
    assert [capped(books, half_a_year()) for _ in range(7)] == [30] * 6 + [0]
    assert books.next_due == date(2026, 7, 1)


def test_credits_are_given_at_once():
    nothing = replace(half_a_year(), lines=())
    assert capped(billed_until_june(), nothing) == -180


def test_a_price_corrected_in_the_past_is_charged_with_its_credit():
    books = billed_until_june()
    assert capped(books, half_a_year("31")) == 6
    assert capped(books, half_a_year("31")) == 0


def test_a_change_in_the_past_is_charged_with_its_credit():
    timeline = agreement(
        "2026-01-01",
        MONTHLY,
        line("fee", "2026-01-01", "30", end=date(2026, 2, 1)),
        line("more", "2026-02-01", "60"),
    )
    assert capped(billed_until_june(), timeline) == 5 * 30


def test_an_option_that_was_forgotten_is_caught_up_one_by_one():
    timeline = half_a_year()
    timeline = replace(timeline, lines=(*timeline.lines, line("option", "2026-01-01", "6")))
    books = billed_until_june()
    assert [capped(books, timeline) for _ in range(7)] == [6] * 6 + [0]


def test_a_stub_that_is_no_billing_period_comes_with_the_first_period():
    mode = PartialPeriod.NO_BILL
    timeline = agreement("2026-04-16", FIRST_OF_MONTH, "30", partial_period=mode)
    books = Books()
    assert [capped(books, timeline) for _ in range(3)] == [Decimal(45), Decimal(30), 0]
