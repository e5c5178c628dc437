"""The consumer's right to withdraw, as it was at conclusion (LAW-14, LAW-16, LAW-17)."""

from datetime import timedelta

from odoo import api, fields, models

from ..billing.withdrawal import withdrawal_until


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_instructs = fields.Boolean(
        "Orders Contain the Withdrawal Instruction",
        help="Your quotations, or what you send with them, instruct consumers about their right to "
        "withdraw. Without it consumers may withdraw for 12 months and 14 days (§ 356 (3) BGB).",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_instructs = fields.Boolean(
        related="company_id.subscription_instructs", readonly=False
    )


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    is_digital_content = fields.Boolean(
        "Digital Content",
        tracking=True,
        help="Content that is delivered without a physical medium. The right to withdraw expires "
        "when the consumer agrees to immediate delivery and to losing it (§ 356 (5) BGB).",
    )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    date_instructed = fields.Date(
        "Instructed on",
        copy=False,
        tracking=True,
        help="Day on which the consumer was instructed about the right to withdraw.",
    )
    date_goods_received = fields.Date(
        "Goods Received on",
        copy=False,
        tracking=True,
        help="For goods the period begins on the day on which the consumer gets them.",
    )
    early_start_requested = fields.Boolean(
        copy=False,
        tracking=True,
        help="The consumer has expressly asked for the service to start within the withdrawal "
        "period, and knows that what was provided until a withdrawal is to be paid (§ 357a BGB).",
    )
    is_digital_content = fields.Boolean(related="plan_id.is_digital_content")
    date_digital_consent = fields.Date(
        "Consent to Immediate Delivery",
        copy=False,
        tracking=True,
        help="Day on which the consumer agreed to the delivery of digital content and to losing "
        "the right to withdraw, and this was confirmed.",
    )
    trial_price_shown = fields.Boolean(
        "Price after the Trial Shown",
        copy=False,
        tracking=True,
        help="The consumer was told clearly at sign-up what the subscription costs after the "
        "trial. Otherwise a second withdrawal period begins with the first paid day.",
    )
    withdrawal_until = fields.Date(
        "Withdrawal until",
        compute="_compute_withdrawal_until",
        store=True,
        copy=False,
        help="Last day on which the consumer may withdraw from the contract.",
    )
    withdrawal_state = fields.Selection(
        [
            ("none", "No right to withdraw"),
            ("running", "Withdrawal period running"),
            ("over", "Withdrawal period over"),
            ("expired", "Expired: digital content delivered"),
            ("exercised", "Withdrawn from"),
        ],
        "Right to Withdraw",
        compute="_compute_withdrawal_state",
    )

    @api.depends(
        "customer_kind", "date_concluded", "date_instructed", "date_goods_received",
        "date_digital_consent", "trial_price_shown", "date_trial_end", "plan_id.is_digital_content",
    )  # fmt: skip
    def _compute_withdrawal_until(self):
        for subscription in self:
            subscription.withdrawal_until = subscription._get_withdrawal_until()

    def _get_withdrawal_until(self):
        """The last day of the consumer's right to withdraw; ``False`` when there is none."""
        is_consumer = self.customer_kind == "consumer" and self.date_concluded
        if not is_consumer or self._is_digital_right_expired():
            return False
        last_free = self.date_trial_end
        converts = last_free and not self.trial_price_shown
        return withdrawal_until(
            max(filter(None, (self.date_concluded, self.date_goods_received))),
            self.date_instructed or None,
            last_free + timedelta(days=1) if converts else None,
        )

    def _is_digital_right_expired(self):
        return bool(self.plan_id.is_digital_content and self.date_digital_consent)

    @api.depends("withdrawal_until", "termination_kind", "state")
    def _compute_withdrawal_state(self):
        for subscription in self:
            last = subscription.withdrawal_until
            if subscription.termination_kind == "withdrawal":
                state = "exercised"
            elif subscription.customer_kind == "consumer" and (
                subscription._is_digital_right_expired()
            ):
                state = "expired"
            elif not last or subscription.state == "draft":
                state = "none"
            else:
                today = (subscription.company_id and subscription._get_today()) or last
                state = "running" if today <= last else "over"
            subscription.withdrawal_state = state

    def action_start(self):
        result = super().action_start()
        self.filtered(lambda s: s.customer_kind == "consumer")._record_conclusion()
        return result

    def _record_conclusion(self):
        """Keep what the consumer was told with the order; the quotation shows the later price."""
        for subscription in self:
            if subscription.company_id.subscription_instructs and not subscription.date_instructed:
                subscription.date_instructed = subscription.date_concluded
            if subscription.sale_order_id and subscription.date_trial_end:
                subscription.trial_price_shown = True

    def action_confirm_delivery(self):
        result = super().action_confirm_delivery()
        for subscription in self.filtered(lambda s: not s.date_goods_received):
            subscription.date_goods_received = subscription._get_today()
        return result
