"""Low balances and top-ups by themselves (SM-30)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prepaid import Crossing, Recharge, RechargeTerms, crossing, recharge

TODAY = date(2026, 3, 10)
DAY = timedelta(days=1)
TERMS = RechargeTerms(threshold=Decimal(5), amount=Decimal(20), limit=Decimal(50))


def tried(days_ago, succeeded=True):
    return Recharge(TODAY - days_ago * DAY, Decimal(20), succeeded)


@pytest.mark.requirement("SM-30")
def test_a_low_balance_is_told_once_per_crossing():
    was_low, told = False, []
    for balance in (10, 5, "4.99", 3, 6, 4):
        if moved := crossing(Decimal(balance), Decimal(5), was_low):
            was_low = moved is Crossing.FELL
            told.append((balance, moved))
    assert told == [("4.99", Crossing.FELL), (6, Crossing.ROSE), (4, Crossing.FELL)]


def test_topped_up_below_the_threshold_only():
    assert recharge(Decimal("4.99"), TERMS, [], TODAY) == 20
    assert recharge(Decimal(5), TERMS, [], TODAY) is None


def test_never_more_than_the_limit_of_a_period():
    assert recharge(Decimal(0), TERMS, [tried(1)], TODAY) == 20
    assert recharge(Decimal(0), TERMS, [tried(1), tried(2)], TODAY) is None
    assert recharge(Decimal(0), TERMS, [tried(1), tried(30)], TODAY) == 20


def test_nothing_is_tried_while_another_try_is_under_way():
    assert recharge(Decimal(0), TERMS, [tried(3, None)], TODAY) is None


def test_after_failures_it_waits_longer_each_time_and_then_gives_up():
    assert recharge(Decimal(0), TERMS, [tried(0, False)], TODAY) is None
    assert recharge(Decimal(0), TERMS, [tried(1, False)], TODAY) == 20
    assert recharge(Decimal(0), TERMS, [tried(3, False), tried(1, False)], TODAY) is None
    assert recharge(Decimal(0), TERMS, [tried(4, False), tried(2, False)], TODAY) == 20
    assert recharge(Decimal(0), TERMS, [tried(n, False) for n in (90, 60, 30)], TODAY) is None


@given(st.lists(st.booleans(), max_size=60), st.integers(0, 60))
def test_no_run_of_days_tops_up_more_than_the_limit(outcomes, spending):
    balance, history = Decimal(0), []
    for number, outcome in enumerate(outcomes):
        day = TODAY + number * DAY
        if amount := recharge(balance, TERMS, history, day):
            history.append(Recharge(day, amount, outcome))
            balance += amount * outcome
        balance -= spending
    for last in history:
        window = [h for h in history if last.day - 30 * DAY < h.day <= last.day and h.succeeded]
        assert sum(h.amount for h in window) <= 50
