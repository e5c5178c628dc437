"""A set-up fee waits for the first scheduled invoice, or does not (requirements RE-111, RE-112)."""

from dataclasses import replace
from datetime import date

from agreements import FIRST_OF_MONTH, MONTHLY, agreement, daily_runs, line

from billing import ChargeType, PartialPeriod, Timing, rate


def with_fee(start, schedule=MONTHLY, with_first=True, fee_start=None, **values):
    fee = line("fee", fee_start or start, "50", charge_type=ChargeType.SETUP, with_first=with_first)
    rent = line("rent", start, "30", timing=values.pop("timing", Timing.ADVANCE))
    return agreement(start, schedule, rent, fee, **values)


def days(timeline, until="2026-07-01"):
    """The days on which the fee and the rent are billed first."""
    found = daily_runs(timeline, until)
    return [
        next(day for day, entries in found.items() if any(text in entry for entry in entries))
        for text in (": 50.00", ": 30.00")
    ]


def test_the_fee_joins_the_first_period():
    assert days(with_fee("2026-05-01")) == ["2026-05-01", "2026-05-01"]


def test_the_fee_waits_for_an_invoice_at_the_end_of_the_period():
    assert days(with_fee("2026-05-01", timing=Timing.ARREARS)) == ["2026-06-01", "2026-06-01"]


def test_a_stub_that_is_not_billed_lets_the_fee_wait():
    for with_first, day in ((True, "2026-05-01"), (False, "2026-04-16")):
        timeline = with_fee(
            "2026-04-16", FIRST_OF_MONTH, with_first, partial_period=PartialPeriod.NO_BILL
        )
        assert days(timeline) == [day, "2026-05-01"]


def test_a_fee_waits_for_the_end_of_a_trial():
    for with_first, day in ((True, "2026-05-15"), (False, "2026-05-01")):
        timeline = with_fee("2026-05-15", with_first=with_first, fee_start="2026-05-01")
        charges = rate(replace(timeline, start=date(2026, 5, 1)), date(2026, 5, 15))
        [fee] = [charge for charge in charges if charge.line == "fee"]
        assert fee.due.isoformat() == day


def test_without_anything_recurring_the_fee_is_due_at_once():
    fee = line("fee", "2026-05-01", "50", charge_type=ChargeType.SETUP, with_first=True)
    assert list(daily_runs(agreement("2026-05-01", MONTHLY, fee), "2026-06-01")) == ["2026-05-01"]
