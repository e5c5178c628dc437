"""The one saved payment method of a subscription: who may set it, and whether it can be charged."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

from .subscription_payment_report import PAYMENT_TASK


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    payment_warning = fields.Char(
        compute="_compute_payment_warning",
        help="Why the saved payment method is not charged, or not for long.",
    )

    def _set_payment_method(self, token, by=None):
        """Charge the invoices from now on to another saved method, or let the customer pay them.

        The next collection uses it; what is being charged already is not affected.

        :param token: a ``payment.token``; an empty one for payment by invoice.
        :param by: the ``res.partner`` who asks for it, such as the customer in the portal; empty
            for users, whose own rights apply.
        :raises odoo.exceptions.AccessError: when the subscription, or the method, is not the
            partner's.
        :raises odoo.exceptions.UserError: when the method cannot be used for the subscription.
        """
        self.ensure_one()
        token = token.sudo()
        customers = (self.sudo().partner_id | self.sudo().partner_invoice_id).commercial_partner_id
        if by and by.sudo().commercial_partner_id not in customers:
            raise AccessError(self.env._("This subscription belongs to another customer."))
        if by and token and token.partner_id.commercial_partner_id not in customers:
            raise AccessError(self.env._("This payment method belongs to another customer."))
        if not by:
            self.check_access("write")
        if refusal := self.sudo()._get_payment_method_refusal(token):
            raise UserError(refusal)
        self.sudo().payment_token_id = token

    def _get_payment_method_refusal(self, token):
        """Why the subscription cannot be paid with ``token``; ``False`` when it can.

        :param token: a ``payment.token``, as superuser; empty for payment by invoice.
        :rtype: str | bool
        """
        self.ensure_one()
        plan = self.plan_id
        if not token:
            return plan.collection_method == "saved" and self.env._(
                "%s is collected automatically. Choose a saved payment method.", plan.name
            )
        if plan.collection_method == "invoice":
            return self.env._("%s is paid by invoice.", plan.name)
        if token.company_id not in self.company_id.parent_ids:
            return self.env._("This payment method was saved with another company.")
        if not token._is_chargeable(self.company_id):
            return self.env._("This payment method has expired, or cannot be charged any more.")
        if not plan._allows_payment_method(token.payment_method_id):
            return self.env._(
                "%(plan)s cannot be paid by %(method)s.",
                plan=plan.name,
                method=token.payment_method_id.name,
            )
        return False

    @api.constrains("payment_token_id", "plan_id")
    def _check_payment_method_allowed(self):
        for subscription in self.sudo().filtered("payment_token_id"):
            method = subscription.payment_token_id.payment_method_id
            if not subscription.plan_id._allows_payment_method(method):
                raise ValidationError(
                    self.env._(
                        "%(plan)s cannot be paid by %(method)s.",
                        plan=subscription.plan_id.name,
                        method=method.name,
                    )
                )

    def write(self, vals):
        before = {}
        if "payment_token_id" in vals:
            before = {s: s.sudo().payment_token_id for s in self if s.state != "draft"}
        result = super().write(vals)
        for subscription, token in before.items():
            if token != subscription.sudo().payment_token_id:
                subscription._note_payment_method_change(token)
        return result

    def _note_payment_method_change(self, token):
        """Record the change from ``token``, before and after."""
        self.ensure_one()
        by_invoice = self.env._("by invoice")
        self._log_event(
            "payment_method_changed",
            description=self.env._(
                "%(before)s, now %(after)s",
                before=token.display_name or by_invoice,
                after=self.sudo().payment_token_id.display_name or by_invoice,
            ),
        )
        self.sudo().activity_unlink([PAYMENT_TASK], only_automated=True)

    def _note_payment_method_lost(self, reason, event_type="payment_method_changed"):
        """Record that the method cannot be charged any more, and ask a person to mend it."""
        self.ensure_one()
        self._log_event(event_type, description=reason)
        self._ask_for_payment_method(reason)

    def _ask_for_payment_method(self, reason):
        """One open activity for who looks after payments."""
        if self.activity_search([PAYMENT_TASK]):
            return
        user = self.company_id.subscription_payment_user_id or self.user_id or self.env.user
        self.sudo().activity_schedule(
            PAYMENT_TASK,
            summary=self.env._("Ask the customer for another payment method"),
            note=reason,
            user_id=user.id,
        )

    @api.depends("payment_token_id", "plan_id.collection_method", "state")
    def _compute_payment_warning(self):
        for subscription in self:
            subscription.payment_warning = (
                subscription.state not in ("draft", "closed")
                and subscription._get_payment_warning()
            )

    def _get_payment_warning(self):
        self.ensure_one()
        token = self.sudo().payment_token_id
        if self.plan_id.collection_method == "invoice":
            return False
        if not token:
            return self.plan_id.collection_method == "saved" and self.env._(
                "The plan is collected automatically, but no payment method is saved. Invoices are "
                "paid by the customer."
            )
        if token._is_chargeable(self.company_id):
            today = self._get_today()
            days = max(self.company_id._get_card_notice_days(), default=0)
            if token.expires_on and (token.expires_on - today).days <= days:
                return self.env._(
                    "The saved payment method is valid until %s only.",
                    format_date(self.env, token.expires_on),
                )
            return False
        if not token.active:
            return self.env._("The saved payment method was removed.")
        if token.provider_id.state == "disabled":
            return self.env._("The provider of the saved payment method is disabled.")
        return self.env._(
            "The saved payment method expired on %s.", format_date(self.env, token.expires_on)
        )
