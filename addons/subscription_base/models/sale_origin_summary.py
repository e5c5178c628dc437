"""What a quotation for a running subscription costs: the change is tried and taken back."""

from dataclasses import astuple

from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from .price_text import quantity_text
from .sale_summary import SummaryRow
from .subscription_invoice_preview import SHOWN_INVOICES

SHOWN = 2


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @api.depends(
        "origin_subscription_id", "has_individual_terms", "origin_subscription_id.charge_ids"
    )
    def _compute_subscription_summary(self):
        return super()._compute_subscription_summary()

    def _get_subscription_summary(self):
        """The next invoices of the running subscription as they are after the change."""
        if not self.origin_subscription_id:
            return super()._get_subscription_summary()
        return [SummaryRow(*row) for row in self._try_on_subscription(self._look_at_invoices) or ()]

    def _try_on_subscription(self, look):
        """Let the running subscription be changed as the order says, look at it, and roll back.

        :param look: called with the changed subscription; what it returns holds no records.
        :return: ``None`` where the order cannot be confirmed, or nothing may be written.
        """
        if self.env.cr.readonly or self.state not in ("draft", "sent") or self.origin_warning:
            return None
        try:
            return self.origin_subscription_id.sudo()._try_out(
                lambda subscription: self.with_env(subscription.env)._apply_to(
                    subscription, at_once=True
                ),
                look=look,
            )
        except (UserError, ValidationError):
            return None

    def _look_at_invoices(self, subscription):
        today = subscription._get_today()
        return [
            astuple(
                SummaryRow(
                    self._get_invoice_label(number, invoice.day, today),
                    [self._get_charge_text(charge, today) for charge in invoice.charges],
                    invoice.untaxed,
                    invoice.total,
                )
            )
            for number, invoice in enumerate(subscription._preview_invoices(SHOWN))
        ]

    def _get_invoice_label(self, number, day, today):
        if number:
            return self.env._("Then on %s", format_date(self.env, day))
        if day > today:
            return self.env._("Next invoice on %s", format_date(self.env, day))
        return self.env._("Due now")

    def _get_charge_text(self, charge, today):
        """How many of what is charged for which days; of an upsell, what of it is added."""
        line = charge.with_env(self.env)._prepare_preview_line(today)
        name = f"{line['quantity']} × {line['name']}" if line["quantity"] else line["name"]
        if self.subscription_order_kind == "upsell":
            name = self._get_upsell_text(charge, name)
        return f"{name}, {line['period']}: {line['amount']}"

    def _get_upsell_text(self, charge, name):
        """``name`` with what was there before, and what the order adds."""
        line = charge.line_id
        if line.sale_line_id.order_id != self._origin:
            return self.env._("%s (existing)", name)
        added = line.quantity - line.previous_line_id.quantity
        if not line.previous_line_id:
            return self.env._("%s (additional)", name)
        quantity = quantity_text(self.env, added)
        return self.env._("%(item)s (%(added)s of them additional)", item=name, added=quantity)

    def get_invoice_preview(self, count=SHOWN_INVOICES):
        """The next invoices; of the running subscription, as they are after the change."""
        if not self.origin_subscription_id:
            return super().get_invoice_preview(count)
        self.check_access("read")
        found = self._try_on_subscription(lambda s: s.get_invoice_preview(count))
        return found or {"is_manual": False, "invoices": []}

    def _get_first_due_amount(self):
        """What the change makes due at once, with taxes; nothing where it is due later."""
        if not self.origin_subscription_id:
            return super()._get_first_due_amount()
        totals = self._try_on_subscription(
            lambda subscription: [
                invoice.total
                for invoice in subscription._preview_invoices(1)
                if invoice.day <= subscription._get_today()
            ]
        )
        return max(sum(totals or ()), 0.0)
