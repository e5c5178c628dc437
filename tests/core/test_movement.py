"""What a change of recurring revenue is called."""

from decimal import Decimal

import pytest

from billing import Schedule, ScheduleKind, monthly_amount
from billing.movement import Movement, classify

MONTHLY = Schedule(ScheduleKind.MONTH_START)


@pytest.mark.parametrize(
    ("before", "delta", "ended", "last", "movement"),
    [
        (0, 30, False, None, Movement.NEW),
        (30, 10, False, Movement.NEW, Movement.EXPANSION),
        (40, -10, False, Movement.EXPANSION, Movement.CONTRACTION),
        (30, -30, True, Movement.NEW, Movement.CHURN),
        (0, 30, False, Movement.CHURN, Movement.REACTIVATION),
        (30, -30, False, Movement.NEW, Movement.CONTRACTION),  # a pause: it goes on at nothing
        (0, 30, False, Movement.CONTRACTION, Movement.EXPANSION),  # and is over
        (30, 0, True, Movement.NEW, None),
    ],
)
def test_each_movement(before, delta, ended, last, movement):
    assert classify(Decimal(before), Decimal(delta), ended, last) is movement


def test_free_periods_are_taken_off_on_average():
    assert monthly_amount(Decimal(39), MONTHLY) == 39
    assert monthly_amount(Decimal(39), MONTHLY, free_every=13) == 36
