"""What makes a contract binding, and when its service is released (SM-46 to SM-56, K3-28 to K3-30).

A plan proposes it, a subscription keeps what was agreed.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .locking import changed_fields

TRIGGERS = [
    ("order", "Confirmation of the order"),
    ("signature", "Signature"),
    ("payment_full", "Payment in full"),
    ("payment_part", "First part payment"),
    ("service_start", "Start of the service"),
    ("delivery", "Delivery"),
    ("trial_end", "End of the trial"),
]
PAYMENT_TRIGGERS = ("payment_full", "payment_part")
#: What binds before all has been paid: the service could not wait for its payment any more.
BEFORE_PAYMENT = ("order", "signature", "payment_part")
LEGAL_FIELDS = (
    "affirm_trigger", "release_policy", "release_debit", "return_window_days", "prepayment_days",
)  # fmt: skip
DEFAULTS = {
    "affirm_trigger": "order",
    "release_policy": "purchase",
    "release_debit": "collected",
    "return_window_days": 56,
    "prepayment_days": 14,
}


class SubscriptionLegalMixin(models.AbstractModel):
    _name = "subscription.legal.mixin"
    _description = "Binding and Release"

    affirm_trigger = fields.Selection(
        TRIGGERS,
        "Becomes Binding with",
        compute="_compute_affirm_trigger",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        tracking=True,
        help="Until then both sides may cancel the order without notice and without charge, and "
        "no invoice is made. Afterwards the subscription can only be terminated.",
    )
    release_policy = fields.Selection(
        [("purchase", "At purchase"), ("payment", "After payment")],
        "Service Is Released",
        default="purchase",
        required=True,
        tracking=True,
        help="After payment: the customer is sent a pro-forma invoice. The service starts when it "
        "has been paid; if it is not paid in time, the order is cancelled by itself.",
    )
    release_debit = fields.Selection(
        [
            ("collected", "When it has been collected"),
            ("window", "When it cannot be returned any more"),
        ],
        "A Direct Debit Counts",
        default="collected",
        required=True,
        help="The customer's bank returns a direct debit on demand for eight weeks.",
    )
    return_window_days = fields.Integer(
        "Return Window",
        default=DEFAULTS["return_window_days"],
        help="Days after which a direct debit is taken for final.",
    )
    prepayment_days = fields.Integer(
        "Payment Deadline",
        default=DEFAULTS["prepayment_days"],
        help="Days in which a pro-forma invoice is to be paid. Afterwards the order is cancelled.",
    )

    _window_not_negative = models.Constraint(
        "CHECK (COALESCE(return_window_days, 0) >= 0 AND COALESCE(prepayment_days, 0) >= 0)",
        "The return window and the payment deadline cannot be negative.",
    )

    @api.depends("release_policy")
    def _compute_affirm_trigger(self):
        for record in self:
            record.affirm_trigger = record._get_fitting_trigger(record.affirm_trigger)

    def _get_fitting_trigger(self, trigger):
        """``trigger``, or payment in full where the service waits for its payment."""
        trigger = trigger or DEFAULTS["affirm_trigger"]
        waits = self.release_policy == "payment"
        return "payment_full" if waits and trigger in BEFORE_PAYMENT else trigger

    @api.constrains("affirm_trigger", "release_policy")
    def _check_trigger_fits_release(self):
        for record in self:
            if record._get_fitting_trigger(record.affirm_trigger) != record.affirm_trigger:
                raise ValidationError(
                    self.env._(
                        "What is released after payment cannot be binding before it is paid: "
                        "choose 'Payment in full' or something that comes later."
                    )
                )


class SubscriptionPlan(models.Model):
    _name = "subscription.plan"
    _inherit = ["subscription.plan", "subscription.legal.mixin"]

    @api.constrains("affirm_trigger", "release_policy", "schedule_type")
    def _check_prepayment_schedule(self):
        """A pro-forma invoice asks for the first invoice, so that must be known in advance."""
        for plan in self:
            if plan.schedule_type == "manual" and plan._needs_prepayment():
                raise ValidationError(
                    self.env._(
                        "%s is billed on request, so there is nothing that could be paid in "
                        "advance. Choose a billing schedule, or another trigger and release.",
                        plan.name,
                    )
                )

    def _needs_prepayment(self):
        """Whether money is asked for before the first invoice."""
        self.ensure_one()
        return self.release_policy == "payment" or self.affirm_trigger in PAYMENT_TRIGGERS


class SubscriptionSubscription(models.Model):
    _name = "subscription.subscription"
    _inherit = ["subscription.subscription", "subscription.legal.mixin"]

    release_policy = fields.Selection(
        compute="_compute_legal_options",
        store=True,
        readonly=False,
        precompute=True,
        default=None,
    )
    release_debit = fields.Selection(
        compute="_compute_legal_options",
        store=True,
        readonly=False,
        precompute=True,
        default=None,
    )
    return_window_days = fields.Integer(
        compute="_compute_legal_options",
        store=True,
        readonly=False,
        precompute=True,
        default=None,
    )
    prepayment_days = fields.Integer(
        compute="_compute_legal_options",
        store=True,
        readonly=False,
        precompute=True,
        default=None,
    )

    @api.depends("plan_id")
    def _compute_legal_options(self):
        """As the plan proposes it; what has been agreed stays."""
        for subscription in self:
            is_draft = subscription.state in (False, "draft")
            plan = subscription.plan_id
            for name in LEGAL_FIELDS[1:]:
                agreed = plan[name] if is_draft and plan else subscription[name]
                subscription[name] = agreed or DEFAULTS[name]

    @api.depends("plan_id", "release_policy")
    def _compute_affirm_trigger(self):
        for subscription in self:
            is_draft = subscription.state in (False, "draft")
            plan = subscription.plan_id
            trigger = plan.affirm_trigger if is_draft and plan else subscription.affirm_trigger
            subscription.affirm_trigger = subscription._get_fitting_trigger(trigger)

    def _needs_prepayment(self):
        """Whether money is asked for before the first invoice."""
        self.ensure_one()
        return self.release_policy == "payment" or self.affirm_trigger in PAYMENT_TRIGGERS

    def write(self, vals):
        names = set(LEGAL_FIELDS) & vals.keys()
        for subscription in self.filtered("affirmed_on") if names else self.browse():
            if changed_fields(subscription, vals, names):
                raise UserError(
                    self.env._(
                        "%s is binding: what made it so and when it is released stays as it was "
                        "agreed.",
                        subscription.name,
                    )
                )
        return super().write(vals)
