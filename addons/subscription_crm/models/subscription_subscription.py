from odoo import fields, models


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    opportunity_id = fields.Many2one(
        "crm.lead",
        check_company=True,
        copy=False,
        index="btree_not_null",
        domain="[('type', '=', 'opportunity')]",
        help="The opportunity that the subscription came of.",
    )

    def _prepare_quote(self, kind, on):
        """Upsells, changes and renewals belong to the opportunity as well."""
        return super()._prepare_quote(kind, on) | {"opportunity_id": self.opportunity_id.id}

    def action_view_opportunity(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "view_mode": "form",
            "res_id": self.opportunity_id.id,
        }
