"""Packs of units: what draws on what, what expires, and what goes over to another pack."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice

from agreements import MONTHLY, agreement, billed, line
from books import Books
from hypothesis import given
from hypothesis import strategies as st

from billing import ChargeType, Usage
from billing.beyond_included import beyond_included
from billing.usage_status import usage_statuses
from prepaid import CoveredUsage, Demand, Pack, Rollover, draw_down

DAY = timedelta(days=1)
FIRST = date(2026, 1, 1)
LATER = date(2026, 12, 31)


def pack(key, units, start="2026-01-01", end=None, lines=("calls",), **values):
    """A pack; ``end`` is the first day on which it cannot be used."""
    return Pack(
        key,
        Decimal(units),
        effective=date.fromisoformat(start),
        expires=end and date.fromisoformat(end),
        lines=frozenset(lines),
        **values,
    )


def demands(*rows, line="calls"):
    return [Demand(line, date.fromisoformat(day), Decimal(units)) for day, units in rows]


def drawn(packs, rows, until="2026-12-31"):
    """``(pack, day, units)`` of each draw, and ``used, left, lost`` of each pack."""
    result = draw_down(packs, rows, date.fromisoformat(until))
    draws = [(draw.pack, str(draw.day), int(draw.units)) for draw in result.draws]
    states = {
        key: (int(state.used), int(state.left), int(state.lost))
        for key, state in result.states.items()
    }
    return draws, states


def test_a_pack_covers_what_is_used_while_it_can_be_used():
    rows = demands(("2026-01-05", 10), ("2026-01-10", 30), ("2026-01-31", 5), ("2026-02-01", 7))
    draws, states = drawn([pack("p", 100, "2026-01-10", "2026-02-01")], rows)
    assert draws == [("p", "2026-01-10", 30), ("p", "2026-01-31", 5)]
    assert states == {"p": (35, 0, 65)}


def test_what_expires_first_is_used_first_then_what_is_older():
    packs = [
        pack("never", 10, created=1),
        pack("younger", 10, end="2026-03-01", created=3),
        pack("older", 10, end="2026-03-01", created=2),
    ]
    draws, _ = drawn(packs, demands(("2026-01-05", 25)))
    assert [name for name, _day, _units in draws] == ["older", "younger", "never"]


def test_a_pack_is_for_its_lines_only():
    rows = demands(("2026-01-05", 10)) + demands(("2026-01-05", 10), line="data")
    draws, states = drawn([pack("p", 100)], rows)
    assert draws == [("p", "2026-01-05", 10)]
    assert states["p"] == (10, 90, 0)


def test_a_correction_undoes_the_latest_usage_first():
    rows = demands(("2026-01-05", 90), ("2026-01-06", 30), ("2026-01-07", -25))
    draws, states = drawn([pack("p", 100)], rows)
    assert draws[-2:] == [("p", "2026-01-06", 10), ("p", "2026-01-07", -5)]
    assert states["p"] == (95, 5, 0), "20 units were beyond the pack"


def test_what_is_left_goes_over_to_the_pack_that_follows():
    first = pack("first", 100, end="2026-02-01", rollover=Rollover())
    second = pack("second", 100, "2026-02-01", "2026-03-01", created=1)
    draws, states = drawn([first, second], demands(("2026-01-05", 40), ("2026-02-05", 130)))
    assert draws[1:] == [("first", "2026-02-05", 60), ("second", "2026-02-05", 70)]
    assert states == {"first": (100, 0, 0), "second": (70, 0, 30)}


def test_at_most_so_much_and_so_often():
    limited = Rollover(most=Decimal(50), times=1)
    packs = [
        pack("a", 100, end="2026-02-01", rollover=limited),
        pack("b", 10, "2026-02-01", "2026-03-01", created=1),
        pack("c", 10, "2026-03-01", "2026-04-01", created=2),
    ]
    assert drawn(packs, [], "2026-02-01")[1]["a"] == (0, 50, 50)
    assert drawn(packs, [], "2026-03-01")[1]["a"] == (0, 0, 100)


def test_without_a_pack_that_follows_in_time_it_is_lost():
    first = pack("first", 100, end="2026-02-01", rollover=Rollover())
    late = pack("late", 100, "2026-02-02")
    other = pack("other", 100, "2026-01-01", lines=("data",))
    for packs in ([first], [first, late], [first, other]):
        assert drawn(packs, [])[1]["first"] == (0, 0, 100)


days = st.integers(0, 60).map(lambda number: FIRST + number * DAY)
units = st.decimals(0, 50, places=1)


@st.composite
def packs(draw):
    found = []
    for number in range(draw(st.integers(0, 5))):
        start = draw(days)
        length = draw(st.none() | st.integers(1, 40))
        policy = st.builds(Rollover, most=st.none() | units, times=st.none() | st.integers(1, 2))
        found.append(
            Pack(
                number,
                draw(units),
                effective=start,
                expires=length and start + length * DAY,
                priority=draw(st.integers(0, 2)),
                created=draw(st.integers(0, 2)),
                lines=frozenset(draw(st.sets(st.sampled_from("xy"), min_size=1))),
                rollover=draw(st.none() | policy),
            )
        )
    return found


@st.composite
def uses(draw, least=0):
    rows = draw(
        st.lists(
            st.tuples(days, st.sampled_from("xy"), st.decimals(least, 50, places=1)), max_size=12
        )
    )
    return [Demand(name, day, amount) for day, name, amount in sorted(rows)]


@given(packs(), uses(-30))
def test_no_unit_is_made_or_lost_on_the_way(given_packs, used):
    result = draw_down(given_packs, used, LATER)
    by_pack = defaultdict(Decimal)
    for draw in result.draws:
        by_pack[draw.pack] += draw.units
    for state in result.states.values():
        assert state.units == state.used + state.left + state.lost
        assert state.used == by_pack[state.pack.key]
        assert min(state.used, state.left, state.lost) >= 0


@given(packs(), uses())
def test_what_is_covered_is_used_and_never_more(given_packs, used):
    result = draw_down(given_packs, used, LATER)
    covered, wanted = defaultdict(Decimal), defaultdict(Decimal)
    for draw in result.draws:
        covered[draw.line, draw.day] += draw.units
        assert draw.units > 0
        assert draw.line in result.states[draw.pack].pack.lines
        assert draw.day >= result.states[draw.pack].pack.effective
    for demand in used:
        wanted[demand.line, demand.day] += demand.units
    assert all(covered[key] <= wanted[key] for key in covered)


@given(packs(), uses(-30), st.data())
def test_a_day_that_is_told_in_two_parts_draws_the_same(given_packs, used, data):
    halves = []
    for demand in used:
        part = data.draw(st.integers(0, 4)) * demand.units / 4
        halves += [replace(demand, units=part), replace(demand, units=demand.units - part)]
    whole, split = (draw_down(given_packs, rows, LATER) for rows in (used, halves))
    assert whole.states == split.states


@given(packs(), uses(), st.data())
def test_what_comes_later_changes_nothing_before(given_packs, used, data):
    day = data.draw(days)
    early = [demand for demand in used if demand.day < day]
    whole = [draw for draw in draw_down(given_packs, used, LATER).draws if draw.day < day]
    assert list(draw_down(given_packs, early, LATER).draws) == whole


# ---------------------------------------------------------------- together with billing


class Meter:
    """Usage by line and day."""

    def __init__(self, **lines):
        self.lines = {
            name: {date.fromisoformat(day): Decimal(units) for day, units in rows.items()}
            for name, rows in lines.items()
        }

    def __call__(self, name, period):
        used = self.lines[name].items()
        return Usage(
            sum((units for day, units in used if period.start <= day < period.end), Decimal(0))
        )


def covered(meter, given_packs, *lines):
    """An agreement whose usage draws on packs."""
    timeline = agreement("2026-01-01", MONTHLY, *lines, usage=meter)

    def demand():
        found = [
            Demand(one.key, day, amount)
            for one in lines
            for day, amount in beyond_included(timeline, one, sorted(meter.lines[one.key]))
        ]
        return sorted(found, key=lambda one: one.day)

    return replace(timeline, usage=CoveredUsage(meter, given_packs, demand))


def calls(price="0.10", included=0, **values):
    return line("calls", "2026-01-01", price, included, charge_type=ChargeType.USAGE, **values)


def test_what_a_period_includes_is_used_before_packs():
    meter = Meter(calls={"2026-01-05": 80, "2026-01-20": 70, "2026-02-03": 120})
    books, bought = Books(), [pack("p", 60)]
    assert billed(books, covered(meter, bought, calls(included=100)), "2026-03-01") == [
        "2026-01-01 to 2026-01-31: 0.00",
        "2026-02-01 to 2026-02-28: 1.00",
    ]
    assert [entry.charge.usage for entry in books.ledger] == [150, 120]
    assert [entry.charge.quantity for entry in books.ledger] == [0, 10]


def test_late_usage_moves_what_was_covered_and_only_the_difference_is_billed():
    books, bought = Books(), [pack("p", 100)]
    used = {"2026-01-20": 50, "2026-02-03": 80}
    billed(books, covered(Meter(calls=used), bought, calls()), "2026-03-01")
    assert [str(entry.charge.amount) for entry in books.ledger] == ["0.00", "3.00"]
    used["2026-01-25"] = 40
    late = billed(books, covered(Meter(calls=used), bought, calls()), "2026-03-02")
    assert late == ["2026-02-01 to 2026-02-28: 4.00"]


def test_a_pack_for_days_that_were_billed_gives_their_price_back():
    books, meter = Books(), Meter(calls={"2026-01-20": 50})
    assert billed(books, covered(meter, [], calls()), "2026-02-01")[-1].endswith("5.00")
    given_back = billed(books, covered(meter, [pack("p", 30)], calls()), "2026-02-02")
    assert given_back == ["2026-01-01 to 2026-01-31: -3.00"]


def test_the_threshold_counts_what_no_pack_covers():
    meter = Meter(calls={f"2026-01-{day:02}": 10 for day in (2, 4, 6, 8)})
    books, timeline = Books(), covered(meter, [pack("p", 25)], calls(threshold=Decimal(1)))
    assert billed(books, timeline, "2026-01-06") == []
    assert billed(books, timeline, "2026-01-08") == ["2026-01-01 to 2026-01-31: 1.50"]


def test_the_status_of_a_period_tells_what_is_covered():
    meter = Meter(calls={"2026-01-05": 150, "2026-02-03": 20})
    timeline = covered(meter, [pack("p", 40)], calls(included=100))
    first, second = islice(usage_statuses(timeline, timeline.lines[0]), 2)
    assert (first.used, first.covered, first.charged, first.amount) == (150, 40, 10, 1)
    assert (second.used, second.covered, second.charged) == (20, 0, 0)


@given(packs(), st.dictionaries(days, st.integers(-20, 60), max_size=10), st.integers(0, 40))
def test_covered_and_charged_together_are_what_was_used(given_packs, rows, included):
    given_packs = [replace(one, lines=frozenset(["calls"])) for one in given_packs]
    meter = Meter(calls={str(day): units for day, units in rows.items()})
    tariff = calls(included=included)
    timeline, books = covered(meter, given_packs, tariff), Books()
    billed(books, timeline, "2026-05-01")
    for entry in books.ledger:
        usage = timeline.measure(tariff, entry.charge.period)
        beyond = max(usage.quantity - included, 0) if included else usage.quantity
        assert entry.charge.quantity + usage.covered == beyond
    total = sum(timeline.measure(tariff, entry.charge.period).covered for entry in books.ledger)
    assert 0 <= total <= sum(one.left for one in given_packs)
