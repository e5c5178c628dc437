"""Invoices that come later than the charge (requirement SM-22)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import Duration, Unit, invoiced_from

DUE = date(2026, 1, 31)


def test_by_days_by_months_and_at_once():
    assert invoiced_from(DUE) == DUE
    assert invoiced_from(DUE, Duration(10, Unit.DAY)) == date(2026, 2, 10)
    assert invoiced_from(DUE, Duration(1, Unit.MONTH)) == date(2026, 2, 28)
    assert invoiced_from(DUE, Duration(2, Unit.MONTH)) == date(2026, 3, 31)


def test_nothing_waits_beyond_the_end():
    assert invoiced_from(DUE, Duration(2, Unit.MONTH), date(2026, 2, 15)) == date(2026, 2, 15)
    assert invoiced_from(DUE, Duration(2, Unit.MONTH), date(2026, 1, 5)) == DUE, "late, not early"


def test_billing_periods_are_no_delay():
    with pytest.raises(ValueError):
        invoiced_from(DUE, Duration(1, Unit.PERIOD))


@given(
    due=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    count=st.integers(0, 366),
    unit=st.sampled_from([Unit.DAY, Unit.WEEK, Unit.MONTH]),
    notice=st.none() | st.integers(-400, 4000),
)
def test_never_before_it_falls_due_and_never_after_the_end(due, count, unit, notice):
    last = None if notice is None else due + timedelta(days=notice)
    day = invoiced_from(due, Duration(count, unit), last)
    assert day >= due
    assert last is None or day <= max(due, last)
