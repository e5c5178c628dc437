"""The later steps of billing: post and send invoices, and charge the saved payment methods."""

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL

from .subscription_conflict import Busy


class AccountMove(models.Model):
    _inherit = "account.move"

    payment_attempt_ids = fields.One2many(
        "subscription.payment.attempt", "move_id", "Payment Attempts", copy=False
    )

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
    def _get_collectable_query(self, run, skipped, limit, condition=None):
        """SQL query for open invoices whose subscription has a saved method to be charged.

        They are those that were not tried yet, and those whose attempt was interrupted.

        :param skipped: ids to leave out.
        :param condition: SQL condition on ``move`` for those that may be charged; posted and open
            when left out.
        """
        return SQL(
            """SELECT move.id FROM account_move move
                WHERE %s AND move.move_type = 'out_invoice'
                  AND move.subscription_policy IS NOT NULL
                  AND move.company_id = %s AND move.invoice_date <= %s
                  AND NOT move.id = ANY(%s)
                  AND EXISTS (%s)
                  AND NOT EXISTS (%s)
             ORDER BY move.id LIMIT %s""",
            condition or self._get_open_condition(),
            run.company_id.id,
            run.date,
            list(skipped),
            self._get_chargeable_method_query(run.company_id),
            self._get_blocking_payment_query(run.company_id),
            limit,
        )

    @api.model
    def _get_open_condition(self):
        """SQL condition on ``move``: posted, and not paid in full."""
        return SQL("move.state = 'posted' AND move.payment_state IN ('not_paid', 'partial')")

    @api.model
    def _get_chargeable_method_query(self, company):
        """SQL query for the saved methods of ``move`` that may be charged today."""
        return SQL(
            """SELECT FROM account_move_line line
                 JOIN subscription_subscription subscription
                   ON subscription.id = line.subscription_id
                 JOIN subscription_plan plan
                   ON plan.id = subscription.plan_id AND plan.collection_method != 'invoice'
                 JOIN payment_token token ON token.id = subscription.payment_token_id
                 JOIN payment_provider provider ON provider.id = token.provider_id
                WHERE line.move_id = move.id AND %s""",
            self.env["payment.token"]._chargeable_condition(company),
        )

    @api.model
    def _get_blocking_payment_query(self, company):
        """SQL query for the payments of ``move`` that forbid another attempt.

        Attempts that have come to an end are for a user to try again. Others are payments that
        the customer has begun.
        """
        return SQL(
            """SELECT FROM account_invoice_transaction_rel tried
                 JOIN payment_transaction transaction ON transaction.id = tried.transaction_id
                 JOIN payment_provider provider ON provider.id = transaction.provider_id
            LEFT JOIN subscription_payment_attempt attempt
                   ON attempt.transaction_id = transaction.id
                WHERE tried.invoice_id = move.id
                  AND CASE WHEN attempt.id IS NOT NULL THEN %s
                           WHEN transaction.state = 'draft' THEN NOT (%s)
                           WHEN transaction.state = 'done'
                           THEN transaction.is_post_processed IS NOT TRUE
                           ELSE %s
                      END""",
            self._get_blocking_attempt_condition(company),
            self.env["payment.transaction"]._abandoned_condition(),
            self.env["payment.transaction"]._under_way_condition(),
        )

    @api.model
    def _get_blocking_attempt_condition(self, company):
        """SQL condition on ``attempt`` and its ``move``: there is nothing to be taken up again."""
        return SQL(
            "(%s) IS NOT TRUE", self.env["subscription.payment.attempt"]._unfinished_condition()
        )

    def _collect(self, run):
        """Charge each invoice to the saved payment method of its subscription, once.

        The attempts are committed before the provider is asked, so that whatever happens then no
        other process takes an invoice for untried. Each answer is committed by itself; the
        payments are booked together.

        :return: the invoices that the run leaves alone from now on.
        """
        attempts = self._take_up_or_schedule(run)
        self.env["ir.cron"]._commit_progress()
        answered, silent = attempts._ask_all(run)
        if not answered and not silent:
            raise Busy
        failed = run._isolate(answered.move_id, lambda moves: moves._book_collected())
        attempts._report()
        waiting = attempts.filtered(lambda attempt: attempt.state in ("scheduled", "asked"))
        return failed | (silent | waiting).move_id.sudo(self.env.su)

    def _take_up_or_schedule(self, run=None):
        """The attempt of each invoice that is to go on, or a new one."""
        self.invalidate_recordset(["payment_attempt_ids"])
        Attempt = self.env["subscription.payment.attempt"].sudo()
        begun = self.sudo().payment_attempt_ids.filtered(lambda a: a._is_unfinished())
        fresh = self.filtered(lambda move: move.id not in begun.move_id.ids)
        return begun | (Attempt._schedule(fresh, run) if fresh else Attempt)

    def _book_collected(self):
        self.sudo().payment_attempt_ids._book()

    def _get_amount_to_collect(self):
        """What is open; of a draft, all that it will ask for."""
        self.ensure_one()
        if self.state == "cancel":
            return 0.0
        return self.amount_residual if self.state == "posted" else self.amount_total

    def _get_collection_token(self):
        """The saved method of the invoice's subscriptions, which agree in it."""
        return self.sudo().invoice_line_ids.subscription_id.payment_token_id[:1]

    def _prepare_collection_values(self, number):
        """Values of the payment transaction that collects the invoice.

        :param int number: of the attempt; with it the reference is the attempt's own.
        """
        self.ensure_one()
        token = self._get_collection_token()
        document = self.name if self.state == "posted" else f"{self.invoice_origin}-{self.id}"
        return {
            "provider_id": token.provider_id.id,
            "payment_method_id": token.payment_method_id.id,
            "token_id": token.id,
            "amount": self._get_amount_to_collect(),
            "currency_id": self.currency_id.id,
            "partner_id": self.partner_id.id,
            "operation": "offline",
            "invoice_ids": [Command.set(self.ids)],
            "reference": self.env["payment.transaction"]
            .sudo()
            ._compute_reference(token.provider_code, prefix=f"{document}-{number}"),
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
