"""From records to the billing core and back.

The last day is inclusive in fields, exclusive in the core.
"""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..billing import (
    MINUTES_A_DAY,
    Charge,
    Entry,
    Line,
    Period,
    Timeline,
    Timing,
    next_billing_date,
)
from .subscription_subscription import BILLED_STATES

_DAY = timedelta(days=1)


def first_day_after(last_day):
    """The first day after an inclusive end; ``None`` for an open one."""
    return last_day + _DAY if last_day else None


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    @api.depends(
        "state", "active", "plan_id", "date_start", "date_end", "charge_ids",
        "line_ids.quantity", "line_ids.price_unit", "line_ids.discount", "line_ids.date_start",
        "line_ids.date_end", "line_ids.charge_type", "line_ids.timing", "line_ids.included_qty",
        "line_ids.pricing_model", "line_ids.date_origin", "line_ids.plan_id",
        "line_ids.date_anchor",
    )  # fmt: skip
    def _compute_next_billing_date(self):
        billable = self.filtered(
            lambda s: s.state in BILLED_STATES and s.active and s.plan_id.schedule_type != "manual"
        )
        (self - billable).next_billing_date = False
        inputs = billable._get_billing_inputs()
        for subscription in billable:
            subscription.next_billing_date = next_billing_date(
                *inputs[subscription.id], subscription.last_billing_run_id.date or None
            )

    def _get_billing_inputs(self):
        """What the billing core needs to know of each subscription.

        :return: ``{id: (timeline, ledger)}``
        :rtype: dict[int, tuple[Timeline, list[Entry]]]
        """
        ledgers = self._read_ledgers()
        usage = self.line_ids._read_usage()
        inputs = {}
        for subscription in self:
            timeline = subscription._get_timeline(usage)
            rows = ledgers[subscription._origin.id]
            inputs[subscription.id] = timeline, [_read_entry(timeline, row) for row in rows]
        return inputs

    def _get_timeline(self, usage):
        """The subscription's timeline.

        :param usage: ``usage(line id, period)``, the metered quantity.
        """
        self.ensure_one()
        return Timeline(
            anchor=self.date_start,
            end=first_day_after(self.date_end),
            schedule=self.plan_id._get_schedule(),
            partial_period=self.plan_id._get_partial_period(),
            rounding=Decimal(str(self.currency_id.rounding)),
            lines=tuple(line._get_timeline_line() for line in self.line_ids if line._is_billed()),
            usage=usage,
        )

    def _read_ledgers(self):
        """The rows of the charge ledger, by subscription and in the order of their statement."""
        ledgers = defaultdict(list)
        if not self.ids:
            return ledgers
        self.env["subscription.charge"].flush_model()
        query = SQL(
            """SELECT subscription_id, line_id, period_start, start_minute, period_end, end_minute,
                      full_start, full_end, origin, origin_minute, due_date, divisible, measured,
                      quantity::text, usage_quantity::text, basis, amount::text, sign, revision,
                      waived
                 FROM subscription_charge
                WHERE subscription_id IN %s
             ORDER BY id""",
            tuple(self.ids),
        )
        for row in self.env.execute_query_dict(query):
            ledgers[row["subscription_id"]].append(row)
        return ledgers


def _read_entry(timeline, row):
    """The entry that a row of the ledger states, with times as the timeline counts them."""

    def moment(day, minute=0):
        minutes = timedelta(minutes=minute) if timeline.is_to_the_minute else timedelta()
        return timeline.moment(day) + minutes

    charge = Charge(
        line=row["line_id"],
        period=Period(
            moment(row["period_start"], row["start_minute"]),
            moment(row["period_end"], row["end_minute"])
            if row["end_minute"] < MINUTES_A_DAY
            else moment(first_day_after(row["period_end"])),
        ),
        full=Period(moment(row["full_start"]), moment(first_day_after(row["full_end"]))),
        origin=moment(row["origin"], row["origin_minute"]),
        quantity=Decimal(row["quantity"]),
        price=Decimal(row["basis"]),
        amount=Decimal(row["amount"]),
        due=row["due_date"],
        divisible=row["divisible"],
        measured=row["measured"],
        usage=Decimal(row["usage_quantity"]),
    )
    return Entry(charge, row["sign"], row["revision"], row["waived"])


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    def _get_timeline_line(self):
        """The line as the billing core sees it."""
        self.ensure_one()
        return Line(
            key=self._origin.id or self.id,
            start=self.date_start,
            end=first_day_after(self.date_end),
            origin=self.date_origin or None,
            quantity=Decimal(str(self.quantity)),
            pricing=self._get_pricing(),
            charge_type=self.charge_type,
            timing=Timing(self.timing),
            **self._prepare_timeline_values(),
        )
