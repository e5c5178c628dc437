"""Random agreements, and random changes of them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import accumulate

from books import DAY
from hypothesis import strategies as st

from billing import (
    ChargeType,
    Line,
    PartialPeriod,
    Period,
    Pricing,
    PricingModel,
    Schedule,
    ScheduleKind,
    Tier,
    Timeline,
    Timing,
)

FIRST, LAST = date(2023, 11, 1), date(2024, 4, 30)
HORIZON = date(2024, 12, 31)

days = st.dates(FIRST, LAST)
any_day = st.dates(date(1990, 1, 1), date(2060, 12, 31))
cents = st.integers(0, 100_000).map(lambda n: Decimal(n) / 100)
roundings = st.sampled_from([Decimal("0.01"), Decimal("0.01"), Decimal("0.001"), Decimal(1)])
quantities = st.sampled_from([Decimal(n) for n in ("1", "1", "2", "3", "0.5", "7.25", "0")])


@st.composite
def schedules(draw, kinds=tuple(ScheduleKind)):
    kind = draw(st.sampled_from(kinds))
    limit = {ScheduleKind.DAILY: 40, ScheduleKind.WEEKLY_FIXED: 5}.get(kind, 13)
    fixed = {ScheduleKind.WEEKLY_FIXED: 7, ScheduleKind.MONTH_FIXED: 31}.get(kind)
    monthly = kind in (ScheduleKind.MONTH_FIXED, ScheduleKind.MONTH_LAST)
    return Schedule(
        kind,
        interval=draw(st.integers(7 if kind is ScheduleKind.DAILY else 1, limit)),
        fixed_day=draw(st.integers(1, fixed)) if fixed else None,
        base_month=draw(st.none() | st.integers(1, 12)) if monthly else None,
    )


@st.composite
def tiers(draw):
    """One to four tiers, the last one open."""
    limits = accumulate(draw(st.lists(st.integers(1, 40), max_size=3)))
    flats = st.just(Decimal(0)) | cents
    return tuple(
        Tier(limit, draw(cents), draw(flats)) for limit in (*(Decimal(n) / 2 for n in limits), None)
    )


NO_LIMITS = st.none()
PACKAGE_SIZES = st.sampled_from([Decimal(n) for n in ("1", "2.5", "10")])


@st.composite
def pricings(draw, models=tuple(PricingModel), limits=NO_LIMITS):
    """A price rule; ``limits`` are those of a period."""
    model = draw(st.sampled_from(models))
    own = {}
    match model:
        case PricingModel.GRADUATED | PricingModel.VOLUME | PricingModel.GRADUATED_PERCENTAGE:
            own["tiers"] = draw(tiers())
        case PricingModel.PACKAGE:
            own["package_size"] = draw(PACKAGE_SIZES)
        case PricingModel.PERCENTAGE:
            own["percent"] = draw(cents) / 100
            own["free_events"] = draw(st.none() | st.integers(0, 3))
    return Pricing(
        price=draw(cents),
        model=model,
        included=draw(st.sampled_from([Decimal(0), Decimal(0), Decimal(2)])),
        discount=draw(st.sampled_from([Decimal(n) for n in ("0", "0", "10", "33.33", "100")])),
        minimum=draw(limits),
        maximum=draw(limits),
        **own,
    )


@st.composite
def lines(draw, key):
    start = draw(st.dates(date(2023, 10, 1), LAST))
    end = draw(st.none() | st.none() | st.integers(0, 200).map(lambda n: start + n * DAY))
    return Line(
        key=key,
        start=start,
        end=end,
        pricing=draw(pricings()),
        quantity=draw(quantities),
        charge_type=draw(st.sampled_from([ChargeType.RECURRING] * 4 + list(ChargeType))),
        timing=draw(st.sampled_from(Timing)),
        schedule=draw(st.none() | st.none() | schedules()),
    )


@st.composite
def periods(draw, longest=60):
    start = draw(days)
    return Period(start, start + draw(st.integers(1, longest)) * DAY)


def meter(seed: int):
    """A usage function: a quantity a day, different for each line and always the same."""

    def usage(key, period):
        days = range(period.start.toordinal(), period.end.toordinal())
        return Decimal(sum((day * seed + len(repr(key))) % 7 for day in days)) / 2

    return usage


@st.composite
def timelines(draw, partial_periods=tuple(PartialPeriod)):
    anchor = draw(days)
    count = draw(st.integers(1, 4))
    return Timeline(
        anchor=anchor,
        schedule=draw(schedules()),
        lines=tuple(draw(lines(key)) for key in range(count)),
        end=draw(st.none() | st.none() | st.integers(0, 300).map(lambda n: anchor + n * DAY)),
        rounding=draw(roundings),
        partial_period=draw(st.sampled_from(partial_periods)),
        pauses=tuple(draw(st.lists(periods(), max_size=2))),
        usage=meter(draw(st.integers(0, 5))),
    )


@st.composite
def changes(draw, timeline, number):
    """``timeline`` after one more change; ``number`` keeps the new line's key unique."""
    index = draw(st.integers(0, len(timeline.lines) - 1))
    line, day = timeline.lines[index], draw(days)
    match draw(st.sampled_from(["end", "split", "pause", "price", "usage", "stop", "add"])):
        case "end":
            return with_line(timeline, index, replace(line, end=day))
        case "split":
            changed = replace(
                line, key=("split", number), start=day, quantity=draw(quantities), origin=None
            )
            ended = replace(line, end=min(filter(None, [line.end, day])))
            return with_line(timeline, index, ended, changed)
        case "pause":
            return replace(timeline, pauses=(*timeline.pauses, draw(periods())))
        case "price":
            return with_line(timeline, index, replace(line, pricing=draw(pricings())))
        case "usage":
            return replace(timeline, usage=meter(draw(st.integers(6, 11))))
        case "stop":
            return replace(timeline, end=draw(st.none() | days))
        case "add":
            return replace(timeline, lines=(*timeline.lines, draw(lines(("add", number)))))


def with_line(timeline, index, *instead):
    """``timeline`` with other lines in the place of one."""
    before, after = timeline.lines[:index], timeline.lines[index + 1 :]
    return replace(timeline, lines=(*before, *instead, *after))
