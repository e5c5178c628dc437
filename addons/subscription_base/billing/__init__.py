"""The functional core of subscription billing.

Plain Python over ``date``, ``datetime``, ``Decimal`` and ``Fraction``: no database, no framework.

    timeline  --rate()-->  target charges  --difference(ledger)-->  new charges

Read in this order: :mod:`calendar` (which billing periods are there?), :mod:`money` and
:mod:`proration` (what does a part of a period cost?), :mod:`pricing` with :mod:`tiers` and
:mod:`percentage` (what does a quantity cost?),
:mod:`timeline` (what has been agreed?), :mod:`rating` (what should have been charged?),
:mod:`ledger` (what is still to be charged or credited?).
"""

from .bill import Bill, bill, next_billing_date
from .by_hand import credit_by_hand, remaining, stated_again, taken_back
from .calendar import (
    MINUTES_A_DAY,
    Grid,
    Period,
    Schedule,
    ScheduleKind,
    add_months,
    add_months_from,
    as_day,
    minute_of,
)
from .card_notices import CardNotice, due_notice
from .charge import Charge
from .comparison import is_charged, is_dearer
from .cuts import unpaused, until_end
from .entry import Entry
from .ledger import difference
from .money import as_invoice_line, round_half_up
from .outlook import first_invoice_for
from .percentage import Percentage
from .pricing import Pricing, PricingModel
from .proration import DayCount, part_amount
from .rating import next_due, rate
from .recurring import monthly_amount, periods_per_month
from .shift import invoiced_from
from .steps import Step, StepKind
from .tariff import Reckoning
from .terms import (
    Duration,
    Effect,
    MilestoneKind,
    NoticeStart,
    Terms,
    TermType,
    Unit,
    end_after_cycles,
    trial_end,
)
from .tiers import Tier
from .timeline import ChargeType, Line, PartialPeriod, Provider, Timeline, Timing, Usage

__all__ = [
    "MINUTES_A_DAY",
    "Bill",
    "CardNotice",
    "Charge",
    "ChargeType",
    "DayCount",
    "Duration",
    "Effect",
    "Entry",
    "Grid",
    "Line",
    "MilestoneKind",
    "NoticeStart",
    "PartialPeriod",
    "Percentage",
    "Period",
    "Pricing",
    "PricingModel",
    "Provider",
    "Reckoning",
    "Schedule",
    "ScheduleKind",
    "Step",
    "StepKind",
    "TermType",
    "Terms",
    "Tier",
    "Timeline",
    "Timing",
    "Unit",
    "Usage",
    "add_months",
    "add_months_from",
    "as_day",
    "as_invoice_line",
    "bill",
    "credit_by_hand",
    "difference",
    "due_notice",
    "end_after_cycles",
    "first_invoice_for",
    "invoiced_from",
    "is_charged",
    "is_dearer",
    "minute_of",
    "monthly_amount",
    "next_billing_date",
    "next_due",
    "part_amount",
    "periods_per_month",
    "rate",
    "remaining",
    "round_half_up",
    "stated_again",
    "taken_back",
    "trial_end",
    "unpaused",
    "until_end",
]
