"""A contract term that begins anew: agreed with the customer instead of coming by itself."""

from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import UserError


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    date_terms_from = fields.Date(
        "Term Counted from",
        readonly=True,
        copy=False,
        tracking=True,
        help="First day of the contract term that was agreed last, by a renewal; empty for the "
        "first paid day.",
    )

    def _get_managed_fields(self):
        return super()._get_managed_fields() | {"date_terms_from"}

    def _get_agreed_terms(self, start):
        terms = super()._get_agreed_terms(start)
        if terms and self.date_terms_from:
            return replace(terms, anchor=self.date_terms_from, start=None)
        return terms

    @api.depends("date_terms_from")
    def _compute_date_term_end(self):
        return super()._compute_date_term_end()

    @api.depends("date_terms_from")
    def _compute_next_termination_date(self):
        return super()._compute_next_termination_date()

    def _renew(self, on=None, terms=None):
        """Let a new contract term begin; an end that had been set is withdrawn.

        :param on: first day of the term, a date or its ISO form; the day after the term or the
            end that runs now when left out.
        :param dict terms: values of the terms that differ from now on, such as
            ``initial_term_length``.
        :raise UserError: when the subscription does not run.
        """
        self.ensure_one()
        self.check_access("write")
        if self.state in ("draft", "closed"):
            raise UserError(self.env._("%s is not running, so it cannot be renewed.", self.name))
        on = fields.Date.to_date(on) or self._get_quote_start("renewal")
        if terms:
            self.write(terms)
        self.sudo().date_terms_from = on
        if self.date_end:
            self.action_withdraw_termination()
        self._follow_automatic_end()
        self._log_event("renewed", description=self._get_renewal_description())
