"""Usage as it accrues: for the salesperson, the customer and other systems."""

from itertools import takewhile

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..billing import ChargeType
from ..billing.calendar import as_day
from ..billing.usage_status import usage_statuses
from .price_text import quantity_text
from .subscription_charge import UNROUNDED

SHOWN_PERIODS = 12


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    metered_line_ids = fields.One2many("subscription.line", compute="_compute_metered_line_ids")
    usage_amount = fields.Monetary(
        "Usage so far",
        compute="_compute_usage_amount",
        help="What was used in the current billing periods comes to this amount up to now.",
    )
    usage_text = fields.Char("Used so far", compute="_compute_usage_amount")

    @api.depends("line_ids.charge_type", "line_ids.date_start", "line_ids.date_end")
    def _compute_metered_line_ids(self):
        for subscription in self:
            today = subscription._get_today()
            subscription.metered_line_ids = subscription.line_ids.filtered(
                lambda line, today=today: (
                    line.charge_type == ChargeType.USAGE.value and line._is_current(today)
                )
            )

    @api.depends("metered_line_ids", "usage_ids")
    @api.depends_context("lang")
    def _compute_usage_amount(self):
        for subscription in self:
            lines = subscription.metered_line_ids
            subscription.usage_amount = sum(lines.mapped("usage_amount"))
            if len(lines) == 1:
                subscription.usage_text = lines.usage_text
            else:
                currency = subscription.currency_id
                subscription.usage_text = currency and currency.format(subscription.usage_amount)

    def _get_usage_history(self, on):
        """The usage of each metered line up to the period of a day.

        :return: ``{line: [UsageStatus, ...]}``, oldest first
        """
        history = {}
        for subscription in self:
            lines = subscription.line_ids
            by_key = {line._origin.id or line.id: line for line in lines}
            timeline = subscription._get_timeline(lines._read_usage())
            for line in timeline.lines:
                if line.charge_type == ChargeType.USAGE:
                    begun = takewhile(
                        lambda status: as_day(status.period.start) <= on,
                        usage_statuses(timeline, line),
                    )
                    history[by_key[line.key]] = list(begun)
        return history

    def _get_current_usage(self, on=None):
        """The usage of each metered line in the period that a day belongs to.

        :param date on: the day; today in the time zone of the company when left out.
        :return: ``{line: UsageStatus}``
        """
        current = {}
        for subscription in self:
            day = on or subscription._get_today()
            for line, statuses in subscription._get_usage_history(day).items():
                if statuses and statuses[-1].period.last_day >= day:
                    current[line] = statuses[-1]
        return current


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    usage_start = fields.Date("Period from", compute="_compute_current_usage")
    usage_end = fields.Date("Period until", compute="_compute_current_usage")
    usage_quantity = fields.Float("Used", digits=UNROUNDED, compute="_compute_current_usage")
    usage_included = fields.Float(
        "Free in the Period", digits=UNROUNDED, compute="_compute_current_usage"
    )
    usage_remaining = fields.Float("Still Free", digits=UNROUNDED, compute="_compute_current_usage")
    usage_amount = fields.Monetary("Amount so far", compute="_compute_current_usage")
    usage_text = fields.Char("Used so far", compute="_compute_current_usage")

    @api.depends(
        "charge_type", "date_start", "date_end", "price_unit", "included_qty",
        "subscription_id.usage_ids.quantity",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_current_usage(self):
        current = self.subscription_id._get_current_usage()
        for line in self:
            status = current.get(line)
            line.usage_start = status and as_day(status.period.start)
            line.usage_end = status and status.period.last_day
            line.usage_quantity = float(status.used) if status else 0.0
            line.usage_included = float(status.included) if status else 0.0
            line.usage_remaining = float(status.remaining) if status else 0.0
            line.usage_amount = float(status.amount) if status else 0.0
            line.usage_text = line._get_usage_text()

    def _get_usage_text(self):
        used, unit = quantity_text(self.env, self.usage_quantity), self.meter_id.unit or ""
        if self.usage_included:
            included = quantity_text(self.env, self.usage_included)
            return self.env._(
                "%(used)s of %(included)s %(unit)s", used=used, included=included, unit=unit
            ).strip()
        return f"{used} {unit}".strip()

    def _prepare_usage_answer(self, status):
        """The status of a period as the API tells it."""
        return {
            "name": self.name,
            "meter": self.meter_id.handle,
            "unit": self.meter_id.unit or None,
            "dimension_values": sorted(self._get_dimension_filter().values),
            "dimension_excluded": self.dimension_excluded,
            "period_start": as_day(status.period.start).isoformat(),
            "period_end": status.period.last_day.isoformat(),
            "quantity": f"{status.used:f}",
            "included": f"{status.included:f}",
            "remaining": f"{status.remaining:f}",
            "charged": f"{status.charged:f}",
            "amount": f"{status.amount:f}",
        }


class SubscriptionUsage(models.Model):
    _inherit = "subscription.usage"

    @api.model
    def get_usage(self, subscription, date=None):
        """What a subscription has used in its current billing periods.

        :param str subscription: reference of the subscription
        :param str date: ISO day in the periods; today when left out
        :return: ``{"subscription", "date", "currency", "lines": [{"name", "meter", "unit",
            "dimension_values", "dimension_excluded", "period_start", "period_end", "quantity",
            "included", "remaining", "charged", "amount"}, ...]}``; quantities and amounts are
            decimal numbers as texts, the last day belongs to the period
        :rtype: dict
        """
        self.check_access("read")
        found = (
            self.env["subscription.subscription"]
            .sudo()
            .search([("name", "=", subscription), ("company_id", "in", self.env.companies.ids)])
        )
        if len(found) != 1 or found.state == "draft":
            raise UserError(self.env._("There is no running subscription %s.", subscription))
        try:
            day = fields.Date.to_date(date) or found._get_today()
        except ValueError as error:
            raise UserError(self.env._("The date is not ISO 8601, such as 2026-05-12.")) from error
        return {
            "subscription": found.name,
            "date": day.isoformat(),
            "currency": found.currency_id.name,
            "lines": [
                line._prepare_usage_answer(status)
                for line, status in found._get_current_usage(day).items()
            ],
        }
