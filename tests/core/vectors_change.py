"""Adapters of the vectors about changes and cancellations of what is billed already."""

from dataclasses import replace
from decimal import Decimal

from books import Books
from vector_adapters import (
    adapter,
    anniversary,
    calendar_aligned,
    day,
    fixed,
    line,
    money,
    span,
    statement,
    with_tax,
)

from billing import ChargeType, Line, Pricing, Schedule, Timeline, Timing


def monthly(anchor, *lines: Line, schedule: Schedule | None = None) -> Timeline:
    return Timeline(anchor, schedule or anniversary(), lines)


def changed(timeline: Timeline, on, *new: Line) -> Timeline:
    """``timeline`` whose open lines end on a day and go on as others."""
    ended = [replace(old, end=old.end or on) for old in timeline.lines]
    return replace(timeline, lines=(*ended, *new))


def charged(entries, *, sign=1) -> Decimal:
    return sum((entry.charge.amount for entry in entries if entry.sign == sign), Decimal(0)) * sign


def newest_first(entries) -> list[dict]:
    """Lines of an invoice as the vectors list them: the charge, then the credit."""
    return [statement(entry) for entry in sorted(entries, key=lambda entry: -entry.sign)]


@adapter("FRI-CHG-renewal")
def change_at_renewal(given):
    start, end = map(day, given["period"])
    books, timeline = Books(), monthly(start, line("old", start, given["old_price"]))
    books.bill(timeline, start)
    timeline = changed(timeline, end, line("new", end, given["new_price"]))
    assert books.bill(timeline, day(given["change"])) == []
    (entry,) = books.bill(timeline, end)
    return {
        "effective": entry.charge.due.isoformat(),
        "compensation": None,
        "next_invoice": money(entry.charge.amount),
    }


@adapter("KB-INT-04")
def change_with_another_billing_day(given):
    start, on = day(given["paid_period"][0]), day(given["change_date"])
    books, timeline = Books(), monthly(start, line("old", start, given["old_price"]))
    books.bill(timeline, start)
    new = line("new", on, given["new_price"], schedule=fixed(given["new_bcd"]))
    timeline = changed(timeline, on, new)
    entries = books.bill(timeline, on)
    next_on = books.next_due
    (following,) = books.bill(timeline, next_on)
    credit = -sum(entry.charge.amount for entry in entries)
    return {
        "invoice_on_change": newest_first(entries),
        "account_credit_after": money(credit),
        "next_invoice": {
            "date": next_on.isoformat(),
            "period": span(following.charge.period),
            "amount": money(following.charge.amount),
            "credit_applied": money(credit),
            "due": money(following.charge.amount - credit),
        },
    }


@adapter("KB-INT-02", "KB-INT-06")
def another_billing_day(given):
    """The price goes on, counted from another day of the month."""
    start, paid_until = map(day, given["paid_period"])
    on, old_day = day(given["bcd_effective"]), given.get("old_bcd", 1)
    books = Books()
    timeline = monthly(start, line("old", start, given["price"]), schedule=fixed(old_day))
    books.bill(timeline, start)
    new = line("new", on, given["price"], schedule=fixed(given["new_bcd"]))
    timeline = changed(timeline, on, new)
    entries = books.bill(timeline, on)
    until = max(entry.charge.period.end for entry in entries)
    adjustment = sum(entry.charge.amount for entry in entries)
    following_on = books.next_due
    (following,) = books.bill(timeline, following_on)
    return {
        "adjustment_invoice": {
            "date": on.isoformat(),
            "period": [paid_until.isoformat(), until.isoformat()],
            "amount": money(adjustment),
        },
        "next_invoice": {"date": following_on.isoformat(), **period_and_amount(following)},
    }


def period_and_amount(entry) -> dict:
    return {"period": span(entry.charge.period), "amount": money(entry.charge.amount)}


@adapter("KB-INT-10")
def monthly_to_annual_from_the_change_on(given):
    trial_end, on = day(given["trial_end"]), day(given["change_date"])
    old = line("old", trial_end, given["old"]["price"])
    timeline = monthly(trial_end, old, schedule=fixed(given["account_bcd"]))
    books = Books()
    stub = books.bill(timeline, trial_end)[0].charge
    books.bill(timeline, day(given["paid_period"][0]))
    annual = fixed(on.day, given["new"]["period"], on.month)
    new = line("new", on, given["new"]["price"], schedule=annual)
    return {
        "stub": {"period": span(stub.period), "amount": money(stub.amount)},
        "lines": newest_first(books.bill(changed(timeline, on, new), on)),
    }


