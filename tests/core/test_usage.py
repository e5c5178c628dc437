"""Measured charges: what comes late or is corrected is charged or credited as a difference."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from agreements import MONTHLY, agreement, billed, line
from books import Books

from billing import ChargeType, PricingModel

JANUARY, FEBRUARY = "2026-01-01", "2026-02-01"


def metered(price, **usage):
    """A line of usage from January on, and what is measured in each month."""
    months = {f"2026-{month}": Decimal(used) for month, used in usage.items()}
    calls = line("calls", JANUARY, price, charge_type=ChargeType.USAGE)

    def meter(_key, period):
        return months.get(f"{period.start:%Y-%b}", Decimal(0))

    return agreement(JANUARY, MONTHLY, calls, usage=meter)


def quantities(books):
    return [entry.charge.quantity for entry in books.ledger]


def test_late_usage_is_charged_later_for_its_own_period():
    books = Books()
    billed(books, metered("0.10", Jan=100), FEBRUARY)
    late = metered("0.10", Jan=130, Feb=10)
    assert billed(books, late, "2026-03-01") == [
        "2026-01-01 to 2026-01-31: 3.00",
        "2026-02-01 to 2026-02-28: 1.00",
    ]
    assert quantities(books) == [100, 30, 10]


def test_usage_that_was_too_high_is_credited():
    books = Books()
    billed(books, metered("0.10", Jan=100), FEBRUARY)
    assert billed(books, metered("0.10", Jan=40), "2026-02-10") == [
        "2026-01-01 to 2026-01-31: -6.00"
    ]
    assert (books.ledger[-1].sign, quantities(books)) == (-1, [100, -60])


def test_a_corrected_quantity_is_stated_even_where_the_amount_stays():
    books = Books()
    billed(books, metered("0.001", Jan=1), FEBRUARY)
    assert billed(books, metered("0.001", Jan=3), FEBRUARY) == ["2026-01-01 to 2026-01-31: 0.00"]
    assert quantities(books) == [1, 2]


def test_a_corrected_price_is_charged_without_a_quantity():
    books = Books()
    billed(books, metered("0.10", Jan=100), FEBRUARY)
    dearer = billed(books, metered("0.12", Jan=100), FEBRUARY)
    assert dearer == ["2026-01-01 to 2026-01-31: 2.00"]
    assert quantities(books) == [100, 0]


def test_a_month_without_usage_is_stated_once_where_agreed():
    books, timeline = Books(), metered("0.10")
    calls = replace(timeline.lines[0], zero_usage=True)
    stating = replace(timeline, lines=(calls,))
    assert billed(books, stating, FEBRUARY) == ["2026-01-01 to 2026-01-31: 0.00"]
    assert billed(books, stating, FEBRUARY) == []


def test_a_month_without_usage_is_not_stated_unless_agreed():
    assert billed(Books(), metered("0.10"), FEBRUARY) == []


def test_a_line_that_ends_is_measured_up_to_its_end():
    timeline = metered("0.10", Jan=50)
    ended = replace(timeline, end=date(2026, 1, 21))
    assert billed(Books(), ended, FEBRUARY) == ["2026-01-01 to 2026-01-20: 5.00"]


def test_a_flat_price_for_usage_does_not_depend_on_the_quantity():
    timeline = metered("7.00", Jan=50)
    calls = timeline.lines[0]
    flat = replace(calls, pricing=replace(calls.pricing, model=PricingModel.FLAT))
    assert billed(Books(), replace(timeline, lines=(flat,)), FEBRUARY) == [
        "2026-01-01 to 2026-01-31: 7.00"
    ]


def test_a_slice_that_was_corrected_below_zero_is_credited_once():
    """A random story: more corrections than usage."""
    books, below = Books(), metered("0.01", Jan=-200)
    assert billed(books, below, FEBRUARY) == ["2026-01-01 to 2026-01-31: -2.00"]
    assert billed(books, below, FEBRUARY) == []
    assert billed(books, metered("0.01", Jan=100), FEBRUARY) == ["2026-01-01 to 2026-01-31: 3.00"]
