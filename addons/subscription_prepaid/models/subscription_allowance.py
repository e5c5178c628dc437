"""The packs that a subscription has: units bought in advance, with the terms as sold."""

from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.subscription_base.models.price_text import quantity_text
from odoo.addons.subscription_base.models.subscription_charge import UNROUNDED
from odoo.addons.subscription_base.models.subscription_timeline import first_day_after

from ..prepaid import Pack

STATES = [
    ("planned", "To Come"),
    ("running", "In Use"),
    ("used", "Used Up"),
    ("expired", "Expired"),
    ("revoked", "Taken Back"),
]


class SubscriptionAllowance(models.Model):
    """What a line of a subscription has sold in advance.

    How many units are used is nowhere kept: it follows from the usage.
    """

    _name = "subscription.allowance"
    _description = "Units Bought in Advance"
    _inherit = ["subscription.allowance.terms", "mail.thread"]
    _check_company_auto = True
    _order = "date_start desc, id desc"
    _rec_name = "name"

    line_id = fields.Many2one(
        "subscription.line", "Sold by", required=True, readonly=True, ondelete="cascade"
    )
    subscription_id = fields.Many2one(related="line_id.subscription_id", store=True, index=True)
    company_id = fields.Many2one(
        related="line_id.company_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(related="subscription_id.partner_id", string="Customer")
    pack_id = fields.Many2one(
        "subscription.allowance.pack", required=True, readonly=True, index=True, ondelete="restrict"
    )
    name = fields.Char(related="line_id.name", string="Description")
    units_each = fields.Float("Units of One Pack", digits="Product Unit", readonly=True)
    units = fields.Float(
        digits="Product Unit", compute="_compute_units", store=True, precompute=True
    )
    date_start = fields.Date("From", related="line_id.date_start", store=True, precompute=True)
    date_end = fields.Date(
        "Until",
        compute="_compute_date_end",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Last day on which the units can be used; empty for ever. Give a customer more time "
        "here.",
    )
    units_used = fields.Float("Used", digits=UNROUNDED, compute="_compute_state", compute_sudo=True)
    units_left = fields.Float("Left", digits=UNROUNDED, compute="_compute_state", compute_sudo=True)
    units_lost = fields.Float(
        "Expired Units", digits=UNROUNDED, compute="_compute_state", compute_sudo=True
    )
    percent_used = fields.Integer("Used (%)", compute="_compute_state", compute_sudo=True)
    date_usable = fields.Date(
        "Usable until",
        compute="_compute_state",
        compute_sudo=True,
        help="Later than agreed where units have gone over to another pack.",
    )
    state = fields.Selection(STATES, "Status", compute="_compute_state", compute_sudo=True)
    statement = fields.Html(
        "What Was Used", compute="_compute_statement", compute_sudo=True, sanitize=False
    )

    _line_uniq = models.UniqueIndex("(line_id)", "The line has brought its units already.")

    @api.depends("units_each", "line_id.quantity")
    def _compute_units(self):
        for allowance in self:
            allowance.units = allowance.units_each * allowance.line_id.quantity

    @api.depends("line_id.date_start")
    def _compute_date_end(self):
        for allowance in self:
            start = allowance.line_id.date_start
            allowance.date_end = start and allowance.pack_id._get_last_day(start)

    @api.depends("units", "date_start", "date_end", "subscription_id.usage_ids", "line_id.date_end")
    def _compute_state(self):
        for subscription, allowances in self.grouped("subscription_id").items():
            states = subscription._get_draw_down().states
            for allowance in allowances:
                state = states.get(allowance._origin.id)
                allowance.units_used = float(state.used) if state else 0.0
                allowance.units_left = float(state.left) if state else 0.0
                allowance.units_lost = float(state.lost) if state else 0.0
                allowance.percent_used = _percent(state) if state else 0
                expires = state and state.expires
                allowance.date_usable = expires and fields.Date.subtract(expires, days=1)
                allowance.state = allowance._get_state(state, subscription._get_today())

    @api.depends("units_used")
    @api.depends_context("lang")
    def _compute_statement(self):
        for subscription, allowances in self.grouped("subscription_id").items():
            draws = subscription._get_draws()
            for allowance in allowances:
                allowance.statement = self.env["ir.qweb"]._render(
                    "subscription_prepaid.allowance_statement",
                    allowance._prepare_statement(draws[allowance._origin.id]),
                )

    def _prepare_statement(self, draws):
        """Values of the table of what was used.

        :param draws: what was drawn from the pack, see ``_get_draws`` of the subscription.
        """
        return {
            "draws": draws,
            "unit": self.unit or "",
            "quantity_text": self._get_quantity_text,
        }

    def _get_quantity_text(self, quantity):
        return quantity_text(self.env, quantity)

    def _get_state(self, state, today):
        if not state:
            return "revoked"
        if self.date_start > today:
            return "planned"
        if state.left:
            return "running"
        return "expired" if state.lost else "used"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sold(self):
        if sold := self.filtered(lambda allowance: allowance.line_id.sudo().charge_ids):
            raise UserError(
                self.env._(
                    "%s has been sold and stays as evidence. Take it back instead.", sold[0].name
                )
            )

    def action_take_back(self):
        """Let the packs be as if they had never been sold; billing credits what they have cost.

        What has been drawn from them is charged like other usage.
        """
        self.check_access("write")
        for allowance in self.filtered(lambda allowance: allowance.state != "revoked"):
            line = allowance.line_id.sudo()
            line._end(line.date_start)
        return True

    def _get_pack(self):
        """The units for the functional core; ``None`` when they have been taken back.

        :rtype: ~odoo.addons.subscription_prepaid.prepaid.Pack | None
        """
        self.ensure_one()
        if not self.line_id._is_billed():
            return None
        lines = self.subscription_id.line_ids.filtered(self._covers)
        return Pack(
            key=self.id,
            left=Decimal(str(self.units)),
            effective=self.date_start,
            expires=first_day_after(self.date_end),
            priority=self.priority,
            created=self.id,
            lines=frozenset(lines._ids),
            rollover=self._get_rollover(),
        )

    def _can_expire(self):
        return bool(self.date_end)

    def _get_invoice(self):
        """The invoice that states the pack; empty before there is one."""
        self.ensure_one()
        return self.line_id.sudo().charge_ids.move_line_ids.move_id[:1]

    def _get_left_text(self):
        """What is left, in the language of the reader: "200 of 1,000 messages left"."""
        self.ensure_one()
        return self.env._(
            "%(left)s of %(units)s left",
            left=quantity_text(self.env, self.units_left),
            units=self._get_units_text(self.units),
        )

    def _get_lost_text(self):
        self.ensure_one()
        return self.env._("%s have expired.", self._get_units_text(self.units_lost))

    def _get_span_text(self):
        """From when to when the units that are left can be used, in the language of the reader."""
        self.ensure_one()
        start, end = format_date(self.env, self.date_start), self.date_usable or self.date_end
        if not end:
            return self.env._("Usable from %s on, without an end.", start)
        return self.env._(
            "Usable from %(start)s to %(end)s.", start=start, end=format_date(self.env, end)
        )

    def _get_units_text(self, units):
        return f"{quantity_text(self.env, units)} {self.unit or ''}".strip()

    def _get_text(self):
        """Units and validity, in the language of the reader: "1,000 messages, until ..."."""
        self.ensure_one()
        units = self._get_units_text(self.units)
        if not self.date_end:
            return self.env._("%s, never expires", units)
        return self.env._(
            "%(units)s, valid from %(start)s to %(end)s",
            units=units,
            start=format_date(self.env, self.date_start),
            end=format_date(self.env, self.date_end),
        )


def _percent(state):
    """The share of a pack that is used, in whole percent, never rounded up."""
    return int(100 * state.used / state.units) if state.units else 100
