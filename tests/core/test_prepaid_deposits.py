"""What becomes of a deposit (SM-20)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prepaid import settle_deposit

MONEY = st.integers(0, 10**7).map(lambda cents: Decimal(cents) / 100)


@pytest.mark.requirement("SM-20")
def test_offset_35_70_and_64_30_back():
    plan = settle_deposit(Decimal(100), [("INV/1", Decimal("35.70"))])
    assert plan.offsets == (("INV/1", Decimal("35.70")),)
    assert (plan.kept, plan.rest) == (0, Decimal("64.30"))


def test_what_is_kept_comes_first_then_claims_in_order():
    claims = [("a", Decimal(30)), ("b", Decimal(0)), ("c", Decimal(90)), ("d", Decimal(5))]
    plan = settle_deposit(Decimal(100), claims, Decimal(20))
    assert plan.offsets == (("a", 30), ("c", 50))
    assert (plan.offset, plan.kept, plan.rest) == (80, 20, 0)


@pytest.mark.parametrize("held, claim, kept", [(-1, 1, 0), (1, -1, 0), (1, 1, -1), (1, 1, 2)])
def test_no_negative_amounts_and_no_more_than_is_held(held, claim, kept):
    with pytest.raises(ValueError):
        settle_deposit(Decimal(held), [("a", Decimal(claim))], Decimal(kept))


@given(held=MONEY, kept=MONEY, claims=st.lists(MONEY, max_size=6))
def test_it_adds_up_and_nobody_gets_too_much(held, kept, claims):
    kept = min(kept, held)
    plan = settle_deposit(held, enumerate(claims), kept)
    assert plan.offset + plan.kept + plan.rest == held
    assert plan.rest >= 0
    for claim, amount in plan.offsets:
        assert 0 < amount <= claims[claim]
    if plan.rest:
        assert plan.offset == sum(claims), "nothing is paid back while something is owed"
