"""Bonus credit makes invoices cheaper and goes back as bonus (LAW-42, SM-69)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prepaid import BonusUse, Grant, bonus_back, spread, use_bonus

TODAY = date(2026, 3, 10)
DAY = timedelta(days=1)
amounts = st.decimals(0, 1000, places=2)
parts = st.dictionaries(st.sampled_from("abcd"), st.decimals(-100, 1000, places=2), max_size=4)


@st.composite
def grant_lists(draw):
    return [
        (
            Grant(
                number,
                draw(amounts),
                expires=draw(st.none() | st.dates(date(2026, 1, 1), date(2026, 6, 30))),
                created=draw(st.integers(0, 3)),
            ),
            draw(st.sampled_from([None, *"abcd"])),
        )
        for number in range(draw(st.integers(0, 5)))
    ]


def test_what_expires_first_is_used_first_then_the_oldest():
    grants = [
        (Grant("old", Decimal(5), created=1), None),
        (Grant("new", Decimal(5), created=2), None),
        (Grant("soon", Decimal(5), expires=TODAY + DAY, created=3), None),
        (Grant("over", Decimal(5), expires=TODAY), None),
    ]
    uses = use_bonus(grants, {"s": Decimal(12)}, TODAY)
    assert [(use.grant, use.amount) for use in uses] == [("soon", 5), ("old", 5), ("new", 2)]


def test_a_grant_for_one_contract_lowers_only_its_part():
    grants = [(Grant("only", Decimal(50)), "a"), (Grant("any", Decimal(50), created=1), None)]
    uses = use_bonus(grants, {"a": Decimal(20), "b": Decimal(30)}, TODAY)
    assert uses == [BonusUse("only", "a", Decimal(20)), BonusUse("any", "b", Decimal(30))]


@given(grant_lists(), parts, st.none() | amounts)
def test_never_below_zero_and_never_more_than_was_given(grants, charged, limit):
    uses = use_bonus(grants, charged, TODAY, limit)
    for key, gross in charged.items():
        assert sum(use.amount for use in uses if use.part == key) <= max(gross, 0)
    for grant, only in grants:
        used = [use for use in uses if use.grant == grant.key]
        assert sum(use.amount for use in used) <= grant.left
        assert not used or grant.counts(TODAY)
        assert only is None or {use.part for use in used} <= {only}
    total = sum(use.amount for use in uses)
    assert limit is None or total <= limit
    assert all(use.amount > 0 for use in uses)
    general = sum(g.left for g, only in grants if only is None and g.counts(TODAY))
    room = sum(max(gross, 0) for gross in charged.values())
    assert total >= min(general, room if limit is None else min(room, limit))


@given(st.dictionaries(st.integers(0, 9), amounts, min_size=1), st.data())
def test_a_split_adds_up_and_fits(rooms, data):
    amount = data.draw(st.decimals(0, sum(rooms.values()), places=2))
    split = spread(amount, rooms)
    assert sum(split.values()) == amount
    assert all(0 <= split[key] <= rooms[key] for key in rooms)


def test_what_does_not_fit_is_an_error():
    for amount in (Decimal(-1), Decimal(3)):
        with pytest.raises(ValueError, match="must fit"):
            spread(amount, {"a": Decimal(2)})


def test_half_of_what_was_charged_takes_half_of_the_bonus_back():
    half = bonus_back(Decimal(10), Decimal("35.70"), Decimal(0), Decimal("17.85"))
    assert half == 5
    rest = bonus_back(Decimal(10), Decimal("35.70"), Decimal("17.85"), Decimal("17.85"))
    assert rest == 5


@given(amounts, amounts, st.lists(amounts, max_size=6))
def test_never_more_money_back_than_was_paid(gross, bonus, credits):
    bonus, before, back = min(bonus, gross), Decimal(0), Decimal(0)
    for wanted in credits:
        credit = min(wanted, gross - before)
        part = bonus_back(bonus, gross, before, credit)
        assert 0 <= part <= credit
        before, back = before + credit, back + part
        assert before - back <= gross - bonus
    if before == gross:
        assert back == bonus
