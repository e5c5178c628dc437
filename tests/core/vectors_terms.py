"""Adapters of the vectors about trial, contract terms, minimum terms and notice."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from books import Books
from vector_adapters import (
    adapter,
    anniversary,
    calendar_aligned,
    day,
    fixed,
    invoice_list,
    line,
    money,
    span,
)

from billing import (
    ChargeType,
    Duration,
    Effect,
    Line,
    NoticeStart,
    Period,
    Pricing,
    Schedule,
    ScheduleKind,
    Terms,
    TermType,
    Timeline,
    Unit,
    end_after_cycles,
    rate,
    trial_end,
)

SCHEDULES = {"month_startdate": "month", "month": "month", "biennial": None}


def periods(count) -> Duration:
    return Duration(count, Unit.PERIOD)


def schedule_of(given) -> Schedule:
    if given["schedule_type"] == "month_fixedday":
        return fixed(given["schedule_fixed_day"])
    return anniversary()


def until_the_end(start, schedule, end, price="10.00") -> Timeline:
    return Timeline(start, schedule, (line(1, start, price),), end=end)


@adapter("CB-TRM-01")
def contract_term_in_billing_cycles(given):
    start, clock = date.fromisoformat(given["contract_start"][:10]), given["contract_start"][10:]
    schedule = anniversary(given["billing_period"])
    terms = Terms(
        start,
        schedule,
        initial=periods(given["billing_cycle"]),
        renewal=periods(given["billing_cycle"]),
    )
    price = Decimal(10740) / given["billing_cycle"]
    charges = rate(until_the_end(start, schedule, terms.initial_end, str(price)), date.max)
    return {
        "contract_end": f"{terms.term_end(start)}{clock}",
        "remaining_billing_cycles": len(charges) - given["invoices_issued"],
        "total_contract_value": str(sum(charge.amount for charge in charges).normalize() + 0),
        "action_at_term_end": "renew" if terms.term_end(terms.initial_end) else "cancel",
        "cancellation_cutoff_period_days": terms.notice.count,
    }


@adapter("CB-TRM-02")
def term_is_period_times_cycles(given):
    start = date(2024, 1, 1)
    ends = [
        Terms(
            start,
            Schedule(ScheduleKind.MONTH_START, case["plan_months"]),
            initial=periods(case["cycles"]),
        ).initial_end
        for case in given["cases"]
    ]
    return {"term_months": [(end.year - start.year) * 12 + end.month - 1 for end in ends]}


def after_a_cancellation(given, on, **agreed) -> Timeline:
    """The timeline that ends as soon as a cancellation allows."""
    start, schedule = day(given["start"]), schedule_of(given)
    terms = Terms(start, schedule, effect=Effect.PERIOD_END, **agreed)
    return until_the_end(start, schedule, terms.next_termination_date(on), given["amount"])


@adapter("FRI-FIX-01", "FRI-FIX-03")
def paid_for_a_minimum_of_periods(given):
    timeline = after_a_cancellation(
        given,
        day(given["cancelled_on"]),
        minimum=periods(given["fixation_periods"]),
        full_last_period=given.get("fixation_periods_full", True),
    )
    charges = rate(timeline, date.max)
    return {
        "paid_full_periods": sum(charge.period == charge.full for charge in charges),
        "periods": [span(charge.period) for charge in charges],
        "expires": timeline.end.isoformat(),
        "total_billed": money(sum(charge.amount for charge in charges)),
    }


@adapter("FRI-FIX-05")
def fixed_count_and_fixed_life_time(given):
    start, schedule = day(given["start"]), schedule_of(given)
    ends = []
    for case in given["cases"]:
        if "fixed_count" in case:
            ends.append(end_after_cycles(schedule, start, case["fixed_count"]))
            continue
        count, unit = case["fixed_life_time"].split()
        term = Duration(int(count), Unit(unit.removesuffix("s")))
        ends.append(
            Terms(
                start, schedule, type=TermType.FIXED_TERM, initial=term, full_last_period=True
            ).end
        )
    return {
        "invoices": [len(rate(until_the_end(start, schedule, end), date.max)) for end in ends],
        "expires": [end.isoformat() for end in ends],
    }


@adapter("FRI-NOT-0", "FRI-NOT-1A")
def notice_in_billing_periods(given):
    current = Period(*map(day, given["current_period"]))
    after_current = given.get("notice_periods_after_current")
    timeline = after_a_cancellation(
        given | {"start": given["current_period"][0]},
        day(given["cancelled_on"]),
        notice=periods(given["notice_periods"]),
        notice_start=NoticeStart.PERIOD_END if after_current else NoticeStart.NOTICE,
    )
    return {
        "expires": timeline.end.isoformat(),
        "further_invoices": [
            {"period": span(charge.period), "amount": money(charge.amount)}
            for charge in rate(timeline, date.max)
            if charge.period.start >= current.end
        ],
    }


@adapter("KB-INT-31")
def fixed_term_that_is_no_multiple_of_the_period(given):
    start = day(given["start"])
    schedule = Schedule(ScheduleKind.MONTH_START, 24)
    term = Duration(12 * given["fixed_term_years"], Unit.MONTH)
    terms = Terms(start, schedule, type=TermType.FIXED_TERM, initial=term)
    timeline = until_the_end(start, schedule, terms.end, given["price"])
    return {"invoices": invoice_list(timeline, date.max), "expires": terms.end.isoformat()}


def usage_line(key, start, end=None) -> Line:
    return Line(key, start, Pricing(Decimal(1)), end=end, charge_type=ChargeType.USAGE)


def used_in_march(given_key):
    def usage(key, period):
        return given_key if period.start < date(2024, 4, 1) else Decimal(0)

    return usage


def amount_on(entries, key):
    return next(
        (e.charge.amount for e in entries if e.charge.line == key and e.charge.amount), None
    )


def with_days(charge) -> dict:
    return {
        "days": charge.period.length.days,
        "period_days": charge.full.length.days,
        "amount": money(charge.amount),
    }


@adapter("LAGO-TRI-03")
def usage_is_billed_during_the_trial(given):
    start = day(given["start"])
    first_paid = trial_end(start, Duration(given["trial_days"], Unit.DAY))
    timeline = Timeline(
        first_paid,
        calendar_aligned(),
        (line("fee", start, given["price"]), usage_line("usage", start)),
        usage=used_in_march(Decimal(given["usage_march"])),
        start=start,
    )
    books, bills = Books(), {}
    for on in (date(2024, 4, 1), first_paid):
        bills[on] = books.bill(timeline, on)
    [fee] = [entry.charge for entry in bills[first_paid] if entry.charge.line == "fee"]
    return {
        "invoice_2024_04_01": {
            "usage": money(amount_on(bills[date(2024, 4, 1)], "usage")),
            "subscription": amount_on(bills[date(2024, 4, 1)], "fee"),
        },
        "trial_end": first_paid.isoformat(),
        "invoice_2024_04_19": with_days(fee),
    }


@adapter("LAGO-TRI-02")
def upgrade_during_the_trial(given):
    """The new plan's trial counts from the first start."""
    start, on = day(given["start"]), day(given["upgrade"])
    old_end, new_end = (
        trial_end(start, Duration(given[plan]["trial_days"], Unit.DAY)) for plan in ("old", "new")
    )
    books = Books()
    used = used_in_march(Decimal(given["usage_before_upgrade"]))
    lines = (line("old", start, given["old"]["price"]), usage_line("usage", start))
    timeline = Timeline(old_end, calendar_aligned(), lines, usage=used, start=start)
    assert books.bill(timeline, start) == []
    upgraded = replace(
        timeline,
        anchor=new_end,
        lines=(
            *(replace(old, end=on) for old in lines),
            line("new", on, given["new"]["price"]),
        ),
    )
    usage = books.bill(upgraded, on)
    [fee] = [e.charge for e in books.bill(upgraded, new_end)]
    [following] = books.bill(upgraded, date(2024, 4, 1))
    return {
        "usage_invoice_on_upgrade": money(amount_on(usage, "usage")),
        "trial_end": fee.due.isoformat(),
        **with_days(fee),
        "next_month": money(following.charge.amount),
    }


@adapter("KB-INT-01")
def billing_day_changed_during_the_trial(given):
    """The day is changed before anything is billed; the cancellation is to the period's start."""
    start, on = day(given["subscription_start"]), day(given["cancel"]["on"])
    first_paid = trial_end(start, Duration(given["trial_days"], Unit.DAY))
    timeline = Timeline(first_paid, fixed(given["new_bcd"]), (line(1, start, given["price"]),))
    billed = timeline.grid(timeline.lines[0]).containing(on).start
    return {
        "trial_end": first_paid.isoformat(),
        "invoices": invoice_list(timeline, on),
        "cancel": {"service_end": on.isoformat(), "billing_end": billed.isoformat()},
    }
