from odoo import models


class SubscriptionTermsMixin(models.AbstractModel):
    _inherit = "subscription.terms.mixin"

    def _get_terms_sentences(self):
        """Who pays first is told that nothing binds, not how many billing cycles there are."""
        if self.is_prepaid:
            return [self.env._("Paid in advance; ends when it expires, without notice.")]
        return super()._get_terms_sentences()
