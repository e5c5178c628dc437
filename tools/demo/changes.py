"""What happens during the year: more and fewer seats, a dearer price, and endings."""

import random
from datetime import timedelta

from demo import catalogue, keys
from demo.customers import SEED

UPGRADES, DOWNGRADES, PRICE_RISES, ENDINGS = 12, 5, 4, 16
PAUSE_DAYS = 30
REASONS = ("price", "unused", "competitor", "unsatisfied")


class Change:
    """Something that is agreed on a billing date and applies from a day around it."""

    def __init__(self, number, kind, sale, agreed, on):
        self.kind, self.sale, self.agreed, self.on = kind, sale, agreed, on
        self.key = f"change_{number:02}"
        self.reason = REASONS[number % len(REASONS)]

    def apply(self, subscription):
        """:return: the record that shows that the change has been made."""
        line = subscription.line_ids.filtered(
            lambda line: line.charge_type == "recurring" and not line.date_end
        )[:1]
        match self.kind:
            case "more":
                return line._change(self.on, quantity=line.quantity + 3)
            case "fewer":
                return line._change(self.on, quantity=max(1, line.quantity // 2))
            case "dearer":
                return line._change(self.on, price_unit=round(line.price_unit * 1.1, 2))
            case _:
                reason = subscription.env.ref(f"subscription_base.close_reason_{self.reason}")
                subscription._close(self.on, reason)
                return subscription


def all_changes(sales, year):
    """The changes of the year, always the same; at most one for a sale.

    :rtype: list[Change]
    """
    rng = random.Random(SEED)
    seats = [sale for sale in sales if sale.plan in ("team_planner", "game_server")]
    chosen = rng.sample(seats, UPGRADES + DOWNGRADES)
    others = [
        sale for sale in sales if sale not in chosen and sale.plan not in ("maintenance", "storage")
    ]
    chosen += rng.sample(others, PRICE_RISES + ENDINGS)
    kinds = ["more"] * UPGRADES + ["fewer"] * DOWNGRADES
    kinds += ["dearer"] * PRICE_RISES + ["end"] * ENDINGS
    dates = year.billing_dates()
    changes = []
    for number, (kind, sale) in enumerate(zip(kinds, chosen, strict=True)):
        later = [day for day in dates if day > sale.start + timedelta(days=70)]
        if not later:
            continue
        agreed = rng.choice(later)
        on = agreed - timedelta(days=rng.randint(1, 9))  # told late: what was billed is corrected
        changes.append(Change(number, kind, sale, agreed, on))
    return changes


def make(env, changes, subscriptions, day, salesperson):
    """Make the changes that are agreed on `day`, each once; return how many."""
    due = [change for change in changes if change.agreed == day]
    made = keys.find(env, "subscription.line", [change.key for change in due])
    made |= keys.find(env, "subscription.subscription", [change.key for change in due])
    missing = [change for change in due if change.key not in made]
    for change in missing:
        subscription = subscriptions[change.sale.key].with_user(salesperson)
        keys.remember(change.apply(subscription).sudo(), [change.key])
    return len(missing)


def pause(env, sales, subscriptions, today):
    """The first gym membership that goes on rests for a while from `today` on."""
    if keys.find(env, "subscription.pause", ["pause"]):
        return
    gyms = (subscriptions[sale.key] for sale in sales if sale.plan == "gym")
    subscription = next(one for one in gyms if one.state == "active" and not one.date_end)
    last = today + timedelta(days=PAUSE_DAYS - 1)
    keys.remember(subscription._pause(today, last, reason="Parental leave"), ["pause"])


def prepare_version(env):
    """The draft of a dearer version of a plan, for those who have it, too."""
    if keys.find(env, "subscription.plan", ["version"]):
        return
    version = catalogue.plan(env, "hosting_monthly")._create_version("all")
    version.main_component_id.price_unit += 2
    keys.remember(version, ["version"])
