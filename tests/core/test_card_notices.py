"""Notices about payment methods that expire (PA-34)."""

from datetime import date, timedelta

import pytest

from billing import CardNotice, due_notice

EXPIRES = date(2026, 4, 30)
BEFORE = (30, 7)
FIRST, SECOND, OVER = date(2026, 3, 31), date(2026, 4, 23), date(2026, 5, 1)


def due(today, served=None, before=BEFORE):
    return due_notice(EXPIRES, before, served, today)


@pytest.mark.requirement("PA-34")
def test_thirty_days_before_again_seven_days_before_and_the_day_after():
    served, given = None, {}
    for number in range(100):
        today = date(2026, 3, 1) + timedelta(number)
        if notice := due(today, served):
            given[today], served = notice, notice.day
    assert given == {
        FIRST: CardNotice(FIRST, False),
        SECOND: CardNotice(SECOND, False),
        OVER: CardNotice(OVER, True),
    }


def test_what_an_outage_has_delayed_is_caught_up_once():
    late = date(2026, 4, 10)
    assert due(late) == CardNotice(FIRST, False)
    assert due(late, served=FIRST) is None
    assert due(date(2026, 4, 25)) == CardNotice(SECOND, False)
    assert due(date(2026, 6, 1)) == CardNotice(OVER, True)
    assert due(date(2026, 6, 1), served=OVER) is None


def test_without_notices_only_the_expiry_is_told():
    assert due(date(2026, 4, 30), before=()) is None
    assert due(OVER, before=()) == CardNotice(OVER, True)


def test_a_method_that_is_valid_for_longer_has_notices_of_its_own():
    later = date(2027, 4, 30)
    assert due_notice(later, BEFORE, OVER, date(2026, 5, 2)) is None
    assert due_notice(later, BEFORE, OVER, date(2027, 4, 1)).day == date(2027, 3, 31)
