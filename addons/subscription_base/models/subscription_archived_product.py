"""What is still billed although its product is no longer sold."""

from odoo import api, fields, models


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    archived_products = fields.Char(compute="_compute_archived_products")

    @api.depends("line_ids.product_id.active", "line_ids.date_end", "state")
    def _compute_archived_products(self):
        """The archived products on lines that are not over yet."""
        for subscription in self:
            today = self.env["subscription.billing.run"]._get_today(
                subscription.company_id or self.env.company
            )
            lines = subscription.line_ids.filtered(
                lambda line, day=today: (
                    not line.product_id.active and (not line.date_end or line.date_end >= day)
                )
            )
            names = lines.product_id.mapped("display_name")
            subscription.archived_products = subscription.state != "closed" and ", ".join(names)
