"""Extension packages (SD-08, SD-09, SD-26, SD-27)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import round_half_up
from prepaid import Length, list_price, offer

CENT = Decimal("0.01")
MONTH, YEAR = Length(1, is_months=True), Length(12, is_months=True)
lengths = st.builds(Length, st.integers(1, 400), st.booleans())
prices = st.decimals(0, 10_000, places=2)


def cost(package, bonus=0, *, of=((Decimal(30), MONTH),)):
    found = offer(list(of), package, Decimal(bonus))
    return round_half_up(found.price, CENT)


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
    found = offer([(Decimal(30), MONTH)], Length(360), Decimal(15))
    assert (found.list_price, found.saving, found.monthly) == (360, 54, Decimal("25.5"))


@pytest.mark.parametrize("bonus", ["-0.01", "100.01"])
def test_a_bonus_out_of_its_range_is_refused(bonus):
    with pytest.raises(ValueError, match="0 to 100"):
        offer([], MONTH, Decimal(bonus))


def test_a_length_is_at_least_one():
    with pytest.raises(ValueError, match="at least 1"):
        Length(0)


@given(prices, lengths, lengths, lengths)
def test_the_price_is_proportional_to_the_length(price, cycle, one, other):
    ratio = list_price(price, cycle, one) * other.nominal_days
    assert ratio == list_price(price, cycle, other) * one.nominal_days


@given(st.lists(st.tuples(prices, lengths)), lengths, st.decimals(0, 100, places=2))
def test_the_parts_of_an_offer_add_up(parts, package, bonus):
    found = offer(parts, package, bonus)
    assert 0 <= found.price <= found.list_price
    assert found.price + found.saving == found.list_price
    each = [offer([part], package, bonus).price for part in parts]
    assert sum(each) == found.price
