"""A telephone company: subscriptions with calls by the minute, and events of January."""

from datetime import date, datetime, timedelta

from scenario import Scenario

from odoo.fields import Command

START = date(2026, 1, 1)
END = date(2026, 2, 1)
MINUTES = 31 * 24 * 60


class UsageScenario(Scenario):
    """Customers with a running subscription each.

    :param env: environment of the superuser
    :param int size: number of subscriptions
    """

    def __init__(self, env, size):
        super().__init__(env, size)
        base, calls = self.products
        self.meter = self.env["subscription.meter"].create(
            {"name": "Minutes", "handle": "minutes", "company_id": self.company.id}
        )
        usage = {"charge_type": "usage", "price_unit": 0.05, "included_qty": 100.0}
        self.plan = self.env["subscription.plan"].create(
            {
                "name": "Telephone",
                "company_id": self.company.id,
                "component_ids": [
                    Command.create({"product_id": base.id, "price_unit": 9.9}),
                    Command.create({"product_id": calls.id, "meter_id": self.meter.id} | usage),
                ],
            }
        )
        self.plan.action_activate()
        self.subscriptions = self.env["subscription.subscription"].create(
            [self._get_values(partner) for partner in self.partners]
        )
        self.subscriptions.action_start()
        self.env.cr.commit()

    def _get_values(self, partner):
        components = self.plan.component_ids
        return {
            "partner_id": partner.id,
            "company_id": self.company.id,
            "plan_id": self.plan.id,
            "date_start": START,
            "line_ids": [
                Command.create(component._prepare_subscription_line_values())
                for component in components
            ],
        }

    def get_events(self, prefix, count):
        """Return ``count`` events, as :meth:`record_usage` takes them, spread over January."""
        names = self.subscriptions.mapped("name")
        begin = datetime(START.year, START.month, START.day)
        return [
            {
                "subscription": names[number % len(names)],
                "meter": self.meter.handle,
                "timestamp": f"{(begin + timedelta(minutes=number % MINUTES)).isoformat()}Z",
                "quantity": 1 + number % 60,
                "key": f"{prefix}-{number}",
            }
            for number in range(count)
        ]

    def fill(self, count):
        """Store ``count`` events at once."""
        self.env.cr.execute(
            """INSERT INTO subscription_usage
                      (subscription_id, meter_id, timestamp, date, quantity, key)
               SELECT %s + number %% %s, %s, moment, moment::date, 1 + number %% 60, number
                 FROM (SELECT number, %s + number %% %s * interval '1 minute' moment
                         FROM generate_series(1, %s) number) event""",
            (
                min(self.subscriptions.ids), len(self.subscriptions), self.meter.id,
                datetime(START.year, START.month, START.day), MINUTES, count,
            ),
        )  # fmt: skip
        self.env.cr.commit()
        with self.env.registry.cursor() as cr:
            cr._cnx.autocommit = True
            cr.execute("VACUUM ANALYZE subscription_usage")
