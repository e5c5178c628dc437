"""Usage in bulk: batches of events that other systems send, each event counted once."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..billing.metering import Aggregation
from .subscription_subscription import BILLED_STATES

MAX_EVENTS = 1000
DAY_LENGTH = len("2026-01-31")
#: Aggregations that count an event without a quantity as one.
COUNTING = {Aggregation.COUNT.value, Aggregation.UNIQUE.value}
TEXTS = ("dimension", "unique_value", "replaces")


class EventError(ValueError):
    """Why an event is not accepted, in words for its sender."""


@dataclass
class Batch:
    """The events of a batch that can be inserted, column by column."""

    subscription_id: list = field(default_factory=list)
    meter_id: list = field(default_factory=list)
    company_id: list = field(default_factory=list)
    moment: list = field(default_factory=list)
    day: list = field(default_factory=list)
    quantity: list = field(default_factory=list)
    dimension: list = field(default_factory=list)
    unique_value: list = field(default_factory=list)
    key: list = field(default_factory=list)
    replaces_id: list = field(default_factory=list)

    def add(self, *values):
        for column, value in zip(vars(self).values(), values, strict=True):
            column.append(value)


class SubscriptionUsage(models.Model):
    _inherit = "subscription.usage"

    @api.model
    def record_usage(self, events):
        """Record a batch of usage events; an event with a known key is not counted again.

        An event that cannot be accepted stops none of the others.

        :param list events: at most 1000 dictionaries with ``subscription`` (reference),
            ``meter`` (handle), ``timestamp`` (ISO 8601 with an offset, or a plain day),
            ``quantity``, ``key``, and optionally ``dimension``, ``unique_value`` and ``replaces``
            (the key of the event that this one states anew).
        :return: ``{"accepted": [key, ...], "duplicates": [key, ...],
            "errors": [{"index", "key", "reason"}, ...]}``
        :rtype: dict
        """
        self.check_access("create")
        if not isinstance(events, list):
            raise UserError(self.env._("The events are a list."))
        if len(events) > MAX_EVENTS:
            raise UserError(
                self.env._(
                    "A batch holds at most %(limit)s events, but there are %(count)s. "
                    "Send them in several batches.",
                    limit=MAX_EVENTS,
                    count=len(events),
                )
            )
        batch, errors = self._prepare_batch(events)
        accepted, days = self._insert_batch(batch)
        self._mark_subscriptions(days)
        duplicates = []
        keys = []
        for key in zip(batch.subscription_id, batch.meter_id, batch.key, strict=True):
            if key in accepted:
                accepted.remove(key)
                keys.append(key[2])
            else:
                duplicates.append(key[2])
        return {"accepted": keys, "duplicates": duplicates, "errors": errors}

    @api.model
    def check_usage(self, events):
        """What :meth:`record_usage` would refuse, without recording anything.

        :return: the errors
        :rtype: list[dict]
        """
        self.check_access("create")
        return self._prepare_batch(events)[1]

    def _prepare_batch(self, events):
        """The events that can be inserted, and why the others cannot."""
        lookup = self._get_lookup([event for event in events if isinstance(event, dict)])
        batch, errors = Batch(), []
        for index, event in enumerate(events):
            try:
                batch.add(*self._prepare_event(event, lookup))
            except EventError as error:
                key = event.get("key") if isinstance(event, dict) else None
                errors.append({"index": index, "key": key, "reason": str(error)})
        return batch, errors

    def _prepare_event(self, event, lookup):
        """The columns of an event, in the order of :class:`Batch`.

        :raise EventError: when it cannot be accepted.
        """
        if not isinstance(event, dict):
            raise EventError(self.env._("An event is an object with named values."))
        key = event.get("key")
        if not isinstance(key, str) or not key:
            raise EventError(self.env._("The key is missing: a text that is the event's own."))
        subscription_id, company_id = self._find_subscription(event, lookup)
        meter_id, aggregation = self._find_meter(event, lookup, subscription_id, company_id)
        dimension, unique_value, replaces = (self._read_text(event, name) for name in TEXTS)
        if aggregation == Aggregation.UNIQUE.value and not unique_value:
            raise EventError(self.env._("The meter counts values: unique_value is missing."))
        replaced = None
        if replaces:
            replaced = lookup["replaced"].get((subscription_id, meter_id, replaces))
            if not replaced:
                raise EventError(
                    self.env._("There is no event with the key %s to replace.", replaces)
                )
        moment, day = self._read_time(event)
        quantity = self._read_quantity(event, aggregation in COUNTING)
        return (
            subscription_id, meter_id, company_id, moment, day, quantity, dimension, unique_value,
            key, replaced,
        )  # fmt: skip

    def _find_subscription(self, event, lookup):
        name = event.get("subscription")
        found = lookup["subscriptions"].get(name) if isinstance(name, str) else None
        if not found:
            raise EventError(
                self.env._("There is no running subscription %s.", name)
                if name
                else self.env._("The subscription is missing.")
            )
        if len(found) > 1:
            raise EventError(self.env._("Several subscriptions are called %s.", name))
        return found[0]

    def _find_meter(self, event, lookup, subscription_id, company_id):
        handle = event.get("meter")
        found = lookup["meters"].get((company_id, handle)) if isinstance(handle, str) else None
        if not found:
            raise EventError(
                self.env._("There is no meter %s.", handle)
                if handle
                else self.env._("The meter is missing.")
            )
        if (subscription_id, found[0]) not in lookup["metered"]:
            raise EventError(
                self.env._(
                    "The subscription %(subscription)s does not charge for %(meter)s.",
                    subscription=event["subscription"],
                    meter=handle,
                )
            )
        return found

    def _read_text(self, event, name):
        value = event.get(name)
        if value is not None and not isinstance(value, str):
            raise EventError(self.env._("%s has to be a text.", name))
        return value or None

    def _read_time(self, event):
        """The moment in UTC, or the day in the company's time zone."""
        text = event.get("timestamp")
        try:
            if len(text) == DAY_LENGTH:
                return None, date.fromisoformat(text)
            moment = datetime.fromisoformat(text[:-1] + "+00:00" if text[-1] in "zZ" else text)
        except (TypeError, ValueError, IndexError):
            raise EventError(
                self.env._("The timestamp is not ISO 8601, such as 2026-05-12T14:30:00+02:00.")
            ) from None
        if moment.tzinfo is None:
            raise EventError(self.env._("The timestamp needs an offset, such as Z or +02:00."))
        return moment.astimezone(timezone.utc).replace(tzinfo=None), None

    def _read_quantity(self, event, defaults_to_one):
        value = event.get("quantity", 1 if defaults_to_one else None)
        try:
            quantity = Decimal(str(value))
        except InvalidOperation:
            quantity = None
        if quantity is None or isinstance(value, bool) or not quantity.is_finite():
            raise EventError(self.env._("The quantity has to be a number."))
        return quantity

    def _get_lookup(self, events):
        """The records that the events name, of the companies that the user may work for."""
        for model in ("subscription.subscription", "subscription.line", "subscription.meter"):
            self.env[model].flush_model()
        companies = self.env.companies.ids
        names = list({name for e in events if isinstance(name := e.get("subscription"), str)})
        handles = list({name for e in events if isinstance(name := e.get("meter"), str)})
        subscriptions = {}
        for subscription_id, company_id, name in self.env.execute_query(
            SQL(
                """SELECT id, company_id, name FROM subscription_subscription
                    WHERE name = ANY(%s) AND company_id = ANY(%s) AND state != 'draft'""",
                names,
                companies,
            )
        ):
            subscriptions.setdefault(name, []).append((subscription_id, company_id))
        meters = self.env.execute_query(
            SQL(
                """SELECT company_id, handle, id, aggregation FROM subscription_meter
                    WHERE handle = ANY(%s) AND company_id = ANY(%s) AND active""",
                handles,
                companies,
            )
        )
        metered = self.env.execute_query(
            SQL(
                """SELECT DISTINCT subscription_id, meter_id FROM subscription_line
                    WHERE charge_type = 'usage' AND subscription_id = ANY(%s)""",
                [found[0] for several in subscriptions.values() for found in several],
            )
        )
        return {
            "subscriptions": subscriptions,
            "meters": {(company, handle): tuple(found) for company, handle, *found in meters},
            "metered": set(metered),
            "replaced": self._find_replaced(events, subscriptions),
        }

    def _find_replaced(self, events, subscriptions):
        keys = [key for e in events if isinstance(key := e.get("replaces"), str)]
        if not keys:
            return {}
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT subscription_id, meter_id, key, id FROM subscription_usage
                    WHERE key = ANY(%s) AND subscription_id = ANY(%s)""",
                keys,
                [found[0] for several in subscriptions.values() for found in several],
            )
        )
        return {tuple(identity): event_id for *identity, event_id in rows}

    def _insert_batch(self, batch):
        """Insert the events whose key is not known yet, in one statement.

        :return: ``({(subscription id, meter id, key)}, {subscription id: first day})``
        """
        if not batch.key:
            return set(), {}
        self.flush_model()
        companies = self.env["res.company"].browse(set(batch.company_id))
        rows = self.env.execute_query(
            SQL(
                """INSERT INTO subscription_usage (
                          subscription_id, meter_id, timestamp, date, quantity, dimension,
                          unique_value, key, replaces_id, create_uid, create_date)
                   SELECT event.subscription_id, event.meter_id,
                          COALESCE(
                              event.moment,
                              event.day::timestamp AT TIME ZONE company.zone AT TIME ZONE 'UTC'),
                          COALESCE(
                              event.day,
                              (event.moment AT TIME ZONE 'UTC' AT TIME ZONE company.zone)::date),
                          event.quantity, event.dimension, event.unique_value, event.key,
                          event.replaces_id, %(uid)s, %(now)s
                     FROM unnest(
                              %(subscription_id)s::int[], %(meter_id)s::int[],
                              %(company_id)s::int[], %(moment)s::timestamp[], %(day)s::date[],
                              %(quantity)s::numeric[], %(dimension)s::text[],
                              %(unique_value)s::text[], %(key)s::text[], %(replaces_id)s::int[]
                          ) event (subscription_id, meter_id, company_id, moment, day, quantity,
                                   dimension, unique_value, key, replaces_id)
                     JOIN unnest(%(companies)s::int[], %(zones)s::text[]) company (id, zone)
                       ON company.id = event.company_id
                       ON CONFLICT (subscription_id, meter_id, key) WHERE key IS NOT NULL
                       DO NOTHING
                RETURNING subscription_id, meter_id, key, date""",
                **vars(batch),
                uid=self.env.uid,
                now=fields.Datetime.now(),
                companies=companies.ids,
                zones=[self._get_zone(company).zone for company in companies],
            )
        )
        self.invalidate_model()
        accepted, days = set(), {}
        for subscription_id, meter_id, key, day in rows:
            accepted.add((subscription_id, meter_id, key))
            days[subscription_id] = min(day, days.get(subscription_id, day))
        return accepted, days

    @api.model
    def _mark_subscriptions(self, days):
        """Let the next run look at the subscriptions that new or changed events may concern.

        Those are the ones billed already for the day of an event, the ones with a threshold, and
        the ones that a run may be billing just now. Writing to their rows lets PostgreSQL refuse
        whichever of the two transactions has not seen the other, so that it is tried again.

        :param dict days: the first day with an event, by the id of the subscription
        """
        if not days:
            return
        subscriptions = self.env["subscription.subscription"].browse(days)
        for model in ("subscription.subscription", "subscription.line", "subscription.charge"):
            self.env[model].flush_model()
        rows = self.env.execute_query(
            SQL(
                """WITH marked AS (
                       SELECT subscription.id, event.day
                         FROM unnest(%(ids)s::int[], %(days)s::date[]) event (id, day)
                         JOIN subscription_subscription subscription
                           ON subscription.id = event.id
                         JOIN subscription_plan plan ON plan.id = subscription.plan_id
                    LEFT JOIN subscription_billing_run run
                           ON run.id = subscription.last_billing_run_id
                        WHERE subscription.active
                          AND subscription.state IN %(states)s
                          AND plan.schedule_type != 'manual'
                          AND (subscription.next_billing_date IS NULL
                               OR subscription.next_billing_date <= GREATEST(%(soon)s, (
                                   SELECT MAX(other.date) FROM subscription_billing_run other
                                    WHERE other.company_id = subscription.company_id
                                      AND other.state != 'done'))
                               OR event.day <= run.date
                               OR EXISTS (
                                   SELECT FROM subscription_charge charge
                                    WHERE charge.subscription_id = subscription.id
                                      AND charge.due_date >= event.day)
                               OR EXISTS (
                                   SELECT FROM subscription_line line
                                    WHERE line.subscription_id = subscription.id
                                      AND line.threshold_amount > 0))
                     ORDER BY subscription.id
                       FOR NO KEY UPDATE OF subscription)
                   UPDATE subscription_subscription subscription
                      SET next_billing_date =
                              LEAST(subscription.next_billing_date, marked.day)
                     FROM marked
                    WHERE subscription.id = marked.id
                RETURNING subscription.id""",
                ids=list(days),
                days=list(days.values()),
                states=BILLED_STATES,
                soon=fields.Date.today() + timedelta(days=1),
            )
        )
        marked = subscriptions.browse(row[0] for row in rows)
        marked.invalidate_recordset(["next_billing_date"], flush=False)
