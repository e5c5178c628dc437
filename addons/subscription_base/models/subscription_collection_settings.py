"""How the invoices of a plan are collected, and who is told when that fails."""

from odoo import fields, models

FIRST_NOTICE, SECOND_NOTICE, PENDING_DAYS = 30, 7, 10


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    collection_method = fields.Selection(
        [
            ("any", "Saved payment method or invoice, as the customer chooses"),
            ("saved", "Saved payment method"),
            ("invoice", "Invoice only"),
        ],
        default="any",
        required=True,
        help="Saved payment method: who orders online has to save one, and cannot give it up. "
        "Invoice only: nothing is charged automatically.",
    )
    payment_method_ids = fields.Many2many(
        "payment.method",
        "subscription_plan_payment_method_rel",
        "plan_id",
        "payment_method_id",
        "Allowed Payment Methods",
        domain="[('is_primary', '=', True)]",
        help="Leave empty to allow all that your payment providers offer.",
    )
    collection_timing = fields.Selection(
        [
            ("after", "When the invoice has been posted"),
            ("before", "Before the invoice is posted"),
        ],
        "Charge",
        default="after",
        required=True,
        help="Before: the invoice stays a draft and is posted when the money has come.",
    )
    collection_grace_days = fields.Integer(
        "Keep Drafts",
        help="How many days an invoice stays a draft whose payment has failed. Then it is posted "
        "as if the customer paid by invoice.",
    )
    collection_fallback = fields.Selection(
        [
            ("send", "Send the invoice with a link to pay"),
            ("none", "Only tell who looks after payments"),
        ],
        "If It Cannot Be Charged",
        default="send",
        required=True,
        help="What happens with an invoice whose saved payment method has expired or was removed.",
    )

    _grace_days_range = models.Constraint(
        "CHECK (collection_grace_days BETWEEN 0 AND 90)",
        "Drafts can be kept 0 to 90 days.",
    )

    def _allows_payment_method(self, method):
        """Whether the plans may be paid by a ``payment.method``, or the one that it is a brand of.

        :rtype: bool
        """
        method = method.primary_payment_method_id or method
        return all(
            not plan.payment_method_ids or method in plan.payment_method_ids for plan in self
        )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_invoice_key(self):
        """What is charged, and what the customer pays, are invoices of their own."""
        key = super()._get_invoice_key()
        if not self.sudo().payment_token_id:
            return key
        return (*key, self.plan_id.collection_method == "invoice", self.plan_id.collection_timing)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _requires_payment_method(self):
        """Whether the customer has to save a payment method to order online."""
        plans = self._get_plan_lines().subscription_plan_id
        return "saved" in plans.mapped("collection_method")

    def _allows_payment_method(self, method):
        """Whether all plans of the order may be paid by a ``payment.method``."""
        return self._get_plan_lines().subscription_plan_id._allows_payment_method(method)


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_payment_user_id = fields.Many2one(
        "res.users",
        "Responsible for Payments",
        domain="[('share', '=', False)]",
        help="Who gets the activities about failed, unanswered and overdue payments; the "
        "salesperson of the subscription when left empty.",
    )
    subscription_pending_days = fields.Integer(
        "Pending Payments",
        default=PENDING_DAYS,
        help="After how many days somebody looks after a payment that is still pending.",
    )
    subscription_card_first_notice = fields.Integer(
        "First Notice",
        default=FIRST_NOTICE,
        help="Days before a saved payment method expires; 0 for no notice.",
    )
    subscription_card_second_notice = fields.Integer(
        "Second Notice",
        default=SECOND_NOTICE,
        help="Days before a saved payment method expires; 0 for no notice.",
    )

    _card_notices_positive = models.Constraint(
        "CHECK (subscription_card_first_notice >= 0 AND subscription_card_second_notice >= 0 "
        "AND subscription_pending_days > 0)",
        "Days cannot be negative, and pending payments need a day at least.",
    )

    def _get_card_notice_days(self):
        """How many days before a saved method expires its owner is told.

        :rtype: list[int]
        """
        self.ensure_one()
        days = (self.subscription_card_first_notice, self.subscription_card_second_notice)
        return [number for number in days if number]


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_payment_user_id = fields.Many2one(
        related="company_id.subscription_payment_user_id", readonly=False
    )
    subscription_pending_days = fields.Integer(
        related="company_id.subscription_pending_days", readonly=False
    )
    subscription_card_first_notice = fields.Integer(
        related="company_id.subscription_card_first_notice", readonly=False
    )
    subscription_card_second_notice = fields.Integer(
        related="company_id.subscription_card_second_notice", readonly=False
    )
