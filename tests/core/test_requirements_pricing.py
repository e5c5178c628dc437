"""The acceptance values of the requirements about prices, changes and kinds of charges."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from agreements import MONTHLY, YEARLY, agreement, billed, daily_runs, line, runs
from books import Books

from billing import ChargeType, Period, Timing


def metered(**per_line):
    """A meter that shows, per line, ``{first day of the period: quantity}``."""
    return lambda key, period: Decimal(per_line[key].get(period.start.isoformat(), 0))


def usage_line(key, price, **values):
    return line(key, "2026-01-01", price, charge_type=ChargeType.USAGE, **values)


def change(before, after, on="2026-04-11"):
    """A price change in April; its bill and what May costs."""
    day = date.fromisoformat(on)
    books = Books()
    books.bill(agreement("2026-04-01", MONTHLY, before), date(2026, 4, 1))
    old = line("fee", "2026-04-01", before, end=day)
    timeline = agreement("2026-04-01", MONTHLY, old, line("new", on, after))
    return billed(books, timeline, "2026-04-11"), billed(books, timeline, "2026-05-01")


@pytest.mark.requirement("PA-29")
def test_an_upgrade_credits_and_charges_the_rest_of_the_period():
    assert change("30", "60")[0] == [
        "2026-04-11 to 2026-04-30: -20.00",
        "2026-04-11 to 2026-04-30: 40.00",
    ]


@pytest.mark.requirement("PA-30")
def test_a_downgrade_now_or_at_the_renewal():
    assert change("60", "30")[0] == [
        "2026-04-11 to 2026-04-30: -40.00",
        "2026-04-11 to 2026-04-30: 20.00",
    ]
    assert change("60", "30", on="2026-05-01") == ([], ["2026-05-01 to 2026-05-31: 30.00"])


@pytest.mark.requirement("PA-31")
def test_an_option_that_is_removed_stays_in_the_history():
    books = Books()
    fee, option = line("fee", "2026-04-01", "30"), line("option", "2026-04-01", "6")
    billed(books, agreement("2026-04-01", MONTHLY, fee, option), "2026-04-01")
    removed = replace(option, end=date(2026, 5, 1))
    found = billed(books, agreement("2026-04-01", MONTHLY, fee, removed), "2026-05-01")
    assert found == ["2026-05-01 to 2026-05-31: 30.00"]
    assert books.per_line["option"] == 6


@pytest.mark.requirement("PA-32")
def test_an_option_that_is_added_is_prorated():
    books = Books()
    fee, option = line("fee", "2026-04-01", "30"), line("option", "2026-04-16", "6")
    billed(books, agreement("2026-04-01", MONTHLY, fee), "2026-04-01")
    both = agreement("2026-04-01", MONTHLY, fee, option)
    assert billed(books, both, "2026-04-16") == ["2026-04-16 to 2026-04-30: 3.00"]
    assert "2026-05-01 to 2026-05-31: 6.00" in billed(books, both, "2026-05-01")


@pytest.mark.requirement("PA-24")
def test_the_price_follows_the_interval():
    assert daily_runs(agreement("2026-01-01", MONTHLY, "10"), "2026-01-31") == {
        "2026-01-01": ["2026-01-01 to 2026-01-31: 10.00"]
    }
    assert daily_runs(agreement("2026-01-01", YEARLY, "108"), "2026-12-31") == {
        "2026-01-01": ["2026-01-01 to 2026-12-31: 108.00"]
    }


@pytest.mark.requirement("PA-01")
def test_static_and_dynamic_billing():
    fee = line("fee", "2026-01-01", "20", timing=Timing.ARREARS)
    meter = metered(calls={"2026-01-01": 5, "2026-02-01": 9})
    static = agreement("2026-01-01", MONTHLY, fee)
    dynamic = agreement("2026-01-01", MONTHLY, fee, usage_line("calls", "1"), usage=meter)
    assert totals(static, "2026-03-01") == [20, 20]
    assert totals(dynamic, "2026-03-01") == [25, 29]


def totals(timeline, until):
    return [
        sum(Decimal(text.split(": ")[1]) for text in entries)
        for entries in daily_runs(timeline, until).values()
    ]


@pytest.mark.requirement("PA-04")
def test_units_performed_in_may_are_billed_in_june():
    work = usage_line("work", "8", timing=Timing.ARREARS)
    timeline = agreement("2026-05-01", MONTHLY, work, usage=metered(work={"2026-05-01": 12}))
    found = daily_runs(timeline, "2026-06-01")
    assert found == {"2026-06-01": ["2026-05-01 to 2026-05-31: 96.00"]}


@pytest.mark.requirement("PA-05")
def test_an_allowance_is_deducted_and_does_not_carry_over():
    meter = metered(units={"2026-01-01": 130, "2026-02-01": 80, "2026-03-01": 130})
    timeline = agreement(
        "2026-01-01", MONTHLY, usage_line("units", "0.10", included="100"), usage=meter
    )
    assert totals(timeline, "2026-04-01") == [3, 0, 3]


@pytest.mark.requirement("PA-25")
def test_included_users_are_not_charged():
    users = line("users", "2026-01-01", "4", included="5", quantity=Decimal(7))
    assert totals(agreement("2026-01-01", MONTHLY, users), "2026-01-31") == [8]


@pytest.mark.requirement("SM-01")
def test_a_one_time_price_is_billed_once():
    once = line("once", "2026-01-01", "50", charge_type=ChargeType.ONE_TIME)
    assert totals(agreement("2026-01-01", MONTHLY, once), "2027-12-31") == [50]


@pytest.mark.requirement("SM-02")
def test_a_periodic_price_is_billed_once_a_period():
    assert totals(agreement("2026-01-01", MONTHLY, "20"), "2026-03-31") == [20, 20, 20]


@pytest.mark.requirement("SM-04")
def test_two_more_units_are_prorated_from_the_change_on():
    books = Books()
    billed(books, agreement("2026-04-01", MONTHLY, "30"), "2026-04-01")
    one = line("fee", "2026-04-01", "30", end=date(2026, 4, 16))
    three = line("three", "2026-04-16", "30", quantity=Decimal(3))
    billed(books, agreement("2026-04-01", MONTHLY, one, three), "2026-04-16")
    assert books.total == 30 + 2 * 15


def test_ten_days_of_suspension_are_credited_on_the_next_document():
    books, timeline = Books(), agreement("2026-04-01", MONTHLY, "30")
    billed(books, timeline, "2026-04-01")
    suspended = replace(timeline, pauses=(Period(date(2026, 4, 11), date(2026, 4, 21)),))
    assert billed(books, suspended, "2026-05-01") == [
        "2026-04-11 to 2026-04-20: -10.00",
        "2026-05-01 to 2026-05-31: 30.00",
    ]


def test_a_monthly_and_a_yearly_component_have_their_own_dates():
    monthly = line("a", "2026-01-15", "10")
    yearly = line("b", "2026-01-15", "100", schedule=YEARLY)
    both = agreement("2026-01-15", MONTHLY, monthly, yearly)
    found = daily_runs(both, "2027-01-14")
    assert sum(len(entries) for entries in found.values()) == 12 + 1
    assert len(found["2026-01-15"]) == 2
    assert runs(agreement("2026-01-15", MONTHLY, yearly), "2027-01-20")[-1] == "2027-01-15"


@pytest.mark.requirement("SM-12")
@pytest.mark.requirement("SM-13")
def test_the_phone_line():
    timeline = agreement(
        "2026-01-01",
        MONTHLY,
        line("set-up", "2026-01-01", "29", charge_type=ChargeType.SETUP),
        line("base", "2026-01-01", "10"),
        usage_line("calls", "0.05"),
        usage=metered(calls={"2026-01-01": 200}),
    )
    assert daily_runs(timeline, "2026-02-01") == {
        "2026-01-01": ["2026-01-01 to 2026-01-01: 29.00", "2026-01-01 to 2026-01-31: 10.00"],
        "2026-02-01": ["2026-01-01 to 2026-01-31: 10.00", "2026-02-01 to 2026-02-28: 10.00"],
    }


def test_rating_takes_the_state_and_the_quantity_of_each_day():
    suspended = Period(date(2026, 4, 21), date(2026, 5, 1))
    two = line("fee", "2026-04-01", "30", quantity=Decimal(2), end=date(2026, 4, 11))
    four = line("more", "2026-04-11", "30", quantity=Decimal(4))
    timeline = agreement("2026-04-01", MONTHLY, two, four, pauses=(suspended,))
    assert totals(timeline, "2026-04-30") == [20, 40]
    assert totals(replace(timeline, pauses=()), "2026-04-30") == [20, 80]
