"""The acceptance values of the requirements about billing dates and partial periods."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from agreements import FIRST_OF_MONTH, MONDAYS, MONTHLY, agreement, daily_runs, runs
from books import Books

from billing import PartialPeriod, Schedule, ScheduleKind, Timing, bill

THURSDAY = "2026-11-26"


@pytest.mark.requirement("RE-73")
def test_every_14_days():
    every_14_days = agreement("2026-03-03", Schedule(ScheduleKind.DAILY, 14), "10")
    assert runs(every_14_days, "2026-04-20") == [
        "2026-03-03", "2026-03-17", "2026-03-31", "2026-04-14",
    ]  # fmt: skip


@pytest.mark.requirement("RE-74")
def test_every_month_from_the_31st():
    assert runs(agreement("2026-01-31", MONTHLY, "10"), "2026-05-15") == [
        "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30",
    ]  # fmt: skip


@pytest.mark.requirement("RE-75")
def test_every_other_monday():
    every_other_monday = Schedule(ScheduleKind.WEEKLY_FIXED, 2, fixed_day=1)
    assert runs(agreement(THURSDAY, every_other_monday, "10"), "2027-01-05") == [
        THURSDAY, "2026-11-30", "2026-12-14", "2026-12-28",
    ]  # fmt: skip


def test_seven_weekdays_can_be_chosen():
    chosen = []
    for weekday in range(-1, 10):
        try:
            schedule = Schedule(ScheduleKind.WEEKLY_FIXED, fixed_day=weekday)
        except ValueError:
            continue
        grid = schedule.grid(date.fromisoformat(THURSDAY))
        chosen.append(grid.boundary(0).strftime("%a"))
    assert chosen == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


@pytest.mark.requirement("RE-77")
def test_a_partial_week_is_prorated():
    found = daily_runs(agreement(THURSDAY, MONDAYS, "70"), "2026-11-29")
    assert found == {THURSDAY: ["2026-11-26 to 2026-11-29: 40.00"]}


@pytest.mark.requirement("RE-78")
def test_a_partial_week_is_billed_in_full():
    timeline = agreement(THURSDAY, MONDAYS, "70", partial_period=PartialPeriod.FULL)
    found = daily_runs(timeline, "2026-11-29")
    assert found == {THURSDAY: ["2026-11-26 to 2026-11-29: 70.00"]}


def test_a_partial_week_is_billed_at_zero_and_counts():
    timeline = agreement(THURSDAY, MONDAYS, "70", partial_period=PartialPeriod.ZERO)
    found = daily_runs(timeline, "2026-11-30")
    assert found == {
        THURSDAY: ["2026-11-26 to 2026-11-29: 0.00"],
        "2026-11-30": ["2026-11-30 to 2026-12-06: 70.00"],
    }
    assert len(bill(timeline, [], date(2026, 11, 30), max_periods=1).entries) == 1


@pytest.mark.requirement("RE-80")
def test_a_partial_month_that_is_no_billing_period():
    timeline = agreement("2026-04-16", FIRST_OF_MONTH, "30", partial_period=PartialPeriod.NO_BILL)
    assert daily_runs(timeline, "2026-04-30") == {}
    first = bill(timeline, [], date(2026, 5, 1), max_periods=1)
    assert len(first.entries) == 2


def test_its_amount_is_added_to_the_next_invoice():
    timeline = agreement("2026-04-16", FIRST_OF_MONTH, "30", partial_period=PartialPeriod.NO_BILL)
    found = daily_runs(timeline, "2026-05-31")
    assert found == {
        "2026-05-01": ["2026-04-16 to 2026-04-30: 15.00", "2026-05-01 to 2026-05-31: 30.00"],
    }
    assert bill(timeline, [], date(2026, 5, 1)).next_due == date(2026, 6, 1)


def test_whole_days_count_the_day_of_the_start():
    noon = datetime(2026, 4, 16, 12)
    timeline = agreement(noon.date().isoformat(), FIRST_OF_MONTH, "30")
    found = daily_runs(timeline, "2026-04-30")
    assert found == {"2026-04-16": ["2026-04-16 to 2026-04-30: 15.00"]}


@pytest.mark.parametrize(
    ("mode", "first", "due"),
    [
        (PartialPeriod.PRORATED, "45.00", "2026-02-15"),
        (PartialPeriod.FULL, "90.00", "2026-02-15"),
        (PartialPeriod.ZERO, "0.00", "2026-02-15"),
        (PartialPeriod.NO_BILL, "45.00", "2026-04-01"),
    ],
)
def test_every_third_month_on_the_first(mode, first, due):
    quarters = Schedule(ScheduleKind.MONTH_FIXED, 3, fixed_day=1, base_month=1)
    assert runs(agreement("2026-01-01", quarters, "90", partial_period=mode), "2026-08-01") == [
        "2026-01-01", "2026-04-01", "2026-07-01",
    ]  # fmt: skip
    stub = agreement("2026-02-15", quarters, "90", partial_period=mode)
    found = daily_runs(stub, "2026-04-01")
    assert found[due][0] == f"2026-02-15 to 2026-03-31: {first}"
    assert found["2026-04-01"][-1] == "2026-04-01 to 2026-06-30: 90.00"


@pytest.mark.requirement("RE-87")
def test_the_last_day_of_each_month():
    month_ends = Schedule(ScheduleKind.MONTH_LAST)
    assert runs(agreement("2026-01-31", month_ends, "10"), "2026-04-15") == [
        "2026-01-31", "2026-02-28", "2026-03-31",
    ]  # fmt: skip


@pytest.mark.requirement("RE-89")
def test_an_open_subscription_runs_for_36_months():
    found = runs(agreement("2026-01-15", MONTHLY, "10"), "2029-01-14")
    assert len(found) == 36
    assert found[-1] == "2028-12-15"


@pytest.mark.requirement("PA-18")
def test_a_month_from_the_15th_is_prorated_or_an_anniversary():
    prorated = daily_runs(agreement("2026-06-15", FIRST_OF_MONTH, "20"), "2026-07-01")
    assert prorated == {
        "2026-06-15": ["2026-06-15 to 2026-06-30: 10.67"],
        "2026-07-01": ["2026-07-01 to 2026-07-31: 20.00"],
    }
    anniversary = daily_runs(agreement("2026-06-15", MONTHLY, "20"), "2026-07-14")
    assert anniversary == {"2026-06-15": ["2026-06-15 to 2026-07-14: 20.00"]}


def test_12_months_of_runs_leave_no_gap_and_no_overlap():
    timeline = agreement("2026-01-31", MONTHLY, "10")
    assert len(runs(timeline, "2027-01-30")) == 12
    books = Books()
    books.bill(timeline, date(2027, 1, 30))
    days = sorted(day for (_, day), count in books.days().items() if count == 1)
    assert (days[0], days[-1], len(days)) == (date(2026, 1, 31), date(2027, 1, 30), 365)


@pytest.mark.requirement("PA-21")
def test_calendar_months_and_anniversaries():
    assert runs(agreement("2026-03-15", FIRST_OF_MONTH, "10"), "2026-04-20")[1] == "2026-04-01"
    assert runs(agreement("2026-03-15", MONTHLY, "10"), "2026-04-20")[1] == "2026-04-15"


@pytest.mark.requirement("SM-38")
def test_an_instalment_30_days_after_the_start():
    thirty_days = Schedule(ScheduleKind.DAILY, 30)
    timeline = agreement("2026-03-17", thirty_days, "10")
    timeline = in_arrears(timeline)
    assert runs(timeline, "2026-05-01") == ["2026-04-16"]


@pytest.mark.requirement("SM-40")
def test_in_advance_the_instalment_stands_at_the_start_of_the_period():
    found = daily_runs(agreement("2026-05-01", MONTHLY, "10"), "2026-05-31")
    assert found == {"2026-05-01": ["2026-05-01 to 2026-05-31: 10.00"]}


@pytest.mark.requirement("SM-41")
def test_in_arrears_the_instalment_stands_at_the_end_of_the_period():
    found = daily_runs(in_arrears(agreement("2026-05-01", MONTHLY, "10")), "2026-06-30")
    assert found == {"2026-06-01": ["2026-05-01 to 2026-05-31: 10.00"]}


@pytest.mark.requirement("SM-60")
def test_in_arrears_a_termination_prorates_the_last_instalment():
    timeline = agreement("2026-05-01", MONTHLY, "31", end=date(2026, 5, 13))
    found = daily_runs(in_arrears(timeline), "2026-06-30")
    assert found == {"2026-05-13": ["2026-05-01 to 2026-05-12: 12.00"]}


def in_arrears(timeline):
    lines = tuple(replace(one, timing=Timing.ARREARS) for one in timeline.lines)
    return replace(timeline, lines=lines)
