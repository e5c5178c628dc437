"""Charges whose invoice is shifted in time: agreed for a component, kept in the ledger until then.

The charge is in the ledger on its own day, and on the list of what is not invoiced; the invoice
comes later and states the days that were charged (requirement SM-22).
"""

from dataclasses import replace

from odoo import api, fields, models

from ..billing import Duration, Unit, invoiced_from

FIELDS = ("invoice_delay_count", "invoice_delay_unit")
TAKEN_OVER = {
    "compute": "_compute_invoice_delay",
    "store": True,
    "readonly": False,
    "precompute": True,
}


class SubscriptionInvoiceDelayMixin(models.AbstractModel):
    _name = "subscription.invoice.delay.mixin"
    _description = "Invoice Delay"

    invoice_delay_count = fields.Integer(
        "Invoice Later",
        aggregator=None,
        help="How much later than it falls due a charge is invoiced. Until then it is shown as not "
        "invoiced. When the subscription ends, all that waits is on its last invoice.",
    )
    invoice_delay_unit = fields.Selection(
        [(Unit.DAY.value, "days"), (Unit.MONTH.value, "months")], "Unit of Delay"
    )

    _delay_range = models.Constraint(
        "CHECK (invoice_delay_count IS NULL OR invoice_delay_count BETWEEN 0 AND 366)",
        "Invoices can be 0 to 366 days or months late.",
    )

    def _get_invoice_delay(self):
        """:rtype: ~odoo.addons.subscription_base.billing.Duration"""
        self.ensure_one()
        return Duration(self.invoice_delay_count, Unit(self.invoice_delay_unit or "month"))


class SubscriptionPlanComponent(models.Model):
    _name = "subscription.plan.component"
    _inherit = ["subscription.plan.component", "subscription.invoice.delay.mixin"]

    invoice_delay_unit = fields.Selection(default="month")

    def _get_used_locked_fields(self):
        return super()._get_used_locked_fields() | set(FIELDS)


class SubscriptionLine(models.Model):
    _name = "subscription.line"
    _inherit = ["subscription.line", "subscription.invoice.delay.mixin"]

    invoice_delay_count = fields.Integer(**TAKEN_OVER)
    invoice_delay_unit = fields.Selection(**TAKEN_OVER)

    @api.depends("component_id")
    def _compute_invoice_delay(self):
        for line in self:
            agreed = line if line.invoice_delay_count else line.component_id
            line.invoice_delay_count = agreed.invoice_delay_count
            line.invoice_delay_unit = agreed.invoice_delay_unit or "month"

    def _get_locked_fields(self):
        return super()._get_locked_fields() | set(FIELDS)

    def _get_timeline_line(self):
        """What is invoiced later is not invoiced ahead."""
        line = super()._get_timeline_line()
        return replace(line, lead=0) if self.invoice_delay_count else line


class SubscriptionCharge(models.Model):
    _inherit = "subscription.charge"

    def _get_invoice_from(self):
        """The first day on which the charge may be invoiced, by what was agreed for its line.

        :rtype: ~datetime.date
        """
        self.ensure_one()
        last = self.subscription_id.date_end or None
        return invoiced_from(self.due_date, self.line_id._get_invoice_delay(), last)


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _has_delayed_lines(self):
        return any(self.line_ids.mapped("invoice_delay_count"))

    @api.depends("line_ids.invoice_delay_count", "line_ids.invoice_delay_unit")
    def _compute_next_billing_date(self):
        return super()._compute_next_billing_date()
