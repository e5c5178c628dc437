"""What may be agreed with a consumer (§ 309 Nr. 9 BGB)."""

from datetime import date, timedelta

import pytest

from billing import Duration, Effect, Schedule, ScheduleKind, Terms, Unit
from billing.consumer_law import Limit, exceeded_limits, is_legacy, within_limits

MONTHLY = Schedule(ScheduleKind.MONTH_START)
YEARLY = Schedule(ScheduleKind.MONTH_START, 12)
DAY = timedelta(days=1)
NOW, BEFORE = date(2026, 1, 1), date(2021, 6, 1)


def months(count):
    return Duration(count, Unit.MONTH)


def terms(schedule=MONTHLY, **agreed):
    return Terms(date(2026, 1, 1), schedule, **agreed)


@pytest.mark.requirement("LAW-01")
def test_a_first_or_minimum_term_is_at_most_two_years():
    assert exceeded_limits(terms(initial=months(24))) == []
    assert exceeded_limits(terms(initial=months(25))) == [Limit.INITIAL]
    assert exceeded_limits(terms(initial=months(36)), NOW) == [Limit.INITIAL]
    assert exceeded_limits(terms(minimum=months(36)), NOW) == [Limit.MINIMUM]
    three_years = Duration(3, Unit.PERIOD)
    assert exceeded_limits(terms(YEARLY, initial=three_years), NOW) == [Limit.INITIAL]
    assert exceeded_limits(terms(initial=Duration(730, Unit.DAY)), NOW) == []


@pytest.mark.requirement("LAW-02")
def test_after_the_first_term_a_month_is_enough():
    agreed = terms(initial=months(12), renewal=months(12), notice=months(1))
    assert exceeded_limits(agreed, NOW) == [Limit.RENEWAL]
    held = within_limits(agreed, NOW)
    assert held.next_termination_date(date(2027, 3, 10)) - DAY == date(2027, 4, 10)
    assert held.next_termination_date(date(2026, 3, 10)) - DAY == date(2026, 12, 31)
    yearly = within_limits(terms(YEARLY, effect=Effect.BILLED), NOW)
    end = yearly.next_termination_date(date(2026, 3, 10), date(2027, 1, 1))
    assert end - DAY == date(2026, 4, 10)


@pytest.mark.requirement("LAW-03")
@pytest.mark.parametrize(
    ("notice", "found"),
    [
        (months(3), [Limit.NOTICE]),
        (Duration(31, Unit.DAY), [Limit.NOTICE]),
        (Duration(5, Unit.WEEK), [Limit.NOTICE]),
        (Duration(30, Unit.DAY), []),
        (Duration(4, Unit.WEEK), []),
        (months(1), []),
    ],
)
def test_notice_is_at_most_a_month(notice, found):
    assert exceeded_limits(terms(initial=months(12), notice=notice), NOW) == found


@pytest.mark.requirement("LAW-03")
def test_notice_a_month_and_a_day_before_the_end_of_the_term_is_in_time():
    agreed = within_limits(terms(initial=months(12), notice=months(1)), NOW)
    assert agreed.next_termination_date(date(2026, 11, 30)) - DAY == date(2026, 12, 31)


@pytest.mark.requirement("LAW-04")
def test_a_contract_from_before_march_2022_keeps_the_old_rule():
    old = terms(initial=months(24), renewal=months(12), notice=months(3))
    assert is_legacy(BEFORE) and is_legacy(date(2022, 2, 28))
    assert not is_legacy(date(2022, 3, 1)) and not is_legacy(None)
    assert exceeded_limits(old, BEFORE) == []
    assert within_limits(old, BEFORE) == old
    assert exceeded_limits(terms(initial=months(12), renewal=months(13)), BEFORE) == [Limit.RENEWAL]
    assert exceeded_limits(terms(initial=months(12), notice=months(4)), BEFORE) == [Limit.NOTICE]
