from odoo import api, fields, models
from odoo.exceptions import UserError


class SubscriptionLineTier(models.Model):
    """A price tier as it was agreed for a subscription line.

    It is the line's own: a later change of the plan does not change what was agreed.
    """

    _name = "subscription.line.tier"
    _inherit = "subscription.price.tier"
    _description = "Price Tier of a Subscription Line"

    line_id = fields.Many2one("subscription.line", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)

    @api.model_create_multi
    def create(self, vals_list):
        tiers = super().create(vals_list)
        tiers._check_not_charged()
        return tiers

    def write(self, vals):
        self._check_not_charged()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_charged(self):
        self._check_not_charged()

    def _check_not_charged(self):
        for line in self.line_id:
            if line.sudo().charge_ids:
                raise UserError(
                    self.env._(
                        "%s has been charged by its tiers already. End the line and add a new one "
                        "that starts on the day of the change.",
                        line.name,
                    )
                )
