"""Until when a customer can claim a balance (LAW-43, §§ 195, 199 BGB)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prepaid import is_time_barred, limitation_end


@pytest.mark.requirement("LAW-43")
@pytest.mark.parametrize("last", [date(2022, 1, 1), date(2022, 7, 3), date(2022, 12, 31)])
def test_to_the_end_of_the_third_year_after(last):
    assert limitation_end(last) == date(2025, 12, 31)
    assert not is_time_barred(last, date(2025, 12, 31))
    assert is_time_barred(last, date(2026, 1, 1))


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_never_before_three_years_and_never_after_four(last):
    end = limitation_end(last)
    assert timedelta(days=3 * 365) <= end - last <= timedelta(days=4 * 366)
