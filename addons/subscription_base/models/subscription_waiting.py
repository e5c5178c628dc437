"""Charges that wait for a later invoice: collected for a month, shifted, or too small for one.

They are in the ledger from the day they fall due, and shown as not invoiced until then.
"""

from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import date_utils


class SubscriptionCharge(models.Model):
    _inherit = "subscription.charge"

    release_date = fields.Date(
        "To Be Invoiced from",
        compute="_compute_release_date",
        help="The first day on which the charge comes on an invoice.",
    )

    @api.depends("due_date", "subscription_id.date_end", "subscription_id.invoice_collection")
    def _compute_release_date(self):
        for charge in self:
            charge.release_date = charge._get_release_date()

    def _get_invoice_key(self):
        key = super()._get_invoice_key()
        return (*key, self.amount < 0) if self.subscription_id.separate_credits else key

    def _get_release_date(self):
        """The first day on which the charge is invoiced; it does not wait beyond the contract."""
        self.ensure_one()
        subscription, day = self.subscription_id, self._get_invoice_from()
        if subscription.invoice_collection == "none":
            return day
        day = date_utils.end_of(day, subscription.invoice_collection)
        last = subscription.date_end
        return max(self.due_date, min(day, last)) if last else day

    def _is_below_minimum(self):
        """Whether the charges are too small for an invoice of their own; credits never are."""
        minimum = max(self.subscription_id.mapped("minimum_invoice_amount"))
        total = sum(self.mapped("amount"))
        return total >= 0 and self.currency_id.compare_amounts(total, minimum) < 0

    def _wait_for_next(self):
        """Whether the charges of an invoice to be wait for the next one, and there will be one."""
        return self._is_below_minimum() and all(self.subscription_id.mapped("next_billing_date"))


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    unbilled_amount = fields.Monetary(
        "Not Invoiced",
        compute="_compute_unbilled_amount",
        help="Charges without taxes that wait for an invoice.",
    )

    def _get_invoice_key(self):
        """What subscriptions have in common whose charges come on one invoice."""
        self.ensure_one()
        if self.invoice_grouping != "customer":
            return (self.id,)
        names = self._get_invoice_grouping_fields()
        return ("customer", *(self[name].id for name in names), self._get_invoice_policy())

    def _get_invoice_grouping_fields(self):
        """Links that must agree for one invoice for a customer."""
        return (
            "company_id",
            "partner_invoice_id",
            "partner_shipping_id",
            "currency_id",
            "payment_term_id",
            "fiscal_position_id",
            "invoice_journal_id",
            "payment_token_id",
        )

    @api.depends("charge_ids.move_line_ids.parent_state")
    def _compute_unbilled_amount(self):
        sums = defaultdict(float)
        for charge in self._get_open_charges():
            sums[charge.subscription_id] += charge.amount
        for subscription in self:
            subscription.unbilled_amount = sums[subscription]

    def _may_wait(self):
        return self.filtered(
            lambda s: (
                s.invoice_collection != "none"
                or s.minimum_invoice_amount > 0
                or s._has_delayed_lines()
            )
        )

    def _get_ready_charges(self, date):
        """The open charges that are to be invoiced on ``date``."""
        charges = self._get_open_charges()
        if not self._may_wait():
            return charges
        charges = charges.filtered(lambda charge: charge._get_invoice_from() <= date)
        if self.env.context.get("subscription_invoice_waiting"):
            return charges
        ready = charges.filtered(lambda charge: charge._get_release_date() <= date)
        documents = ready.grouped(lambda charge: charge._get_invoice_key()).values()
        return ready.browse().union(*(one for one in documents if not one._wait_for_next()))

    @api.depends("invoice_collection", "minimum_invoice_amount")
    def _compute_next_billing_date(self):
        result = super()._compute_next_billing_date()
        self._plan_release()
        return result

    def _plan_release(self):
        """Let the next run come when charges that wait are to be invoiced."""
        waiting = self._may_wait().filtered(lambda s: s.plan_id.schedule_type != "manual")
        for subscription, charges in waiting._get_open_charges().grouped("subscription_id").items():
            days = [subscription.next_billing_date or charges[0].due_date]
            if subscription.invoice_collection != "none" or subscription._has_delayed_lines():
                days = [subscription.next_billing_date, *(c._get_release_date() for c in charges)]
            subscription.sudo().next_billing_date = min(filter(None, days))

    def _reopen_billing(self):
        result = super()._reopen_billing()
        for subscription in self.filtered("next_billing_date"):
            lead = timedelta(days=subscription.invoice_lead_days)
            subscription.next_billing_date -= lead
        return result
