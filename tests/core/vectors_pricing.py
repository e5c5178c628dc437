"""Adapters of the vectors about pricing models, minimum amounts and rounding."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import groupby, pairwise

from books import DAY, Books
from vector_adapters import (
    CENT,
    adapter,
    anniversary,
    calendar_aligned,
    day,
    first_charges,
    line,
    money,
    with_tax,
)

from billing import (
    ChargeType,
    Line,
    Percentage,
    Period,
    Pricing,
    PricingModel,
    Schedule,
    ScheduleKind,
    Step,
    StepKind,
    Tier,
    Timeline,
    round_half_up,
)
from billing.proration import fraction

NONE = Decimal(0)
FEBRUARY, MARCH = date(2023, 2, 1), date(2023, 3, 1)


def decimal(value):
    return None if value is None else Decimal(value)


def amount_of(steps: list[Step], *kinds) -> Decimal:
    return sum((step.amount for step in steps if not kinds or step.kind in kinds), NONE)


def tier_amounts(steps: list[Step]) -> list[Decimal]:
    return [amount_of(list(tier)) for _number, tier in groupby(steps, lambda step: step.tier)]


def tiers(given) -> tuple[Tier, ...]:
    """Tiers by their cumulative limit, as Stripe and OpenMeter write them; ranges, as Lago."""
    return tuple(
        Tier(
            decimal(tier.get("up_to", tier.get("to_value"))),
            Decimal(tier.get("unit") or tier.get("per_unit") or tier.get("rate_percent") or "0"),
            Decimal(tier.get("flat") or "0"),
        )
        for tier in given.get("tiers") or given["ranges"]
    )


def block_tiers(given) -> tuple[Tier, ...]:
    """Tiers by their number of blocks; what is beyond the last one is priced by it."""
    found, limit = [], NONE
    for tier in given["tiers"]:
        limit += tier["block"] * tier["max_blocks"]
        size = Decimal(tier["block"]) if tier["block"] > 1 else None
        found.append(Tier(limit, Decimal(tier["price"]), package_size=size))
    return (*found[:-1], replace(found[-1], up_to=None))


def tiered(model, given, read=tiers, **values) -> Pricing:
    return Pricing(NONE, model, tiers=read(given), **values)


@adapter(
    "LAGO-GRAD-10", "LAGO-GRAD-11", "LAGO-GRAD-12", "LAGO-GRAD-21", "LAGO-GRAD-D1",
    "OM-GRAD-01", "STR-GRAD-20", "STR-GRAD-25",
)  # fmt: skip
def graduated(given):
    steps = tiered(PricingModel.GRADUATED, given).parts(Decimal(given["quantity"]))
    return {
        "lines": [str(amount) for amount in tier_amounts(steps)],
        "amount": money(amount_of(steps)),
    }


@adapter("KB-USG-01")
def graduated_by_blocks(given):
    steps = tiered(PricingModel.GRADUATED, given, block_tiers).parts(Decimal(given["quantity"]))
    return {
        "tier_amounts": [str(amount) for amount in tier_amounts(steps)],
        "amount": money(amount_of(steps)),
    }


@adapter("KB-USG-05")
def base_fee_and_graduated_usage(given):
    start = day(given["start"])
    usage = Line(
        "usage",
        start,
        tiered(PricingModel.GRADUATED, given, block_tiers),
        charge_type=ChargeType.USAGE,
    )
    base = line("recurring", start, given["base_fee"])
    timeline = Timeline(
        start, anniversary(), (base, usage), usage=lambda key, period: Decimal(given["quantity"])
    )
    books, found, due = Books(), [], start
    while len(found) < len(("first", "second")):
        amounts = {e.charge.line: money(e.charge.amount) for e in books.bill(timeline, due)}
        found.append({"date": due.isoformat(), **amounts})
        due = books.next_due
    return {"usage_amount": found[-1]["usage"], "invoices": found}


@adapter("OM-GRAD-04")
def graduated_up_to_a_maximum(given):
    maximum = Decimal(given["maximum_spend"])
    plain = tiered(PricingModel.GRADUATED, given)
    capped = replace(plain, maximum=maximum)
    used = Decimal(given["already_used"])
    now = used + Decimal(given["line_quantity"])
    gross = plain.amount(now) - plain.amount(used)
    return {
        "gross": money(gross),
        "discount": money(
            -amount_of(capped.parts(now), StepKind.MAXIMUM)
            + amount_of(capped.parts(used), StepKind.MAXIMUM)
        ),
        "net": money(capped.amount(now) - Decimal(given["previously_billed"])),
    }


@adapter(
    "LAGO-VOL-1", "LAGO-VOL-200", "LAGO-VOL-DOC", "LAGO-VOL-FC", "OM-VOL-16", "OM-VOL-3",
    "OM-VOL-5", "STR-VOL-1", "STR-VOL-5",
)  # fmt: skip
def volume(given):
    pricing = tiered(PricingModel.VOLUME, given)
    return {"amount": money(pricing.amount(Decimal(given["quantity"])))}


@adapter("KB-USG-04-1000", "KB-USG-04-101000", "KB-USG-04-101001", "KB-USG-04-300000")
def volume_by_blocks(given):
    pricing = tiered(PricingModel.VOLUME, given, block_tiers)
    return {"amount": money(pricing.amount(Decimal(given["quantity"])))}


@adapter("LAGO-GPCT-10", "LAGO-GPCT-11")
def graduated_percentage(given):
    pricing = tiered(PricingModel.GRADUATED_PERCENTAGE, given)
    return {"amount": money(pricing.amount(Decimal(given["units"])))}


def packages(given, **names) -> Pricing:
    size, price, free = (names.get(name, name) for name in ("package_size", "price", "free_units"))
    return Pricing(
        Decimal(given[price]),
        PricingModel.PACKAGE,
        included=Decimal(given.get(free, 0)),
        package_size=Decimal(given[size]),
    )


def packages_of(steps: list[Step]) -> int:
    return int(next(step.units for step in steps if step.kind is StepKind.PACKAGES))


@adapter("LAGO-PKG-02", "LAGO-PKG-05", "OM-PKG-01", "OM-PKG-02", "OM-PKG-04")
def package(given):
    """With usage that has been billed before: what is newly started."""
    pricing, used = packages(given), Decimal(given.get("already_used", 0))
    before = pricing.parts(used)
    after = pricing.parts(used + Decimal(given.get("quantity") or given["line_quantity"]))
    return {
        "packages": packages_of(after) - packages_of(before),
        "amount": money(amount_of(after) - amount_of(before)),
    }


@adapter("SD-PKG-01")
def package_of_resources(given):
    pricing = packages(given, package_size="block_mb", free_units="free_quantity_mb")
    return {"amount": [money(pricing.amount(Decimal(used))) for used in given["usage_mb"]]}


@adapter("KB-USG-08")
def late_usage_of_packages(given):
    """The first period is billed after its first events, so that the rest comes late."""
    (tier,) = given["tiers"]
    pricing = Pricing(
        Decimal(tier["price"]), PricingModel.PACKAGE, package_size=Decimal(tier["block"])
    )
    to_bill, total = [], []
    for period in given["periods"]:
        usage = Line(1, FEBRUARY, pricing, charge_type=ChargeType.USAGE)
        early = Decimal(period["already_billed"]) / pricing.price * pricing.package_size
        books = Books()
        for quantity in (early, Decimal(sum(period["usage"]))):
            timeline = Timeline(
                FEBRUARY, anniversary(), (usage,), usage=lambda key, span, used=quantity: used
            )
            entries = books.bill(timeline, MARCH)
        to_bill.append(money(sum(entry.charge.amount for entry in entries)))
        total.append(money(books.total))
    return {"to_bill": to_bill, "total_value": total}


def percentage(given) -> Pricing:
    return Pricing(
        Decimal(given["fixed_fee"]),
        PricingModel.PERCENTAGE,
        percent=Decimal(given["rate_percent"]),
        included=Decimal(given.get("free_amount") or 0),
        free_events=given.get("free_events"),
        transaction_minimum=decimal(given.get("min_per_transaction")),
        transaction_maximum=decimal(given.get("max_per_transaction")),
    )


@adapter("LAGO-PCT-03")
def percentage_with_free_transactions(given):
    """The transactions, from their running total and the sum of all."""
    running = [NONE, *map(Decimal, given["running_total"]), Decimal(given["units"])]
    volumes = [later - sooner for sooner, later in pairwise(running)]
    assert len(volumes) == given["events"]
    pricing, total = percentage(given), sum(volumes)
    paid = next(s for s in pricing.parts(total, volumes) if s.kind is StepKind.FEE)
    return {
        "free_amount_used": str(total - pricing.billable(total, volumes)),
        "free_events_used": len(volumes) - int(paid.units),
        "amount": money(pricing.amount(total, volumes)),
    }


@adapter("LAGO-PCT-07", "LAGO-PCT-08", "LAGO-PCT-09", "LAGO-PCT-10", "LAGO-PCT-11")
def percentage_of_transactions(given):
    volumes = [Decimal(volume) for volume in given["events"]]
    pricing = percentage(given)
    rule = Percentage(
        pricing.percent,
        pricing.price,
        pricing.free_events,
        pricing.included or None,
        pricing.transaction_minimum,
        pricing.transaction_maximum,
    )
    return {
        "per_event": [plain(one.amount) for one in rule.transactions(volumes)],
        "amount_unrounded": plain(pricing.amount(sum(volumes), volumes)),
    }


def plain(amount: Decimal) -> str:
    return format(amount.normalize(), "f")


@adapter("OM-GRAD-03")
def minimum_after_what_has_been_billed(given):
    pricing = tiered(PricingModel.GRADUATED, given, minimum=Decimal(given["minimum_spend"]))
    steps = pricing.parts(Decimal(given["quantity"]))
    assert amount_of(steps) - amount_of(steps, StepKind.MINIMUM) == Decimal(
        given["previously_billed"]
    )
    return {"true_up": money(amount_of(steps, StepKind.MINIMUM))}


@adapter("LAGO-MIN-01", "LAGO-MIN-04", "LAGO-MIN-05")
def minimum_of_a_part_of_a_period(given):
    start = day(given["start"])
    schedule = (
        anniversary(given["interval"])
        if given["billing_time"] == "anniversary"
        else calendar_weeks()
        if given["interval"] == "weekly"
        else calendar_aligned(given["interval"])
    )
    fee = line(1, start, given["plan_fee"])
    committed = replace(fee, pricing=replace(fee.pricing, minimum=Decimal(given["commitment"])))
    (first, *_), (whole, *_) = (
        first_charges(Timeline(start, schedule, (one,)), start) for one in (fee, committed)
    )
    part = fraction(first.period, first.full)
    days = first.period.length.days, first.full.length.days
    return {
        "fraction": "1/1" if part == 1 else "/".join(map(str, days)),
        "subscription_fee": money(first.amount),
        "true_up": money(whole.amount - first.amount),
    }


def calendar_weeks() -> Schedule:
    return Schedule(ScheduleKind.WEEKLY_FIXED, fixed_day=1)


@adapter("LAGO-MIN-08")
def minimum_of_usage_in_a_part_of_a_period(given):
    last = day(given["terminated"])
    used = Period(FEBRUARY, last + DAY)
    assert (MARCH - FEBRUARY).days == given["period_days"]
    share = fraction(used, Period(FEBRUARY, MARCH))
    pricing = Pricing(Decimal(1), minimum=Decimal(given["charge_minimum"]))
    steps = pricing.parts(Decimal(given["usage_amount"]), share=share)
    true_up = round_half_up(amount_of(steps, StepKind.MINIMUM), CENT)
    net = round_half_up(amount_of(steps), CENT)
    return {
        "days": used.length.days,
        "true_up": money(true_up),
        "true_up_tax": with_tax(true_up, given["tax_percent"])["tax"],
        "fees_total": money(net),
        "total": with_tax(net, given["tax_percent"])["total"],
    }


@adapter("LAGO-RND-01", "LAGO-RND-02")
def credit_of_the_rest_of_a_period(given):
    start, last = day(given["start"]), day(given["terminated"])
    books = Books()
    timeline = Timeline(start, anniversary(given["interval"]), (line(1, start, given["price"]),))
    books.bill(timeline, start)
    (credit,) = books.bill(replace(timeline, end=last + DAY), start)
    return with_tax(-credit.charge.amount, given["tax_percent"])


@adapter("LAGO-WAL-07")
def credit_rounded_on_entry(given):
    credit = round_half_up(Decimal(given["paid_credits"]) * Decimal(given["rate"]), CENT)
    return dict.fromkeys(("credit_amount", "invoice_total", "balance_after_payment"), money(credit))
