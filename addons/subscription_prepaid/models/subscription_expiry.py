"""When a prepaid contract expires, and by how much a package extends it."""

from odoo import api, fields, models

from odoo.addons.subscription_base.billing import add_months_from
from odoo.addons.subscription_base.models.subscription_subscription import RUNNING_STATES


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    is_prepaid = fields.Boolean(
        compute="_compute_is_prepaid", store=True, precompute=True, readonly=True
    )
    date_expiry = fields.Date(
        "Expires on",
        compute="_compute_date_expiry",
        store=True,
        help="First day without service, at 0:00 in the company's time zone.",
    )
    days_left = fields.Integer(compute="_compute_days_left")
    extension_ids = fields.One2many(
        "subscription.extension", "subscription_id", "Extensions", readonly=True
    )

    @api.depends("plan_id.is_prepaid")
    def _compute_is_prepaid(self):
        """A plan proposes it; a contract stays what it was sold as (SD-01)."""
        for subscription in self:
            if subscription.state in (False, "draft"):
                subscription.is_prepaid = subscription.plan_id.is_prepaid
            else:
                subscription.is_prepaid = subscription.is_prepaid

    @api.constrains("plan_id", "partner_id")
    def _check_prepaid_only(self):
        """Who cannot be bound gets prepaid contracts only (SD-31)."""
        for subscription in self.filtered(lambda s: s.state != "closed"):
            subscription.partner_id._check_may_have_plan(subscription.plan_id)

    @api.depends("is_prepaid", "date_end")
    def _compute_date_expiry(self):
        for subscription in self:
            is_dated = subscription.is_prepaid and subscription.date_end
            subscription.date_expiry = is_dated and fields.Date.add(subscription.date_end, days=1)

    @api.depends("date_expiry", "state")
    def _compute_days_left(self):
        for subscription in self:
            runs = subscription.date_expiry and subscription.state in RUNNING_STATES
            today = subscription._get_today()
            left = (subscription.date_expiry - today).days if runs else 0
            subscription.days_left = max(left, 0)

    def _get_expiry_text(self):
        """How long the contract is paid for, in the language of the reader (SD-05)."""
        self.ensure_one()
        if self.days_left == 1:
            return self.env._("1 day left")
        return self.env._("%s days left", self.days_left)

    def _get_extended_expiry(self, package):
        """The expiry after a package, counted from the one now, whenever it is bought (SD-13).

        Months keep to the day of the month on which the contract has begun: what expires on the
        last of February comes back to the 31st.
        """
        self.ensure_one()
        length = package._get_length()
        if length.is_months:
            return add_months_from(self.date_start, self.date_expiry, length.count)
        return fields.Date.add(self.date_expiry, days=length.count)

    def _get_automatic_end(self):
        if self.is_prepaid and self.extension_ids:
            return fields.Date.subtract(max(self.extension_ids.mapped("date_to")), days=1)
        return super()._get_automatic_end()

    def _follow_calendar(self, today):
        """What has expired is closed for that reason (SD-18)."""
        running = self.filtered(lambda s: s.is_prepaid and s.state in RUNNING_STATES)
        result = super()._follow_calendar(today)
        expired = running.filtered(
            lambda s: s.state == "closed" and not s.termination_kind and not s.close_reason_id
        )
        expired.close_reason_id = self.env.ref("subscription_prepaid.close_reason_expired")
        return result
