"""Usage as it accrues: used, free, charged and what it costs, period by period."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import islice

from agreements import MONTHLY, agreement, line

from billing import ChargeType
from billing.allowance import Allowance
from billing.usage_status import usage_statuses

USED = {date(2026, 1, 15): 80, date(2026, 2, 15): 130, date(2026, 3, 15): 250}


def statuses(**values):
    calls = line("calls", "2026-01-01", "0.10", "100", charge_type=ChargeType.USAGE)

    def usage(_key, period):
        return sum(
            (Decimal(used) for day, used in USED.items() if period.start <= day < period.end),
            Decimal(0),
        )

    timeline = agreement("2026-01-01", MONTHLY, replace(calls, **values), usage=usage)
    return [
        (int(status.used), int(status.included), int(status.remaining), str(status.amount))
        for status in islice(usage_statuses(timeline, timeline.lines[0]), 3)
    ]


def test_each_period_has_its_own_allowance():
    assert statuses() == [(80, 100, 20, "0.00"), (130, 100, 0, "3.00"), (250, 100, 0, "15.00")]


def test_what_rolled_over_is_free_too():
    assert statuses(rollover=1) == [
        (80, 100, 20, "0.00"), (130, 120, 0, "1.00"), (250, 100, 0, "15.00"),
    ]  # fmt: skip


def test_what_was_billed_at_a_threshold_counts_for_its_period():
    assert statuses(threshold=Decimal(2))[1] == (130, 100, 0, "3.00")


def test_at_most_so_much_rolls_over():
    limited = statuses(rollover=2, rollover_most=Decimal(15))
    assert limited[1] == (130, 115, 0, "1.50")


def test_the_youngest_units_go_over():
    allowance = Allowance(Decimal(100), 2, Decimal(120))
    allowance.use(Decimal(0))
    allowance.use(Decimal(90))
    assert allowance.available == 210
    allowance.use(Decimal(0))
    assert allowance.available == 220, "100 of the last period, 20 of the one before"
