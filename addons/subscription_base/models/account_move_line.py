from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    subscription_id = fields.Many2one(
        "subscription.subscription", index="btree_not_null", ondelete="restrict", readonly=True
    )
    subscription_charge_id = fields.Many2one(
        "subscription.charge", index="btree_not_null", ondelete="restrict", readonly=True
    )
    subscription_period_start = fields.Date("Service from", readonly=True)
    subscription_period_end = fields.Date("Service until", readonly=True)

    def action_view_subscription_charge(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Charge"),
            "res_model": "subscription.charge",
            "view_mode": "form",
            "res_id": self.subscription_charge_id.id,
            "target": "new",
        }
