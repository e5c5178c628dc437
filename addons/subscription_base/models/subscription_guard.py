"""What must not be changed: by hand, through the API, or once it has been charged."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command

from .locking import changed_fields

CLOSED_STATES = ("draft", "closed")


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_managed_fields(self):
        """Fields that only the methods of the life cycle and of billing write, as superuser."""
        return {"state", "next_billing_date", "last_billing_run_id", "billing_error"}

    def _get_locked_fields(self):
        """Fields that all charges rest on."""
        return {"plan_id", "partner_id", "date_start", "currency_id", "company_id"}

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            given = {name for name in self._get_managed_fields() if vals.get(name)}
            self._check_not_managed(given - {"state"} if vals.get("state") == "draft" else given)
        return super().create(vals_list)

    def write(self, vals):
        managed = self._get_managed_fields() & vals.keys()
        for subscription in self.filtered(lambda s: s.state != "draft"):
            managed |= set(changed_fields(subscription, vals, {"date_end"}))
        self._check_not_managed(managed)
        for subscription in self:
            subscription._check_not_charged(vals)
        starts = {subscription: subscription.date_start for subscription in self}
        result = super().write(vals)
        if "date_start" in vals:
            for subscription, start in starts.items():
                subscription._move_lines_from(start)
        return result

    def _check_not_managed(self, names):
        if names and not self.env.su:
            raise AccessError(
                self.env._(
                    "The state and the billing dates of a subscription cannot be set directly. "
                    "Start, bill and close it instead."
                )
            )

    def _check_not_charged(self, vals):
        """Refuse to change what has been charged for."""
        changed = changed_fields(self, vals, self._get_locked_fields())
        if changed and self.sudo().charge_ids:
            labels = self.fields_get(changed, ["string"])
            raise UserError(
                self.env._(
                    "%(fields)s of %(subscription)s cannot be changed any more: it has "
                    "been charged already. Close it and start a new subscription.",
                    fields=", ".join(labels[name]["string"] for name in changed),
                    subscription=self.name,
                )
            )

    def _move_lines_from(self, start):
        """Lines that began with the subscription begin with it still."""
        self.line_ids.filtered(lambda line: line.date_start == start).date_start = self.date_start

    @api.constrains("active", "state")
    def _check_archived(self):
        for subscription in self:
            if not subscription.active and subscription.state not in CLOSED_STATES:
                raise ValidationError(
                    self.env._(
                        "%s is running and would not be billed any more. Close it before you "
                        "archive it.",
                        subscription.name,
                    )
                )

    @api.constrains("payment_token_id", "partner_id", "partner_invoice_id")
    def _check_payment_token(self):
        for subscription in self.filtered("payment_token_id"):
            owner = subscription.payment_token_id.sudo().partner_id.commercial_partner_id
            customers = subscription.partner_id | subscription.partner_invoice_id
            if owner not in customers.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "The saved payment method of %s belongs to another customer.",
                        subscription.name,
                    )
                )

    @api.ondelete(at_uninstall=True)
    def _unlink_except_draft(self):
        """Nothing that has begun is deleted, whatever the context of the call says."""
        if self.filtered(lambda s: s.state != "draft" or s.sudo().charge_ids):
            raise UserError(
                self.env._("Only drafts can be deleted. Close the subscription instead.")
            )
        if begun := self.filtered("has_history")[:1]:
            raise UserError(
                self.env._(
                    "%s had begun before, and its history stays as evidence. Archive it instead.",
                    begun.name,
                )
            )

    def copy_data(self, default=None):
        """A copy has the lines that run today and starts them anew."""
        today = fields.Date.context_today(self)
        vals_list = super().copy_data(default)
        for subscription, vals in zip(self, vals_list, strict=True):
            if "line_ids" not in (default or {}):
                lines = subscription.line_ids.filtered(lambda line: line._is_current(today))
                vals["line_ids"] = [
                    Command.create({**line_vals, "date_start": vals.get("date_start") or today})
                    for line_vals in lines.copy_data()
                ]
        return vals_list
