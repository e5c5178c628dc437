"""When a customer's claim to a balance is time-barred (LAW-43, §§ 195, 199 BGB)."""

from datetime import date

LIMITATION_YEARS = 3


def limitation_end(last_movement: date) -> date:
    """The last day on which the customer can claim what was left after a movement.

    The claim runs for three years from the end of the year, whatever the day in it.
    """
    return date(last_movement.year + LIMITATION_YEARS, 12, 31)


def is_time_barred(last_movement: date, today: date) -> bool:
    """Whether what is left of a balance may be kept."""
    return today > limitation_end(last_movement)
