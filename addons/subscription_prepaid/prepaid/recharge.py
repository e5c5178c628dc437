"""Low balances: told once per crossing, and topped up by themselves where that was agreed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

_DAY = timedelta(days=1)


class Crossing(Enum):
    """How a balance has moved over its threshold since it was last looked at."""

    FELL = "fell"
    ROSE = "rose"


def crossing(balance: Decimal, threshold: Decimal, was_low: bool) -> Crossing | None:
    """Whether the balance has crossed the threshold; below it, it is low (requirement SM-30).

    :param was_low: whether it was low when it was last looked at.
    """
    is_low = balance < threshold
    if is_low == was_low:
        return None
    return Crossing.FELL if is_low else Crossing.ROSE


@dataclass(frozen=True)
class RechargeTerms:
    """What the customer has agreed to.

    :param threshold: topped up when the balance is below it.
    :param amount: by how much, above zero.
    :param limit: at most so much within a period; ``None`` for no limit.
    :param period_days: length of that period, in days back from today.
    :param pause_days: after the n-th failure in a row the next try waits n times as many days.
    :param max_failures: after so many failures in a row it is given up until somebody acts.
    """

    threshold: Decimal
    amount: Decimal
    limit: Decimal | None = None
    period_days: int = 30
    pause_days: int = 1
    max_failures: int = 3


@dataclass(frozen=True)
class Recharge:
    """A top-up that was tried.

    :param succeeded: ``None`` while its outcome is not known.
    """

    day: date
    amount: Decimal
    succeeded: bool | None = True


def recharge(
    balance: Decimal, terms: RechargeTerms, history: Iterable[Recharge], today: date
) -> Decimal | None:
    """The amount to top up by today; ``None`` when nothing is to be done.

    Nothing is tried while the outcome of another try is unknown, so a crash or a slow provider
    never charges twice.
    """
    history = sorted(history, key=lambda one: one.day)
    if balance >= terms.threshold or any(one.succeeded is None for one in history):
        return None
    failures = _failures_in_a_row(history)
    if failures:
        if len(failures) >= terms.max_failures:
            return None
        if today < failures[-1].day + len(failures) * terms.pause_days * _DAY:
            return None
    if terms.limit is not None:
        since = today - terms.period_days * _DAY
        spent = sum((h.amount for h in history if h.succeeded and h.day > since), Decimal(0))
        if spent + terms.amount > terms.limit:
            return None
    return terms.amount


def _failures_in_a_row(history: list[Recharge]) -> list[Recharge]:
    failures = []
    for one in reversed(history):
        if one.succeeded:
            break
        failures.insert(0, one)
    return failures
