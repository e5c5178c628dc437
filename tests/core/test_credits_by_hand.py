"""What was credited by hand is settled: it is neither charged nor credited again."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from agreements import MONTHLY, agreement, billed, line
from books import Books
from hypothesis import given
from hypothesis import strategies as st

from billing import ChargeType, Entry, Period

JANUARY, FEBRUARY = "2026-01-01", "2026-02-01"


def waive(books, entry, period=None, amount=None):
    """Credit (a part of) what ``entry`` charged by hand."""
    charge = replace(
        entry.charge,
        period=period or entry.charge.period,
        amount=-(entry.charge.amount if amount is None else amount),
    )
    books.ledger.append(Entry(charge, -1, entry.revision + 1, waived=True))


def restore(books, entry):
    """Take such a credit back."""
    charge = replace(entry.charge, amount=-entry.charge.amount)
    books.ledger.append(Entry(charge, 1, entry.revision + 1, waived=True))


def billed_january(price="31"):
    books, timeline = Books(), agreement(JANUARY, MONTHLY, price)
    billed(books, timeline, JANUARY)
    return books, timeline


def test_waived_days_are_not_charged_again():
    books, timeline = billed_january()
    waive(books, books.ledger[0])
    assert billed(books, timeline, "2026-01-20") == []
    assert books.total == 0


def test_waived_days_are_not_credited_again_by_an_early_end():
    books, timeline = billed_january()
    waive(books, books.ledger[0])
    assert billed(books, replace(timeline, end=date(2026, 1, 16)), "2026-01-16") == []


def test_the_days_that_were_not_waived_are_credited():
    books, timeline = billed_january()
    waive(books, books.ledger[0], Period(date(2026, 1, 21), date(2026, 2, 1)), Decimal(11))
    ended = replace(timeline, end=date(2026, 1, 16))
    assert billed(books, ended, "2026-01-16") == ["2026-01-16 to 2026-01-20: -5.00"]


def test_a_price_that_is_corrected_later_leaves_waived_days_alone():
    books, _timeline = billed_january()
    waive(books, books.ledger[0])
    dearer = agreement(JANUARY, MONTHLY, "62")
    assert billed(books, dearer, "2026-01-20") == []
    assert billed(books, dearer, FEBRUARY) == ["2026-02-01 to 2026-02-28: 62.00"]


def test_a_waiver_that_is_taken_back_is_as_if_it_had_not_been():
    books, timeline = billed_january()
    waive(books, books.ledger[0])
    restore(books, books.ledger[-1])
    assert billed(books, replace(timeline, end=date(2026, 1, 16)), "2026-01-16") == [
        "2026-01-16 to 2026-01-31: -16.00"
    ]


def test_waived_usage_is_not_charged_again_but_what_comes_late_is():
    calls = line("calls", JANUARY, "1", charge_type=ChargeType.USAGE)
    books = Books()

    def used(quantity):
        return agreement(JANUARY, MONTHLY, calls, usage=lambda _key, period: quantity[period.start])

    january = date(2026, 1, 1)
    quantity = {january: Decimal(10), date(2026, 2, 1): Decimal(0)}
    billed(books, used(quantity), FEBRUARY)
    waive(books, books.ledger[0])
    assert billed(books, used(quantity), FEBRUARY) == []
    quantity[january] = Decimal(12)
    assert billed(books, used(quantity), FEBRUARY) == ["2026-01-01 to 2026-01-31: 2.00"]
    quantity[january] = Decimal(3)
    assert billed(books, used(quantity), FEBRUARY) == ["2026-01-01 to 2026-01-31: -2.00"]


@given(
    st.integers(1, 31), st.integers(1, 31), st.integers(2, 31), st.integers(1, 100_000).map(Decimal)
)
def test_credits_by_hand_and_by_rule_never_exceed_the_charge(first, last, end, price):
    first, last = sorted((first, last))
    books, timeline = billed_january(price)
    days = Period(date(2026, 1, first), date(2026, 1, last) + (date(2026, 1, 2) - date(2026, 1, 1)))
    charged = books.total
    share = (charged * (last - first + 1) / 31).quantize(Decimal(1))
    waive(books, books.ledger[0], days, share)
    books.bill(replace(timeline, end=date(2026, 1, end)), date(2026, 1, 31))
    assert -1 <= books.total <= charged
