"""Adapters of the vectors on balances: burn order, expiry, roll-over."""

from datetime import date, timedelta
from decimal import Decimal

from vector_adapters import adapter, day, money

from prepaid import (
    Demand,
    Grant,
    Pack,
    balance,
    burn_down,
    draw_down,
    in_order,
    rolled_over,
)

TODAY = date(2024, 6, 1)
KINDS = ("granted", "purchased")


def _grant(row):
    def day_of(name):
        return day(row[name]) if name in row else None

    return Grant(
        row["id"],
        Decimal(row.get("amount", 0)),
        kind=row.get("kind", ""),
        effective=day_of("effective"),
        expires=day_of("expires"),
        priority=row.get("priority", 50),
        created=-row.get("age_days", 0),
    )


@adapter("LAGO-WAL-01", "LAGO-WAL-02")
def consumption(given):
    grants = [_grant(row) for row in given["grants"]]
    uses, after = burn_down(grants, Decimal(given["consume"]), TODAY, KINDS)
    return {
        "consumed": {use.grant: money(use.amount) for use in uses},
        "remaining": {grant.key: money(grant.left) for grant in after},
    }


@adapter("LAGO-WAL-10")
def expired_wallet(given):
    expires = day(given["expires_on"]) + timedelta(days=1)
    grant = Grant("wallet", Decimal(given["balance"]), expires=expires)
    left = balance([grant], day(given["today"]))
    return {"balance": money(left), "voided": money(grant.left - left)}


@adapter("OM-CRD-03", "OM-CRD-07")
def packs_of_units(given):
    packs = [Pack(**vars(_grant(row)), lines=frozenset(["meter"])) for row in given["grants"]]
    demands = [
        Demand("meter", date.fromisoformat(row["at"][:10]), Decimal(row["amount"]))
        for row in given["usage"]
    ]
    states = draw_down(packs, demands, demands[-1].day).states
    return {"balances": {key: str(state.left) for key, state in states.items()}}


@adapter("OM-CRD-06")
def overage(given):
    """Each day's usage is drawn down; what nothing covered is settled by the next grant."""
    grants = [_grant(row) for row in given["grants"]]
    overage, found = Decimal(0), {}
    for row in given["usage"]:
        on = date.fromisoformat(row["at"][:10])
        if overage and balance(grants, on):
            found["overage_before_grant"] = str(overage)
        amount = overage + Decimal(row["amount"])
        uses, grants = burn_down(grants, amount, on)
        overage = amount - sum(use.amount for use in uses)
    return {**found, "balances": {grant.key: str(grant.left) for grant in grants}}


@adapter("OM-CRD-10")
def rollover(given):
    limits = Decimal(given["max_rollover"]), Decimal(given["min_rollover"])
    return {"rolled_over": [str(rolled_over(Decimal(v), *limits)) for v in given["ending_balance"]]}


@adapter("STR-WAL-01")
def priorities(given):
    grants = [_grant(row) for row in given["grants"]]
    return {
        "application_order": [grant.key for grant in in_order(grants)],
        "default_priority": Grant("any", Decimal(0)).priority,
    }
