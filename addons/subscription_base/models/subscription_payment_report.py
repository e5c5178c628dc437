"""Telling what became of payment attempts: events of the subscriptions, and who has to act.

Money has moved before anything is told, so telling never undoes an answer: what fails here is
made up for by the next round of the scheduled job.
"""

import logging

from odoo import models

from .house_language import in_house_language
from .subscription_conflict import is_conflict
from .subscription_payment_attempt import UNRESOLVED

_logger = logging.getLogger(__name__)

PAYMENT_TASK = "subscription_base.mail_activity_type_payment"
REPORTED = {
    "pending": "payment_pending",
    "succeeded": "payment_succeeded",
    "failed": "payment_failed",
    "unknown": "payment_unknown",
}
SILENT = ("scheduled", "asked")


class SubscriptionPaymentAttempt(models.Model):
    _inherit = "subscription.payment.attempt"

    def _report(self):
        """Tell the new states, each once."""
        news = self.filtered(lambda attempt: attempt._has_news())
        if not news:
            return
        try:
            with self.env.cr.savepoint():
                news._tell()
        except Exception as error:
            if is_conflict(error):
                raise
            _logger.exception("the results of %s are told later", news)

    def _has_news(self):
        """Whether there is a state to be told; a success, as soon as it is in the books."""
        return (
            self.state not in SILENT
            and self.reported_state != self.state
            and (self.reported_state, self.state) != ("overdue", "pending")
            and (self.state != "succeeded" or self.transaction_id.is_post_processed)
        )

    def _tell(self):
        self.env["subscription.event"].sudo().create(
            [
                {
                    "subscription_id": subscription.id,
                    "event_type": REPORTED[attempt.state],
                    "description": attempt._get_event_description(),
                    "run_id": attempt.run_id.id,
                    "move_id": attempt.move_id.id,
                }
                for attempt in self
                if attempt.state in REPORTED
                for subscription in attempt.subscription_ids
            ]
        )
        resolved = self.filtered(lambda attempt: attempt.state in ("succeeded", "cancelled"))
        resolved.move_id._forget_payment_troubles()
        overpaid = self._get_overpaid()
        for attempt in self - resolved | overpaid:
            attempt._ask_to_act(attempt in overpaid)
        for state, attempts in self.grouped("state").items():
            attempts.reported_state = state

    def _get_event_description(self):
        """Which invoice, how much, and what was said."""
        self = in_house_language(self)  # noqa: PLW0642
        parts = (
            self.move_id.name or self.env._("Draft invoice"),
            self.currency_id.format(self.amount),
            self.state in ("failed", "unknown") and self.reason,
        )
        return ", ".join(part for part in parts if part)

    def _get_overpaid(self):
        """Attempts whose money is more than was open, such as when a refusal turns into a payment.

        The surplus stays on the customer's account until it is used or paid back.
        """
        succeeded = self.filtered(lambda attempt: attempt.state == "succeeded")
        lines = self.env["account.move.line"].sudo()
        payments = succeeded.transaction_id.payment_id
        surplus = payments and lines.search(
            [
                ("move_id", "in", payments.move_id.ids),
                ("account_id.account_type", "=", "asset_receivable"),
                ("amount_residual", "!=", 0),
            ]
        )
        return succeeded.filtered(
            lambda attempt: surplus and attempt.transaction_id.payment_id.move_id in surplus.move_id
        )

    def _ask_to_act(self, is_overpaid=False):
        """One activity for who looks after payments, where there is something to do."""
        self.ensure_one()
        summary = self._get_task("overpaid" if is_overpaid else self.state)
        if summary and not self.activity_search([PAYMENT_TASK]):
            self.activity_schedule(
                PAYMENT_TASK,
                summary=summary,
                note=self.reason or "",
                user_id=self._get_responsible().id,
            )

    def _get_task(self, state):
        """What a person has to do in a state; nothing when it resolves itself."""
        return {
            "failed": self.env._("Payment failed: try again, or send the invoice"),
            "unknown": self.env._("Find out whether the payment was made"),
            "authorized": self.env._("Capture the authorized payment, or release it"),
            "overdue": self.env._("Payment is pending for long: ask the provider"),
            "overpaid": self.env._("Paid more than was open: pay back, or keep as credit"),
        }.get(state)

    def _get_responsible(self):
        """Who looks after payments: by the company's settings, else who sold the subscription."""
        seller = self.subscription_ids.user_id[:1]
        return self.company_id.subscription_payment_user_id or seller or self.env.user

    def _note_overdue(self):
        """Ask a person to look after pending payments that take too long."""
        for attempt in self:
            if summary := attempt._get_task("overdue"):
                attempt.activity_schedule(
                    PAYMENT_TASK, summary=summary, user_id=attempt._get_responsible().id
                )
        self.reported_state = "overdue"


class AccountMove(models.Model):
    _inherit = "account.move"

    def _forget_payment_troubles(self):
        """The payment is settled: take back the error and close the activities about it."""
        attempts = self.sudo().payment_attempt_ids
        troubled = self.sudo().filtered("subscription_error")
        for move in troubled:
            move.payment_attempt_ids.subscription_ids.filtered(
                lambda s, move=move: s.billing_error == move.subscription_error
            ).billing_error = False
        troubled.subscription_error = False
        over = attempts.filtered(lambda a: a.state not in UNRESOLVED and a.activity_ids)
        over.activity_unlink([PAYMENT_TASK])

    def _invoice_paid_hook(self):
        """Money that came in another way settles what an attempt could not collect."""
        result = super()._invoice_paid_hook()
        tried = self.filtered(lambda move: move.sudo().payment_attempt_ids)
        tried._forget_payment_troubles()
        return result
