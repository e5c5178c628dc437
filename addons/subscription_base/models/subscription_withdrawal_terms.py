"""The consumer's right to withdraw, as it was at conclusion (LAW-14, LAW-16, LAW-17)."""

from datetime import timedelta

from odoo import api, fields, models

from ..billing.withdrawal import withdrawal_until

#: What binds later than the contract is concluded; the right begins then. For a trial that is
#: told with its price it begins with the sign-up, once (LAW-17).
BINDING_LATER = ("signature", "payment_full", "payment_part", "service_start", "delivery")


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
        "affirm_trigger", "affirmed_on",
    )  # fmt: skip
    def _compute_withdrawal_until(self):
        for subscription in self:
            subscription.withdrawal_until = subscription._get_withdrawal_until()

    def _get_withdrawal_until(self):
        """The last day of the consumer's right to withdraw.

        :return: ``False`` when there is no right, or no end of it because nothing binds yet.
        :rtype: date | bool
        """
        is_consumer = self.customer_kind == "consumer" and self.date_concluded
        if not is_consumer or self._is_digital_right_expired() or self._binds_later():
            return False
        begins = [self.date_concluded, self.date_goods_received]
        if self.affirm_trigger in BINDING_LATER:
            begins.append(self._get_local_day(self.affirmed_on))
        last_free = self.date_trial_end
        converts = last_free and not self.trial_price_shown
        return withdrawal_until(
            max(filter(None, begins)),
            self.date_instructed or None,
            last_free + timedelta(days=1) if converts else None,
        )

    def _binds_later(self):
        """Whether the period has not begun, because what makes the contract binding is to come."""
        return self.affirm_trigger in BINDING_LATER and not self.affirmed_on

    def _is_withdrawable_anyway(self):
        """Whether a consumer may withdraw on any day: the contract runs and does not bind yet."""
        self.ensure_one()
        return (
            self.customer_kind == "consumer"
            and not self._is_digital_right_expired()
            and self._binds_later()
            and bool(self._filter_unaffirmed())
        )

    def _is_digital_right_expired(self):
        return bool(self.plan_id.is_digital_content and self.date_digital_consent)

    @api.depends("withdrawal_until", "termination_kind", "state", "affirm_trigger", "affirmed_on")
    def _compute_withdrawal_state(self):
        for subscription in self:
            last = subscription.withdrawal_until
            if subscription.termination_kind == "withdrawal":
                state = "exercised"
            elif subscription.customer_kind == "consumer" and (
                subscription._is_digital_right_expired()
            ):
                state = "expired"
            elif subscription._is_withdrawable_anyway():
                state = "running"
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
        """Keep what the consumer was told with the order; the quotation shows the later price.

        What the customer has not seen, as far as is known, has told nothing.
        """
        for subscription in self.filtered(lambda s: s.sale_order_id._is_known_to_customer()):
            if subscription.company_id.subscription_instructs and not subscription.date_instructed:
                subscription.date_instructed = subscription.date_concluded
            if subscription.date_trial_end:
                subscription.trial_price_shown = True

    def action_confirm_delivery(self):
        result = super().action_confirm_delivery()
        for subscription in self.filtered(lambda s: not s.date_goods_received):
            subscription.date_goods_received = subscription._get_today()
        return result


class SaleOrder(models.Model):
    _inherit = "sale.order"

    date_sent = fields.Datetime(
        "Sent to the Customer on",
        readonly=True,
        copy=False,
        help="When the quotation was sent; empty for an order that the customer has not seen.",
    )

    def write(self, vals):
        if vals.get("state") == "sent":
            unsent = self.filtered(lambda order: not order.date_sent)
            super(SaleOrder, unsent).write({"date_sent": fields.Datetime.now()})
        elif vals.get("state") == "draft":
            vals = {**vals, "date_sent": False}
        return super().write(vals)

    def _is_known_to_customer(self):
        """Whether the customer was sent the quotation, has signed it, or has paid it online."""
        order = self.sudo()
        paid = order.transaction_ids.filtered(lambda tx: tx.state in ("authorized", "done"))
        return bool(order.date_sent or order.signed_on or paid)
