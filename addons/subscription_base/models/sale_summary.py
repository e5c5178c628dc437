"""What an order costs at once, and what recurs: the billing core's answer before confirming."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from odoo import api, fields, models
from odoo.tools import format_date

from ..billing import ChargeType, as_invoice_line, next_due, rate, round_half_up

NAMED_ITEMS = 3


@dataclass(frozen=True)
class SummaryRow:
    """A line of the summary, in the language of the reader.

    :param label: when it is due, such as "Due now" or "Then monthly".
    :param details: what for: the days, and the items that are charged once.
    :param untaxed: amount in the order's currency without taxes.
    :param total: the same with taxes.
    """

    label: str
    details: list[str]
    untaxed: float
    total: float


class SaleOrder(models.Model):
    _inherit = "sale.order"

    subscription_summary = fields.Html(
        "Due Now and Recurring", compute="_compute_subscription_summary", sanitize=False
    )

    @api.depends(
        "subscription_start_date", "state", "currency_id", "partner_id",
        "order_line.price_total", "order_line.price_unit", "order_line.product_uom_qty",
        "order_line.discount", "order_line.tax_ids", "order_line.subscription_plan_id",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_subscription_summary(self):
        for order in self:
            order.subscription_summary = order.has_plan and self.env["ir.qweb"]._render(
                "subscription_base.sale_order_summary", {"order": order}
            )

    def _get_subscription_summary(self):
        """What is due at the start and what recurs, one row for each billing interval.

        :rtype: list[SummaryRow]
        """
        previews = self._get_subscription_previews()
        return [*self._get_due_rows(previews), *self._get_recurring_rows(previews)]

    def _get_subscription_previews(self):
        self.ensure_one()
        return [line._get_subscription_preview() for line in self._get_plan_lines()]

    def _get_first_due_amount(self):
        """What is due with taxes when the order is confirmed, or when it starts.

        :rtype: float
        """
        start = max(self._get_subscription_start(), fields.Date.context_today(self))
        rows = self._get_due_rows(self._get_subscription_previews(), start)
        return sum(row.total for row in rows)

    def _get_due_rows(self, previews, until=date.max):
        """Rows of what falls due first, up to a day: the one-time lines and the first bills."""
        today = fields.Date.context_today(self)
        once = self._get_once_lines()
        dues = defaultdict(lambda: ([], [], []))
        if once:
            base_lines, _periods, names = dues[today]
            base_lines += [line._prepare_base_line_for_taxes_computation() for line in once]
            names += once.mapped("product_id.name")
        for preview in previews:
            dues.setdefault(max(preview.timeline.anchor, today), ([], [], []))
            for charge in preview.get_first_charges(today):
                base_lines, periods, names = dues[max(charge.due, today)]
                base_lines.append(preview.get_base_line(charge))
                if preview.is_recurring(charge):
                    periods.append((charge.period.start, charge.period.last_day))
                else:
                    names.append(preview.lines[charge.line].product_id.name)
        return [
            self._prepare_summary_row(
                self._get_due_label(day, today), self._get_due_details(periods, names), base_lines
            )
            for day, (base_lines, periods, names) in sorted(dues.items())
            if day <= until
        ]

    def _get_once_lines(self):
        """The lines that the order itself invoices."""
        lines = self._get_priced_lines()
        return (lines - lines._get_subscription_lines()).filtered("product_uom_qty")

    def _get_due_label(self, day, today):
        if self.state == "sale":
            return self.env._("At the start")
        if day > today:
            return self.env._("Due on %s", format_date(self.env, day))
        return self.env._("Due now")

    def _get_due_details(self, periods, names):
        details = [
            f"{format_date(self.env, start)} - {format_date(self.env, end)}"
            for start, end in sorted(set(periods))
        ]
        names = list(dict.fromkeys(names))
        if len(names) > NAMED_ITEMS:
            details.append(self.env._("%s one-time items", len(names)))
        elif names:
            details.append(", ".join(names))
        return details

    def _get_recurring_rows(self, previews):
        """One row for each billing interval: what a full period costs."""
        intervals = defaultdict(lambda: ([], []))
        for preview in previews:
            for schedule, keys in preview.get_recurring_keys().items():
                base_lines, days = intervals[schedule]
                base_lines += preview.get_full_period_base_lines(keys)
                if day := preview.get_next_day(fields.Date.context_today(self), keys):
                    days.append(day)
        return [
            self._prepare_summary_row(
                self.env._("Then %s", schedule),
                [self.env._("from %s", format_date(self.env, min(days)))] if days else [],
                base_lines,
            )
            for schedule, (base_lines, days) in intervals.items()
        ]

    def _prepare_summary_row(self, label, details, base_lines):
        tax_engine, company = self.env["account.tax"], self.company_id
        tax_engine._add_tax_details_in_base_lines(base_lines, company)
        tax_engine._round_base_lines_tax_details(base_lines, company)
        currency = self.currency_id or company.currency_id
        totals = tax_engine._get_tax_totals_summary(
            base_lines=base_lines, currency=currency, company=company
        )
        return SummaryRow(
            label,
            details,
            currency.round(totals["base_amount_currency"]),
            currency.round(totals["total_amount_currency"]),
        )


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _get_subscription_preview(self):
        """The subscription that confirming the plan line would start, without saving it."""
        self.ensure_one()
        subscription = self.env["subscription.subscription"].new(
            self._prepare_subscription_values()
        )
        lines = subscription.line_ids
        return SubscriptionPreview(
            subscription=subscription,
            timeline=subscription._get_timeline(lambda line, period: Decimal(0)),
            lines={line.id: line for line in lines},
            sale_lines={
                line.id: sale_line
                for line, sale_line in zip(lines, self._get_sold_lines(), strict=True)
            },
        )


@dataclass(frozen=True)
class SubscriptionPreview:
    """An unsaved subscription, as the billing core sees it.

    :param lines: the subscription lines by the key that their charges have.
    :param sale_lines: the order lines by the same key; they know the taxes.
    """

    subscription: models.Model
    timeline: object
    lines: dict
    sale_lines: dict

    @property
    def plan(self):
        return self.subscription.plan_id

    def is_recurring(self, charge):
        return self.lines[charge.line].charge_type == ChargeType.RECURRING.value

    def _get_first_day(self, today: date) -> date:
        """The day of the first bill: of the start, or today where that has passed."""
        return max(self.timeline.anchor, today)

    def get_first_charges(self, today: date):
        """What the first bill charges; a plan that is billed on request has no first bill."""
        if self.plan.schedule_type == "manual":
            return []
        return [c for c in rate(self.timeline, self._get_first_day(today)) if c.amount]

    def get_recurring_keys(self):
        """The keys of the recurring lines by how often they are billed."""
        keys = defaultdict(list)
        for key, line in self.lines.items():
            if line.charge_type == ChargeType.RECURRING.value:
                own = line.schedule_text if line.schedule_type else self.plan.schedule_text
                keys[own].append(key)
        return keys

    def get_next_day(self, today: date, keys):
        """The day of the second bill of some lines."""
        if self.plan.schedule_type == "manual":
            return None
        lines = tuple(line for line in self.timeline.lines if line.key in keys)
        return next_due(replace(self.timeline, lines=lines), self._get_first_day(today))

    def get_base_line(self, charge):
        """The base line for taxes of the invoice line that will state ``charge``."""
        return self._get_base_line(charge.line, charge.quantity, charge.amount)

    def get_full_period_base_lines(self, keys):
        """The base lines for taxes of some recurring lines, for one full period."""
        return [
            self._get_base_line(
                key,
                Decimal(str(line.quantity)),
                round_half_up(
                    line._get_pricing().amount(Decimal(str(line.quantity))),
                    self.timeline.rounding,
                ),
            )
            for key, line in self.lines.items()
            if key in keys
        ]

    def _get_base_line(self, key, quantity, amount):
        line = self.lines[key]
        figures = as_invoice_line(
            quantity,
            Decimal(str(line.price_unit)),
            amount,
            self.timeline.rounding,
            Decimal(str(line.discount)),
        )
        return self.sale_lines[key]._prepare_base_line_for_taxes_computation(
            quantity=float(figures.quantity),
            price_unit=float(figures.price_unit),
            discount=float(figures.discount),
        )
