"""The terms of who pays first: one term, nothing that binds (SD-30)."""

from odoo import api, models

PREPAID_TERMS = {"term_type": "cycles", "fixed_cycles": 1}
#: What a customer who is never bound has no use for.
BINDING_TERMS = (
    "initial_term_length", "renewal_term_length", "minimum_term_length", "notice_length",
)  # fmt: skip


class SubscriptionTermsMixin(models.AbstractModel):
    _inherit = "subscription.terms.mixin"

    def _get_terms_sentences(self):
        """Who pays first is told that nothing binds, not how many billing cycles there are."""
        if self.is_prepaid:
            return [self.env._("Paid in advance; ends when it expires, without notice.")]
        return super()._get_terms_sentences()

    def _get_terms_error(self):
        if self.is_prepaid and (error := self._get_prepaid_terms_error()):
            return error
        return super()._get_terms_error()

    def _get_prepaid_terms_error(self):
        """Which of its terms a prepaid plan or contract cannot have; empty for none."""
        if any(self[name] for name in BINDING_TERMS):
            return self._get_binding_error()
        if any(self[name] != value for name, value in PREPAID_TERMS.items()):
            return self.env._(
                "%s is prepaid: its first term is one billing cycle, all others are packages.",
                self._get_terms_plan().name,
            )
        return ""

    def _get_binding_error(self):
        return self.env._(
            "%s is prepaid, so nobody is bound: leave contract term, renewal term, minimum "
            "term and notice empty.",
            self._get_terms_plan().name,
        )


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    @api.depends("is_prepaid")
    def _compute_terms(self):
        return super()._compute_terms()
