"""Terms that are agreed on the quotation instead of those that the plan proposes (PA-09)."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .subscription_terms_mixin import UNITS

TERMS = ("initial_term", "renewal_term", "minimum_term", "notice")
INDIVIDUAL_TERMS = tuple(f"{term}_{part}" for term in TERMS for part in ("length", "unit"))


class SaleOrder(models.Model):
    _inherit = "sale.order"

    has_individual_terms = fields.Boolean(
        "Individual Terms",
        help="Contract term and notice are agreed with this customer; otherwise they are those of "
        "the plan. They hold from the confirmation on.",
    )
    subscription_initial_term_length = fields.Integer(
        "Contract Term", compute="_compute_individual_terms", store=True, readonly=False
    )
    subscription_initial_term_unit = fields.Selection(
        UNITS, compute="_compute_individual_terms", store=True, readonly=False
    )
    subscription_renewal_term_length = fields.Integer(
        "Renewal Term", compute="_compute_individual_terms", store=True, readonly=False
    )
    subscription_renewal_term_unit = fields.Selection(
        UNITS, compute="_compute_individual_terms", store=True, readonly=False
    )
    subscription_minimum_term_length = fields.Integer(
        "Minimum Term", compute="_compute_individual_terms", store=True, readonly=False
    )
    subscription_minimum_term_unit = fields.Selection(
        UNITS, compute="_compute_individual_terms", store=True, readonly=False
    )
    subscription_notice_length = fields.Integer(
        "Notice", compute="_compute_individual_terms", store=True, readonly=False
    )
    subscription_notice_unit = fields.Selection(
        UNITS, compute="_compute_individual_terms", store=True, readonly=False
    )

    @api.depends("origin_subscription_id", "order_line.subscription_plan_id")
    def _compute_individual_terms(self):
        """The plan, or the running subscription, proposes; what has been entered stays."""
        for order in self:
            entered = order.has_individual_terms and order._prepare_individual_terms()
            if not any((entered or {}).values()):
                source = order._get_terms_source()[:1]
                for name in INDIVIDUAL_TERMS:
                    order[f"subscription_{name}"] = source[name]

    def _get_terms_source(self):
        """Whose terms hold when the order says nothing else."""
        return self.origin_subscription_id or self.order_line.subscription_plan_id

    def _prepare_individual_terms(self):
        """Values of the subscription that were agreed on the order; empty for the plan's terms."""
        if not self.has_individual_terms:
            return {}
        return {name: self[f"subscription_{name}"] for name in INDIVIDUAL_TERMS}

    def _prepare_subscription_terms(self):
        return super()._prepare_subscription_terms() | self._prepare_individual_terms()

    @api.constrains("has_individual_terms", *(f"subscription_{name}" for name in INDIVIDUAL_TERMS))
    def _check_individual_terms(self):
        for order in self.filtered("has_individual_terms"):
            for subscription in order._get_agreed_subscriptions():
                error = subscription._get_terms_error() or (
                    subscription.customer_kind == "consumer"
                    and subscription._get_consumer_law_error()
                )
                if error:
                    raise ValidationError(error)

    def _get_agreed_subscriptions(self):
        """The subscriptions of the order with the terms that it states, in memory.

        :return: one for each plan line, or the running one that the order belongs to.
        """
        origin, terms = self.origin_subscription_id, self._prepare_individual_terms()
        Subscription = self.env["subscription.subscription"]
        if origin:
            return Subscription.new(terms, origin=origin)
        for line in self._get_plan_lines():
            Subscription += Subscription.new(
                {
                    "company_id": self.company_id.id,
                    "partner_id": self.partner_id.id,
                    "plan_id": line.subscription_plan_id.id,
                    "date_start": self._get_subscription_start(),
                    **terms,
                }
            )
        return Subscription

    def _get_subscription_terms(self):
        """As agreed on the order; a running subscription keeps the terms that it has."""
        if not self.has_individual_terms and not self.origin_subscription_id:
            return super()._get_subscription_terms()
        subscriptions = self._get_agreed_subscriptions()
        texts = [s.terms_text for s in subscriptions if s.terms_text]
        if len(subscriptions) == 1:
            return texts
        return [f"{s.plan_id.name}: {s.terms_text}" for s in subscriptions if s.terms_text]
