"""Invoices that cannot be charged are sent to the customer with a link to pay, never forgotten."""

from odoo import fields, models
from odoo.tools import SQL

from .subscription_billing_steps import CREATE_BATCH


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    def _get_steps(self):
        steps = super()._get_steps()
        after_collecting = steps.index("collect") + 1
        return [*steps[:after_collecting], "fall_back", *steps[after_collecting:]]

    def _claim_fall_back(self, failed):
        """Lock open invoices that ought to be charged automatically, and cannot be."""
        moves = self.env["account.move"]
        query = SQL(
            """SELECT move.id FROM account_move move
                WHERE move.state = 'posted' AND move.move_type = 'out_invoice'
                  AND move.payment_state IN ('not_paid', 'partial')
                  AND move.subscription_policy IS NOT NULL
                  AND move.subscription_fallback IS NULL
                  AND move.company_id = %s AND move.invoice_date <= %s
                  AND NOT move.id = ANY(%s)
                  AND EXISTS (
                      SELECT FROM account_move_line line
                        JOIN subscription_subscription subscription
                          ON subscription.id = line.subscription_id
                        JOIN subscription_plan plan ON plan.id = subscription.plan_id
                       WHERE line.move_id = move.id
                         AND (plan.collection_method = 'saved'
                              OR plan.collection_method = 'any'
                                 AND subscription.payment_token_id IS NOT NULL))
                  AND NOT EXISTS (%s)
                  AND NOT EXISTS (%s)
             ORDER BY move.id LIMIT %s""",
            self.company_id.id,
            self.date,
            list(failed),
            moves._get_chargeable_method_query(self.company_id),
            moves._get_blocking_payment_query(self.company_id),
            CREATE_BATCH,
        )
        return moves.browse(self._claim(query))

    def _do_fall_back(self, moves):
        return self._isolate(moves, lambda batch: batch.sudo()._fall_back())


class AccountMove(models.Model):
    _inherit = "account.move"

    subscription_fallback = fields.Datetime(
        "Left to the Customer",
        readonly=True,
        copy=False,
        help="When the customer was left to pay the invoice, because it could not be charged.",
    )

    def _fall_back(self, reason=False):
        """Leave the invoices to their customers: send each with a link to pay, as the plan says.

        :param str reason: why; that no payment method can be charged when left out.
        """
        reason = reason or self.env._("No saved payment method can be charged.")
        by_plan = self.grouped(lambda move: move._is_sent_as_fallback())
        sent, kept = by_plan.get(True, self.browse()), by_plan.get(False, self.browse())
        sent.filtered(lambda move: not move.sending_data)._queue_subscription_mail()
        self.subscription_fallback = fields.Datetime.now()
        for move in self:
            text = f"{move.name}: {reason}"
            move.invoice_line_ids.subscription_id._log_event("payment_fallback", description=text)
            if move in kept:
                move.invoice_line_ids.subscription_id[:1]._ask_for_payment_method(text)

    def _is_sent_as_fallback(self):
        self.ensure_one()
        plans = self.invoice_line_ids.subscription_id.plan_id
        return "send" in plans.mapped("collection_fallback")
