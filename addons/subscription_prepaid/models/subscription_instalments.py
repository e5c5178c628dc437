"""Set-up and one-time charges that are paid in instalments (SM-21).

The claim is booked once, by an invoice of its own with a due date for each instalment; there is no
interest.
"""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..prepaid import can_be_split

FIELDS = ("instalment_count", "instalment_interval", "instalment_unit", "instalment_end")
CHARGED_ONCE = ("setup", "one_time")
TAKEN_OVER = {
    "compute": "_compute_instalments",
    "store": True,
    "readonly": False,
    "precompute": True,
}


class SubscriptionInstalmentMixin(models.AbstractModel):
    _name = "subscription.instalment.mixin"
    _description = "Instalments"

    instalment_count = fields.Integer(
        "Instalments",
        aggregator=None,
        help="In how many equal instalments the charge is paid; 0 to pay it at once. It is "
        "invoiced by itself, and the first instalment falls due on the date of the invoice.",
    )
    instalment_interval = fields.Integer("One every", aggregator=None)
    instalment_unit = fields.Selection(
        [("day", "days"), ("month", "months")], "Unit of Instalments"
    )
    instalment_end = fields.Selection(
        [("due", "The rest falls due at once"), ("keep", "The instalments keep their dates")],
        "If the Subscription Ends Earlier",
    )

    _instalment_range = models.Constraint(
        "CHECK (COALESCE(instalment_count, 0) IN (0, 1) "
        "OR instalment_count BETWEEN 2 AND 120 AND instalment_interval BETWEEN 1 AND 366)",
        "There can be 2 to 120 instalments, 1 to 366 days or months apart.",
    )

    @api.constrains("instalment_count", "charge_type")
    def _check_instalments(self):
        for record in self:
            if record.instalment_count > 1 and record.charge_type not in CHARGED_ONCE:
                raise ValidationError(
                    self.env._(
                        "%s is charged again and again, so it cannot be paid in instalments. Only "
                        "set-up and one-time charges can.",
                        record.name,
                    )
                )


class SubscriptionPlanComponent(models.Model):
    _name = "subscription.plan.component"
    _inherit = ["subscription.plan.component", "subscription.instalment.mixin"]

    instalment_interval = fields.Integer(default=1)
    instalment_unit = fields.Selection(default="month")
    instalment_end = fields.Selection(default="due")

    def _get_used_locked_fields(self):
        return super()._get_used_locked_fields() | set(FIELDS)


class SubscriptionLine(models.Model):
    _name = "subscription.line"
    _inherit = ["subscription.line", "subscription.instalment.mixin"]

    instalment_count = fields.Integer(**TAKEN_OVER)
    instalment_interval = fields.Integer(**TAKEN_OVER)
    instalment_unit = fields.Selection(**TAKEN_OVER)
    instalment_end = fields.Selection(**TAKEN_OVER)

    @api.depends("component_id")
    def _compute_instalments(self):
        for line in self:
            agreed = line if line.instalment_count else line.component_id
            line.instalment_count = agreed.instalment_count
            line.instalment_interval = agreed.instalment_interval or 1
            line.instalment_unit = agreed.instalment_unit or "month"
            line.instalment_end = agreed.instalment_end or "due"

    def _get_locked_fields(self):
        return super()._get_locked_fields() | set(FIELDS) - {"instalment_end"}

    def _has_instalments(self):
        self.ensure_one()
        return self.instalment_count > 1

    def _get_invoice_document(self):
        """Due dates hold for a whole invoice, so instalments have one of their own."""
        if not self._has_instalments():
            return super()._get_invoice_document()
        rhythm = (self.instalment_count, self.instalment_interval, self.instalment_unit)
        return ("instalments", self.subscription_id.id, *rhythm)


class SubscriptionCharge(models.Model):
    _inherit = "subscription.charge"

    def _is_prepaid(self, day):
        """The service does not wait for what is paid by and by."""
        return super()._is_prepaid(day) and not self.line_id._has_instalments()


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _prepare_invoice_values(self, charges, invoice_date):
        values = super()._prepare_invoice_values(charges, invoice_date)
        line = charges.line_id[:1]
        if values["move_type"] == "out_invoice" and line._has_instalments():
            total = Decimal(str(sum(charges.mapped("amount"))))
            rounding = Decimal(str(self[:1].currency_id.rounding))
            if can_be_split(total, line.instalment_count, rounding):
                term = self.env["account.payment.term"]._get_for_instalments(
                    self[:1].company_id,
                    line.instalment_count,
                    line.instalment_interval,
                    line.instalment_unit,
                )
                values["invoice_payment_term_id"] = term.id
                values.pop("invoice_date_due", None)
        return values
