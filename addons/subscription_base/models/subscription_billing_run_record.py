"""A billing run is a record of what was done: who began it, when, and that it stays (PA-14)."""

from odoo import api, fields, models
from odoo.exceptions import AccessError


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    user_id = fields.Many2one(
        "res.users", "Started by", readonly=True, copy=False, help="OdooBot for the scheduled job."
    )
    failure_ids = fields.One2many(
        "subscription.event", "run_id", domain=[("event_type", "=", "billing_failed")]
    )

    def _get_managed_fields(self):
        """Fields that only the run itself writes, as superuser.

        :rtype: set[str]
        """
        return {"state", "user_id", "date_begin", "date_done", "due_count"}

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            given = {name for name in self._get_managed_fields() if vals.get(name)}
            self._check_not_managed(given - {"state"} if vals.get("state") == "draft" else given)
        return super().create(vals_list)

    def write(self, vals):
        self._check_not_managed(self._get_managed_fields() & vals.keys())
        return super().write(vals)

    def _check_not_managed(self, names):
        if names and not self.env.su:
            raise AccessError(
                self.env._("What a billing run has done is recorded by itself. Begin the run.")
            )
