"""Plans whose invoices are charged as drafts, and posted when the money has come."""

from datetime import timedelta

from odoo import models
from odoo.tools import SQL

from .subscription_billing_steps import COLLECT_BATCH
from .subscription_payment_attempt import UNRESOLVED


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    def _get_steps(self):
        steps = super()._get_steps()
        before_posting = steps.index("post")
        return [*steps[:before_posting], "charge", *steps[before_posting:]]

    def _claim_charge(self, failed):
        """Lock drafts to be charged first; what can be settled by a credit is posted instead."""
        condition = SQL(
            """move.state = 'draft' AND move.subscription_policy IN ('post', 'send')
               AND move.amount_total > 0
               AND EXISTS (
                   SELECT FROM account_move_line line
                     JOIN subscription_subscription subscription
                       ON subscription.id = line.subscription_id
                     JOIN subscription_plan plan ON plan.id = subscription.plan_id
                    WHERE line.move_id = move.id AND plan.collection_timing = 'before')
               AND NOT EXISTS (
                   SELECT FROM account_move_line credit
                     JOIN account_account account ON account.id = credit.account_id
                    WHERE credit.company_id = move.company_id
                      AND credit.partner_id = move.commercial_partner_id
                      AND credit.currency_id = move.currency_id
                      AND account.account_type = 'asset_receivable'
                      AND credit.parent_state = 'posted' AND credit.reconciled IS NOT TRUE
                      AND credit.amount_residual < 0)
               AND NOT EXISTS (
                   SELECT FROM account_move_line line
                     JOIN subscription_proforma proforma
                       ON proforma.subscription_id = line.subscription_id
                     JOIN account_payment payment
                       ON payment.subscription_proforma_id = proforma.id
                    WHERE line.move_id = move.id AND payment.move_id IS NULL
                      AND payment.state IN ('in_process', 'paid')
                      AND NOT EXISTS (
                          SELECT FROM account_move__account_payment used
                           WHERE used.payment_id = payment.id))"""
        )
        moves = self.env["account.move"]
        query = moves._get_collectable_query(self, failed, COLLECT_BATCH, condition)
        return moves.browse(self._claim(query))

    def _do_charge(self, moves):
        return moves._collect(self)

    def _held_condition(self):
        """Drafts that wait for their money are not posted."""
        return SQL(
            """EXISTS (SELECT FROM subscription_payment_attempt attempt
                        WHERE attempt.move_id = move.id
                          AND (attempt.state IN %s OR attempt.hold_until > %s))""",
            UNRESOLVED,
            self._get_follow_date(),
        )


class AccountMove(models.Model):
    _inherit = "account.move"

    def _is_charged_first(self):
        """Whether the draft is to be charged, or is being charged, before it is posted."""
        self.ensure_one()
        subscriptions = self.sudo().invoice_line_ids.subscription_id
        token = self._get_collection_token()
        return bool(
            token
            and self.amount_total > 0
            and self.move_type == "out_invoice"
            and "before" in subscriptions.plan_id.mapped("collection_timing")
            and "invoice" not in subscriptions.plan_id.mapped("collection_method")
            and token._is_chargeable(self.company_id)
        )

    def _get_draft_deadline(self):
        """The day on which the draft is posted although its payment has failed."""
        self.ensure_one()
        days = max(self.invoice_line_ids.subscription_id.plan_id.mapped("collection_grace_days"))
        today = self.env["subscription.billing.run"]._get_today(self.company_id)
        return today + timedelta(days)
