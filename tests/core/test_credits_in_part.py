"""A credit by hand over a part of a charge leaves the rest, and no more than that."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from agreements import MONTHLY, agreement, billed, line
from books import Books
from hypothesis import given
from hypothesis import strategies as st

from billing import ChargeType, Reckoning, credit_by_hand, remaining, stated_again, taken_back

CENT = Decimal("0.01")
CENTS = Reckoning(CENT)
APRIL, MAY = "2026-04-01", "2026-05-01"


def billed_april(price="30"):
    books, timeline = Books(), agreement(APRIL, MONTHLY, price)
    billed(books, timeline, APRIL)
    return books, timeline


def credit(books, amount, *, waive=True, charge=None):
    charge = charge or books.ledger[0].charge
    entries = credit_by_hand(books.ledger, charge, Decimal(amount), waive=waive, reckoning=CENTS)
    books.ledger += entries
    return entries


def ended(timeline, last_day):
    return replace(timeline, end=date(2026, 4, last_day) + timedelta(days=1))


def test_a_third_credited_by_hand_leaves_two_thirds_of_each_day():
    books, timeline = billed_april()
    credit(books, 10)
    assert billed(books, ended(timeline, 10), "2026-04-10") == ["2026-04-11 to 2026-04-30: -13.33"]


def test_what_is_credited_by_billing_is_not_left_to_be_credited_by_hand():
    books, timeline = billed_april()
    billed(books, ended(timeline, 10), "2026-04-10")
    assert remaining(books.ledger, books.ledger[0].charge, CENTS) == Decimal("10.00")
    with pytest.raises(ValueError, match=r"10\.00 is left"):
        credit(books, "10.01")
    (entry,) = credit(books, 10)
    assert entry.charge.period.length.days == 10


def test_what_is_to_be_billed_again_is_charged_once_more():
    books, timeline = billed_april()
    credit(books, 30, waive=False)
    assert billed(books, timeline, "2026-04-20") == ["2026-04-01 to 2026-04-30: 30.00"]
    assert billed(books, timeline, "2026-04-21") == []


def test_a_part_is_waived_even_where_it_was_to_be_billed_again():
    books, timeline = billed_april()
    (entry,) = credit(books, 5, waive=False)
    assert entry.waived
    assert billed(books, timeline, "2026-04-20") == []


def test_a_reversed_charge_that_is_stated_again_is_not_charged_by_billing():
    books, timeline = billed_april()
    credit(books, 30, waive=False)
    again = stated_again(books.ledger, books.ledger[0].charge)
    assert again.revision == 3
    books.ledger.append(again)
    assert billed(books, timeline, "2026-04-20") == []


def test_the_credit_of_an_invoice_that_is_reversed_stays_settled():
    """An upgrade's invoice of 20.00 is credited: nothing of it is charged or credited again."""
    dearer = agreement(
        APRIL,
        MONTHLY,
        line("old", APRIL, "30", end=date(2026, 4, 11)),
        line("new", "2026-04-11", "60"),
    )
    books = Books()
    billed(books, agreement(APRIL, MONTHLY, line("old", APRIL, "30")), APRIL)
    minus, plus = books.bill(dearer, date(2026, 4, 11))
    credit(books, 20, charge=minus.charge)
    credit(books, 40, charge=plus.charge)
    assert books.total == Decimal(30)
    assert billed(books, dearer, "2026-04-20") == []


def test_usage_that_is_credited_in_part_can_only_lose_the_rest():
    calls = line("calls", APRIL, "1", charge_type=ChargeType.USAGE)
    books, quantity = Books(), {date(2026, 4, 1): Decimal(60)}

    def used():
        return agreement(
            APRIL, MONTHLY, calls, usage=lambda _k, period: quantity.get(period.start, Decimal(0))
        )

    billed(books, used(), MAY)
    credit(books, 20)
    assert billed(books, used(), MAY) == []
    quantity[date(2026, 4, 1)] = Decimal(10)
    assert billed(books, used(), MAY) == ["2026-04-01 to 2026-04-30: -40.00"]
    quantity[date(2026, 4, 1)] = Decimal(60)
    assert billed(books, used(), MAY) == ["2026-04-01 to 2026-04-30: 40.00"]


amounts = st.decimals("0.01", "200.00", places=2)


@given(
    price=amounts,
    shares=st.lists(st.integers(1, 100), max_size=3),
    ends=st.lists(st.integers(1, 30), min_size=1, max_size=4),
)
def test_failure_24_all_credits_together_never_exceed_the_charge(price, shares, ends):
    """By hand and by billing, in any order; and an end that is taken back restores the rest."""
    books, timeline = billed_april(price)
    charged = books.ledger[0].charge
    by_hand = Decimal(0)
    for number, end in enumerate(ends):
        if number < len(shares):
            left = remaining(books.ledger, charged, CENTS)
            part = (left * shares[number] / 100).quantize(CENT)
            if part:
                credit(books, part)
                by_hand += part
        books.bill(ended(timeline, end), date(2026, 4, 30))
        assert Decimal(0) <= books.total <= charged.amount
        assert not books.bill(ended(timeline, end), date(2026, 4, 30))


@given(price=amounts, share=st.integers(1, 100), end=st.integers(1, 30))
def test_taking_a_credit_by_hand_back_leaves_no_trace(price, share, end):
    books, timeline = billed_april(price)
    part = max((books.total * share / 100).quantize(CENT), CENT)
    entries = credit(books, part)
    books.ledger += taken_back(books.ledger, entries)
    plain, _ = billed_april(price)
    for each in (books, plain):
        each.bill(ended(timeline, end), date(2026, 4, 30))
    assert books.total == plain.total


@given(price=amounts, share=st.integers(0, 100), end=st.integers(1, 29))
def test_an_end_and_its_undoing_cost_nothing_after_a_credit_by_hand(price, share, end):
    books, timeline = billed_april(price)
    if part := (books.total * share / 100).quantize(CENT):
        credit(books, part)
    before = books.total
    books.bill(ended(timeline, end), date(2026, 4, 20))
    books.bill(timeline, date(2026, 4, 21))
    assert books.total == before
