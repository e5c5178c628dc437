"""Minimum, maximum and tiers of metered lines, period by period."""

from datetime import date
from decimal import Decimal

from agreements import FIRST_OF_MONTH, MONTHLY, agreement, daily_runs
from books import Books

from billing import ChargeType, Line, Pricing, PricingModel, Tier, Usage


def usage_line(price, start="2026-06-01", threshold=None, **values):
    return Line(
        "units",
        date.fromisoformat(start),
        Pricing(Decimal(price), **values),
        charge_type=ChargeType.USAGE,
        threshold=threshold and Decimal(threshold),
    )


def metered(quantity):
    """The same use on the 10th of every month."""
    return lambda _key, period: (
        Decimal(quantity)
        if any(period.start <= date(2026, month, 10) < period.end for month in range(1, 13))
        else Decimal(0)
    )


def test_a_period_without_usage_costs_its_minimum():
    timeline = agreement("2026-06-01", MONTHLY, usage_line("1", minimum=Decimal(10)))
    assert daily_runs(timeline, "2026-07-01") == {"2026-07-01": ["2026-06-01 to 2026-06-30: 10.00"]}


def test_a_part_of_a_period_costs_a_part_of_the_minimum_and_of_the_maximum():
    line = usage_line("1", "2026-06-16", minimum=Decimal(10), maximum=Decimal(30))
    low = agreement("2026-06-16", FIRST_OF_MONTH, line)
    high = agreement("2026-06-06", FIRST_OF_MONTH, usage_line("1", "2026-06-06",
                     maximum=Decimal(30)), usage=metered(40))  # fmt: skip
    assert daily_runs(low, "2026-07-01")["2026-07-01"] == ["2026-06-16 to 2026-06-30: 5.00"]
    assert daily_runs(high, "2026-07-01")["2026-07-01"] == ["2026-06-06 to 2026-06-30: 25.00"]


def test_the_minimum_waits_for_the_end_of_the_period():
    line = usage_line("1", threshold="20", minimum=Decimal(50))
    timeline = agreement("2026-06-01", MONTHLY, line, usage=metered(25))
    assert daily_runs(timeline, "2026-07-01") == {
        "2026-06-10": ["2026-06-01 to 2026-06-30: 25.00"],
        "2026-07-01": ["2026-06-01 to 2026-06-30: 25.00"],
    }


def test_late_usage_is_billed_at_the_price_of_its_tier():
    tiers = (Tier(Decimal(10), Decimal(5)), Tier(None, Decimal(4)))
    line = usage_line("0", model=PricingModel.GRADUATED, tiers=tiers)
    books = Books()
    for quantity, expected in ((8, 40), (15, 30)):
        timeline = agreement("2026-06-01", MONTHLY, line, usage=metered(quantity))
        (entry,) = books.bill(timeline, date(2026, 7, 1))
        assert entry.charge.amount == expected


def test_a_percentage_looks_at_each_transaction():
    line = usage_line(
        "0.25",
        model=PricingModel.PERCENTAGE,
        percent=Decimal("2.9"),
        included=Decimal(100),
    )
    events = Usage(Decimal(650), (Decimal(150), Decimal(500)))
    timeline = agreement("2026-06-01", MONTHLY, line, usage=lambda _key, _period: events)
    (entry,) = Books().bill(timeline, date(2026, 7, 1))
    assert entry.charge.quantity == 550
    assert entry.charge.amount == Decimal("16.45")
