"""Seconds to rate subscriptions with a million events; against one SQL aggregate of the rows."""

import statistics

from measure import interleave
from usage_scenario import END, UsageScenario

from suite.odoo_env import open_env

SUBSCRIPTIONS = 500
EVENTS = 1_000_000
ROUNDS = 5


class Rating:
    name = "rating"

    def __init__(self, scenario):
        self.scenario = scenario
        self.used = None

    def prepare(self, _number):
        self.scenario.env.invalidate_all()

    def run(self):
        from odoo.addons.subscription_base.billing import rate  # found once Odoo is configured

        inputs = self.scenario.subscriptions._get_billing_inputs()
        self.used = sum(
            charge.usage
            for timeline, _ledger in inputs.values()
            for charge in rate(timeline, END)
            if charge.measured
        )


class PlainSql:
    name = "plain SQL"

    def __init__(self, scenario):
        self.scenario = scenario
        self.used = None

    def prepare(self, _number):
        pass

    def run(self):
        cr = self.scenario.env.cr
        cr.execute(
            """SELECT subscription_id, SUM(quantity) FROM subscription_usage
                WHERE meter_id = %s GROUP BY subscription_id""",
            [self.scenario.meter.id],
        )
        self.used = sum(row[1] for row in cr.fetchall())


def run(options):
    """Measure, prove that both come to the same, and return the seconds."""
    with open_env(options.database) as env:
        scenario = UsageScenario(env, SUBSCRIPTIONS)
        scenario.fill(EVENTS)
        ours, plain = Rating(scenario), PlainSql(scenario)
        figures = interleave([ours, plain], min(options.rounds, ROUNDS), EVENTS)
    if float(ours.used) != float(plain.used):
        raise AssertionError(f"{ours.used} is not {plain.used}")
    seconds = {
        way: [EVENTS / figure for figure in per_second] for way, per_second in figures.items()
    }
    pairs = zip(seconds[ours.name], seconds[plain.name], strict=True)
    return {
        "usage_rating_1m": {
            "value": round(statistics.median(seconds[ours.name]), 3),
            "unit": "s",
            "ratio": round(statistics.median(a / b for a, b in pairs), 3),
            "against": round(statistics.median(seconds[plain.name]), 3),
        }
    }
