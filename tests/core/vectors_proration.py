"""Adapters of the vectors about parts of periods."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from books import DAY, Books
from vector_adapters import (
    CENT,
    adapter,
    anniversary,
    calendar_aligned,
    day,
    first_charges,
    fixed,
    invoice_list,
    line,
    money,
    nine,
    one_line,
    share,
    span,
)

from billing import DayCount, Period, Timeline, part_amount
from billing.proration import fraction


@adapter(
    "KB-PRO-A02", "KB-PRO-A03", "KB-PRO-A04", "KB-PRO-M01", "KB-PRO-M02", "KB-PRO-M06",
    "KB-PRO-M07", "KB-PRO-M11a", "KB-PRO-M12a", "KB-PRO-M12b", "KB-PRO-M13a", "KB-PRO-M15",
    "KB-PRO-M19", "KB-PRO-M20a", "KB-PRO-M20d", "KB-PRO-M20f", "KB-PRO-Q02", "KB-PRO-Q04",
)  # fmt: skip
def cycles_and_parts(given):
    """The parts that are charged; the whole periods among them are counted."""
    end = given["end"] and day(given["end"])
    start = day(given["start"])
    interval = given["billing_period"]
    base_month = None if interval == "monthly" else start.month
    schedule = fixed(given["bill_cycle_day"], interval, base_month)
    timeline = one_line(given, schedule, end=end)
    charges = first_charges(timeline, day(given["target_date"]))
    parts = [share(charge.period, charge.full) for charge in charges]
    cycles = sum(Decimal(nine(fraction(charge.period, charge.full))) for charge in charges)
    whole = sum(charge.period == charge.full for charge in charges)
    cut = [part for part, c in zip(parts, charges, strict=True) if c.period != c.full]
    listed = [*cut, whole] if whole else cut
    return {"cycles": str(cycles), "parts": listed}


@adapter("CB-PRO-01")
def first_period_until_the_billing_day(given):
    signup = day(given["signup"])
    timeline = Timeline(signup, fixed(given["billing_day"]), (line(1, signup, given["price"]),))
    first, second = first_charges(timeline, signup.replace(day=28))
    return {
        "first_period": [f"{first.period.start:%m-%d}", f"{first.period.end:%m-%d}"],
        "next_renewal": f"{second.due:%m-%d}",
    }


@adapter("CB-PRO-02")
def extension_by_days(given):
    today = day(given["current_date"])
    full = anniversary(given["interval"]).grid(today).containing(today)
    part = Period(today, today + given["extend_days"] * DAY)
    return {"charge": money(part_amount(Decimal(given["price"]), part, full, today, CENT))}


@adapter("FRI-WK-minute")
def stub_to_the_minute(given):
    start = datetime.fromisoformat(given["start"])
    monday = datetime.fromisoformat("2024-05-20")
    full = Period(monday - 7 * DAY, monday)
    part = full.clip(start, None)
    minute = DAY / (24 * 60)
    amount = part_amount(Decimal(given["amount"]), part, full, start, CENT)
    return {
        "first_invoice": {
            "period": [moment.isoformat(timespec="minutes") for moment in (part.start, part.end)],
            "minutes": f"{part.length // minute}/{full.length // minute}",
            "amount": money(amount),
        }
    }


@adapter("KB-FIX-01", "KB-FIX-04")
def leading_fraction(given):
    start, cycle = day(given["start"]), day(given["next_cycle_date"])
    full = fixed(cycle.day).grid(start).containing(start)
    stub = full.clip(start, None)
    return {
        "fraction_actual": nine(fraction(stub, full)),
        "fraction_fixed30": nine(fraction(stub, full, DayCount.THIRTY)),
    }


@adapter("KB-FIX-05")
def leading_fraction_of_thirty_days(given):
    start, cycle = day(given["start"]), day(given["next_cycle_date"])
    full = fixed(cycle.day).grid(start).containing(start)
    return {"fraction_fixed30": nine(fraction(full.clip(start, None), full, DayCount.THIRTY))}


@adapter("KB-FIX-09")
def stubs_of_thirty_days(given):
    found = []
    for first in map(day, given["start"]):
        fee = line(1, first, given["price"])
        schedule = fixed(given["bill_cycle_day"])
        timeline = Timeline(first, schedule, (fee,), day_count=DayCount.THIRTY)
        invoice = invoice_list(timeline, first)[0]
        found.append({key: invoice[key] for key in ("period", "amount")})
    return {"first_invoice": found}


@adapter("KB-FIX-10")
def credit_of_thirty_days(given):
    start, on = day(given["period"][0]), day(given["cancel_date"])
    fee = line(1, start, given["price"])
    schedule = fixed(given["bill_cycle_day"])
    timeline = Timeline(start, schedule, (fee,), day_count=DayCount.THIRTY)
    books = Books()
    books.bill(timeline, start)
    (credit,) = books.bill(replace(timeline, end=on), on)
    return {
        "credit": {"period": span(credit.charge.period), "amount": money(credit.charge.amount)},
        "account_credit": money(-credit.charge.amount),
    }


@adapter("KB-INT-17")
def stub_after_a_trial(given):
    timeline = one_line(given, fixed(given["account_bcd"]), given["price"], start="trial_end")
    found = invoice_list(timeline, timeline.anchor + DAY)
    return {"invoices": [{key: invoice[key] for key in ("period", "amount")} for invoice in found]}


@adapter("LAGO-PRO-01")
def calendar_stub(given):
    timeline = one_line(given, calendar_aligned(given["interval"]), given["price"])
    return days_and_amount(first_charges(timeline, timeline.anchor)[0])


@adapter("STR-SCH-04")
def stub_before_the_anchor(given):
    schedule = fixed(day(given["billing_cycle_anchor"]).day, given["interval"])
    timeline = one_line(given, schedule, given["price"], start="created")
    found = invoice_list(timeline, day("2023-07-01"))
    return {
        "invoice_dates": [invoice["date"] for invoice in found],
        "first_invoice": found[0]["amount"],
    }


@adapter("ZUO-PRO-04", "ZUO-PRO-05", "ZUO-PRO-06")
def days_of_the_calendar_month(given):
    start, last_day = day(given["service_start"]), day(given["service_end_inclusive"])
    full = calendar_aligned().grid(start).containing(start)
    part, days = Period(start, last_day + DAY), timedelta(days=1) // timedelta(seconds=1)
    thirty = DayCount.THIRTY.ticks(part) // days, DayCount.THIRTY.ticks(full) // days
    return {"actual": share(part, full), "strict_30_360": "/".join(map(str, thirty))}


@adapter("LAGO-CAN-08")
def end_date_that_is_billed(given):
    end = day(given["ending_at"]) + DAY
    timeline = one_line(given, anniversary(given["interval"]), given["price"], end=end)
    return days_and_amount(first_charges(timeline, end)[0])


@adapter("LAGO-CAN-10")
def termination_day_that_is_billed(given):
    end = day(given["terminated"]) + DAY
    timeline = one_line(given, calendar_aligned(given["interval"]), given["price"], end=end)
    return days_and_amount(first_charges(timeline, end)[0])


@adapter("KB-INT-21")
def last_period_in_arrears(given):
    end = day(given["cancel"])
    timeline = one_line(given, fixed(given["bill_cycle_day"]), given["price"], end=end)
    (charge,) = first_charges(timeline, end)
    return {"invoice": {"period": span(charge.period), "amount": money(charge.amount)}}


@adapter("KB-INT-24")
def pause_in_arrears(given):
    start, end = map(day, given["period"])
    pause = Period(day(given["pause"]), day(given["resume"]))
    values = {**given, "start": given["period"][0]}
    timeline = one_line(values, anniversary(), given["price"], pauses=(pause,))
    found = invoice_list(timeline, end)
    assert start == timeline.anchor
    return {"invoices": [{key: invoice[key] for key in ("period", "amount")} for invoice in found]}


def days_and_amount(charge):
    return {
        "days": charge.period.length.days,
        "period_days": charge.full.length.days,
        "amount": money(charge.amount),
    }
