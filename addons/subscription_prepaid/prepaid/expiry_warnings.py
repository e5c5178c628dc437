"""Who is warned before a prepaid contract expires (SD-20 to SD-25)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class ExpiryWarning:
    """A warning that is due.

    :param days_before: its stage: how many days before the expiry it belongs.
    :param passed: earlier stages that are not sent any more; they count as served with it.
    """

    days_before: int
    passed: tuple[int, ...] = ()


def due_warning(
    expiry: date, stages: Collection[int], served: Collection[int], today: date
) -> ExpiryWarning | None:
    """The one warning to be sent today about an expiry, if any.

    What an outage has delayed is caught up, but only the latest stage that has been reached:
    nobody is warned twice on the same day, and nobody after the expiry.

    :param expiry: first day without service.
    :param stages: how many days before the expiry to warn.
    :param served: the stages that were served for this very expiry date.
    """
    if today >= expiry:
        return None
    left = (expiry - today).days
    reached = sorted(stage for stage in stages if left <= stage)
    if not reached or reached[0] in served:
        return None
    passed = tuple(stage for stage in reached[1:] if stage not in served)
    return ExpiryWarning(reached[0], passed)


def warning_days(expiry: date, stages: Collection[int]) -> list[date]:
    """The days on which the stages are reached, first to last."""
    return sorted(expiry - timedelta(days) for days in stages)
