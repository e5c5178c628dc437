"""What German law lets a business agree with a consumer about terms (§ 309 Nr. 9 BGB).

Since 1 March 2022 the first term is at most two years, afterwards the contract is open-ended and
can be terminated at any time with at most one month's notice, and so is the notice before the
end of the first term. Older contracts keep the old rule: renewal for at most one year, notice of
at most three months (Art. 229 § 60 EGBGB).
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from .calendar import MONTHS_A_YEAR, Schedule
from .terms import Duration, Terms, Unit

IN_FORCE = date(2022, 3, 1)
DAYS_A_YEAR = 365


class Limit(str, Enum):
    """The part of the terms that goes too far."""

    INITIAL = "initial"
    MINIMUM = "minimum"
    RENEWAL = "renewal"
    NOTICE = "notice"


@dataclass(frozen=True)
class ConsumerRule:
    """The longest that may be agreed, in months; no renewal term at all when it is 0."""

    initial: int
    renewal: int
    notice: int


RULE = ConsumerRule(initial=24, renewal=0, notice=1)
LEGACY_RULE = ConsumerRule(initial=24, renewal=12, notice=3)


def is_legacy(concluded: date | None) -> bool:
    """Whether a contract concluded on that day keeps the old rule."""
    return concluded is not None and concluded < IN_FORCE


def rule(concluded: date | None) -> ConsumerRule:
    return LEGACY_RULE if is_legacy(concluded) else RULE


def exceeds(duration: Duration | None, months: int, schedule: Schedule) -> bool:
    """Whether ``duration`` is longer than ``months``; 30 days and 4 weeks are within a month."""
    if duration is None:
        return False
    count, in_months = duration.in_steps(schedule)
    return count > (months if in_months else months * DAYS_A_YEAR // MONTHS_A_YEAR)


def exceeded_limits(terms: Terms, concluded: date | None = None) -> list[Limit]:
    """The parts of ``terms`` that may not be agreed with a consumer.

    :param concluded: the day of the contract; ``None`` is from now on.
    """
    limits = rule(concluded)
    parts = (
        (Limit.INITIAL, terms.initial, limits.initial),
        (Limit.MINIMUM, terms.minimum, limits.initial),
        (Limit.RENEWAL, terms.renewal, limits.renewal),
        (Limit.NOTICE, terms.notice, limits.notice),
    )
    return [name for name, part, months in parts if exceeds(part, months, terms.schedule)]


def within_limits(terms: Terms, concluded: date | None = None) -> Terms:
    """``terms`` as they hold against a consumer: a renewal term does not bind any more."""
    if is_legacy(concluded):
        return terms
    return replace(terms, renewal=None, longest_notice=Duration(RULE.notice, Unit.MONTH))
