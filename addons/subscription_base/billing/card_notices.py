"""When the owner of a payment method is told that it expires (requirement PA-34)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class CardNotice:
    """One notice about a payment method.

    :param day: the day from which it is due; none with an earlier day follows it.
    :param is_expired: whether it tells that the method has expired, not that it is about to.
    """

    day: date
    is_expired: bool


def due_notice(
    expires_on: date, days_before: Iterable[int], served: date | None, today: date
) -> CardNotice | None:
    """The one notice that is due today, if any.

    Each day is served once. What an outage has delayed is caught up, but only the latest notice:
    nobody is told twice on the same day.

    :param expires_on: last day on which the method can be charged.
    :param days_before: how many days before that day a notice is due.
    :param served: the day of the latest notice that was given; ``None`` when there was none.
    """
    notices = [CardNotice(expires_on - timedelta(days), False) for days in days_before]
    notices.append(CardNotice(expires_on + timedelta(1), True))
    reached = [notice for notice in notices if notice.day <= today]
    latest = max(reached, key=lambda notice: notice.day, default=None)
    if latest is None or (served is not None and latest.day <= served):
        return None
    return latest
