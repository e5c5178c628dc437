"""What becomes of balances when a contract ends, unless somebody decides otherwise for it."""

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

DEFAULTS = {"service_at_end": "credit", "bonus_at_end": "expire", "deposit_at_end": "ask"}
SERVICE_ENDS = [("credit", "Move into the balance"), ("refund", "Pay out"), ("keep", "Keep")]
BONUS_ENDS = [("expire", "Let it expire"), ("credit", "Turn into balance"), ("keep", "Keep")]
DEPOSIT_ENDS = [("ask", "Ask the salesperson"), ("return", "Offset and pay back")]


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    service_at_end = fields.Selection(
        SERVICE_ENDS,
        "Service Credit at the End",
        default=DEFAULTS["service_at_end"],
        required=True,
        tracking=True,
        help="What becomes of service credit after all components have ended.",
    )
    bonus_at_end = fields.Selection(
        BONUS_ENDS,
        "Bonus at the End",
        default=DEFAULTS["bonus_at_end"],
        required=True,
        tracking=True,
        help="What becomes of bonus credit after all components have ended.",
    )
    deposit_at_end = fields.Selection(
        DEPOSIT_ENDS,
        "Deposit at the End",
        default=DEFAULTS["deposit_at_end"],
        required=True,
        tracking=True,
        help="Whether somebody looks for damage before a deposit is paid back.",
    )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    service_at_end = fields.Selection(
        SERVICE_ENDS,
        "Service Credit at the End",
        compute="_compute_at_end",
        store=True,
        precompute=True,
        readonly=False,
        tracking=True,
    )
    bonus_at_end = fields.Selection(
        BONUS_ENDS,
        "Bonus at the End",
        compute="_compute_at_end",
        store=True,
        precompute=True,
        readonly=False,
        tracking=True,
    )
    deposit_at_end = fields.Selection(
        DEPOSIT_ENDS,
        "Deposit at the End",
        compute="_compute_at_end",
        store=True,
        precompute=True,
        readonly=False,
        tracking=True,
    )

    def _get_audited_fields(self):
        return super()._get_audited_fields() | DEFAULTS.keys()

    @api.depends("plan_id")
    def _compute_at_end(self):
        """The plan proposes; for a single contract it may be decided otherwise (SM-70)."""
        for subscription in self:
            for name in DEFAULTS:
                subscription[name] = subscription.plan_id[name]

    def _auto_init(self):
        """Contracts that are there get the defaults, without a note in the history of each."""
        cr = self.env.cr
        for name, value in DEFAULTS.items():
            if not column_exists(cr, self._table, name):
                create_column(cr, self._table, name, "varchar")
                columns = SQL.identifier(self._table), SQL.identifier(name)
                cr.execute(SQL("UPDATE %s SET %s = %s", *columns, value))
        return super()._auto_init()
