"""The later steps of billing: post and send invoices, and charge the saved payment methods."""

import logging

from odoo import api, models
from odoo.fields import Command
from odoo.tools import SQL

from .subscription_conflict import Busy, is_conflict

_logger = logging.getLogger(__name__)


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post_subscription_invoices(self):
        self._post_bulk()
        self.filtered("subscription_error").subscription_error = False

    def _queue_subscription_mail(self):
        """Hand the invoices to Odoo's own asynchronous sending."""
        author = self.env.user
        self.sending_data = {
            "author_user_id": author.id,
            "author_partner_id": author.partner_id.id,
        }
        self.env.ref("account.ir_cron_account_move_send")._trigger()

    @api.model
    def _get_collectable_query(self, run, skipped, limit):
        """SQL query for open invoices whose subscription has a saved method to be charged.

        They are those that were not tried yet, and those whose attempt was interrupted.

        :param skipped: ids to leave out.
        """
        return SQL(
            """SELECT move.id FROM account_move move
                WHERE move.state = 'posted' AND move.move_type = 'out_invoice'
                  AND move.payment_state IN ('not_paid', 'partial')
                  AND move.subscription_policy IS NOT NULL
                  AND move.company_id = %s AND move.invoice_date <= %s
                  AND NOT move.id = ANY(%s)
                  AND EXISTS (
                      SELECT FROM account_move_line line
                        JOIN subscription_subscription subscription
                          ON subscription.id = line.subscription_id
                        JOIN payment_token token
                          ON token.id = subscription.payment_token_id AND token.active
                       WHERE line.move_id = move.id)
                  AND NOT EXISTS (
                      SELECT FROM account_invoice_transaction_rel tried
                        JOIN payment_transaction transaction
                          ON transaction.id = tried.transaction_id
                       WHERE tried.invoice_id = move.id AND (%s) IS NOT TRUE
                         AND NOT (%s))
             ORDER BY move.id LIMIT %s""",
            run.company_id.id,
            run.date,
            list(skipped),
            self.env["payment.transaction"]._unfinished_collection_condition(),
            self.env["payment.transaction"]._abandoned_condition(),
            limit,
        )

    def _collect(self, run):
        """Charge each invoice to the saved payment method of its subscription, once.

        The transactions are committed before the provider is asked, so that whatever happens then
        no other process takes an invoice for untried. Each answer is committed by itself; the
        payments are booked together.

        :return: the invoices whose transaction could not be processed.
        """
        failed, answered = self.browse(), self.browse()
        commit = self.env["ir.cron"]._commit_progress
        attempts = [
            (move, move._get_unfinished_collection() or move._create_collection_transaction(run))
            for move in self
        ]
        commit()
        for move, transaction in attempts:
            try:
                if transaction._ask_for_subscription_payment():
                    answered += move
            except Exception as error:
                if is_conflict(error):
                    raise
                _logger.warning("collection of %s failed", move.name, exc_info=True)
                move._mark_billing_failed(run, error)
                commit()
                failed += move
        if not answered and not failed:
            raise Busy
        failed += run._isolate(answered, lambda moves: moves._book_collected())
        silent = [move.id for move, transaction in attempts if transaction.state == "draft"]
        return failed | self.browse(silent)

    def _book_collected(self):
        transactions = self.sudo().transaction_ids
        transactions.filtered("subscription_run_id")._book_subscription_payments()

    def _get_unfinished_collection(self):
        """The transaction of an attempt that was interrupted."""
        transactions = self.sudo().transaction_ids
        return transactions.filtered(lambda transaction: transaction.subscription_run_id)[:1]

    def _create_collection_transaction(self, run):
        values = self._prepare_collection_values() | {"subscription_run_id": run.id}
        return self.env["payment.transaction"].sudo().create(values)

    def _prepare_collection_values(self):
        """Values of the payment transaction that collects the invoice."""
        self.ensure_one()
        token = self.invoice_line_ids.subscription_id.payment_token_id[:1].sudo()
        return {
            "provider_id": token.provider_id.id,
            "payment_method_id": token.payment_method_id.id,
            "token_id": token.id,
            "amount": self.amount_residual,
            "currency_id": self.currency_id.id,
            "partner_id": self.partner_id.id,
            "operation": "offline",
            "invoice_ids": [Command.set(self.ids)],
            "reference": self.env["payment.transaction"]
            .sudo()
            ._compute_reference(token.provider_code, prefix=self.name),
        }

    def _mark_billing_failed(self, run, error):
        """Keep why an invoice could not be processed; the next run tries again."""
        for move in self:
            move.sudo().subscription_error = run._describe_error(error)
            move.invoice_line_ids.subscription_id._mark_billing_failed(run, error)


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _mark_billing_failed(self, run, error):
        """Keep why billing failed, where users find it, and ask the salesperson to mend it."""
        message = run._describe_error(error)
        for subscription in self:
            subscription.sudo().write({"billing_error": message, "last_billing_run_id": run.id})
            self.env["subscription.event"].sudo().create(
                {
                    "subscription_id": subscription.id,
                    "event_type": "billing_failed",
                    "description": message,
                    "run_id": run.id,
                }
            )
            subscription._schedule_billing_activity()

    def _schedule_billing_activity(self):
        """One open activity for the salesperson, however often billing fails."""
        warning = "mail.mail_activity_data_warning"
        if not self.activity_search([warning]):
            self.activity_schedule(
                warning,
                summary=self.env._("Billing failed"),
                note=self.billing_error,
                user_id=self.user_id.id or self.env.uid,
            )
