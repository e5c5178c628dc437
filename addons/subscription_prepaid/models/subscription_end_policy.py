"""What becomes of balances when a contract ends, unless somebody decides otherwise for it."""

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

from odoo.addons.subscription_base.models.locking import changed_fields
from odoo.addons.subscription_base.models.subscription_payment_resolution import ACCOUNTANTS
from odoo.addons.subscription_base.models.subscription_termination import MANAGER

DEFAULTS = {"service_at_end": "credit", "bonus_at_end": "expire", "deposit_at_end": "ask"}
PROPOSED = {
    "compute": "_compute_at_end",
    "store": True,
    "precompute": True,
    "readonly": False,
    "copy": False,
}


class SubscriptionEndPolicyMixin(models.AbstractModel):
    _name = "subscription.end.policy.mixin"
    _description = "What Becomes of Balances at the End"

    service_at_end = fields.Selection(
        [("credit", "Move into the balance"), ("refund", "Pay out"), ("keep", "Keep")],
        "Service Credit at the End",
        tracking=True,
        help="What becomes of service credit after all components have ended.",
    )
    bonus_at_end = fields.Selection(
        [("expire", "Let it expire"), ("credit", "Turn into balance"), ("keep", "Keep")],
        "Bonus at the End",
        tracking=True,
        help="What becomes of bonus credit after all components have ended.",
    )
    deposit_at_end = fields.Selection(
        [("ask", "Ask the salesperson"), ("return", "Offset and pay back")],
        "Deposit at the End",
        tracking=True,
        help="Whether somebody looks for damage before a deposit is paid back.",
    )


class SubscriptionPlan(models.Model):
    _name = "subscription.plan"
    _inherit = ["subscription.plan", "subscription.end.policy.mixin"]

    service_at_end = fields.Selection(default=DEFAULTS["service_at_end"], required=True)
    bonus_at_end = fields.Selection(default=DEFAULTS["bonus_at_end"], required=True)
    deposit_at_end = fields.Selection(default=DEFAULTS["deposit_at_end"], required=True)


class SubscriptionSubscription(models.Model):
    _name = "subscription.subscription"
    _inherit = ["subscription.subscription", "subscription.end.policy.mixin"]

    service_at_end = fields.Selection(**PROPOSED)
    bonus_at_end = fields.Selection(**PROPOSED)
    deposit_at_end = fields.Selection(**PROPOSED)
    may_decide_end = fields.Boolean(compute="_compute_may_decide_end")

    @api.depends_context("uid", "su")
    def _compute_may_decide_end(self):
        """Who pays money out decides whether it is: accountants and managers (SM-70)."""
        user = self.env.user
        self.may_decide_end = self.env.su or user.has_group(MANAGER) or user.has_group(ACCOUNTANTS)

    @api.model_create_multi
    def create(self, vals_list):
        subscriptions = super().create(vals_list)
        for subscription, vals in zip(subscriptions, vals_list, strict=True):
            subscription._check_may_decide_end(
                name
                for name in DEFAULTS.keys() & vals.keys()
                if subscription[name] != subscription.plan_id[name]
            )
        return subscriptions

    def write(self, vals):
        for subscription in self:
            subscription._check_may_decide_end(changed_fields(subscription, vals, DEFAULTS.keys()))
        return super().write(vals)

    def _check_may_decide_end(self, names):
        """Refuse that the one who sells decides what is paid out.

        :param names: the fields that are to differ.
        :raises AccessError: when the user may not decide it.
        """
        labels = [self._fields[name]._description_string(self.env) for name in names]
        if labels and not self.may_decide_end:
            raise AccessError(
                self.env._(
                    "%s: only accountants and administrators of subscriptions decide otherwise "
                    "than the plan.",
                    ", ".join(sorted(labels)),
                )
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
