"""What the events of metered lines come to, for the billing core."""

from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..billing import ChargeType
from ..billing.metering import (
    Aggregation,
    DayUsage,
    MeteredUsage,
    Readings,
    find_counter,
)

#: SQL for what the events of one day and one dimension value come to.
AGGREGATES = {
    Aggregation.SUM: "SUM(usage.quantity)",
    Aggregation.COUNT: "SUM(SIGN(usage.quantity))",
    Aggregation.MAX: "MAX(usage.quantity)",
    Aggregation.LAST: "(ARRAY_AGG(usage.quantity ORDER BY usage.timestamp DESC, usage.id DESC))[1]",
    Aggregation.UNIQUE: "NULL",
}
LAST_TIME = "MAX(usage.timestamp)"
LAST_ID = "(ARRAY_AGG(usage.id ORDER BY usage.timestamp DESC, usage.id DESC))[1]"
VALUES = "ARRAY_AGG(DISTINCT usage.unique_value) FILTER (WHERE usage.quantity > 0)"
EVENTS = "ARRAY_AGG(usage.quantity::text ORDER BY usage.timestamp, usage.id)"


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    @api.depends(
        "line_ids.meter_id", "line_ids.dimension_values", "line_ids.dimension_excluded",
        "line_ids.charge_zero_usage", "line_ids.threshold_amount", "line_ids.rollover_periods",
        "line_ids.rollover_maximum",
    )  # fmt: skip
    def _compute_next_billing_date(self):
        return super()._compute_next_billing_date()


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    def _prepare_timeline_values(self):
        return super()._prepare_timeline_values() | {
            "zero_usage": self.charge_zero_usage,
            "threshold": Decimal(str(self.threshold_amount)) or None,
            "rollover": self.rollover_periods,
            "rollover_most": Decimal(str(self.rollover_maximum)) or None,
        }

    def _read_usage(self):
        """The metered quantities of the lines; all lines of their subscriptions belong in.

        :rtype: ~odoo.addons.subscription_base.billing.metering.MeteredUsage
        """
        return MeteredUsage(self._get_readings())

    def _get_readings(self):
        """What each metered line has counted.

        :rtype: dict[int, ~odoo.addons.subscription_base.billing.metering.Readings]
        """
        metered = self.filtered(
            lambda line: line.charge_type == ChargeType.USAGE.value and line.meter_id
        )
        readings = {}
        for (aggregation, with_events), lines in metered.grouped(
            lambda line: (Aggregation(line.meter_id.aggregation), line._needs_events())
        ).items():
            days = lines._read_days(aggregation, with_events)
            for line in lines:
                key = line._origin.id or line.id
                readings[key] = Readings(aggregation, line.meter_id.digits, days[key])
        return readings

    def _needs_events(self):
        """Whether the price depends on each event, and not only on their quantity."""
        return "percentage" in self.pricing_model

    def _read_days(self, aggregation, with_events):
        """What the lines count on each day.

        :return: ``{line id: [DayUsage, ...]}``
        """
        counters = {
            (subscription._origin.id, meter_id): meter_counters
            for subscription, lines in self.grouped("subscription_id").items()
            for meter_id, meter_counters in subscription.line_ids._get_counters().items()
            if meter_id in lines.meter_id.ids
        }
        days = defaultdict(list)
        for (
            subscription_id,
            meter_id,
            dimension,
            day,
            value,
            time,
            event,
            values,
            events,
        ) in self._query_days(aggregation, with_events):
            counter = find_counter(counters.get((subscription_id, meter_id), ()), dimension, day)
            if counter:
                days[counter.key].append(
                    DayUsage(
                        day=day,
                        value=Decimal(value or 0),
                        moment=(time, event) if time else None,
                        values=values or (),
                        events=tuple(map(Decimal, events or ())),
                    )
                )
        return days

    def _query_days(self, aggregation, with_events):
        """The events of the lines' subscriptions and meters, summed up by day and dimension."""
        subscription_ids = self.subscription_id._origin.ids
        if not subscription_ids:
            return []
        self.env["subscription.usage"].flush_model()
        is_last, is_unique = aggregation is Aggregation.LAST, aggregation is Aggregation.UNIQUE
        return self.env.execute_query(
            SQL(
                """SELECT usage.subscription_id, usage.meter_id, usage.dimension, usage.date,
                          (%s)::text, %s, %s, %s, %s
                     FROM subscription_usage usage
                    WHERE usage.subscription_id IN %s
                      AND usage.meter_id IN %s
                      AND NOT EXISTS (
                          SELECT FROM subscription_usage newer
                           WHERE newer.replaces_id = usage.id)
                 GROUP BY usage.subscription_id, usage.meter_id, usage.date, usage.dimension""",
                SQL(AGGREGATES[aggregation]),
                SQL(LAST_TIME if is_last else "NULL"),
                SQL(LAST_ID if is_last else "NULL"),
                SQL(VALUES if is_unique else "NULL"),
                SQL(EVENTS if with_events else "NULL"),
                tuple(subscription_ids),
                tuple(self.meter_id.ids),
            )
        )
