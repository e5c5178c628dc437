"""Which credit is used first (SM-19), and how units bought in advance are drawn down."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prepaid import Grant, Use, balance, burn_down, in_order, rolled_over

TODAY = date(2026, 3, 10)
DAY = timedelta(days=1)
KINDS = ("bonus", "service", "credit")
amounts = st.decimals(0, 1000, places=2)
days = st.none() | st.dates(date(2026, 1, 1), date(2026, 6, 30))


@st.composite
def grant_lists(draw):
    count = draw(st.integers(0, 8))
    return [
        Grant(
            key=number,
            left=draw(amounts),
            kind=draw(st.sampled_from(KINDS)),
            effective=draw(days),
            expires=draw(days),
            priority=draw(st.integers(0, 3)),
            created=draw(st.integers(0, 3)),
        )
        for number in range(count)
    ]


def test_bonus_then_service_credit_then_credit():
    grants = [Grant(kind, Decimal(10), kind) for kind in ("credit", "bonus", "service")]
    uses, after = burn_down(grants, Decimal(25), TODAY, KINDS)
    expected = [("bonus", 10), ("service", 10), ("credit", 5)]
    assert uses == [Use(kind, Decimal(amount)) for kind, amount in expected]
    assert {grant.key: grant.left for grant in after} == {"credit": 5, "bonus": 0, "service": 0}


def test_the_order_is_a_setting():
    grants = [Grant(kind, Decimal(10), kind) for kind in KINDS]
    uses, _ = burn_down(grants, Decimal(10), TODAY, ("credit", "service", "bonus"))
    assert uses == [Use("credit", Decimal(10))]


def test_what_expires_first_is_used_first():
    never = Grant("never", Decimal(5), created=1)
    late = Grant("late", Decimal(5), expires=TODAY + 9 * DAY, created=2)
    soon = Grant("soon", Decimal(5), expires=TODAY + DAY, created=3)
    assert [grant.key for grant in in_order([never, late, soon])] == ["soon", "late", "never"]


def test_a_grant_counts_from_its_first_day_to_the_day_before_it_expires():
    grant = Grant("g", Decimal(5), effective=TODAY, expires=TODAY + 2 * DAY)
    found = [balance([grant], TODAY + number * DAY) for number in (-1, 0, 1, 2)]
    assert found == [0, 5, 5, 0]


def test_nothing_negative_is_used():
    with pytest.raises(ValueError, match="negative"):
        burn_down([], Decimal(-1), TODAY)


@pytest.mark.parametrize(("left", "over"), [("30", "30"), ("150", "100"), ("5", "10")])
def test_what_goes_over_has_a_ceiling_and_a_floor(left, over):
    assert rolled_over(Decimal(left), Decimal(100), Decimal(10)) == Decimal(over)


@given(grant_lists(), amounts)
def test_what_is_used_is_taken_from_the_grants_and_no_more(grants, amount):
    before = balance(grants, TODAY)
    uses, after = burn_down(grants, amount, TODAY, KINDS)
    used = sum(use.amount for use in uses)
    assert used == min(amount, before)
    assert balance(after, TODAY) == before - used
    assert all(grant.left >= 0 for grant in after)
    assert all(use.amount > 0 for use in uses)
    idle = {grant.key for grant in grants if not grant.counts(TODAY)}
    assert idle.isdisjoint(use.grant for use in uses)


@given(grant_lists(), amounts, amounts)
def test_two_uses_are_as_good_as_one(grants, first, second):
    _, between = burn_down(grants, first, TODAY, KINDS)
    _, twice = burn_down(between, second, TODAY, KINDS)
    _, once = burn_down(grants, first + second, TODAY, KINDS)
    assert twice == once


@given(grant_lists(), amounts)
def test_a_grant_is_touched_only_when_all_before_it_are_used_up(grants, amount):
    uses, after = burn_down(grants, amount, TODAY, KINDS)
    left = {grant.key: grant.left for grant in after}
    order = [g.key for g in in_order([g for g in grants if g.counts(TODAY)], KINDS)]
    for use in uses[:-1]:
        assert left[use.grant] == 0
    if uses:
        before_last = order[: order.index(uses[-1].grant)]
        assert all(left[key] == 0 for key in before_last)
