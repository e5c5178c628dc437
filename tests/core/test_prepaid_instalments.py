"""Claims paid in instalments (SM-21)."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prepaid import can_be_split, shares

CENT = Decimal("0.01")


def booked(total, count):
    """The receivable items as payment terms make them: all but the last are rounded."""
    rounded = [(total * share / 100).quantize(CENT, ROUND_HALF_UP) for share in shares(count)[:-1]]
    return [*rounded, total - sum(rounded)]


@pytest.mark.requirement("SM-21")
def test_120_in_12_parts_of_10():
    assert booked(Decimal(120), 12) == [Decimal(10)] * 12


def test_the_last_one_takes_what_is_left():
    assert booked(Decimal(100), 3) == [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]
    assert booked(Decimal("142.80"), 7)[-1] == Decimal("20.40")
    assert shares(1) == [Decimal(100)]


def test_what_is_too_small_is_not_split():
    assert not can_be_split(Decimal("0.19"), 12)
    assert booked(Decimal("0.19"), 12)[-1] < 0
    assert can_be_split(Decimal("1.44"), 12)


def test_no_instalment_is_a_mistake():
    with pytest.raises(ValueError):
        shares(0)


@given(cents=st.integers(1, 10**9), count=st.integers(1, 120))
def test_instalments_add_up_and_each_is_something(cents, count):
    total = cents * CENT
    assert sum(shares(count)) == 100
    parts = booked(total, count)
    assert (len(parts), sum(parts)) == (count, total)
    if can_be_split(total, count):
        assert min(parts) > 0
        assert abs(parts[-1] - parts[0]) <= count * (CENT + total / 10**8)
