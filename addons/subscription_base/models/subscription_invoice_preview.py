"""The next invoices of subscriptions, worked out by the billing core without writing anything."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date

from odoo import fields, models
from odoo.tools import format_date

from ..billing import bill, next_billing_date
from .price_text import quantity_text

SHOWN_INVOICES = 12
MOST_BILLS = 400  # of one subscription; what is billed daily fills a year


@dataclass(frozen=True)
class PreviewedInvoice:
    """An invoice, or credit note, as billing would make it.

    :param day: the day of the billing run.
    :param charges: ``subscription.charge`` records, most of them in memory only.
    :param untaxed: amount without taxes; negative for a credit note.
    :param total: the same with taxes.
    """

    day: date
    charges: models.Model
    untaxed: float
    total: float


class SubscriptionCharge(models.Model):
    _inherit = "subscription.charge"

    def _get_preview_base_line(self):
        """The base line for taxes of the invoice line that would state the charge."""
        self.ensure_one()
        figures = self._get_invoice_line_figures()
        return self.line_id._get_base_line(
            quantity=float(figures.quantity),
            price_unit=float(figures.price_unit),
            discount=float(figures.discount),
        )

    def _prepare_preview_line(self, today):
        """The charge as a line of the table of next invoices, in the language of the reader."""
        self.ensure_one()
        is_usage = self.measured
        is_open = is_usage and self.period_end >= today
        return {
            "id": f"{self.line_id.id or self.line_id._origin.id}-{self.period_start}-{self.id}",
            "name": self.line_id._get_invoice_name(),
            "period": self._get_period_text(),
            "quantity": quantity_text(self.env, self.quantity) if self.quantity else "",
            "amount": self.currency_id.format(self.amount),
            "explanation": self._explain() if self.amount else "",
            "is_open_usage": is_open,
            "is_unknown": is_open and not self.quantity,
            "is_credit": self.amount < 0,
        }


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    def _get_base_line(self, **figures):
        """The base line for taxes of an invoice line that is made now.

        :param figures: ``quantity``, ``price_unit`` and ``discount``.
        """
        self.ensure_one()
        subscription, taxes = self.subscription_id, self._get_taxes()
        if commands := subscription._prepare_invoice_line_taxes(self).get("tax_ids"):
            taxes = taxes.browse(commands[0][2])
        else:
            taxes = subscription._get_invoice_fiscal_position().map_tax(taxes)
        return self.env["account.tax"]._prepare_base_line_for_taxes_computation(
            {},
            product_id=self.product_id,
            tax_ids=taxes,
            currency_id=self.currency_id,
            partner_id=subscription.partner_invoice_id,
            **figures,
        )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _preview_invoices(self, count=SHOWN_INVOICES, timelines=None):
        """The next invoices as billing would make them; nothing is written.

        :param int count: how many invoices.
        :param dict timelines: ``{subscription: Timeline}``, other terms for some of them, to see
            what a change would cost. Its lines have the keys of lines of the subscription.
        :return: in the order of their days.
        :rtype: list[PreviewedInvoice]
        """
        inputs = self._get_billing_inputs()
        documents = defaultdict(lambda: self.env["subscription.charge"])
        for subscription in self.filtered(lambda s: s.plan_id.schedule_type != "manual"):
            timeline, ledger = inputs[subscription.id]
            timeline = (timelines or {}).get(subscription, timeline)
            invoices = 0
            for day, key, charges in subscription._simulate_billing(timeline, ledger):
                documents[day, key] += charges
                invoices += 1
                if invoices >= count:
                    break
        ordered = sorted(documents.items(), key=lambda item: item[0][0])
        return [self._prepare_preview(day, charges) for (day, _key), charges in ordered[:count]]

    def _simulate_billing(self, timeline, ledger):
        """Bill again and again, in memory.

        :return: an iterator over ``(day, invoice key, charges)``.
        """
        self.ensure_one()
        today = self._get_today()
        timeline = replace(
            timeline, lines=tuple(replace(line, zero_usage=True) for line in timeline.lines)
        )
        ledger, pending = list(ledger), self._get_open_charges()
        due, last = next_billing_date(timeline, ledger), date.min
        for _bill in range(MOST_BILLS):
            releases = [charge._get_release_date() for charge in pending]
            days = [due, *(release for release in releases if release > last)]
            last = min(filter(None, days), default=None)
            if last is None:
                return
            day = max(last, today)
            if due and due <= day:
                result = bill(timeline, ledger, day, max_periods=self.max_catch_up)
                ledger += result.entries
                due = result.next_due
                pending += self._get_charges_in_memory(result.entries, today)
            released = pending.filtered(lambda charge, day=day: charge._get_release_date() <= day)
            for key, charges in released.grouped(lambda c: c._get_invoice_key()).items():
                if due and charges._is_below_minimum():
                    continue
                pending -= charges
                yield day, key, charges

    def _get_charges_in_memory(self, entries, today):
        """Charges that state ``entries``; usage that is over and came to nothing is left out."""
        charges, run = self.env["subscription.charge"], self.env["subscription.billing.run"]
        lines = {line._origin.id or line.id: line for line in self.line_ids}
        for entry in entries:
            charge = entry.charge
            if charge.amount or (charge.measured and charge.period.last_day >= today):
                charges += charges.new(charges._prepare_values(entry, lines[charge.line], run))
        return charges

    def _prepare_preview(self, day, charges):
        tax_engine, company = self.env["account.tax"], charges.company_id
        base_lines = [charge._get_preview_base_line() for charge in charges]
        tax_engine._add_tax_details_in_base_lines(base_lines, company)
        tax_engine._round_base_lines_tax_details(base_lines, company)
        currency = charges.currency_id
        totals = tax_engine._get_tax_totals_summary(
            base_lines=base_lines, currency=currency, company=company
        )
        return PreviewedInvoice(
            day,
            charges.sorted(charges._get_invoice_order),
            currency.round(totals["base_amount_currency"]),
            currency.round(totals["total_amount_currency"]),
        )

    def get_invoice_preview(self, count=SHOWN_INVOICES):
        """The next invoices for the table in the form.

        :rtype: dict
        """
        self.check_access("read")
        subscriptions = self.sudo()
        today = fields.Date.context_today(self)
        manual = subscriptions.filtered(lambda s: s.plan_id.schedule_type == "manual")
        return {
            "is_manual": bool(subscriptions) and manual == subscriptions,
            "invoices": [
                {
                    "id": str(number),
                    "date": format_date(self.env, invoice.day),
                    "is_credit": invoice.total < 0,
                    "untaxed": invoice.charges.currency_id.format(invoice.untaxed),
                    "total": invoice.charges.currency_id.format(invoice.total),
                    "lines": [charge._prepare_preview_line(today) for charge in invoice.charges],
                }
                for number, invoice in enumerate(subscriptions._preview_invoices(count))
            ],
        }


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    def get_invoice_preview(self, date_start=None, count=SHOWN_INVOICES):
        """The first invoices of a subscription to the plan that starts on a day.

        :param date date_start: today when left out.
        """
        self.ensure_one()
        self.check_access("read")
        subscription = self.env["subscription.subscription"].new(
            {
                "plan_id": self.id,
                "company_id": self.company_id.id,
                "partner_id": self.company_id.sudo().partner_id.id,
                "currency_id": self.currency_id.id,
                "date_start": fields.Date.to_date(date_start) or fields.Date.context_today(self),
            }
        )
        subscription.line_ids = [
            fields.Command.create(values) for values in subscription._prepare_plan_lines()
        ]
        return subscription.get_invoice_preview(count)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def get_invoice_preview(self, count=SHOWN_INVOICES):
        """The first invoices of the subscriptions that confirming the order would start."""
        self.ensure_one()
        self.check_access("read")
        subscriptions = self.env["subscription.subscription"]
        for line in self._get_plan_lines():
            subscriptions += line._get_subscription_preview().subscription
        return subscriptions.get_invoice_preview(count)
