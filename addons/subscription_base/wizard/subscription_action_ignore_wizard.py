from odoo import fields, models


class SubscriptionActionIgnoreWizard(models.TransientModel):
    """Asks why failed actions need not be done any more."""

    _name = "subscription.action.ignore.wizard"
    _description = "Ignore Started Actions"

    run_ids = fields.Many2many("subscription.action.run", required=True, readonly=True)
    reason = fields.Char(required=True)

    def action_ignore(self):
        """Let the actions be, and note why and by whom on their subscriptions."""
        self.ensure_one()
        self.run_ids._check_may_handle()
        self.run_ids._ignore(self.reason)
        return {"type": "ir.actions.act_window_close"}
