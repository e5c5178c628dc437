"""The terms that were agreed for a subscription, and the dates that follow from them."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..billing import trial_end
from ..billing.consumer_law import is_legacy
from .subscription_subscription import RUNNING_STATES
from .subscription_terms_mixin import TERM_FIELDS

_DAY = timedelta(days=1)


class SubscriptionSubscription(models.Model):
    _name = "subscription.subscription"
    _inherit = ["subscription.subscription", "subscription.terms.mixin"]

    customer_kind = fields.Selection(
        [("consumer", "Consumer"), ("business", "Business")],
        "Kind of Customer",
        compute="_compute_customer_kind",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        tracking=True,
        help="Consumers are protected by law from long terms. A company, or a customer with a VAT "
        "number, is proposed as a business.",
    )
    date_concluded = fields.Date(
        "Concluded on",
        copy=False,
        tracking=True,
        help="Day of the contract: the day of the start unless you set it. Consumer contracts "
        "concluded before March 2022 keep the rules of that time.",
    )
    is_legacy_contract = fields.Boolean("Legacy", compute="_compute_is_legacy_contract")

    term_type = fields.Selection(
        compute="_compute_terms", store=True, readonly=False, precompute=True
    )
    fixed_cycles = fields.Integer(
        compute="_compute_terms", store=True, readonly=False, precompute=True
    )
    initial_term_length = fields.Integer(
        compute="_compute_terms", store=True, readonly=False, precompute=True
    )
    initial_term_unit = fields.Selection(
        compute="_compute_terms", store=True, readonly=False, precompute=True
    )
    renewal_term_length = fields.Integer(
        compute="_compute_terms", store=True, readonly=False, precompute=True
    )
    renewal_term_unit = fields.Selection(
        compute="_compute_terms", store=True, readonly=False, precompute=True
    )
    minimum_term_length = fields.Integer(
        compute="_compute_terms", store=True, readonly=False, precompute=True
    )
    minimum_term_unit = fields.Selection(
        compute="_compute_terms", store=True, readonly=False, precompute=True
    )
    full_last_period = fields.Boolean(
        compute="_compute_terms", store=True, readonly=False, precompute=True
    )
    notice_length = fields.Integer(
        compute="_compute_terms", store=True, readonly=False, precompute=True
    )
    notice_unit = fields.Selection(
        compute="_compute_terms", store=True, readonly=False, precompute=True
    )
    notice_start = fields.Selection(
        compute="_compute_terms", store=True, readonly=False, precompute=True
    )
    termination_effect = fields.Selection(
        compute="_compute_terms", store=True, readonly=False, precompute=True
    )
    trial_length = fields.Integer(
        compute="_compute_terms", store=True, readonly=False, precompute=True
    )
    trial_unit = fields.Selection(
        compute="_compute_terms", store=True, readonly=False, precompute=True
    )
    trial_reminder = fields.Boolean(
        compute="_compute_terms", store=True, readonly=False, precompute=True
    )
    trial_reminder_days = fields.Integer(
        compute="_compute_terms", store=True, readonly=False, precompute=True
    )
    renewal_reminder = fields.Boolean(
        compute="_compute_terms", store=True, readonly=False, precompute=True
    )
    renewal_reminder_days = fields.Integer(
        compute="_compute_terms", store=True, readonly=False, precompute=True
    )

    date_trial_end = fields.Date(
        "Trial until",
        compute="_compute_date_trial_end",
        store=True,
        help="Last day free of charge; billing starts on the day after.",
    )
    date_term_end = fields.Date(
        "Contract Term until",
        compute="_compute_date_term_end",
        store=True,
        copy=False,
        help="Last day of the current contract term. Empty while the contract is open-ended.",
    )
    next_termination_date = fields.Date(
        "Next Termination",
        compute="_compute_next_termination_date",
        help="Last day of the subscription if notice of termination is given today.",
    )

    @api.depends("plan_id")
    def _compute_terms(self):
        """A plan proposes its terms; what has been agreed with a customer stays."""
        for subscription in self:
            drafted = subscription.state in (False, "draft")
            source = subscription.plan_id if drafted and subscription.plan_id else subscription
            for name in TERM_FIELDS:
                subscription[name] = source[name]

    @api.depends("partner_id")
    def _compute_customer_kind(self):
        """As it is at conclusion: later changes of the partner do not rewrite the contract."""
        for subscription in self:
            if subscription.state in (False, "draft") or not subscription.customer_kind:
                partner = subscription.partner_id.commercial_partner_id
                is_business = partner.is_company or subscription.partner_id.vat or partner.vat
                subscription.customer_kind = "business" if is_business else "consumer"

    @api.depends("date_concluded", "customer_kind")
    def _compute_is_legacy_contract(self):
        for subscription in self:
            subscription.is_legacy_contract = subscription.customer_kind == "consumer" and (
                is_legacy(subscription.date_concluded or None)
            )

    @api.depends("date_start", "trial_length", "trial_unit")
    def _compute_date_trial_end(self):
        for subscription in self:
            trial, start = subscription._get_duration("trial"), subscription.date_start
            subscription.date_trial_end = trial and start and trial_end(start, trial) - _DAY

    @api.depends("date_start", "plan_id", *TERM_FIELDS, "customer_kind", "date_concluded")
    def _compute_date_term_end(self):
        today = fields.Date.context_today(self)
        for subscription in self:
            on = today if subscription.state in RUNNING_STATES else subscription.date_start
            subscription.date_term_end = subscription._get_date_term_end(on)

    def _get_date_term_end(self, on):
        """The last day of the contract term that runs on ``on``; ``False`` for none."""
        if not (self.plan_id and self.date_start):
            return False
        terms = self._get_terms(self.date_start)
        end = terms and terms.term_end(max(on, self.date_start))
        return end and end - _DAY

    @api.depends("date_start", "plan_id", "charge_ids", *TERM_FIELDS, "customer_kind", "date_end")
    def _compute_next_termination_date(self):
        for subscription in self:
            running = subscription.state not in ("draft", "closed")
            last = running and subscription.get_next_termination_date()
            ends = filter(None, (last, running and subscription.date_end))
            subscription.next_termination_date = min(ends, default=False)

    def get_next_termination_date(self, on=None):
        """The last day of the subscription if ordinary notice is given on a day.

        :param on: a date or its ISO form; today when left out.
        :rtype: date | bool
        """
        self.ensure_one()
        on = fields.Date.to_date(on) or fields.Date.context_today(self)
        terms = self._get_terms(self.date_start) if self.plan_id and self.date_start else None
        if not terms:
            return False
        return terms.next_termination_date(on, self._get_billed_until()) - _DAY

    def _get_last_day_of_period(self, day):
        """The last day of the billing period that ``day`` belongs to."""
        self.ensure_one()
        terms = self._get_terms(self.date_start)
        return terms.schedule.grid(terms.anchor).containing(day).last_day

    def _get_billed_until(self):
        """The first day that is not billed in advance; ``None`` when nothing is."""
        advance = self.line_ids.filtered(
            lambda line: line.charge_type == "recurring" and line.timing == "advance"
        )
        return self.env["subscription.charge"].sudo()._get_billed_until(advance)

    @api.depends("date_start", "plan_id", "state")
    def _compute_terms_timeline(self):
        return super()._compute_terms_timeline()

    @api.depends("date_concluded")
    def _compute_terms_warning(self):
        return super()._compute_terms_warning()

    def _get_terms_plan(self):
        return self.plan_id

    def _get_terms_start(self):
        return self.date_start or super()._get_terms_start()

    def _get_date_concluded(self):
        return self.date_concluded

    @api.constrains("date_concluded", "partner_id", "plan_id")
    def _check_consumer_law_of_contract(self):
        self._check_consumer_law()

    @api.constrains("plan_id", "customer_kind")
    def _check_customer_kind(self):
        """A plan for businesses only keeps its longer terms from consumers, and vice versa."""
        for subscription in self.filtered(lambda s: s.state == "draft"):
            kind = subscription.plan_id.customer_kind
            if kind not in ("any", subscription.customer_kind):
                kinds = dict(
                    subscription.plan_id._fields["customer_kind"]._description_selection(self.env)
                )
                raise ValidationError(
                    self.env._(
                        "The plan %(plan)s is sold to %(kind)s only, and %(partner)s is not one. "
                        "Choose another plan, or correct the kind of customer.",
                        plan=subscription.plan_id.display_name,
                        kind=kinds[kind].lower(),
                        partner=subscription.partner_id.display_name,
                    )
                )
