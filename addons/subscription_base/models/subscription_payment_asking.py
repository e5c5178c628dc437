"""Asking the provider for a payment, each once, and taking its answer to the books."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .payment_provider import COLLECTING, NotReached
from .subscription_conflict import Busy, is_conflict
from .subscription_payment_attempt import UNRESOLVED

_logger = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=15)


class SubscriptionPaymentAttempt(models.Model):
    _inherit = "subscription.payment.attempt"

    @api.model
    def _get_patience_end(self):
        """Who was asked before this moment does not answer any more."""
        return fields.Datetime.now() - PATIENCE

    def _is_unfinished(self):
        """Whether there is something left to do: ask, or book what was answered."""
        self.ensure_one()
        return self.state in UNRESOLVED or (
            self.state == "succeeded" and not self.transaction_id.is_post_processed
        )

    def _may_be_asked(self):
        """Whether asking the provider cannot charge the customer a second time."""
        self.ensure_one()
        return self.state == "scheduled" or (
            self.state in ("asked", "unknown")
            and self.transaction_id._is_repeatable(self.date_asked)
        )

    def _ask(self):
        """Ask the provider for the payment, unless it has answered already; commit the answer.

        That the provider is asked is committed before it happens. So whatever happens then, all
        others know that money may have moved.

        :return: whether there is an answer; not if another process is waiting for it.
        :raises NotReached: when this request did not arrive; an earlier one may have.
        :raises UserError: when there was none, and asking again might charge twice.
        """
        self.ensure_one()
        commit = self.env["ir.cron"]._commit_progress
        transaction = self.transaction_id
        if transaction.state != "draft":
            return True
        if self.state == "scheduled" and (obstacle := self._get_obstacle()):
            transaction._set_canceled(state_message=obstacle)
            commit()
            return True
        if not self._may_be_asked():
            if self.state == "asked" and self.date_asked > self._get_patience_end():
                return False
            raise UserError(self._get_unanswered_message())
        is_first_request = self.state == "scheduled"
        if is_first_request:
            self.date_asked = fields.Datetime.now()
        commit()
        if not transaction.try_lock_for_update(allow_referencing=True):
            return False
        transaction.invalidate_recordset(["state"])
        if transaction.state == "draft":
            try:
                with self.env.cr.savepoint():
                    transaction.with_context(**{COLLECTING: True})._charge_with_token()
            except NotReached:
                if is_first_request:
                    self.date_asked = False
                raise
        commit()
        return True

    def _get_obstacle(self):
        """Why the provider must not be asked any more; ``False`` when it may.

        Between the plan to charge and the charge, what is open may have changed.

        :rtype: str | bool
        """
        self.ensure_one()
        move = self.move_id
        if move.currency_id.compare_amounts(move._get_amount_to_collect(), self.amount):
            return self.env._("What is open of the invoice has changed.")
        if not self.token_id.sudo()._is_chargeable(move.company_id):
            return self.env._("The payment method cannot be charged any more.")
        return False

    def _note_silence(self, error, run=None):
        """Keep that the provider did not answer, and why, where users find it."""
        message = (run or self.env["subscription.billing.run"])._describe_error(error)
        for attempt in self:
            if attempt.state == "asked":
                attempt.is_unanswered = True
            attempt.transaction_id.state_message = message
            attempt.move_id.sudo().subscription_error = message
            attempt.subscription_ids.sudo().billing_error = message
        self._report()

    def _get_unanswered_message(self):
        return self.env._(
            "It is unknown whether %(provider)s has carried out the payment %(reference)s: its "
            "answer did not arrive. Look it up there, then tell here whether it was paid.",
            provider=self.provider_id.sudo().name,
            reference=self.idempotency_key,
        )

    def _take_answer(self):
        """What follows at once from an answer; must not fail, for money may have moved."""
        for attempt in self:
            attempt.is_unanswered = False
            move = attempt.move_id
            if attempt.state in ("failed", "cancelled") and move.state == "draft":
                attempt.hold_until = move._get_draft_deadline()

    def _book(self):
        """Book the payments that the provider has confirmed, each once.

        :raises Busy: when another process is at all of them.
        """
        transactions = self.transaction_id.filtered(
            lambda transaction: transaction.state in ("authorized", "done")
        )
        locked = transactions.try_lock_for_update(allow_referencing=True)
        if transactions and not locked:
            raise Busy
        locked.invalidate_recordset(["is_post_processed"])
        unbooked = locked.filtered(lambda transaction: not transaction.is_post_processed)
        paid = unbooked.filtered(lambda transaction: transaction.state == "done")
        drafts = paid.invoice_ids.filtered(lambda move: move.state == "draft")
        if drafts:
            drafts._post_subscription_invoices()
        unbooked.with_context(**{COLLECTING: True})._post_process()

    def _ask_all(self, run=None):
        """Ask for the payments one after the other.

        :return: the attempts that were answered, and those that were not.
        :rtype: tuple
        """
        answered, silent = self.browse(), self.browse()
        for attempt in self:
            try:
                if attempt._ask():
                    answered += attempt
            except Exception as error:
                if is_conflict(error):
                    raise
                _logger.warning("collection of %s failed", attempt.move_id.name, exc_info=True)
                attempt._note_silence(error, run)
                self.env["ir.cron"]._commit_progress()
                silent += attempt
        return answered, silent
