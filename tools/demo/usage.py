"""Calls: what the telephone lines have used, as the switch reports it after each month."""

import random
from datetime import timedelta

from demo.year import previous_month

CALLS_A_MONTH = (3, 8)
MINUTES = (2, 55)


def record(env, sales, subscriptions, day):
    """Record the calls of the month before `day`, unless they are there.

    :return: how many were recorded.
    """
    first, last = previous_month(day)
    vals_list = []
    for sale in sales:
        if sale.plan == "phone" and sale.start <= last:
            line = subscriptions[sale.key].line_ids.filtered(
                lambda line: line.charge_type == "usage"
            )
            vals_list += _calls(sale, line[:1], max(first, sale.start), last)
    known = set(
        env["subscription.usage"]
        .search([("date", ">=", first), ("date", "<=", last)])
        .mapped("key")
    )
    vals_list = [vals for vals in vals_list if vals["key"] not in known]
    env["subscription.usage"].create(vals_list)
    return len(vals_list)


def _calls(sale, line, first, last):
    """The calls of a line; none after the end of its subscription."""
    if end := line.subscription_id.date_end:
        last = min(last, end)
    if last < first:
        return
    rng = random.Random(f"{sale.key}-{first:%Y-%m}")
    for number in range(rng.randint(*CALLS_A_MONTH)):
        yield {
            "line_id": line.id,
            "date": first + timedelta(rng.randint(0, (last - first).days)),
            "quantity": rng.randint(*MINUTES),
            "key": f"{sale.key}-{first:%Y-%m}-{number}",
        }