@adapter("KB-INT-11", "KB-INT-12")
def annual_to_monthly_and_back(given):
    """Both vectors tell one story: down to a monthly plan and, on the same day, back."""
    start, on = day("2012-05-01"), day(given["change_date"])
    prices = {given[side]["period"]: given[side]["price"] for side in ("old", "new")}
    yearly = anniversary("annual")
    books = Books()
    timeline = monthly(start, line("annual", start, prices["annual"], schedule=yearly))
    books.bill(timeline, start)
    timeline = changed(timeline, on, line("monthly", on, prices["monthly"]))
    entries = books.bill(timeline, on)
    credit = -sum(entry.charge.amount for entry in entries)
    if given["old"]["period"] == "annual":
        return {"lines": newest_first(entries), "account_credit_after": money(credit)}
    back = line("annual again", on, prices["annual"], schedule=yearly)
    entries = books.bill(changed(timeline, on, back), on)
    due = sum(entry.charge.amount for entry in entries)
    return {
        "lines": newest_first(entries),
        "credit_applied": money(min(credit, due)),
        "due": money(due - credit),
        "account_credit_after": money(credit - due),
    }


@adapter("KB-INT-14")
def change_and_cancellation_on_the_first_day(given):
    on = day(given["period"][0])
    books, timeline = Books(), monthly(on, line("first", on, given["price1"]))
    bills = [books.bill(timeline, on)]
    timeline = changed(timeline, on, line("second", on, given["price2"]))
    bills.append(books.bill(timeline, on))
    bills.append(books.bill(replace(timeline, end=on), on))
    return {
        "invoices": [
            [{key: stated[key] for key in ("type", "amount")} for stated in newest_first(entries)]
            for entries in bills
        ],
        "account_credit_after": money(charged(bills[-1], sign=-1)),
    }


@adapter("KB-INT-26")
def chain_of_changes(given):
    start, end = map(day, given["paid_period"])
    books, timeline = Books(), monthly(start, line(0, start, given["plan1"]))
    books.bill(timeline, start)
    found = []
    for number, change in enumerate(given["changes"], 1):
        on = day(change["date"])
        timeline = changed(timeline, on, line(number, on, change["new_price"]))
        found.append((on, books.bill(timeline, on)))
    found.append((end, books.bill(timeline, end)))
    return {
        "invoices": [
            {
                "date": on.isoformat(),
                "lines": newest_first(entries),
                "account_credit_delta": money(-sum(entry.charge.amount for entry in entries)),
            }
            for on, entries in found
        ]
    }


@adapter("LAGO-CAN-03")
def termination_on_the_first_day(given):
    start = day(given["start"])
    books, timeline = Books(), monthly(start, line(1, start, given["price"]))
    first = charged(books.bill(timeline, start))
    entries = books.bill(replace(timeline, end=start.replace(day=start.day + 1)), start)
    percent = given["tax_percent"]
    return {
        "first_invoice_total": with_tax(first, percent)["total"],
        "credit_note": with_tax(charged(entries, sign=-1), percent),
    }


@adapter("LAGO-CHG-01")
def two_upgrades_on_one_day(given):
    start, percent = day(given["start"]), given["tax_percent"]
    books = Books()
    timeline = monthly(start, line("plan1", start, given["plan1"]), schedule=calendar_aligned())
    found = {"first_fee": money(charged(books.bill(timeline, start)))}
    for name in ("upgrade1", "upgrade2"):
        on = day(given[name]["date"])
        timeline = changed(timeline, on, line(name, on, given[name]["price"]))
        entries = books.bill(timeline, on)
        found[name] = {
            "new_fee": money(charged(entries)),
            "credit_note_incl_tax": with_tax(charged(entries, sign=-1), percent)["total"],
        }
    return found


