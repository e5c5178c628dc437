"""Until when a consumer may withdraw from a contract (§§ 312g, 355 to 357 BGB).

Fourteen days from the conclusion, for goods from their receipt, but not before the consumer has
been instructed; twelve months and fourteen days at the latest (§ 356 (3) BGB). The day of the
event does not count (§ 187 (1) BGB): a contract of 1 March can be withdrawn from until the end
of 15 March.
"""

from datetime import date, timedelta

from .calendar import add_months

PERIOD = timedelta(days=14)
LATEST_MONTHS = 12


def withdrawal_until(
    begins: date, instructed: date | None = None, conversion: date | None = None
) -> date:
    """The last day on which the declaration may be sent.

    :param begins: day of the contract, or of the receipt of the goods.
    :param instructed: day on which the consumer was instructed; ``None`` for not at all.
    :param conversion: first paid day after a trial whose later price was not shown: a second
        period begins then (CJEU C-565/22).
    """
    last = _one_period(begins, instructed)
    return max(last, _one_period(conversion, instructed)) if conversion else last


def refund_deadline(received: date) -> date:
    """The last day for the refund once the declaration was received (§ 357 (1) BGB)."""
    return received + PERIOD


def _one_period(begins: date, instructed: date | None) -> date:
    latest = add_months(begins, LATEST_MONTHS) + PERIOD
    return latest if instructed is None else min(max(begins, instructed) + PERIOD, latest)
