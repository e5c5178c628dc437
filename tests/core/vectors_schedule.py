"""Adapters of the vectors about billing dates and month ends."""

from datetime import timedelta

from books import DAY, invoices
from vector_adapters import (
    ANY_YEAR,
    PARTIAL_PERIODS,
    adapter,
    anniversary,
    day,
    first_charges,
    fixed,
    invoice_list,
    line,
    money,
    one_line,
    share,
    span,
)

from billing import (
    ChargeType,
    Duration,
    Schedule,
    ScheduleKind,
    Timeline,
    Unit,
    add_months,
    rate,
    trial_end,
)

LEAP_YEAR = 2024
SCHEDULE_KINDS = {
    "weekly_fixedday": ScheduleKind.WEEKLY_FIXED,
    "month_fixedday": ScheduleKind.MONTH_FIXED,
}


@adapter(
    "FRI-WK-bill_prorated", "FRI-WK-bill_zero_amount", "FRI-MO-bill_full", "FRI-MO-bill_prorated"
)
def fixed_day_stub(given):
    schedule = Schedule(
        SCHEDULE_KINDS[given["schedule_type"]],
        given["interval_length"],
        given["schedule_fixed_day"],
    )
    mode = PARTIAL_PERIODS[given["partial_period_handling"]]
    timeline = one_line(given, schedule, given["amount"], partial_period=mode)
    grid = schedule.grid(timeline.anchor)
    first, second = invoice_list(timeline, grid.boundary(0))
    days = share(grid.containing(timeline.anchor).clip(timeline.anchor, None), grid.period(-1))
    return {"first_invoice": {**first, "days": days}, "first_full_invoice": second}


@adapter("FRI-SET-02")
def separate_setup_fee_before_a_trial_ends(given):
    start = day(given["start"])
    anchor = trial_end(start, Duration(given["trial_days"], Unit.DAY))
    lines = (
        line("setup", start, given["setup_fee"], charge_type=ChargeType.SETUP),
        line("fee", start, given["amount"]),
    )
    timeline = Timeline(anchor, anniversary(), lines, start=start)
    found = {charge.due: [money(charge.amount)] for charge in rate(timeline, anchor)}
    return {"invoices": [{"date": due.isoformat(), "lines": found[due]} for due in sorted(found)]}


@adapter("REC-PRO-02")
def postponed_renewal(given):
    start, to = day(given["period_start"]), day(given["postponed_to"])
    old = line("old", start, end=to)
    new = line("new", to, anchor=to)
    timeline = Timeline(start, anniversary(given["interval"]), (old, new))
    periods = [span(charge.period) for charge in first_charges(timeline, to)]
    return {"current_period": periods[0], "next_period": periods[1]}


@adapter("FRI-SET-04")
def setup_fee_with_the_first_period(given):
    start = day(given["start"])
    fee = line("setup", start, given["setup_fee"], charge_type=ChargeType.SETUP)
    timeline = Timeline(start, anniversary(), (fee, line("base", start, given["amount"])))
    billed = invoices(timeline, start)
    return {
        "invoices": [
            {"date": due.isoformat(), "lines": [money(amount) for amount in amounts]}
            for due, amounts in billed.items()
        ]
    }


@adapter("KB-ARR-04", "KB-ARR-05")
def billed_in_arrears(given):
    end = given["end"] and day(given["end"])
    until = day(given["target_date"])
    timeline = one_line(given, fixed(given["bill_cycle_day"]), end=end)
    charges = first_charges(timeline, until)
    grid = timeline.schedule.grid(timeline.anchor)
    return {
        "something_to_bill": bool(charges),
        "billed_through": charges[-1].period.end.isoformat(),
        "first_cycle_date": grid.boundary(0).isoformat(),
        "next_cycle_date": grid.containing(until).end.isoformat(),
    }


@adapter("KB-BCD-02")
def aligned_within_the_month(given):
    proposed = day(given["proposed_date"])
    grid = fixed(given["bill_cycle_day"]).grid(proposed.replace(day=1))
    return {"aligned": grid.boundary(0).isoformat()}


@adapter("KB-BCD-03")
def next_cycle_dates(given):
    proposed = day(given["proposed_date"])
    grids = [fixed(cycle_day).grid(proposed) for cycle_day in given["bill_cycle_day"]]
    return {"next_cycle_date": [grid.next_boundary(proposed).isoformat() for grid in grids]}


@adapter("KB-BCD-06")
def next_cycle_date_by_days(given):
    grid = anniversary(given["billing_period"]).grid(day(given["anchor"]))
    return {"next_cycle_date": grid.next_boundary(day(given["proposed_date"])).isoformat()}


@adapter("KB-FBD-01", "KB-FBD-05", "KB-FBD-06-02")
def first_cycle_date(given):
    start, cycle_day = day(given["start"]), given["bill_cycle_day"]

    def first(schedule):
        return schedule.grid(start).boundary(0).isoformat()

    if "billing_period" in given:
        return {"first_cycle_date": first(fixed(cycle_day, given["billing_period"]))}
    return {
        "first_cycle_date": {
            "monthly": first(fixed(cycle_day, "monthly")),
            "annual": first(fixed(cycle_day, "annual")),
            "thirty_days": first(anniversary("thirty_days")),
        }
    }