@adapter("LAGO-CHG-03")
def monthly_to_yearly_on_the_old_anniversary(given):
    start, on = day(given["start"]), day(given["change_date"])
    books, timeline = Books(), monthly(start, line("old", start, given["old"]["price"]))
    books.bill(timeline, on)
    yearly = anniversary(given["new"]["interval"])
    new = line("new", on, given["new"]["price"], schedule=yearly)
    credit, charge = books.bill(changed(timeline, on, new), on)
    return {
        "credit": money(-credit.charge.amount),
        "new_period": span(charge.charge.period),
        "days": charge.charge.period.length.days,
        "period_days": charge.charge.full.length.days,
        "new_fee": money(charge.charge.amount),
    }


@adapter("LAGO-CHG-06")
def options_through_a_change(given):
    start, on = day(given["start"]), day(given["upgrade_date"])
    fee = line("fee", start, given["old_plan_fee"], timing=Timing.ARREARS)
    options = [line(key, start, price) for key, price in given["addons_old"].items()]
    books, timeline = Books(), monthly(start, fee, *options, schedule=calendar_aligned())
    first = books.bill(timeline, start)
    august = [e for e in books.bill(timeline, day("2023-08-01")) if e.charge.line != "fee"]
    new = [line(("new", key), on, price) for key, price in given["addons_new"].items()]
    books_before = books.per_line
    books.bill(changed(timeline, on, *new), on)
    after = books.per_line
    a1 = after["a1"] + after["new", "a1"] - books_before["a1"]
    return {
        "first_invoice_addons": [money(entry.charge.amount) for entry in first],
        "august_addons": [money(entry.charge.amount) for entry in august],
        "on_upgrade": {
            "old_plan_fee": money(after["fee"] - books_before["fee"]),
            "a1": money(a1),
            "a2": money(after["new", "a2"]),
        },
    }


@adapter("LAGO-PRO-03")
def upgrade_with_a_credit_for_the_rest(given):
    start, on = day("2023-05-01"), day(given["change_date"])
    books = Books()
    timeline = monthly(start, line("old", start, given["old_price"]), schedule=calendar_aligned())
    books.bill(timeline, start)
    entries = books.bill(changed(timeline, on, line("new", on, given["new_price"])), on)
    return {
        "new_plan_charge": money(charged(entries)),
        "credit_note_model_net": money(sum(entry.charge.amount for entry in entries)),
    }


@adapter("FRI-CHG-none-none", "FRI-CHG-none-zero_amount", "FRI-CHG-prorated_credit-full")
def change_by_policy(given):
    """What is credited and charged for the rest of a period are the charged dates of the lines."""
    start, end = map(day, given["period"])
    on = day(given["change"])
    books, timeline = Books(), monthly(start, line("old", start, given["old_price"]))
    books.bill(timeline, start)
    old_end = end if given["compensation_method"] == "none" else on
    rest = {
        "none": (),
        "zero_amount": (line("free", on, end=end),),
        "full": (line("rest", start, given["new_price"], end=end),),
    }[given["billing"]]
    timeline = changed(timeline, old_end, *rest, line("new", end, given["new_price"]))
    entries = books.bill(timeline, on)
    credits = [entry for entry in entries if entry.sign < 0]
    charges = [entry for entry in entries if entry.sign > 0]
    (following,) = books.bill(timeline, end)
    assert money(following.charge.amount) == given["new_price"]
    return {
        "compensation": money(abs(charged(credits, sign=-1))),
        "kind": "credit" if credits else None,
        "new_plan_charge": money(charged(charges)) if charges else None,
        "period_end_unchanged": following.charge.period.start.isoformat(),
    }


@adapter("LAGO-CAN-06")
def termination_without_a_credit(given):
    start, over = day(given["start"]), day(given["terminated"])
    books = Books()
    timeline = monthly(start, line("fee", start, given["price"]), schedule=calendar_aligned())
    books.bill(timeline, start)
    used = Line(
        "usage",
        start,
        Pricing(Decimal(given["usage_net"])),
        charge_type=ChargeType.USAGE,
        timing=Timing.ARREARS,
        end=over.replace(day=over.day + 1),
    )
    period_end = timeline.grid(timeline.lines[0]).containing(over).end
    closed = replace(
        timeline, lines=(*timeline.lines, used), end=period_end, usage=lambda *_: Decimal(1)
    )
    entries = books.bill(closed, period_end)
    assert closed.span(closed.lines[0])[1] == period_end
    final = charged(entries)
    return {
        "credit_note": None if not charged(entries, sign=-1) else money(final),
        "final_invoice_due": with_tax(final, given["tax_percent"])["total"],
    }
