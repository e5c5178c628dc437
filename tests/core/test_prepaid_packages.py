"""Extension packages (SD-08, SD-09, SD-26, SD-27)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import round_half_up
from prepaid import Length, list_price, monthly, saving, with_bonus

CENT = Decimal("0.01")
MONTH, YEAR = Length(1, is_months=True), Length(12, is_months=True)
lengths = st.builds(Length, st.integers(1, 400), st.booleans())
prices = st.decimals(0, 10_000, places=2)


def cost(package, bonus=0, *, of=((Decimal(30), MONTH),)):
    full = sum(list_price(price, cycle, package) for price, cycle in of)
    return round_half_up(full * (100 - with_bonus(Decimal(0), Decimal(bonus))) / 100, CENT)


@pytest.mark.requirement("SD-09")
def test_price_of_each_package_with_its_bonus():
    packages = [(Length(30), 0), (Length(90), 5), (Length(360), 15)]
    found = [cost(length, bonus) for length, bonus in packages]
    assert found == [Decimal("30.00"), Decimal("85.50"), Decimal("306.00")]


@pytest.mark.requirement("SD-26")
def test_a_package_goes_by_the_price_of_the_variant_that_was_bought():
    assert cost(Length(90), of=[(Decimal(300), YEAR)]) == Decimal("75.00")
    assert cost(Length(90), of=[(Decimal(30), MONTH)]) == Decimal("90.00")


@pytest.mark.requirement("SD-27")
def test_options_are_extended_along_with_the_base():
    both = [(Decimal(30), MONTH), (Decimal(6), Length(30))]
    assert cost(Length(90), of=both) == Decimal("108.00")


def test_months_count_for_thirty_days_and_a_year_for_360():
    assert cost(Length(3, is_months=True)) == cost(Length(90)) == Decimal("90.00")
    assert cost(YEAR) == Decimal("360.00")


def test_saving_and_price_a_month_of_an_offer():
    price = cost(Length(360), 15)
    assert list_price(Decimal(30), MONTH, Length(360)) == 360
    assert (saving(price, Decimal(15)), monthly(price, Length(360))) == (54, Decimal("25.5"))
    assert saving(Decimal(0), Decimal(100)) == 0


@pytest.mark.parametrize("bonus", ["-0.01", "100.01"])
def test_a_bonus_out_of_its_range_is_refused(bonus):
    with pytest.raises(ValueError, match="0 to 100"):
        with_bonus(Decimal(0), Decimal(bonus))
    with pytest.raises(ValueError, match="0 to 100"):
        with_bonus(Decimal(bonus), Decimal(0))


def test_a_length_is_at_least_one():
    with pytest.raises(ValueError, match="at least 1"):
        Length(0)


@given(prices, lengths, lengths, lengths)
def test_the_price_is_proportional_to_the_length(price, cycle, one, other):
    ratio = list_price(price, cycle, one) * other.nominal_days
    assert ratio == list_price(price, cycle, other) * one.nominal_days


@given(prices, lengths, st.decimals(0, 99, places=2))
def test_price_and_saving_add_up_to_the_list_price(price, package, bonus):
    full = list_price(price, MONTH, package)
    paid = full * (100 - with_bonus(Decimal(0), bonus)) / 100
    assert 0 <= paid <= full
    assert paid + saving(paid, bonus) == full


@given(st.decimals(0, 100, places=2), st.decimals(0, 100, places=2))
def test_a_discount_and_a_bonus_are_taken_one_after_the_other(discount, bonus):
    both = with_bonus(discount, bonus)
    assert both == with_bonus(bonus, discount)
    assert max(discount, bonus) <= both <= 100
    assert with_bonus(discount, Decimal(0)) == discount
