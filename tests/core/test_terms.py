"""Trial, terms, minimum terms and notice."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import schedules

from billing import (
    Duration,
    Effect,
    MilestoneKind,
    NoticeStart,
    PartialPeriod,
    Schedule,
    ScheduleKind,
    Terms,
    TermType,
    Unit,
    end_after_cycles,
    trial_end,
)

DAY = timedelta(days=1)
MONTHLY = Schedule(ScheduleKind.MONTH_START)
FIRST = Schedule(ScheduleKind.MONTH_FIXED, fixed_day=1)
LAST = Schedule(ScheduleKind.MONTH_LAST)


def days(count):
    return Duration(count, Unit.DAY)


def months(count):
    return Duration(count, Unit.MONTH)


def periods(count):
    return Duration(count, Unit.PERIOD)


def last_day(end):
    return end - DAY


@pytest.mark.requirement("RE-105")
def test_a_trial_of_a_month_and_of_days():
    assert trial_end(date(2026, 1, 31), months(1)) == date(2026, 2, 28)
    assert trial_end(date(2026, 3, 14), days(7)) == date(2026, 3, 21)
    assert trial_end(date(2026, 3, 14), None) == date(2026, 3, 14)
    with pytest.raises(ValueError, match="days, weeks or months"):
        trial_end(date(2026, 3, 14), periods(1))


def test_it_renews_until_cancelled():
    terms = Terms(date(2026, 1, 1), MONTHLY, initial=months(12), renewal=months(12))
    assert terms.end is None
    assert terms.term_end(date(2028, 12, 31)) == date(2029, 1, 1)
    assert Terms(date(2026, 1, 1), MONTHLY).term_end(date(2029, 1, 1)) is None


@pytest.mark.requirement("RE-90")
def test_a_fixed_number_of_cycles():
    terms = Terms(date(2026, 1, 15), MONTHLY, type=TermType.CYCLES, cycles=6)
    assert terms.end == date(2026, 7, 15)
    assert terms.term_end(date(2026, 1, 15)) == terms.end


@pytest.mark.parametrize(
    ("mode", "end"),
    [
        (PartialPeriod.PRORATED, date(2026, 4, 1)),
        (PartialPeriod.FULL, date(2026, 4, 1)),
        (PartialPeriod.ZERO, date(2026, 4, 1)),
        (PartialPeriod.NO_BILL, date(2026, 5, 1)),
        (PartialPeriod.WAIVED, date(2026, 5, 1)),
    ],
)
def test_a_stub_that_an_invoice_states_counts_as_a_cycle(mode, end):
    assert end_after_cycles(FIRST, date(2026, 1, 15), 3, mode) == end
    assert end_after_cycles(FIRST, date(2026, 1, 1), 3, mode) == date(2026, 4, 1)


@pytest.mark.requirement("RE-91")
def test_it_ends_with_the_contract():
    terms = Terms(date(2026, 2, 1), MONTHLY, type=TermType.FIXED_TERM, initial=months(12))
    assert last_day(terms.end) == date(2027, 1, 31)
    assert terms.next_termination_date(date(2026, 3, 3)) == terms.end


def test_the_first_term_binds():
    terms = Terms(date(2026, 1, 1), MONTHLY, initial=months(12))
    assert last_day(terms.next_termination_date(date(2026, 3, 10))) == date(2026, 12, 31)
    assert last_day(terms.next_termination_date(date(2027, 3, 10))) == date(2027, 3, 10)


@pytest.mark.requirement("RE-95")
def test_the_renewal_term_may_differ_from_the_first():
    terms = Terms(date(2026, 1, 1), MONTHLY, initial=months(12), renewal=months(6))
    assert terms.term_end(date(2026, 12, 31)) == date(2027, 1, 1)
    assert terms.term_end(date(2027, 1, 1)) == date(2027, 7, 1)
    assert terms.next_termination_date(date(2027, 8, 1)) == date(2028, 1, 1)


def test_terms_come_back_to_the_31st():
    terms = Terms(date(2026, 1, 31), MONTHLY, initial=months(1), renewal=months(1))
    ends = [terms.term_end(date(2026, month, 15)) for month in range(2, 6)]
    assert ends == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)]
    last = Terms(date(2026, 2, 28), LAST, initial=periods(1), renewal=periods(1))
    assert last.term_end(date(2026, 4, 15)) == date(2026, 4, 30)


def test_the_minimum_is_paid_for():
    terms = Terms(date(2026, 1, 15), MONTHLY, minimum=months(1))
    assert last_day(terms.next_termination_date(date(2026, 1, 15))) == date(2026, 2, 14)
    full = Terms(date(2026, 1, 15), FIRST, minimum=months(1), full_last_period=True)
    assert last_day(full.next_termination_date(date(2026, 1, 15))) == date(2026, 2, 28)


@pytest.mark.requirement("RE-99", "PA-07")
@pytest.mark.parametrize(
    ("notice", "ends", "period_ends"),
    [
        (days(14), date(2026, 3, 24), date(2026, 3, 31)),
        (Duration(2, Unit.WEEK), date(2026, 3, 24), date(2026, 3, 31)),
        (months(1), date(2026, 4, 10), date(2026, 4, 30)),
        (days(0), date(2026, 3, 10), date(2026, 3, 31)),
        (periods(1), date(2026, 4, 10), date(2026, 4, 30)),
    ],
)
def test_notice(notice, ends, period_ends):
    terms = Terms(date(2026, 1, 1), MONTHLY, notice=notice)
    on = date(2026, 3, 10)
    assert last_day(terms.next_termination_date(on)) == ends
    to_the_period = replace(terms, effect=Effect.PERIOD_END)
    assert last_day(to_the_period.next_termination_date(on)) == period_ends


def test_notice_of_full_periods_after_the_current_one():
    terms = Terms(date(2026, 1, 1), FIRST, notice=periods(1), notice_start=NoticeStart.PERIOD_END)
    assert terms.next_termination_date(date(2026, 1, 10)) == date(2026, 3, 1)
    assert terms.next_termination_date(date(2026, 1, 31)) == date(2026, 3, 1)
    assert terms.next_termination_date(date(2026, 2, 1)) == date(2026, 4, 1)


def test_what_has_been_billed_in_advance_is_used_up():
    terms = Terms(date(2026, 1, 1), MONTHLY, effect=Effect.BILLED)
    on = date(2026, 5, 12)
    assert last_day(terms.next_termination_date(on, date(2026, 6, 1))) == date(2026, 5, 31)
    assert last_day(terms.next_termination_date(on, date(2026, 7, 1))) == date(2026, 6, 30)
    assert last_day(terms.next_termination_date(on)) == on


def test_a_trial_can_be_left_at_its_end():
    terms = Terms(
        date(2026, 3, 15), MONTHLY, start=date(2026, 3, 1), initial=months(12), notice=months(1)
    )
    assert terms.next_termination_date(date(2026, 3, 14)) == date(2026, 3, 15)
    assert terms.next_termination_date(date(2026, 3, 15)) == date(2027, 3, 15)


def test_the_deadline_is_the_last_day_for_notice():
    terms = Terms(date(2026, 1, 1), MONTHLY, initial=months(12), notice=months(1))
    deadline = terms.termination_deadline(date(2026, 6, 1))
    assert deadline == date(2026, 11, 30)
    assert last_day(terms.next_termination_date(deadline)) == date(2026, 12, 31)
    assert last_day(terms.next_termination_date(deadline + DAY)) == date(2027, 1, 1)
    assert terms.termination_deadline(date(2027, 6, 1)) is None
    assert replace(terms, notice=months(18)).termination_deadline(date(2026, 1, 1)) is None


def test_the_milestones_in_their_order():
    terms = Terms(
        date(2026, 2, 1),
        MONTHLY,
        start=date(2026, 1, 18),
        initial=months(12),
        renewal=months(6),
        minimum=months(3),
        notice=months(1),
    )
    kind = MilestoneKind
    assert [(m.kind, m.day) for m in terms.milestones()] == [
        (kind.START, date(2026, 1, 18)),
        (kind.TRIAL_END, date(2026, 2, 1)),
        (kind.MINIMUM_END, date(2026, 5, 1)),
        (kind.NOTICE_DEADLINE, date(2026, 12, 31)),
        (kind.TERM_END, date(2027, 2, 1)),
        (kind.RENEWAL_END, date(2027, 8, 1)),
        (kind.RENEWAL_END, date(2028, 2, 1)),
    ]
    assert [m.kind for m in Terms(date(2026, 2, 1), MONTHLY).milestones()] == [kind.START]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"type": TermType.FIXED_TERM}, "must be a contract term"),
        ({"type": TermType.CYCLES}, "number of cycles"),
        ({"cycles": 3}, "number of cycles"),
        ({"type": TermType.CYCLES, "cycles": 3, "initial": months(3)}, "no contract term"),
        ({"renewal": months(3)}, "renewal term"),
        (
            {"type": TermType.FIXED_TERM, "initial": months(3), "renewal": months(3)},
            "renewal term",
        ),
        ({"initial": months(0)}, "at least one"),
    ],
)
def test_parts_that_do_not_fit_the_type(values, message):
    with pytest.raises(ValueError, match=message):
        Terms(date(2026, 1, 1), MONTHLY, **values)


anchors = st.dates(date(2023, 1, 1), date(2028, 12, 31))
units = st.sampled_from([Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.PERIOD])


def durations(least, most):
    return st.builds(Duration, st.integers(least, most), units)


@st.composite
def any_terms(draw, kinds=tuple(TermType)):
    kind = draw(st.sampled_from(kinds))
    initial = draw(
        durations(1, 30) if kind is TermType.FIXED_TERM else st.none() | durations(1, 30)
    )
    if kind is TermType.CYCLES:
        initial = None
    renews = kind is TermType.RENEWING and initial
    return Terms(
        draw(anchors),
        draw(schedules()),
        type=kind,
        initial=initial,
        renewal=draw(st.none() | durations(1, 14)) if renews else None,
        minimum=draw(st.none() | durations(1, 30)),
        cycles=draw(st.integers(1, 30)) if kind is TermType.CYCLES else None,
        partial_period=draw(st.sampled_from(PartialPeriod)),
        full_last_period=draw(st.booleans()),
        notice=draw(durations(0, 8)),
        notice_start=draw(st.sampled_from(NoticeStart)),
        effect=draw(st.sampled_from(Effect)),
        longest_notice=draw(st.none() | durations(0, 3)),
    )


@given(any_terms(), st.integers(0, 1500), st.integers(0, 90))
def test_a_termination_is_never_too_early(terms, after, billed):
    on = terms.anchor + after * DAY
    assume(terms.end is None or on < terms.end)
    end = terms.next_termination_date(on, on + billed * DAY)
    assert end == terms.end or end >= terms.end_of_notice(on)
    assert end == terms.end or end >= terms.minimum_end
    assert end == terms.end or terms.initial is None or end >= terms.initial_end
    assert end > on


@given(any_terms(), st.integers(0, 1500), st.integers(1, 400), st.dates(date(2023, 1, 1)))
def test_later_notice_never_ends_earlier(terms, after, more, billed):
    first = terms.anchor + after * DAY
    assert terms.next_termination_date(first, billed) <= terms.next_termination_date(
        first + more * DAY, billed
    )


@given(any_terms([TermType.RENEWING]), durations(1, 14), st.integers(0, 1500))
def test_while_a_term_runs_a_termination_is_to_the_end_of_a_term(terms, renewal, after):
    on = terms.anchor + after * DAY
    terms = replace(terms, initial=terms.initial or renewal, renewal=renewal)
    end = terms.next_termination_date(on)
    assert terms.term_end(end - DAY) == end


@given(any_terms([TermType.RENEWING]), durations(1, 30), st.integers(0, 1500))
def test_the_deadline_is_the_last_day_in_time(terms, initial, after):
    on = terms.anchor + after * DAY
    terms = replace(terms, initial=initial)
    deadline, end = terms.termination_deadline(on), terms.term_end(on)
    if deadline:
        assert terms.next_termination_date(deadline) <= end
        assert terms.next_termination_date(deadline + DAY) > end or deadline + DAY == end


@given(any_terms())
def test_milestones_are_in_the_order_of_the_calendar(terms):
    found = [milestone.day for milestone in terms.milestones()]
    assert found == sorted(found)
