"""Usage events a second, in batches that hold some events a second time; against plain SQL."""

from measure import compare, interleave
from usage_scenario import UsageScenario

from suite.odoo_env import open_env

SUBSCRIPTIONS = 200
EVENTS = 20_000
BATCH = 1000
REPEATED = 50  # events of a batch that the batch before has held already
INSERT = """INSERT INTO subscription_usage
                   (subscription_id, meter_id, timestamp, date, quantity, key)
            VALUES %s ON CONFLICT DO NOTHING"""


def batches(events):
    """Yield the events in batches whose first ones repeat the last ones of the batch before."""
    for begin in range(0, len(events), BATCH):
        yield (
            events[max(begin - REPEATED, 0) : begin]
            + events[begin : begin + BATCH - (REPEATED if begin else 0)]
        )


class Ingest:
    name = "usage API"

    def __init__(self, scenario):
        self.scenario = scenario

    def prepare(self, number):
        self.batches = list(batches(self.scenario.get_events(f"ours-{number}", EVENTS)))

    def run(self):
        usage = self.scenario.env["subscription.usage"]
        for batch in self.batches:
            answer = usage.record_usage(batch)
            if answer["errors"]:
                raise AssertionError(answer["errors"][0])
            usage.env.cr.commit()


class PlainSql:
    """The same rows, resolved beforehand, one INSERT with values a batch."""

    name = "plain SQL"

    def __init__(self, scenario):
        self.scenario = scenario
        self.ids = dict(
            zip(*(scenario.subscriptions.mapped(n) for n in ("name", "id")), strict=True)
        )

    def prepare(self, number):
        scenario = self.scenario
        self.batches = [
            [
                (
                    self.ids[event["subscription"]], scenario.meter.id,
                    event["timestamp"], event["timestamp"][:10], event["quantity"], event["key"],
                )
                for event in batch
            ]
            for batch in batches(scenario.get_events(f"sql-{number}", EVENTS))
        ]  # fmt: skip

    def run(self):
        cr = self.scenario.env.cr
        for batch in self.batches:
            cr.execute_values(INSERT, batch, page_size=BATCH)
            cr.commit()


def run(options):
    """Measure, and return the events a second."""
    with open_env(options.database) as env:
        scenario = UsageScenario(env, SUBSCRIPTIONS)
        ours, plain = Ingest(scenario), PlainSql(scenario)
        figures = interleave([ours, plain], options.rounds, EVENTS)
    return {"usage_ingest": compare(figures[ours.name], figures[plain.name], "events/s")}
