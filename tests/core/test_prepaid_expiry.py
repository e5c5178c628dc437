"""Warnings before a prepaid contract expires (SD-20 to SD-25)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prepaid import due_warning, warning_days

EXPIRY = date(2026, 3, 31)
STAGES = (7, 3, 1)
DAY = timedelta(days=1)


def play(expiry, days, served=()):
    """The days on which a warning goes out when the job runs on ``days``."""
    served, sent = set(served), {}
    for today in days:
        if warning := due_warning(expiry, STAGES, served, today):
            served |= {warning.days_before, *warning.passed}
            sent[today] = warning.days_before
    return sent


def every_day(first, last):
    return [first + number * DAY for number in range((last - first).days + 1)]


@pytest.mark.requirement("SD-20", "SD-21", "SD-22")
def test_seven_three_and_one_day_before():
    sent = play(EXPIRY, every_day(date(2026, 3, 1), date(2026, 4, 10)))
    assert sent == {date(2026, 3, 24): 7, date(2026, 3, 28): 3, date(2026, 3, 30): 1}
    assert warning_days(EXPIRY, STAGES) == sorted(sent)


@pytest.mark.requirement("SD-22")
def test_what_an_outage_has_delayed_is_sent_once():
    down = date(2026, 3, 24)
    days = [day for day in every_day(date(2026, 3, 20), EXPIRY) if day != down]
    assert play(EXPIRY, days + days[-1:]) == {
        date(2026, 3, 25): 7, date(2026, 3, 28): 3, date(2026, 3, 30): 1,
    }  # fmt: skip


def test_after_a_long_outage_there_is_one_mail_not_three():
    assert play(EXPIRY, [date(2026, 3, 30)]) == {date(2026, 3, 30): 1}


@pytest.mark.requirement("SD-25")
def test_an_extension_starts_the_series_anew():
    assert due_warning(date(2026, 6, 29), STAGES, (), date(2026, 3, 28)) is None
    sent = play(date(2026, 6, 29), every_day(date(2026, 3, 26), date(2026, 7, 1)))
    assert sorted(sent) == [date(2026, 6, 22), date(2026, 6, 26), date(2026, 6, 28)]


def test_nobody_is_warned_of_what_has_happened():
    assert play(EXPIRY, [EXPIRY, EXPIRY + DAY]) == {}


@given(st.sets(st.dates(date(2026, 3, 1), date(2026, 4, 30))))
def test_each_stage_is_sent_at_most_once_and_never_late(days):
    sent = play(EXPIRY, sorted(days))
    assert len(set(sent.values())) == len(sent)
    assert list(sent.values()) == sorted(sent.values(), reverse=True)
    assert all((EXPIRY - day).days <= stage and day < EXPIRY for day, stage in sent.items())
