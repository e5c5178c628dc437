"""Usage: calls and transferred data, as the switch and the servers report them for each month."""

import random
from datetime import timedelta

EVENTS_A_MONTH = (3, 8)
QUANTITIES = {"phone": (2, 55), "storage": (40, 420)}


def record(env, sales, subscriptions, first, last):
    """Record what was used from `first` to `last`, days of one month, unless it is there.

    :return: how many were recorded.
    """
    vals_list = []
    for sale in sales:
        if sale.plan in QUANTITIES and sale.start <= last:
            line = subscriptions[sale.key].line_ids.filtered(
                lambda line: line.charge_type == "usage"
            )
            vals_list += _events(sale, line[:1], max(first, sale.start), last)
    known = set(
        env["subscription.usage"]
        .search([("date", ">=", first), ("date", "<=", last)])
        .mapped("key")
    )
    vals_list = [vals for vals in vals_list if vals["key"] not in known]
    env["subscription.usage"].create(vals_list)
    return len(vals_list)


def _events(sale, line, first, last):
    """The events of a line; none after the end of its subscription."""
    if end := line.subscription_id.date_end:
        last = min(last, end)
    if last < first:
        return
    rng = random.Random(f"{sale.key}-{first:%Y-%m}")
    for number in range(rng.randint(*EVENTS_A_MONTH)):
        yield {
            "line_id": line.id,
            "date": first + timedelta(rng.randint(0, (last - first).days)),
            "quantity": rng.randint(*QUANTITIES[sale.plan]),
            "key": f"{sale.key}-{first:%Y-%m}-{number}",
        }
