from odoo import fields, models


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    event_type = fields.Selection(
        selection_add=[("declaration_received", "Declaration received")],
        ondelete={"declaration_received": "cascade"},
    )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    declaration_ids = fields.One2many("subscription.declaration", "subscription_id", copy=False)
    declaration_count = fields.Integer(compute="_compute_declaration_count")

    def _compute_declaration_count(self):
        counts = dict(
            self.env["subscription.declaration"]._read_group(
                [("subscription_id", "in", self.ids)], ["subscription_id"], ["__count"]
            )
        )
        for subscription in self:
            subscription.declaration_count = counts.get(subscription, 0)

    def action_view_declarations(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "subscription_base.subscription_declaration_action"
        )
        return {**action, "domain": [("subscription_id", "in", self.ids)], "context": {}}


class SubscriptionDeclaration(models.Model):
    _inherit = "subscription.declaration"

    def _log_received(self):
        """Record on the subscription that the declaration has come."""
        self.ensure_one()
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        self.subscription_id._log_event(
            "declaration_received",
            description=self.env._(
                "%(kind)s %(number)s of %(moment)s",
                kind=kinds[self.kind],
                number=self.name,
                moment=self.received_text,
            ),
        )
