"""What a longer interval saves."""

from decimal import Decimal

import pytest

from billing import Schedule, ScheduleKind
from billing.savings import savings


def months(count):
    return Schedule(ScheduleKind.MONTH_START, count)


@pytest.mark.requirement("K3-16")
def test_monthly_10_quarterly_29_yearly_100():
    offers = [(Decimal(10), months(1)), (Decimal(29), months(3)), (Decimal(100), months(12))]
    assert savings(offers) == [Decimal(0), Decimal("3.33"), Decimal("16.67")]


def test_intervals_of_days_and_months_are_compared():
    weekly = Schedule(ScheduleKind.DAILY, 7)
    offers = [(Decimal("2.50"), weekly), (Decimal(10), months(1))]
    assert savings(offers) == [Decimal(0), Decimal("7.95")]


def test_nothing_is_saved_where_nothing_is_paid():
    assert savings([(Decimal(0), months(1)), (Decimal(0), months(12))]) == [Decimal(0)] * 2
    assert savings([]) == []
