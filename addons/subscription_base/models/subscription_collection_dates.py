"""Invoices with several due dates: each part is collected when it falls due, once."""

from odoo import api, fields, models
from odoo.tools import SQL

#: ``move`` has more than one due date.
HAS_DUE_DATES = SQL(
    """(SELECT COUNT(*) FROM account_payment_term_line term
         WHERE term.payment_id = move.invoice_payment_term_id) > 1"""
)
ENDED = ("succeeded", "failed", "cancelled")


class SubscriptionPaymentAttempt(models.Model):
    _inherit = "subscription.payment.attempt"

    due_count = fields.Integer(
        "Parts Due",
        readonly=True,
        aggregator=None,
        help="How many parts of the invoice had fallen due when the attempt was made.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        attempts = super().create(vals_list)
        for attempt in attempts.filtered(lambda attempt: attempt.move_id._has_due_dates()):
            attempt.due_count = len(attempt.move_id._get_due_parts())
        return attempts


class AccountMove(models.Model):
    _inherit = "account.move"

    def _has_due_dates(self):
        """Whether parts of the invoice fall due on days of their own."""
        self.ensure_one()
        return len(self.sudo().invoice_payment_term_id.line_ids) > 1

    def _get_next_due_date(self):
        """When the first part that is open falls, or has fallen, due.

        :rtype: ~datetime.date | bool
        """
        self.ensure_one()
        if not self._has_due_dates():
            return self.invoice_date_due
        items = self.sudo().line_ids.filtered(
            lambda item: item.display_type == "payment_term" and not item.reconciled
        )
        return min(items.mapped("date_maturity"), default=self.invoice_date_due)

    def _get_collection_day(self):
        """What falls due up to this day may be collected: no part before its date."""
        self.ensure_one()
        today = self.env["subscription.billing.run"]._get_today(self.company_id)
        return max(self.invoice_date or today, today)

    def _get_amount_to_collect(self):
        """Of an invoice with several due dates only what has fallen due."""
        amount = super()._get_amount_to_collect()
        if not amount or not self._has_due_dates():
            return amount
        name = "amount_residual_currency" if self.state == "posted" else "amount_currency"
        return min(amount, self.currency_id.round(sum(self._get_due_parts().mapped(name))))

    def _get_due_parts(self):
        """The receivable items that have fallen due, paid ones included.

        :rtype: account.move.line
        """
        self.ensure_one()
        day = self._get_collection_day()
        return self.line_ids.filtered(
            lambda item: item.display_type == "payment_term" and item.date_maturity <= day
        )

    def _is_open_for_collection(self):
        """Not while none of the parts that are open has fallen due."""
        return super()._is_open_for_collection() and (
            not self._has_due_dates() or self._get_amount_to_collect() > 0
        )

    @api.model
    def _get_collectable_query(self, run, skipped, limit, condition=None):
        condition = SQL(
            "(%s) AND (NOT (%s) OR EXISTS (SELECT %s AND part.reconciled IS NOT TRUE))",
            condition or self._get_open_condition(),
            HAS_DUE_DATES,
            self._get_due_clauses(run.company_id),
        )
        return super()._get_collectable_query(run, skipped, limit, condition)

    @api.model
    def _get_due_clauses(self, company):
        """SQL clauses for each ``part`` of ``move`` that has fallen due, paid ones included."""
        return SQL(
            """FROM account_move_line part
              WHERE part.move_id = move.id AND part.display_type = 'payment_term'
                AND part.date_maturity <= GREATEST(move.invoice_date, %s)""",
            self.env["subscription.billing.run"]._get_today(company),
        )

    @api.model
    def _get_blocking_attempt_condition(self, company):
        """An attempt that has come to an end does not stand in the way of the next part."""
        return SQL(
            """(%s) AND NOT (attempt.state IN %s AND attempt.due_count IS NOT NULL AND (%s)
                        AND (SELECT COUNT(*) %s) > attempt.due_count)""",
            super()._get_blocking_attempt_condition(company),
            ENDED,
            HAS_DUE_DATES,
            self._get_due_clauses(company),
        )
