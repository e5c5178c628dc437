"""Is a new version dearer than the one before, and what does it do to the next invoice?"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from agreements import MONTHLY, agreement, line

from billing import (
    ChargeType,
    Pricing,
    PricingModel,
    Schedule,
    ScheduleKind,
    Tier,
    Timing,
    first_invoice_for,
    is_charged,
    is_dearer,
)

YEARLY = Schedule(ScheduleKind.MONTH_START, 12)


def unit(price, **values):
    return Pricing(Decimal(price), **values)


def graduated(*tiers):
    return Pricing(
        Decimal(0),
        PricingModel.GRADUATED,
        tiers=tuple(
            Tier(None if up_to is None else Decimal(up_to), Decimal(price))
            for up_to, price in tiers
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "dearer"),
    [
        (unit("30"), unit("35"), True),
        (unit("30"), unit("30"), False),
        (unit("30"), unit("25"), False),
        (unit("0.05", included=Decimal(100)), unit("0.05", included=Decimal(50)), True),
        (unit("0.05", included=Decimal(100)), unit("0.05", included=Decimal(200)), False),
        (unit("30", discount=Decimal(10)), unit("30"), True),
        (unit("30"), Pricing(Decimal(30), PricingModel.FLAT), True),
        (graduated((10, "5"), (None, "3")), graduated((10, "5"), (None, "4")), True),
        (graduated((10, "5"), (None, "3")), graduated((10, "4"), (None, "3")), False),
        (graduated((10, "5"), (None, "3")), graduated((20, "5"), (None, "3")), True),
        (unit("30"), unit("30", minimum=Decimal(40)), True),
        (unit("30", maximum=Decimal(100)), unit("30"), True),
    ],
)
def test_any_raised_price_is_dearer(old, new, dearer):
    assert is_dearer(old, new) is dearer


def test_prices_are_compared_per_month():
    assert not is_dearer(unit("30"), unit("360"), Decimal(1), MONTHLY, YEARLY)
    assert is_dearer(unit("30"), unit("361"), Decimal(1), MONTHLY, YEARLY)
    assert is_dearer(unit("360"), unit("31"), Decimal(1), YEARLY, MONTHLY)


def test_an_allowance_for_a_longer_period_is_worth_less():
    old, new = unit("0.05", included=Decimal(100)), unit("0.05", included=Decimal(1200))
    assert not is_dearer(old, new, Decimal(1), MONTHLY, YEARLY, measured=True)
    assert is_dearer(old, old, Decimal(1), MONTHLY, YEARLY, measured=True)


def test_what_is_new_and_free_is_not_charged():
    assert not is_charged(unit("0"), Decimal(1))
    assert is_charged(unit("4"), Decimal(1))
    assert not is_charged(unit("4"), Decimal(0))
    assert is_charged(unit("0.05", included=Decimal(100)), Decimal(1), measured=True)


def test_the_first_invoice_for_the_days_to_come():
    timeline = agreement("2026-01-15", MONTHLY, line("hosting", "2026-01-15", "30"))
    assert first_invoice_for(timeline, date(2026, 5, 15)) == (date(2026, 5, 15), Decimal(30))


def test_what_is_billed_in_arrears_is_invoiced_a_period_later():
    late = replace(line("hosting", "2026-01-15", "30"), timing=Timing.ARREARS)
    timeline = agreement("2026-01-15", MONTHLY, late)
    assert first_invoice_for(timeline, date(2026, 5, 15)) == (date(2026, 6, 15), Decimal(30))


def test_no_invoice_follows_when_everything_has_ended():
    timeline = agreement("2026-01-15", MONTHLY, line("hosting", "2026-01-15", "30"))
    ended = replace(timeline, end=date(2026, 5, 15))
    assert first_invoice_for(ended, date(2026, 5, 15)) == (None, Decimal(0))


def test_usage_to_come_is_unknown():
    calls = line("calls", "2026-01-15", "1", charge_type=ChargeType.USAGE)
    timeline = agreement("2026-01-15", MONTHLY, calls)
    assert first_invoice_for(timeline, date(2026, 5, 15)) == (None, Decimal(0))
