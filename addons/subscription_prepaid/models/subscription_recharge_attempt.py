"""One automatic top-up: recorded before the provider is asked, so never charged twice."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.subscription_base.models.payment_provider import COLLECTING, NotReached
from odoo.addons.subscription_base.models.subscription_conflict import is_conflict

_logger = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=15)
OUTCOMES = {"done": "succeeded", "error": "failed", "cancel": "failed"}


class SubscriptionRechargeAttempt(models.Model):
    _name = "subscription.recharge.attempt"
    _description = "Payment of an Automatic Top-Up"
    _order = "id desc"
    _rec_name = "transaction_id"

    recharge_id = fields.Many2one(
        "subscription.recharge", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="recharge_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="recharge_id.partner_id", store=True, index=True)
    transaction_id = fields.Many2one(
        "payment.transaction", required=True, readonly=True, ondelete="restrict"
    )
    date = fields.Date(required=True, readonly=True)
    date_asked = fields.Datetime("Asked on", required=True, readonly=True)
    amount = fields.Monetary(related="transaction_id.amount", store=True)
    currency_id = fields.Many2one(related="transaction_id.currency_id", store=True)
    state = fields.Selection(
        [("unknown", "Not known yet"), ("succeeded", "Succeeded"), ("failed", "Failed")],
        "Status",
        compute="_compute_state",
        store=True,
        precompute=True,
    )
    reason = fields.Text(related="transaction_id.state_message")
    is_told = fields.Boolean(readonly=True)

    _open_uniq = models.UniqueIndex(
        "(recharge_id) WHERE state = 'unknown'", "A top-up is not resolved yet."
    )
    _transaction_uniq = models.UniqueIndex(
        "(transaction_id)", "A payment belongs to one automatic top-up."
    )

    @api.depends("transaction_id.state")
    def _compute_state(self):
        for attempt in self:
            attempt.state = OUTCOMES.get(attempt.transaction_id.state, "unknown")

    def write(self, vals):
        """What has been tried is evidence; people only tell what came of it."""
        if not self.env.su:
            raise AccessError(self.env._("Payments of automatic top-ups cannot be changed."))
        return super().write(vals)

    def _get_outcome(self):
        """Whether money has come; ``None`` while that is not known."""
        self.ensure_one()
        return {"succeeded": True, "failed": False}.get(self.state)

    @api.model
    def _begin(self, agreement, amount):
        """Record the payment, and commit it before anybody is asked for money.

        :param agreement: ``subscription.recharge`` record.
        """
        token, wallet = agreement.token_id.sudo(), agreement.wallet_id
        transactions = self.env["payment.transaction"].sudo()
        transaction = transactions.create(
            {
                "provider_id": token.provider_id.id,
                "payment_method_id": token.payment_method_id.id,
                "token_id": token.id,
                "amount": amount,
                "currency_id": wallet.currency_id.id,
                "partner_id": token.partner_id.id,
                "operation": "offline",
                "subscription_wallet_id": wallet.id,
                "reference": transactions._compute_reference(
                    token.provider_code, prefix=f"{wallet.name}-A"
                ),
            }
        )
        attempt = self.sudo().create(
            {
                "recharge_id": agreement.id,
                "transaction_id": transaction.id,
                "date": wallet._get_today(),
                "date_asked": fields.Datetime.now(),
            }
        )
        self.env["ir.cron"]._commit_progress()
        return attempt

    def _ask(self):
        """Ask the provider; each answer is committed before it is booked."""
        self.ensure_one()
        transaction, commit = self.transaction_id, self.env["ir.cron"]._commit_progress
        try:
            with self.env.cr.savepoint():
                transaction.with_context(**{COLLECTING: True})._charge_with_token()
        except NotReached as error:
            transaction._set_canceled(state_message=str(error))
        except Exception as error:
            if is_conflict(error):
                raise
            _logger.warning("automatic top-up %s: no answer", transaction.reference, exc_info=True)
            transaction.state_message = str(error)
        commit()
        self._book()
        commit()

    def _book(self):
        """Bring what has been paid into the balance."""
        paid = self.transaction_id.filtered(
            lambda tx: tx.state == "done" and not tx.is_post_processed
        )
        paid._post_process()

    @api.model
    def _tell_of_unknown(self):
        """Let a person look up payments whose outcome did not arrive; nothing is charged again."""
        silent = self.search(
            [
                ("state", "=", "unknown"),
                ("is_told", "=", False),
                ("date_asked", "<", fields.Datetime.now() - PATIENCE),
            ]
        )
        for attempt in silent.filtered(lambda one: one.transaction_id.state == "draft"):
            attempt.is_told = True
            attempt.recharge_id.wallet_id.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._(
                    "Look up at the provider whether %s was paid", attempt.transaction_id.reference
                ),
                note=attempt.reason,
            )

    def action_mark_paid(self):
        """The provider has carried out the payment, as somebody has looked up there."""
        self._resolve(lambda transaction, text: transaction._set_done(state_message=text))
        self.sudo()._book()
        return True

    def action_mark_not_paid(self):
        """The provider has not carried out the payment, as somebody has looked up there."""
        self._resolve(lambda transaction, text: transaction._set_canceled(state_message=text))
        return True

    def _resolve(self, resolve):
        self.check_access("write")
        for attempt in self.sudo():
            is_silent = attempt.date_asked < fields.Datetime.now() - PATIENCE
            if attempt.transaction_id.state != "draft" or not is_silent:
                raise UserError(
                    self.env._(
                        "%s is not without an answer, so there is nothing to tell.",
                        attempt.transaction_id.reference,
                    )
                )
            resolve(attempt.transaction_id, self.env._("Looked up by %s", self.env.user.name))
