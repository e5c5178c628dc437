"""What a quantity costs under each pricing model, and what holds for all of them."""

from dataclasses import replace
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import PACKAGE_SIZES, cents, pricings, tiers

from billing import Percentage, Pricing, PricingModel, StepKind, Tier

NONE = Decimal(0)
quantities = st.integers(0, 20_000).map(lambda n: Decimal(n) / 100)
limits = st.none() | cents
volumes = st.lists(st.integers(0, 100_000).map(lambda n: Decimal(n) / 100), max_size=6)
shares = st.fractions(Fraction(1, 31), 1)
STAGED = (Tier(Decimal(10), Decimal(5)), Tier(None, Decimal(4)))


def tiered(model, given_tiers, **values):
    return Pricing(NONE, PricingModel(model), tiers=given_tiers, **values)


@pytest.mark.requirement("PA-03")
@pytest.mark.parametrize(("model", "amount"), [("volume", "60.00"), ("graduated", "70.00")])
def test_tiers_by_volume_or_graduated(model, amount):
    assert tiered(model, STAGED).amount(Decimal(15)) == Decimal(amount)


@pytest.mark.parametrize(
    ("model", "quantity", "amount"),
    [
        ("graduated", "0", "0"),
        ("graduated", "10", "50"),
        ("graduated", "10.5", "52"),
        ("volume", "10", "50"),
        ("volume", "10.5", "42"),
        ("volume", "11", "44"),
    ],
)
def test_a_limit_belongs_to_its_tier(model, quantity, amount):
    assert tiered(model, STAGED).amount(Decimal(quantity)) == Decimal(amount)


@pytest.mark.requirement("SM-14")
def test_a_flat_rate_is_limited_by_volume():
    overage = Pricing(Decimal("0.01"), included=Decimal(500))
    assert overage.amount(Decimal(650)) == Decimal("1.50")
    assert overage.amount(Decimal(500)) == 0


def test_an_allowance_comes_off_before_the_tiers():
    pricing = tiered("graduated", STAGED, included=Decimal(5))
    assert pricing.amount(Decimal(20)) == 70
    assert pricing.amount(Decimal(3)) == 0


def test_the_discount_comes_before_the_minimum_and_the_maximum():
    pricing = tiered("graduated", STAGED, discount=Decimal(10), minimum=Decimal(65))
    assert pricing.amount(Decimal(15)) == 65
    assert replace(pricing, minimum=None, maximum=Decimal(60)).amount(Decimal(15)) == 60
    steps = pricing.parts(Decimal(15))
    assert [step.kind for step in steps] == [
        StepKind.UNITS, StepKind.UNITS, StepKind.DISCOUNT, StepKind.MINIMUM,
    ]  # fmt: skip
    assert [step.amount for step in steps] == [50, 20, -7, 2]


def test_minimum_and_maximum_follow_the_share_of_the_period():
    pricing = Pricing(Decimal(1), minimum=Decimal(31), maximum=Decimal(62))
    assert pricing.amount(Decimal(5), share=Fraction(10, 31)) == 10
    assert pricing.amount(Decimal(25), share=Fraction(10, 31)) == 20


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        (Tier(Decimal(10)),),
        (Tier(None), Tier(None)),
        (Tier(Decimal(10)), Tier(Decimal(10)), Tier(None)),
        (Tier(Decimal(10)), Tier(Decimal(5)), Tier(None)),
        (Tier(NONE), Tier(None)),
    ],
)
@pytest.mark.parametrize("model", ["graduated", "volume", "graduated_percentage"])
def test_tiers_must_cover_every_quantity_once(model, wrong):
    with pytest.raises(ValueError, match="tier"):
        tiered(model, wrong)


@pytest.mark.parametrize("size", [None, NONE, Decimal(-1)])
def test_a_package_must_hold_something(size):
    with pytest.raises(ValueError, match="package"):
        Pricing(Decimal(1), PricingModel.PACKAGE, package_size=size)


@given(tiers(), quantities, quantities)
def test_a_graduated_price_never_falls(steps, quantity, more):
    pricing = tiered("graduated", steps)
    assert pricing.amount(quantity) <= pricing.amount(quantity + more)


@given(tiers(), quantities, st.integers(0, 20), quantities)
def test_cutting_a_tier_in_two_changes_nothing(steps, quantity, index, limit):
    """At the same price per unit; the flat price stays with the first half."""
    cut = steps[index % len(steps)]
    lower = max((t.up_to for t in steps if t.up_to and t is not cut and below(t, cut)), default=0)
    if not lower < limit or (cut.up_to and limit >= cut.up_to):
        return
    halves = replace(cut, up_to=limit), replace(cut, flat=NONE)
    position = steps.index(cut)
    finer = (*steps[:position], *halves, *steps[position + 1 :])
    assert tiered("graduated", finer).amount(quantity) == tiered("graduated", steps).amount(
        quantity
    )


def below(tier, other):
    return other.up_to is None or tier.up_to < other.up_to


@given(tiers().map(lambda found: found[-1:]), quantities)
def test_volume_and_graduated_agree_on_a_single_tier(steps, quantity):
    assert tiered("volume", steps).amount(quantity) == tiered("graduated", steps).amount(quantity)


