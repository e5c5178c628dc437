"""Money is rounded half-up, adds up again, and is printed to the cent."""

import math
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import as_invoice_line, round_half_up

CENT = Decimal("0.01")
roundings = st.sampled_from([Decimal(n) for n in ("0.01", "0.001", "0.1", "1")])
amounts = st.decimals(-100_000, 100_000, places=5)
quantities = st.decimals("-999", "999", places=3)
prices = st.decimals("-9999", "9999", places=4)
discounts = st.decimals(0, 100, places=2)


def odoo_round(value: float, rounding: float) -> float:
    """Half-up in binary floating point, with an epsilon for ties that are not exact."""
    steps = value * round(1 / rounding)
    if steps == 0:
        return 0.0
    epsilon = 2 ** (math.log2(abs(steps)) - 50)
    return round(steps + math.copysign(epsilon, steps)) / round(1 / rounding)


@given(amounts, roundings)
def test_rounding_agrees_with_decimal(value, rounding):
    assert round_half_up(value, rounding) == value.quantize(rounding, ROUND_HALF_UP)


@given(amounts, roundings)
def test_rounding_is_symmetric_and_stays_once_done(value, rounding):
    rounded = round_half_up(value, rounding)
    assert round_half_up(-value, rounding) == -rounded
    assert round_half_up(rounded, rounding) == rounded


@given(st.fractions(-1000, 1000), roundings)
def test_rounding_a_fraction_moves_it_by_half_a_step_at_most(value, rounding):
    assert abs(Fraction(round_half_up(value, rounding)) - value) <= Fraction(rounding) / 2


@pytest.mark.parametrize(
    ("value", "rounding", "expected"),
    [
        ("2.675", "0.01", "2.68"),
        ("-2.675", "0.01", "-2.68"),
        ("0.005", "0.01", "0.01"),
        ("-0.0049", "0.01", "0"),
        ("1.025", "0.05", "1.05"),
        ("1.02", "0.05", "1.00"),
        ("12.5", "1", "13"),
    ],
)
def test_ties_go_away_from_zero(value, rounding, expected):
    assert round_half_up(Decimal(value), Decimal(rounding)) == Decimal(expected)


@given(quantities, prices, st.decimals(-50_000, 50_000, places=2), discounts)
def test_an_invoice_line_gives_back_any_amount(quantity, price, amount, discount):
    line = as_invoice_line(quantity, price, amount, CENT, discount)
    assert line.subtotal(CENT) == amount


@given(quantities, prices, discounts, roundings, st.fractions(0, 1))
def test_an_invoice_line_gives_back_the_amount_of_a_part(
    quantity, price, discount, rounding, share
):
    exact = Fraction(quantity * price * (100 - discount) / 100)
    amount = round_half_up(exact * share, rounding)
    line = as_invoice_line(quantity, price, amount, rounding, discount)
    assert line.subtotal(rounding) == amount


@given(quantities, prices, discounts, roundings)
def test_a_whole_period_is_printed_as_agreed(quantity, price, discount, rounding):
    amount = round_half_up(quantity * price * (100 - discount) / 100, rounding)
    if quantity > 0 and amount > 0:
        line = as_invoice_line(quantity, price, amount, rounding, discount)
        assert (line.quantity, line.price_unit, line.discount) == (quantity, price, discount)


@given(quantities.map(abs), prices.map(abs), discounts, st.fractions(0, 1))
def test_a_credit_is_printed_as_its_charge_with_a_negative_quantity(
    quantity, price, discount, share
):
    amount = round_half_up(Fraction(quantity * price) * share, CENT)
    charge = as_invoice_line(quantity, price, amount, CENT, discount)
    credit = as_invoice_line(quantity, price, -amount, CENT, discount)
    if amount:
        assert credit.quantity == -charge.quantity
        assert (credit.price_unit, credit.discount) == (charge.price_unit, charge.discount)


@given(quantities, prices, discounts, roundings, st.fractions(0, 1))
def test_binary_floating_point_prints_the_same_cents(quantity, price, discount, rounding, share):
    exact = Fraction(quantity * price * (100 - discount) / 100)
    amount = round_half_up(exact * share, rounding)
    line = as_invoice_line(quantity, price, amount, rounding, discount)
    subtotal = float(line.price_unit) * (1 - float(line.discount) / 100) * float(line.quantity)
    assert Decimal(str(odoo_round(subtotal, float(rounding)))) == amount


@pytest.mark.parametrize(
    ("quantity", "price", "amount", "discount", "printed"),
    [
        ("3", "10.00", "30.00", "0", ("3", "10.00", "0")),
        ("3", "10.00", "27.00", "10", ("3", "10.00", "10")),
        ("3", "10.00", "15.00", "10", ("3", "5.00", "0")),
        ("3", "10.00", "10.00", "0", ("1", "10.00", "0")),
        ("3", "10.00", "-30.00", "0", ("-3", "10.00", "0")),
        ("0", "10.00", "4.00", "0", ("1", "4.00", "0")),
        ("2", "10.00", "0.00", "0", ("2", "0", "0")),
    ],
)
def test_how_an_amount_is_printed(quantity, price, amount, discount, printed):
    line = as_invoice_line(
        Decimal(quantity), Decimal(price), Decimal(amount), CENT, Decimal(discount)
    )
    assert (line.quantity, line.price_unit, line.discount) == tuple(map(Decimal, printed))