@adapter("KB-FBD-07")
def billed_through(given):
    timeline = one_line(given, fixed(given["bill_cycle_day"]))
    (charge,) = rate(timeline, day(given["target_date"]))
    return {"billed_through": charge.period.end.isoformat(), "period": span(charge.period)}


@adapter("KB-INT-33")
def weekly_after_a_trial(given):
    periods = periods_after_a_trial(given, 3)
    return {
        "first_paid_period": periods[0],
        "next_periods": periods[1:],
        "amount": given["price"],
    }


@adapter("KB-INT-34")
def thirty_days_after_a_trial(given):
    periods = periods_after_a_trial(given, 12)
    return {"period_starts": [start for start, _ in periods], "last": periods[-1]}


def periods_after_a_trial(given, count):
    start = day(given["start"]) + timedelta(days=given["trial_days"])
    trial_over = {"start": start.isoformat()}
    timeline = one_line(trial_over, anniversary(given["billing_period"]), given["price"])
    charges = first_charges(timeline, start + timedelta(days=400))[:count]
    assert {money(charge.amount) for charge in charges} == {given["price"]}
    return [span(charge.period) for charge in charges]


@adapter("KB-PRO-M21")
def month_ends_of_a_year(given):
    timeline = one_line(given, fixed(given["bill_cycle_day"]))
    starts = [charge.period.start for charge in rate(timeline, add_months(timeline.anchor, 12))]
    return {
        "period_starts": [start.isoformat() for start in starts],
        "cycles_on_day_before_each": [str(len(rate(timeline, d - DAY))) for d in starts[1:]],
        "cycles_on_each": [str(len(rate(timeline, start))) for start in starts[1:]],
    }


@adapter("KRT-SCH-01")
def rebills_do_not_drift(given):
    grid = anniversary(given["interval"]).grid(day(given["first_payment"]))
    return {"correct_rebills": [grid.boundary(n).isoformat() for n in (1, 2, 3)]}


@adapter("LAGO-PER-03")
def yearly_in_arrears(given):
    timeline = one_line(given, anniversary(given["interval"]), start="subscription_at")
    (invoice,) = invoice_list(timeline, add_months(timeline.anchor, 12))
    month_ends = [anniversary().grid(timeline.anchor).boundary(n).isoformat() for n in (1, 2, 3)]
    return {
        "no_invoice_on": [month_end for month_end in month_ends if month_end != invoice["date"]],
        "billing_date": invoice["date"],
        "period": invoice["period"],
    }


@adapter("LAGO-PER-06", "LAGO-PER-08", "LAGO-PER-09", "LAGO-PER-10")
def period_billed_on(given):
    timeline = one_line(given, anniversary(), start="subscription_at")
    billing_at = day(given["billing_at"])
    (charge,) = [charge for charge in rate(timeline, billing_at) if charge.due == billing_at]
    return {"period": span(charge.period), "period_start": charge.period.start.isoformat()}


@adapter("LAGO-PER-12")
def period_of_a_termination(given):
    grid = anniversary().grid(day(given["subscription_at"]))
    return {"period_start": grid.containing(day(given["terminated_at"])).start.isoformat()}


@adapter("LAGO-PER-14")
def weeks_in_arrears_and_in_advance(given):
    found = []
    for in_advance in given["pay_in_advance"]:
        values = {**given, "pay_in_advance": in_advance}
        timeline = one_line(values, anniversary("weekly"), start="subscription_at")
        charges = first_charges(timeline, day(given["billing_at"]))
        found.append(span(charges[-1].period))
    return {"period": found}


@adapter("SD-SCH-01")
def earlier_of_count_and_end(given):
    start, last = day(given["first_invoice"]), day(given["invoice_until"])
    grid = anniversary("month").grid(start)
    end = min(grid.boundary(given["max_invoices"]), last + DAY)
    dates = list(invoices(one_line({"start": given["first_invoice"]}, anniversary(), end=end), end))
    return {"invoice_count": len(dates), "last_invoice": dates[-1].isoformat()}


@adapter("STR-SCH-01")
def month_end_in_both_years(given):
    def bills(year):
        grid = anniversary(given["interval"]).grid(day(given["billing_cycle_anchor"], year))
        return [f"{grid.boundary(n):%m-%d}" for n in (1, 2, 3)]

    return {"bills_on_common_year": bills(ANY_YEAR), "bills_on_leap_year": bills(LEAP_YEAR)}


@adapter("STR-SCH-02")
def same_day_each_month(given):
    grid = anniversary(given["interval"]).grid(day(given["billing_cycle_anchor"]))
    (day_of_month,) = {grid.boundary(n).day for n in range(24)}
    return {"bills_on_day_of_month": day_of_month}


@adapter("KB-INT-16")
def change_at_the_end_of_a_stub(given):
    trial_end = day(given["subscription_start"]) + timedelta(days=given["trial_days"])
    schedule = fixed(given["account_bcd"])
    change = schedule.grid(trial_end).boundary(0)
    timeline = Timeline(
        trial_end,
        schedule,
        (
            line("old", trial_end, given["price"], end=change),
            line("new", change, given["end_of_term_change"]["new_price"]),
        ),
    )
    return {
        "trial_end": trial_end.isoformat(),
        "invoices": invoice_list(timeline, day("2012-06-30")),
    }
