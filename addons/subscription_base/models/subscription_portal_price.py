"""What a customer pays: per period and per month, now and after the next change, taxes included.

The figures are those of billing: the price rule of each line, rounded and taxed as its invoice
line is.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError

from ..billing import monthly_amount
from .subscription_migration import DUE_STATES


@dataclass(frozen=True)
class PeriodPrice:
    """What all lines that are billed alike cost in a full billing period.

    :param frequency: such as "monthly", in the language of the reader.
    :param untaxed: amount without taxes.
    :param total: the same with taxes.
    :param monthly: what ``total`` is worth per month.
    """

    frequency: str
    untaxed: float
    total: float
    monthly: float


@dataclass(frozen=True)
class PriceStep:
    """The prices from a day on; no prices are free of charge.

    :param kind: why they begin: ``now``, ``trial_end``, ``pause_end``, ``plan`` or ``change``.
    """

    day: date
    kind: str
    prices: tuple[PeriodPrice, ...]

    @property
    def monthly(self):
        return sum(price.monthly for price in self.prices)

    def get_text(self, subscription):
        """Such as "10.00 € monthly, 5.00 € yearly", in the language of the reader."""
        money = subscription.currency_id.format
        return ", ".join(f"{money(price.total)} {price.frequency}" for price in self.prices)


@dataclass(frozen=True)
class InvoiceOutlook:
    """An invoice that is to come, as plain figures.

    :param lines: text, days and formatted amount of each line.
    """

    day: date
    untaxed: float
    total: float
    lines: tuple[tuple[str, str, str], ...]


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    def _get_period_base_line(self, quantity=None):
        """The base line for taxes of a full billing period, or of what is charged once.

        :param float quantity: that of the line when left out.
        """
        self.ensure_one()
        quantity = self.quantity if quantity is None else quantity
        amount = float(self._get_pricing().amount(Decimal(str(quantity))))
        if self.price_includes_tax and self.subscription_id._replaces_taxes(self):
            amount = self._strip_taxes(amount)
        return self._get_base_line(
            quantity=1.0, price_unit=self.currency_id.round(amount), discount=0.0
        )

    def _get_billed_text(self):
        """How often the line is billed, by its own schedule or that of its plan."""
        self.ensure_one()
        return self.frequency if self.schedule_type else self.plan_id.frequency

    def _get_portal_taxes(self):
        """How the prices of the lines are shown to the customer: what adds up to the total.

        :return: ``included`` to consumers and where prices have been agreed so, ``added`` where
            taxes come on top, ``none`` where there are none.
        :rtype: str
        """
        taxes = self.env["account.tax"].union(
            *(line._get_period_base_line()["tax_ids"] for line in self)
        )
        if not any(taxes.flatten_taxes_hierarchy().mapped("amount")):
            return "none"
        return "included" if all(line._is_shown_with_taxes() for line in self) else "added"

    def _is_shown_with_taxes(self):
        self.ensure_one()
        return self.subscription_id.customer_kind == "consumer" or self.price_includes_tax

    def _get_shown_price(self, quantity=None):
        """What a quantity costs per period or once, with taxes if the customer is shown them."""
        base_line, company = self._get_period_base_line(quantity), self.subscription_id.company_id
        tax_engine = self.env["account.tax"]
        tax_engine._add_tax_details_in_base_lines([base_line], company)
        tax_engine._round_base_lines_tax_details([base_line], company)
        totals = tax_engine._get_tax_totals_summary(
            base_lines=[base_line], currency=self.currency_id, company=company
        )
        side = "total" if self._is_shown_with_taxes() else "base"
        return self.currency_id.format(totals[f"{side}_amount_currency"])

    def _get_portal_price(self):
        """The price of the line for the customer: of its quantity, or the rule for usage.

        :rtype: str
        """
        self.ensure_one()
        return self.price_text if self.charge_type == "usage" else self._get_shown_price()

    def _get_portal_rate(self):
        """How :meth:`_get_portal_price` follows from the quantity, where that is not plain.

        :rtype: str
        """
        self.ensure_one()
        if self.charge_type == "usage" or self.pricing_model == "flat":
            return ""
        if self._has_plain_price():
            return self._get_unit_price_text() if self.quantity != 1 else ""
        if self._is_shown_with_taxes() and not self.price_includes_tax:
            return self.env._("without taxes: %s", self.price_text)
        return self.price_text

    def _has_plain_price(self):
        """Whether each unit costs the same, from the first one on."""
        is_limited = self.included_qty or self.minimum_amount or self.maximum_amount
        return self.pricing_model == "per_unit" and not is_limited

    def _get_unit_price_text(self):
        return self.env._("%s each", self._get_shown_price(1.0))

    def _get_portal_quantity_price(self):
        """What another unit costs, for whoever is to enter a quantity.

        :rtype: str
        """
        self.ensure_one()
        taxes = self._get_portal_taxes()
        if self._has_plain_price():
            price = self._get_unit_price_text()
        else:
            price = self.price_text
            taxes = "added" if taxes == "included" and not self.price_includes_tax else taxes
        match taxes:
            case "included":
                return self.env._("%s, taxes included", price)
            case "added":
                return self.env._("%s, without taxes", price)
        return price


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_period_prices(self, day):
        """What recurs on a day, one price for each billing interval; usage comes on top.

        :rtype: tuple[PeriodPrice, ...]
        """
        self.ensure_one()
        if self.date_end and self.date_end < day:
            return ()
        lines = self.line_ids.filtered(
            lambda line: line.charge_type == "recurring" and line._is_current(day) and line.plan_id
        )
        return tuple(
            self._get_period_price(alike)
            for alike in lines.grouped(lambda line: repr(line._get_schedule())).values()
        )

    def _get_period_price(self, lines):
        tax_engine, company = self.env["account.tax"], self.company_id
        base_lines = [line._get_period_base_line() for line in lines]
        tax_engine._add_tax_details_in_base_lines(base_lines, company)
        tax_engine._round_base_lines_tax_details(base_lines, company)
        currency = self.currency_id
        totals = tax_engine._get_tax_totals_summary(
            base_lines=base_lines, currency=currency, company=company
        )
        total = currency.round(totals["total_amount_currency"])
        monthly = monthly_amount(Decimal(str(total)), lines[0]._get_schedule())
        return PeriodPrice(
            lines[0]._get_billed_text(),
            currency.round(totals["base_amount_currency"]),
            total,
            currency.round(float(monthly)),
        )

    def _get_price_steps(self):
        """The price now, and the next one if it is known: of a change or after the trial.

        :return: one or two; none when the subscription has ended.
        :rtype: list[PriceStep]
        """
        self.ensure_one()
        if self.state in ("draft", "closed"):
            return []
        planned = self.migration_ids.filtered(lambda migration: migration.state in DUE_STATES)[:1]
        if planned:
            with suppress(UserError):
                return self._try_out(
                    lambda trial: planned.with_env(trial.env)._move(),
                    look=lambda trial: trial._find_price_steps("plan"),
                )
        return self._find_price_steps("change")

    def _is_resting_free(self):
        """Whether the subscription is paused today and nothing is charged meanwhile."""
        self.ensure_one()
        pause = self._get_pause(self._get_today())
        return bool(pause and not pause.is_charged)

    def _find_steps_of_pause(self):
        """Nothing is charged now; what it costs after the pause, if its end is known."""
        today = self._get_today()
        now, last = PriceStep(today, "now", ()), self._get_pause(today).date_end
        if not last:
            return [now]
        day = fields.Date.add(last, days=1)
        prices = self._get_period_prices(day)
        return [now, PriceStep(day, "pause_end", prices)] if prices else [now]

    def _find_price_steps(self, kind):
        """The steps by the lines that the timeline has now.

        :param str kind: what makes the next step if it is not the end of the trial.
        """
        if self._is_resting_free():
            return self._find_steps_of_pause()
        today = self._get_today()
        first_paid = self.date_trial_end and fields.Date.add(self.date_trial_end, days=1)
        in_trial = bool(first_paid and first_paid > today)
        now = PriceStep(today, "now", () if in_trial else self._get_period_prices(today))
        day = first_paid if in_trial else today
        while True:
            if day > today:
                kind = "trial_end" if in_trial and day == first_paid else kind
                step = PriceStep(day, kind, self._get_period_prices(day))
                if step.prices and step.prices != now.prices:
                    return [now, step]
            day = self._get_next_boundary(day)
            if not day:
                return [now]

    def _get_invoice_outlook(self, count=2, timeline=None):
        """The next invoices and credit notes as plain figures; nothing is written.

        :param timeline: other terms to bill by; see :meth:`_preview_invoices`.
        :rtype: tuple[InvoiceOutlook, ...]
        """
        self.ensure_one()
        timelines = {self: timeline} if timeline else None
        return tuple(
            InvoiceOutlook(
                invoice.day,
                invoice.untaxed,
                invoice.total,
                tuple(
                    (
                        charge.line_id._get_invoice_name(),
                        charge._get_period_text(),
                        charge.currency_id.format(charge.amount),
                    )
                    for charge in invoice.charges
                ),
            )
            for invoice in self._preview_invoices(count, timelines)
        )
