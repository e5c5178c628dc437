"""Packs of units: which usage draws on which pack, and what becomes of units that expire.

All of it follows from the packs and the usage by day. Nothing is counted along, so what is
recorded late, corrected, or bought for days that have passed comes out as if it had always been so.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import accumulate

from .burn_down import Grant, burn_down, rolled_over

_NONE = Decimal(0)


@dataclass(frozen=True)
class Rollover:
    """What becomes of units that are left when their pack expires.

    They go over to a pack for the same usage that can be used on that day, and expire with it;
    without such a pack they are lost.

    :param most: at most so many units go over each time; ``None`` for all.
    :param times: so often at most; ``None`` for always.
    """

    most: Decimal | None = None
    times: int | None = None


@dataclass(frozen=True)
class Pack(Grant):
    """Units bought in advance. It counts on ``[effective, expires)``.

    :param left: how many units it brings.
    :param lines: keys of the lines whose usage may draw on it.
    :param rollover: ``None`` when what expires is lost.
    """

    lines: frozenset[Hashable] = frozenset()
    rollover: Rollover | None = None


@dataclass(frozen=True)
class Demand:
    """What a line uses on a day beyond what it includes; negative for what is taken back."""

    line: Hashable
    day: date
    units: Decimal


@dataclass(frozen=True)
class Draw:
    """Units of a pack that a line has used on a day; negative for what it has given back."""

    pack: Hashable
    line: Hashable
    day: date
    units: Decimal


@dataclass(frozen=True)
class PackState:
    """A pack as it is in the end: ``units == used + left + lost``.

    :param expires: the first day on which it cannot be used, later than agreed where its units
        have gone over to another pack.
    :param lost: units that have expired.
    """

    pack: Pack
    left: Decimal
    lost: Decimal
    expires: date | None

    @property
    def units(self) -> Decimal:
        return self.pack.left

    @property
    def used(self) -> Decimal:
        return self.units - self.left - self.lost


@dataclass(frozen=True)
class DrawDown:
    """What was drawn, in the order in which it was used, and what is left of each pack."""

    draws: tuple[Draw, ...]
    states: dict[Hashable, PackState]


def draw_down(packs: Iterable[Pack], demands: Iterable[Demand], until: date) -> DrawDown:
    """What usage draws on packs, and how these are at the beginning of ``until``.

    Each demand uses up packs that count on its day, see :func:`burn_down`; what they do not cover
    is left over. What is taken back undoes the latest usage of its line, covered or not: what was
    covered goes back to its pack.

    :param demands: in the order of their days; those of one day in the order of their turn.
    :param until: packs that have expired by then have lost, or passed on, what was left of them.
    """
    course = _Course({pack.key: pack for pack in packs})
    for demand in demands:
        course.expire(demand.day)
        if demand.units < 0:
            course.give_back(demand)
        else:
            course.use(demand)
    course.expire(until)
    return DrawDown(tuple(course.draws), course.states())


@dataclass
class _Course:
    """The packs on their way through the days.

    ``now`` has them as they are, ``history`` what each line has used: pack (``None`` where no
    pack has covered it) and units.
    """

    agreed: dict[Hashable, Pack]
    draws: list[Draw] = field(default_factory=list)
    history: dict[Hashable, list] = field(default_factory=lambda: defaultdict(list))
    lost: dict[Hashable, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    rolled: dict[Hashable, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self):
        self.now = dict(self.agreed)

    def use(self, demand: Demand) -> None:
        usable = [pack for pack in self.now.values() if demand.line in pack.lines]
        uses, after = burn_down(usable, demand.units, demand.day)
        self.now |= {pack.key: pack for pack in after}
        rest = demand.units
        for use in uses:
            self._draw(use.grant, demand, use.amount)
            self.history[demand.line].append((use.grant, use.amount))
            rest -= use.amount
        if rest:
            self.history[demand.line].append((None, rest))

    def give_back(self, demand: Demand) -> None:
        history, rest = self.history[demand.line], -demand.units
        while rest and history:
            key, units = history.pop()
            taken = min(units, rest)
            rest -= taken
            if units > taken:
                history.append((key, units - taken))
            if key is not None:
                self.now[key] = replace(self.now[key], left=self.now[key].left + taken)
                self._draw(key, demand, -taken)

    def expire(self, on: date) -> None:
        """Let packs expire up to a day, in their order."""
        while expired := [
            pack for pack in self.now.values() if pack.left and pack.expires and pack.expires <= on
        ]:
            pack = min(expired, key=lambda pack: (pack.expires, pack.created, pack.key))
            self._pass_on(pack)

    def _pass_on(self, pack: Pack) -> None:
        heirs = [
            other
            for other in self.agreed.values()
            if other.counts(pack.expires) and other.lines & pack.lines
        ]
        over, expires = _NONE, pack.expires
        if heirs and self._may_roll_over(pack):
            over = rolled_over(pack.left, pack.rollover.most)
            ends = [heir.expires for heir in heirs]
            expires = None if None in ends else max(ends)
            self.rolled[pack.key] += 1
        self.lost[pack.key] += pack.left - over
        self.now[pack.key] = replace(pack, left=over, expires=expires)

    def _may_roll_over(self, pack: Pack) -> bool:
        policy = pack.rollover
        return bool(policy) and (policy.times is None or self.rolled[pack.key] < policy.times)

    def _draw(self, key: Hashable, demand: Demand, units: Decimal) -> None:
        self.draws.append(Draw(key, demand.line, demand.day, units))

    def states(self) -> dict[Hashable, PackState]:
        return {
            key: PackState(pack, self.now[key].left, self.lost[key], self.now[key].expires)
            for key, pack in self.agreed.items()
        }


class CoveredUsage:
    """The usage of a timeline, with what packs cover of it.

    :param usage: ``usage(line, period)``, what was measured; a dataclass with ``covered``.
    :param packs: all packs of the timeline.
    :param demands: called once, when a line that has packs is asked about for the first time.
    """

    def __init__(
        self,
        usage: Callable,
        packs: Iterable[Pack],
        demands: Callable[[], Iterable[Demand]],
    ):
        self._usage, self._packs, self._demands = usage, tuple(packs), demands
        self._lines = frozenset().union(*(pack.lines for pack in self._packs))

    def __call__(self, line: Hashable, period):
        found = self._usage(line, period)
        if line not in self._lines or line not in self._draws:
            return found
        days, totals = self._draws[line]
        covered = totals[bisect_left(days, period.end)] - totals[bisect_left(days, period.start)]
        return replace(found, covered=covered) if covered else found

    def draw_down(self, until: date) -> DrawDown:
        """All that was drawn, and how the packs are at the beginning of ``until``."""
        return draw_down(self._packs, self._demands(), until)

    @cached_property
    def _draws(self) -> dict[Hashable, tuple[list[date], list[Decimal]]]:
        """The days on which each line has drawn, and how much it had drawn before each of them."""
        draws = defaultdict(list)
        for draw in self.draw_down(date.min).draws:
            draws[draw.line].append(draw)
        return {
            line: (
                [draw.day for draw in drawn],
                [*accumulate((draw.units for draw in drawn), initial=_NONE)],
            )
            for line, drawn in draws.items()
        }
