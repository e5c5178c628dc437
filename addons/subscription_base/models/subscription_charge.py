from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..billing import MINUTES_A_DAY, Entry, as_day, as_invoice_line, minute_of

UNROUNDED = 0


class SubscriptionCharge(models.Model):
    """The charge ledger: the n-th statement about what some days of a line cost.

    A charge is only ever added. When the timeline changes, billing adds the difference.
    """

    _name = "subscription.charge"
    _description = "Subscription Charge"
    _order = "period_start desc, id desc"
    _check_company_auto = True

    line_id = fields.Many2one(
        "subscription.line", required=True, index=True, ondelete="restrict", readonly=True
    )
    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, index=True, ondelete="restrict", readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    partner_id = fields.Many2one(related="subscription_id.partner_id", string="Customer")
    product_id = fields.Many2one(related="line_id.product_id")
    charge_type = fields.Selection(related="line_id.charge_type")
    run_id = fields.Many2one(
        "subscription.billing.run", "Billing Run", index="btree_not_null", readonly=True
    )
    period_start = fields.Date("From", required=True, readonly=True)
    period_end = fields.Date("Until", required=True, readonly=True, help="Last day charged.")
    full_start = fields.Date("Full Period from", required=True, readonly=True)
    full_end = fields.Date("Full Period until", required=True, readonly=True)
    origin = fields.Date(
        required=True, readonly=True, help="The parts of the full period are rounded from here."
    )
    revision = fields.Integer(
        required=True,
        readonly=True,
        aggregator=None,
        help="The n-th statement about these days of the line.",
    )
    sign = fields.Integer(required=True, readonly=True, aggregator=None)
    divisible = fields.Boolean(readonly=True)
    measured = fields.Boolean(readonly=True)
    waived = fields.Boolean(
        readonly=True,
        help="A credit that was given by hand: its days are neither charged nor credited again.",
    )
    start_minute = fields.Integer(
        required=True,
        default=0,
        readonly=True,
        aggregator=None,
        help="Minutes of the first day before the period begins.",
    )
    end_minute = fields.Integer(
        required=True,
        default=MINUTES_A_DAY,
        readonly=True,
        aggregator=None,
        help="Minutes of the last day after which the period ends.",
    )
    origin_minute = fields.Integer(required=True, default=0, readonly=True, aggregator=None)
    quantity = fields.Float(digits=UNROUNDED, required=True, readonly=True)
    usage_quantity = fields.Float(
        "Used",
        digits=UNROUNDED,
        required=True,
        default=0.0,
        readonly=True,
        help="What was measured, before the included quantity was taken off.",
    )
    basis = fields.Char(
        required=True,
        readonly=True,
        help="Exact price of the full period, before proration and rounding, as a decimal number.",
    )
    price = fields.Monetary("Full Price", compute="_compute_price")
    amount = fields.Monetary(required=True, readonly=True)
    due_date = fields.Date("Due to Bill", required=True, readonly=True)
    move_line_ids = fields.One2many("account.move.line", "subscription_charge_id")
    move_id = fields.Many2one(
        "account.move", "Invoice", compute="_compute_move_id", compute_sudo=True
    )
    invoice_state = fields.Selection(
        [("open", "Not invoiced"), ("draft", "Draft invoice"), ("posted", "Invoiced")],
        compute="_compute_move_id",
        compute_sudo=True,
    )

    _slice_uniq = models.UniqueIndex(
        "(line_id, period_start, period_end, revision)",
        "This period of the line has been charged by another billing run at the same time.",
    )
    _dates = models.Constraint(
        "CHECK (period_end >= period_start AND sign IN (-1, 1))",
        "A charge covers at least one day and is a charge or a credit.",
    )

    @api.depends("move_line_ids.parent_state")
    def _compute_move_id(self):
        for charge in self:
            lines = charge.move_line_ids.filtered(lambda line: line.parent_state != "cancel")
            line = lines.sorted()[:1]
            charge.move_id = line.move_id
            charge.invoice_state = line.parent_state or "open"

    @api.depends("period_start", "period_end")
    def _compute_display_name(self):
        for charge in self:
            charge.display_name = f"{charge.line_id.name} {charge._get_period_text()}"

    @api.depends("basis")
    def _compute_price(self):
        for charge in self:
            charge.price = float(charge.basis)

    def _get_period_text(self):
        start, end = (
            format_date(self.env, self.period_start),
            format_date(self.env, self.period_end),
        )
        return start if start == end else f"{start} - {end}"

    @api.model
    def _prepare_values(self, entry: Entry, line, run):
        """Values of the charge that states ``entry`` about ``line``."""
        charge = entry.charge
        subscription = line.subscription_id
        return {
            "line_id": line.id,
            "subscription_id": subscription.id,
            "company_id": subscription.company_id.id,
            "currency_id": subscription.currency_id.id,
            "run_id": run.id,
            "period_start": as_day(charge.period.start),
            "start_minute": minute_of(charge.period.start),
            "period_end": charge.period.last_day,
            "end_minute": minute_of(charge.period.end) or MINUTES_A_DAY,
            "full_start": as_day(charge.full.start),
            "full_end": charge.full.last_day,
            "origin": as_day(charge.origin),
            "origin_minute": minute_of(charge.origin),
            "revision": entry.revision,
            "sign": entry.sign,
            "waived": entry.waived,
            "divisible": charge.divisible,
            "measured": charge.measured,
            "quantity": float(charge.quantity),
            "usage_quantity": float(charge.usage),
            "basis": str(charge.price),
            "amount": float(charge.amount),
            "due_date": charge.due,
        }

    def _get_invoice_key(self):
        """What the charges of one invoice have in common.

        :rtype: tuple
        """
        self.ensure_one()
        return self.subscription_id._get_invoice_key()

    @staticmethod
    def _get_invoice_order(charge):
        """By what the lines of an invoice are sorted."""
        return (
            charge.subscription_id.id,
            charge.period_start,
            charge.line_id.sequence,
            charge.id,
        )

    def _get_invoice_line_figures(self):
        """Quantity, unit price and discount that print the charge to the cent.

        :rtype: ~odoo.addons.subscription_base.billing.money.InvoiceLine
        """
        self.ensure_one()
        line = self.line_id
        amount, price_unit = self._get_invoice_terms()
        return as_invoice_line(
            Decimal(str(self.quantity)),
            Decimal(str(price_unit)),
            Decimal(str(amount)),
            Decimal(str(self.currency_id.rounding)),
            Decimal(str(line.discount)),
        )

    def _get_invoice_terms(self):
        """Amount and unit price as the invoice line is to state them."""
        return self.amount, self.line_id.price_unit

    def write(self, vals):
        if vals:
            raise UserError(
                self.env._("A charge is never changed. Billing adds the difference instead.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_never(self):
        raise UserError(
            self.env._("A charge is never deleted. Billing adds the difference instead.")
        )

    def action_view_invoice(self):
        return self.move_line_ids.move_id._get_subscription_invoice_action()
