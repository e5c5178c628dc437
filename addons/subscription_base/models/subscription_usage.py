from odoo import api, fields, models
from odoo.exceptions import UserError


class SubscriptionUsage(models.Model):
    """Metered usage of a subscription line."""

    _name = "subscription.usage"
    _description = "Subscription Usage"
    _order = "date desc, id desc"
    _check_company_auto = True

    line_id = fields.Many2one(
        "subscription.line",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('charge_type', '=', 'usage')]",
    )
    subscription_id = fields.Many2one(related="line_id.subscription_id", store=True, index=True)
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)
    date = fields.Date(required=True, default=fields.Date.context_today)
    quantity = fields.Float(digits="Product Unit", required=True)
    uom_id = fields.Many2one(related="line_id.product_id.uom_id")
    key = fields.Char(
        "Idempotency Key",
        copy=False,
        help="The sender's own id of the event. The same key is counted once.",
    )

    _key_uniq = models.UniqueIndex(
        "(line_id, key) WHERE key IS NOT NULL", "This usage has been recorded already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        usage = super().create(vals_list)
        if wrong := usage.line_id.filtered(lambda line: line.charge_type != "usage"):
            raise UserError(self.env._("%s is not metered.", wrong[0].name))
        usage._reschedule_billing()
        return usage

    def write(self, vals):
        result = super().write(vals)
        self._reschedule_billing()
        return result

    def unlink(self):
        subscriptions = self.subscription_id
        result = super().unlink()
        self.env.add_to_compute(subscriptions._fields["next_billing_date"], subscriptions)
        return result

    def _reschedule_billing(self):
        """Usage that comes late is billed with the next run."""
        subscriptions = self.subscription_id
        self.env.add_to_compute(subscriptions._fields["next_billing_date"], subscriptions)