@given(tiers(), quantities)
def test_a_volume_price_is_that_of_one_tier(steps, quantity):
    amount = tiered("volume", steps).amount(quantity)
    reached = next(t for t in steps if t.up_to is None or quantity <= t.up_to)
    assert amount == quantity * reached.unit_price + reached.flat


@given(tiers(), quantities)
def test_a_graduated_percentage_is_a_hundredth_of_the_graduated_price(steps, volume):
    free = tuple(replace(tier, flat=NONE) for tier in steps)
    percent = tiered("graduated_percentage", free).amount(volume)
    assert percent * 100 == tiered("graduated", free).amount(volume)


@given(cents, PACKAGE_SIZES, quantities)
def test_a_started_package_is_a_whole_one(price, size, quantity):
    pricing = Pricing(price, PricingModel.PACKAGE, package_size=size)
    packages = (quantity / size).to_integral_value(ROUND_CEILING)
    assert pricing.amount(quantity) == packages * price
    assert pricing.amount(packages * size) == packages * price


@given(tiers(), PACKAGE_SIZES, quantities)
def test_a_tier_by_packages_costs_what_its_started_packages_cost(steps, size, quantity):
    (tier,) = steps[-1:]
    by_package = replace(tier, package_size=size)
    package = Pricing(tier.unit_price, PricingModel.PACKAGE, package_size=size)
    found = tiered("volume", (by_package,)).amount(quantity)
    assert found == package.amount(quantity) + tier.flat


@given(volumes, cents, cents, limits, limits)
def test_each_transaction_stays_within_its_limits(events, percent, fee, minimum, maximum):
    rule = Percentage(percent, fee, minimum=minimum, maximum=maximum)
    for one in rule.transactions(events):
        if maximum is not None:
            assert one.amount <= maximum
        if minimum is not None and (maximum is None or minimum <= maximum):
            assert one.amount >= minimum


@given(volumes, cents, cents, st.none() | st.integers(0, 5), limits)
def test_free_transactions_never_cost_more(events, percent, fee, free_events, free_volume):
    free = Percentage(percent, fee, free_events, free_volume)
    plain = Percentage(percent, fee)
    pairs = zip(free.transactions(events), plain.transactions(events), strict=True)
    assert all(with_free.amount <= without.amount for with_free, without in pairs)
    given_away = sum(events) - sum(one.volume for one in free.transactions(events))
    assert given_away >= 0
    if free_volume is not None:
        assert given_away <= free_volume
    if free_events is not None:
        assert sum(one.is_free for one in free.transactions(events)) <= free_events


def test_what_is_free_ends_with_the_first_limit_that_is_reached():
    events = [Decimal(n) for n in (50, 100, 250, 400)]
    both = Percentage(Decimal("1.3"), Decimal(2), free_events=3, free_volume=Decimal(250))
    assert [one.volume for one in both.transactions(events)] == [0, 0, 150, 400]
    assert [one.fee for one in both.transactions(events)] == [0, 0, 2, 2]
    by_number = replace(both, free_events=1)
    assert [one.volume for one in by_number.transactions(events)] == [0, 100, 250, 400]


def test_a_transaction_that_is_taken_back_gives_back_its_percentage_only():
    rule = Percentage(Decimal(2), Decimal(1), minimum=Decimal(5))
    taken_back = list(rule.transactions([Decimal(100), Decimal(-100)]))
    assert [one.amount for one in taken_back] == [5, -2]


@given(pricings(limits=limits), quantities, volumes, shares)
def test_the_parts_sum_to_the_amount(pricing, quantity, events, share):
    parts = pricing.parts(quantity, events, share)
    assert sum((part.amount for part in parts), NONE) == pricing.amount(quantity, events, share)


@given(pricings(limits=limits), quantities, volumes, shares)
def test_an_amount_keeps_to_its_minimum_and_maximum(pricing, quantity, events, share):
    amount = Fraction(pricing.amount(quantity, events, share))
    slack = Fraction(1, 10**15)
    if pricing.maximum is not None:
        assert amount <= Fraction(pricing.maximum) * share + slack
    elif pricing.minimum is not None:
        assert amount >= Fraction(pricing.minimum) * share - slack


@given(pricings(), quantities)
def test_what_is_billable_never_exceeds_the_quantity(pricing, quantity):
    assert 0 <= pricing.billable(quantity) <= quantity


@given(pricings((PricingModel.PERCENTAGE,)), volumes)
def test_the_billable_volume_is_what_the_percentage_is_taken_of(pricing, events):
    total = sum(events, NONE)
    if events:
        percent = next(s for s in pricing.parts(total, events) if s.kind is StepKind.PERCENT)
        assert pricing.billable(total, events) == percent.units


@given(pricings((PricingModel.FLAT, PricingModel.PER_UNIT)), quantities)
def test_simple_prices_are_quantity_times_price_less_the_discount(pricing, quantity):
    units = 1 if pricing.model is PricingModel.FLAT else pricing.billable(quantity)
    assert pricing.is_simple
    assert pricing.amount(quantity) == units * pricing.price * (100 - pricing.discount) / 100
