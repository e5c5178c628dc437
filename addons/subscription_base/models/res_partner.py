from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    subscription_ids = fields.One2many("subscription.subscription", "partner_id")
    subscription_count = fields.Integer(
        compute="_compute_subscription_count", groups="subscription_base.group_subscription_user"
    )

    def _compute_subscription_count(self):
        counts = dict(
            self.env["subscription.subscription"]._read_group(
                [("partner_id", "child_of", self.ids)], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.subscription_count = sum(
                count
                for customer, count in counts.items()
                if partner in (customer | customer.parent_id)
            )

    def action_view_subscriptions(self):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "subscription_base.subscription_subscription_action"
            ),
            "domain": [("partner_id", "child_of", self.id)],
            "context": {"default_partner_id": self.id},
        }
