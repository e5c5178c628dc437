"""What can be agreed about usage and free periods: zero lines, roll-over, thresholds, bonuses."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from agreements import MONTHLY, agreement, billed, daily_runs, line
from books import Books

from billing import ChargeType, PartialPeriod, Schedule, ScheduleKind


def metered(**per_day):
    """A meter that shows what was used on each day, such as ``{"2026-05-03": 300}``."""
    events = {date.fromisoformat(day): Decimal(used) for day, used in per_day.items()}
    return lambda _key, period: sum(
        (used for day, used in events.items() if period.start <= day < period.end), Decimal(0)
    )


def usage(start, price, included="0", **values):
    line_ = line("units", start, price, included, charge_type=ChargeType.USAGE)
    return replace(line_, **values)


def invoices(timeline, until):
    """``{day: [amounts]}`` of daily runs."""
    return {
        day: [text.split(": ")[1] for text in texts]
        for day, texts in daily_runs(timeline, until).items()
    }


@pytest.mark.requirement("SM-03")
def test_without_usage_there_is_nothing_to_bill():
    units = usage("2026-01-01", "1.50")
    timeline = agreement("2026-01-01", MONTHLY, units, usage=metered(**{"2026-02-05": 7}))
    assert invoices(timeline, "2026-03-01") == {"2026-03-01": ["10.50"]}


@pytest.mark.requirement("SM-03")
def test_a_period_without_usage_states_zero_where_that_is_agreed():
    units = usage("2026-01-01", "1.50", zero_usage=True)
    timeline = agreement("2026-01-01", MONTHLY, units, usage=metered(**{"2026-02-05": 7}))
    assert invoices(timeline, "2026-03-01") == {"2026-02-01": ["0.00"], "2026-03-01": ["10.50"]}


@pytest.mark.requirement("PA-05")
def test_an_unused_allowance_rolls_over_only_where_that_is_agreed():
    used = metered(**{"2026-01-15": 80, "2026-02-15": 130, "2026-03-15": 130})
    units = usage("2026-01-01", "0.10", "100")
    timeline = agreement("2026-01-01", MONTHLY, units, usage=used)
    assert invoices(timeline, "2026-03-01") == {"2026-02-01": ["0.00"], "2026-03-01": ["3.00"]}
    rolling = agreement("2026-01-01", MONTHLY, replace(units, rollover=1), usage=used)
    assert invoices(rolling, "2026-04-01") == {
        "2026-02-01": ["0.00"],
        "2026-03-01": ["1.00"],
        "2026-04-01": ["3.00"],
    }


def test_what_rolls_over_is_used_oldest_first_and_lapses_after_its_periods():
    used = metered(**{"2026-01-15": 10, "2026-02-15": 20, "2026-04-15": 320})
    units = usage("2026-01-01", "1", "100", rollover=2)
    timeline = agreement("2026-01-01", MONTHLY, units, usage=used)
    # April has its own 100, March's 100 and the 100 that are left of February: January's lapsed
    assert invoices(timeline, "2026-05-01")["2026-05-01"] == ["20.00"]


@pytest.mark.requirement("SM-42")
def test_usage_is_billed_on_the_day_that_reaches_the_threshold_else_at_the_end():
    units = usage("2026-05-01", "0.10", threshold=Decimal(50))
    often = metered(**{"2026-05-03": 300, "2026-05-12": 201, "2026-05-20": 30})
    assert invoices(agreement("2026-05-01", MONTHLY, units, usage=often), "2026-06-01") == {
        "2026-05-12": ["50.10"],
        "2026-06-01": ["3.00"],
    }
    rarely = metered(**{"2026-05-03": 300})
    assert invoices(agreement("2026-05-01", MONTHLY, units, usage=rarely), "2026-06-01") == {
        "2026-06-01": ["30.00"]
    }


def test_a_threshold_that_was_reached_while_nobody_billed_is_billed_at_once():
    units = usage("2026-05-01", "0.10", threshold=Decimal(50))
    used = metered(**{"2026-05-12": 501, "2026-05-20": 600, "2026-05-22": 40})
    timeline = agreement("2026-05-01", MONTHLY, units, usage=used)
    books = Books()
    assert billed(books, timeline, "2026-05-25") == ["2026-05-01 to 2026-05-31: 110.10"]
    assert billed(books, timeline, "2026-06-01") == ["2026-05-01 to 2026-05-31: 4.00"]


def test_usage_that_comes_after_a_threshold_bill_waits_for_the_next():
    units = usage("2026-05-01", "0.10", threshold=Decimal(50))
    books = Books()
    first = agreement("2026-05-01", MONTHLY, units, usage=metered(**{"2026-05-12": 501}))
    assert billed(books, first, "2026-05-12") == ["2026-05-01 to 2026-05-31: 50.10"]
    more = metered(**{"2026-05-12": 501, "2026-05-20": 30})
    later = agreement("2026-05-01", MONTHLY, units, usage=more)
    assert billed(books, later, "2026-05-20") == []
    assert billed(books, later, "2026-06-01") == ["2026-05-01 to 2026-05-31: 3.00"]


def test_every_13th_month_is_free():
    loyal = line("base", "2026-01-01", "10", free_every=13)
    found = list(invoices(agreement("2026-01-01", MONTHLY, loyal), "2028-02-01").values())
    assert found == [["10.00"]] * 12 + [["0.00"]] + [["10.00"]] * 12 + [["0.00"]]


@pytest.mark.parametrize(
    ("mode", "free_month"),
    [(PartialPeriod.PRORATED, "2026-06-01"), (PartialPeriod.NO_BILL, "2026-07-01")],
)
def test_a_stub_counts_as_a_period_where_it_is_billed_as_one(mode, free_month):
    fee = line("fee", "2026-04-16", "30", free_every=3)
    first_of_month = Schedule(ScheduleKind.MONTH_FIXED, fixed_day=1)
    timeline = agreement("2026-04-16", first_of_month, fee, partial_period=mode)
    assert invoices(timeline, "2026-07-01")[free_month] == ["0.00"]


@pytest.mark.requirement("RE-81")
def test_the_first_stub_is_waived_where_that_is_agreed():
    first_of_month = Schedule(ScheduleKind.MONTH_FIXED, fixed_day=1)

    def first_invoices(mode):
        return invoices(
            agreement("2026-04-16", first_of_month, "30", partial_period=mode), "2026-05-01"
        )

    assert first_invoices(PartialPeriod.NO_BILL) == {"2026-05-01": ["15.00", "30.00"]}
    assert first_invoices(PartialPeriod.WAIVED) == {"2026-05-01": ["30.00"]}


def test_a_line_follows_a_schedule_and_an_anchor_of_its_own():
    yearly = Schedule(ScheduleKind.MONTH_START, 12)
    domain = line("domain", "2026-03-10", "12", schedule=yearly, anchor=date(2026, 3, 10))
    timeline = agreement("2026-01-01", MONTHLY, "10", domain)
    found = daily_runs(timeline, "2027-03-31")
    assert [day for day, texts in found.items() if any("12.00" in text for text in texts)] == [
        "2026-03-10",
        "2027-03-10",
    ]
    assert found["2026-03-10"] == ["2026-03-10 to 2027-03-09: 12.00"]
