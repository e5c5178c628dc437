from collections import defaultdict
from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_date

from ..billing.metering import Aggregation, find_counter
from .subscription_charge import UNROUNDED

SHOWN_EVENTS = 200
EVENT_FIELDS = {
    "subscription_id", "meter_id", "line_id", "timestamp", "date", "quantity", "dimension",
    "unique_value", "key", "replaces_id",
}  # fmt: skip


class SubscriptionUsage(models.Model):
    """One metered event of a subscription.

    An event belongs to a subscription and a meter. Which line charges it is found out when it is
    rated, so it follows a line that is changed for the past.
    """

    _name = "subscription.usage"
    _description = "Subscription Usage"
    _order = "timestamp desc, id desc"
    _check_company_auto = True

    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="subscription_id.company_id")
    partner_id = fields.Many2one(related="subscription_id.partner_id", string="Customer")
    meter_id = fields.Many2one(
        "subscription.meter",
        required=True,
        ondelete="restrict",
        check_company=True,
        domain="[('company_id', '=', company_id)]",
    )
    unit = fields.Char(related="meter_id.unit")
    timestamp = fields.Datetime(
        "Time", required=True, default=fields.Datetime.now, help="When it was used."
    )
    date = fields.Date(
        "Day",
        required=True,
        help="The day on which the event counts, in the time zone of the company's address.",
    )
    quantity = fields.Float(
        digits=UNROUNDED,
        required=True,
        help="A negative quantity takes back what was recorded too high.",
    )
    dimension = fields.Char("Dimension Value", help="Such as the destination of a call.")
    unique_value = fields.Char(
        "Counted Value", help="What the meter counts each different value of, such as a user."
    )
    key = fields.Char(
        "Idempotency Key",
        copy=False,
        help="The sender's own id of the event. The same key is counted once.",
    )
    replaces_id = fields.Many2one(
        "subscription.usage",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        domain="[('subscription_id', '=', subscription_id), ('meter_id', '=', meter_id)]",
        help="The event that is not counted any more because this one states it anew.",
    )
    line_id = fields.Many2one(
        "subscription.line",
        "Charged by",
        compute="_compute_line_id",
        readonly=False,
        help="The subscription line that charges the event; empty when no line counts it.",
    )

    _key_uniq = models.UniqueIndex(
        "(subscription_id, meter_id, key) WHERE key IS NOT NULL",
        "This usage has been recorded already.",
    )
    _day_idx = models.Index("(subscription_id, meter_id, date)")

    @api.depends("subscription_id", "meter_id", "dimension", "date")
    def _compute_line_id(self):
        lines = self.env["subscription.line"]
        for (subscription, meter), events in self.grouped(
            lambda event: (event.subscription_id, event.meter_id)
        ).items():
            counters = subscription.line_ids._get_counters()[meter.id]
            for event in events:
                counter = event.date and find_counter(counters, event.dimension or None, event.date)
                event.line_id = lines.browse(counter.key) if counter else False

    @api.constrains("replaces_id")
    def _check_replaces(self):
        for event in self.filtered("replaces_id"):
            replaced = event.replaces_id
            if (replaced.subscription_id, replaced.meter_id) != (
                event.subscription_id,
                event.meter_id,
            ):
                raise ValidationError(
                    self.env._(
                        "An event replaces one of the same subscription and meter, but %s is of "
                        "another one.",
                        replaced.display_name,
                    )
                )

    @api.constrains("meter_id", "unique_value")
    def _check_unique_value(self):
        for event in self:
            if event.meter_id.aggregation == Aggregation.UNIQUE.value and not event.unique_value:
                raise ValidationError(
                    self.env._(
                        "%s counts different values: name the value of the event.",
                        event.meter_id.name,
                    )
                )

    @api.depends("meter_id", "date", "quantity")
    def _compute_display_name(self):
        for event in self:
            day = format_date(self.env, event.date)
            event.display_name = f"{event.meter_id.name} {day}: {event.quantity:g}"

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create([self._complete_values(vals) for vals in vals_list])
        events._check_meant_lines(vals_list)
        events._mark_billing()
        return events

    def write(self, vals):
        if not EVENT_FIELDS & vals.keys():
            return super().write(vals)
        self._check_not_billed()
        for event in self:
            super(SubscriptionUsage, event).write(event._complete_values(vals))
        self._check_meant_lines([vals] * len(self))
        self._mark_billing()
        return True

    def unlink(self):
        self._check_not_billed()
        self._mark_billing()
        return super().unlink()

    def _complete_values(self, vals):
        """``vals`` with the line resolved to what it counts, and with both time and day."""
        vals = dict(vals)
        line = self.env["subscription.line"].browse(vals.pop("line_id", None))
        if line:
            if line.charge_type != "usage" or not line.meter_id:
                raise UserError(self.env._("%s is not metered.", line.name))
            vals["subscription_id"], vals["meter_id"] = line.subscription_id.id, line.meter_id.id
            vals.setdefault("dimension", line._get_only_dimension())
        subscription = self.subscription_id.browse(vals.get("subscription_id"))
        company = (subscription or self.subscription_id).company_id or self.env.company
        if vals.get("timestamp"):
            vals["date"] = self._get_day(vals["timestamp"], company)
        elif vals.get("date"):
            vals["timestamp"] = self._get_day_start(vals["date"], company)
        elif not self:
            vals["timestamp"] = fields.Datetime.now()
            vals["date"] = self._get_day(vals["timestamp"], company)
        return vals

    @api.model
    def _get_zone(self, company):
        return pytz.timezone(company._get_timezone())

    @api.model
    def _get_day(self, timestamp, company):
        """The company's day of a moment in UTC."""
        moment = pytz.utc.localize(fields.Datetime.to_datetime(timestamp))
        return moment.astimezone(self._get_zone(company)).date()

    @api.model
    def _get_day_start(self, day, company):
        """The moment in UTC at which the company's day begins."""
        midnight = datetime.combine(fields.Date.to_date(day), time.min)
        return self._get_zone(company).localize(midnight).astimezone(pytz.utc).replace(tzinfo=None)

    def _check_meant_lines(self, vals_list):
        """Refuse what was recorded for a line while another one counts it on the same day."""
        for event, vals in zip(self, vals_list, strict=True):
            meant = self.env["subscription.line"].browse(vals.get("line_id"))
            if meant and event.line_id != meant and meant._get_counter().counts(None, event.date):
                raise UserError(
                    self.env._(
                        "Usage of %(meter)s on %(day)s is counted by %(line)s, not by %(meant)s. "
                        "Give the two lines meters or dimension values of their own.",
                        meter=event.meter_id.name,
                        day=format_date(self.env, event.date),
                        line=event.line_id.name or self.env._("no line"),
                        meant=meant.name,
                    )
                )

    def _check_not_billed(self):
        """What has been billed is evidence."""
        if billed := self._get_billed():
            raise UserError(
                self.env._(
                    "%s has been billed already and stays as evidence. Record another event with "
                    "the difference, or one that replaces it; billing works out the rest.",
                    billed[0].display_name,
                )
            )

    def _get_billed(self):
        """Those events that a charge has counted."""
        if not self.ids:
            return self.browse()
        self.flush_recordset(["subscription_id", "meter_id", "date"])
        self.env["subscription.charge"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT usage.id
                     FROM subscription_usage usage
                     JOIN subscription_charge charge
                       ON charge.subscription_id = usage.subscription_id
                      AND charge.measured
                      AND charge.create_date >= usage.create_date
                      AND usage.date BETWEEN charge.period_start AND charge.period_end
                     JOIN subscription_line line
                       ON line.id = charge.line_id AND line.meter_id = usage.meter_id
                    WHERE usage.id IN %s""",
                tuple(self.ids),
            )
        )
        return self.browse({row[0] for row in rows})

    def _mark_billing(self):
        """Let the next run look at what the events may change."""
        self.flush_recordset()
        days = {}
        for event in self:
            known = days.get(event.subscription_id.id, event.date)
            days[event.subscription_id.id] = min(known, event.date)
        self._mark_subscriptions(days)


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    usage_ids = fields.One2many(
        "subscription.usage",
        string="Latest Usage",
        compute="_compute_usage_ids",
        help="The last events that the line charges.",
    )

    @api.depends("subscription_id", "meter_id", "date_start", "date_end")
    def _compute_usage_ids(self):
        events = self.env["subscription.usage"]
        for line in self:
            domain = [
                ("subscription_id", "=", line.subscription_id._origin.id),
                ("meter_id", "=", line.meter_id._origin.id),
            ]
            latest = events.search(domain, limit=SHOWN_EVENTS) if line.meter_id else events
            line.usage_ids = latest.filtered(lambda event, line=line: event.line_id == line._origin)

    def _get_counters(self):
        """The metered lines that can count events.

        :return: ``{meter id: [Counter, ...]}``
        """
        counters = defaultdict(list)
        for line in self:
            if line.charge_type == "usage" and line.meter_id and line._is_billed():
                counters[line.meter_id.id].append(line._get_counter())
        return counters

    def _get_only_dimension(self):
        """The dimension value of all that the line counts; ``False`` when there are several."""
        dimensions = self._get_dimension_filter()
        if dimensions.values and not dimensions.excluded and len(dimensions.values) == 1:
            return next(iter(dimensions.values))
        return False


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    usage_ids = fields.One2many("subscription.usage", "subscription_id", copy=False)
