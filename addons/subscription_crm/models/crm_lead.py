from odoo import api, fields, models

RECURRING = "crm.group_use_recurring_revenues"


class CrmLead(models.Model):
    """An opportunity, with the subscriptions that came of it."""

    _inherit = "crm.lead"

    subscription_ids = fields.One2many(
        "subscription.subscription",
        "opportunity_id",
        "Subscriptions",
        groups="subscription_base.group_subscription_user",
    )
    subscription_count = fields.Integer(
        compute="_compute_subscription_count", groups="subscription_base.group_subscription_user"
    )

    @api.depends("subscription_ids")
    def _compute_subscription_count(self):
        counts = dict(
            self.env["subscription.subscription"]._read_group(
                [("opportunity_id", "in", self.ids)], ["opportunity_id"], ["__count"]
            )
        )
        for lead in self:
            lead.subscription_count = counts.get(lead._origin, 0)

    def action_view_subscriptions(self):
        """Open the subscriptions that came of the opportunity."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "subscription_base.subscription_subscription_action"
        )
        if len(self.subscription_ids) == 1:
            return action | {"views": [(False, "form")], "res_id": self.subscription_ids.id}
        return action | {"domain": [("opportunity_id", "=", self.id)], "context": {}}

    def _merge_get_fields_specific(self):
        """The subscriptions of merged opportunities stay with the one that is left."""
        return super()._merge_get_fields_specific() | {
            "subscription_ids": lambda _name, leads: [
                fields.Command.link(subscription.id) for subscription in leads.subscription_ids
            ]
        }

    def _update_revenues_from_so(self, order):
        """What the order sells by the month is the recurring revenue of the opportunity."""
        result = super()._update_revenues_from_so(order)
        monthly = order._get_recurring_monthly()
        if not monthly or not self.env.user.has_group(RECURRING):
            return result
        plan = self.env["crm.recurring.plan"].search([("number_of_months", "=", 1)], limit=1)
        for lead in self.filtered(lambda lead: lead.company_currency == order.currency_id):
            if plan and lead.recurring_revenue_monthly < monthly:
                lead.write({"recurring_revenue": monthly, "recurring_plan": plan.id})
        return result
