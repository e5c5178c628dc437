"""The year of the demo: its first day, its billing dates, and a clock for payments."""

import contextlib
from calendar import monthrange
from datetime import date, timedelta

AS_OF = "subscription_demo.as_of"
MONTHS = 12
MIDDLE = 15


class Year:
    """The twelve months that end with the month of `as_of`."""

    def __init__(self, as_of):
        self.as_of = as_of
        self.first = self.month(-MONTHS + 1)

    def month(self, number):
        """First day of the month `number` months after that of `as_of`."""
        index = self.as_of.year * MONTHS + self.as_of.month - 1 + number
        return date(index // MONTHS, index % MONTHS + 1, 1)

    def day(self, month, day):
        """The `day` of the month `month` (0 is the first of the year), at most its last day."""
        start = self.month(month - MONTHS + 1)
        return start.replace(day=min(day, monthrange(start.year, start.month)[1]))

    def billing_dates(self):
        """The first, the 15th and the last day of every month, up to `as_of`."""
        dates = [
            self.day(month, day)
            for month in range(MONTHS)
            for day in (1, MIDDLE, 31)
            if self.day(month, day) <= self.as_of
        ]
        return sorted(dates)


def previous_month(day):
    """First and last day of the month before that of `day`."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def is_month_end(day):
    return (day + timedelta(days=1)).day == 1


def remembered(env, today):
    """The day as of which this database is made: that of the first time the job ran."""
    parameters = env["ir.config_parameter"].sudo()
    as_of = parameters.get_param(AS_OF)
    if not as_of:
        parameters.set_param(AS_OF, today.isoformat())
    return date.fromisoformat(as_of) if as_of else today


@contextlib.contextmanager
def payments_dated(env, day):
    """Date the payments of the block `day`: what is collected today arrived then."""
    model = env.registry["payment.transaction"]
    original = model._create_payment

    def create_payment(self, **values):
        return original(self, **{"date": day} | values)

    model._create_payment = create_payment
    try:
        yield
    finally:
        model._create_payment = original
