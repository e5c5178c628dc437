"""What goes wrong with periods in other subscription modules does not go wrong here."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from agreements import FIRST_OF_MONTH, MONTHLY, YEARLY, agreement, billed, daily_runs, line, runs
from books import DAY, Books

from billing import Timing, end_after_cycles, next_billing_date


def day_by_day(timeline, until):
    """What a daily job bills, in the order of time."""
    return [row for rows in daily_runs(timeline, until).values() for row in rows]


@pytest.mark.parametrize("timing", Timing)
def test_failure_01_month_end_drifts(timing):
    """31 Jan, 28 Feb, 28 Mar, 28 Apr; and the periods shrink to 31 Jan to 27 Feb."""
    fee = line("fee", "2026-01-31", "30", timing=timing)
    assert day_by_day(agreement("2026-01-31", MONTHLY, fee), "2026-06-30")[:5] == [
        "2026-01-31 to 2026-02-27: 30.00",
        "2026-02-28 to 2026-03-30: 30.00",
        "2026-03-31 to 2026-04-29: 30.00",
        "2026-04-30 to 2026-05-30: 30.00",
        "2026-05-31 to 2026-06-29: 30.00",
    ]


def test_failure_02_29_february_becomes_the_28th_for_ever():
    """Not even the leap year 2032 brings the 29th back."""
    assert runs(agreement("2028-02-29", YEARLY, "365"), "2032-12-31") == [
        "2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29",
    ]  # fmt: skip


def test_failure_03_short_months_and_common_years_are_skipped():
    """From the 31st no bill in February, April and June; from 29 February one in four years."""
    monthly = runs(agreement("2026-01-31", MONTHLY, "30"), "2026-12-31")
    assert [day[5:7] for day in monthly] == [f"{month:02}" for month in range(1, 13)]
    yearly = runs(agreement("2024-02-29", YEARLY, "365"), "2032-12-31")
    assert [day[:4] for day in yearly] == [str(year) for year in range(2024, 2033)]


@pytest.mark.parametrize(
    ("start", "end", "charged"),
    [
        ("2026-01-15", None, "2026-01-15 to 2026-01-31: 54.84"),
        ("2026-01-01", "2026-01-16", "2026-01-01 to 2026-01-15: 48.39"),
    ],
)
def test_failure_04_partial_period_at_the_full_price(start, end, charged):
    """15 to 31 January, and 1 to 15 January, cost the 100 of the whole month."""
    end = end and date.fromisoformat(end)
    timeline = agreement(start, FIRST_OF_MONTH, "100", end=end)
    assert billed(Books(), timeline, "2026-01-31") == [charged]


@pytest.mark.parametrize("delay", range(28, 59))
def test_failure_05_two_months_at_the_price_of_one(delay):
    """Billing that is put off by a month makes one period of 1 February to 31 March."""
    timeline, books = agreement("2026-01-01", MONTHLY, "100"), Books()
    books.bill(timeline, date(2026, 1, 1))
    late = date(2026, 2, 1) + timedelta(days=delay)
    assert billed(books, timeline, late.isoformat()) == [
        "2026-02-01 to 2026-02-28: 100.00",
        "2026-03-01 to 2026-03-31: 100.00",
    ]
    assert books.next_due == date(2026, 4, 1)


@pytest.mark.parametrize("start", ["2026-01-01", "2026-01-31"])
@pytest.mark.parametrize("timing", Timing)
def test_failure_07_three_cycles_make_four_invoices(start, timing):
    """On the day of the end one more period is billed before the contract is closed."""
    end = end_after_cycles(MONTHLY, date.fromisoformat(start), 3)
    fee = line("fee", start, "100", timing=timing)
    timeline = agreement(start, MONTHLY, fee, end=end)
    assert len(day_by_day(timeline, "2026-12-31")) == 3
    books = Books()
    books.bill(timeline, end)
    assert (books.total, books.next_due) == (300, None)


def test_failure_12_catching_up_takes_a_run_for_each_period():
    """Three months late, the job bills one of the periods and says that it was today's."""
    timeline, books = agreement("2026-01-01", MONTHLY, "30"), Books()
    assert billed(books, timeline, "2026-04-01") == [
        "2026-01-01 to 2026-01-31: 30.00",
        "2026-02-01 to 2026-02-28: 30.00",
        "2026-03-01 to 2026-03-31: 30.00",
        "2026-04-01 to 2026-04-30: 30.00",
    ]
    assert billed(books, timeline, "2026-04-01") == []
    assert books.next_due == date(2026, 5, 1)


@pytest.mark.parametrize("timing", Timing)
def test_failure_13_an_end_before_the_next_billing_date_crashes(timing):
    """Whatever day of a billed month the end is moved to, exactly the days up to it are paid."""
    fee = line("fee", "2026-04-01", "30", timing=timing)
    open_ended = agreement("2026-04-01", MONTHLY, fee)
    for days in range(1, 62):
        books = Books()
        books.bill(open_ended, date(2026, 5, 1))
        ended = replace(open_ended, end=date(2026, 4, 1) + days * DAY)
        due = next_billing_date(ended, books.ledger, date(2026, 5, 1))
        assert (due is None) == (books.total == owed(days))
        books.bill(ended, date(2026, 6, 1))
        assert books.total == owed(days)
        assert books.next_due is None
        assert next_billing_date(ended, books.ledger, date(2026, 6, 1)) is None


def owed(days):
    """30 a month, for ``days`` from the first of April on."""
    april, may = min(days, 30), max(days - 30, 0)
    return april + round(Decimal(30 * may) / 31, 2)
