from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .subscription_conflict import Busy

ABANDONED_AFTER = timedelta(hours=24)


class PaymentTransaction(models.Model):
    """A transaction by which a billing run collects an invoice can be taken up again.

    What a killed process has left is finished by the next run. Only where the provider may have
    been asked, and does not recognise the same request, a person has to look.
    """

    _inherit = "payment.transaction"

    subscription_run_id = fields.Many2one(
        "subscription.billing.run", "Billing Run", readonly=True, copy=False, index="btree_not_null"
    )
    subscription_asked = fields.Datetime(
        "Provider Asked", readonly=True, copy=False, help="When the provider may have been asked."
    )

    def _unfinished_collection_condition(self):
        """SQL condition on ``transaction`` for attempts of a billing run to be taken up again.

        An unanswered question is left alone at first: its process may still be waiting.
        """
        return SQL(
            """transaction.subscription_run_id IS NOT NULL AND CASE transaction.state
                 WHEN 'draft' THEN
                      transaction.subscription_asked IS NULL
                      OR move.subscription_error IS NULL
                         AND transaction.subscription_asked
                             < NOW() AT TIME ZONE 'UTC' - INTERVAL '15 minutes'
                 WHEN 'authorized' THEN transaction.is_post_processed IS NOT TRUE
                 WHEN 'done' THEN transaction.is_post_processed IS NOT TRUE
               END"""
        )

    @api.model
    def _abandoned_condition(self):
        """SQL condition on ``transaction`` for attempts of customers who never came back to them.

        A payment page that was left leaves a draft behind; a day later it stands in nobody's way.
        """
        return SQL(
            """transaction.subscription_run_id IS NULL AND transaction.state = 'draft'
               AND transaction.create_date < %s""",
            fields.Datetime.now() - ABANDONED_AFTER,
        )

    def _is_repeatable(self):
        """Whether the same payment request can be sent again without being paid twice.

        For providers that recognise a transaction's reference.
        """
        return self.provider_code == "demo"

    def _ask_for_subscription_payment(self):
        """Ask the provider for the payment, unless it has answered already; commit the answer.

        :return: whether there is an answer; not if another process is waiting for it.
        """
        self.ensure_one()
        commit = self.env["ir.cron"]._commit_progress
        if self.state != "draft":
            return True
        if self.subscription_asked:
            raise UserError(self._get_unanswered_message())
        if not self._is_repeatable():
            self.subscription_asked = fields.Datetime.now()
            commit()
        if not self.try_lock_for_update(allow_referencing=True):
            return False
        if self.state == "draft":
            with self.env.cr.savepoint():
                self._charge_with_token()
        commit()
        return True

    def _book_subscription_payments(self):
        """Book the payments that the provider has confirmed, each once.

        :raises Busy: when another process is at all of them.
        """
        locked = self.try_lock_for_update(allow_referencing=True)
        if self and not locked:
            raise Busy
        locked.filtered(
            lambda transaction: (
                transaction.state in ("authorized", "done") and not transaction.is_post_processed
            )
        )._post_process()

    def _get_unanswered_message(self):
        return self.env._(
            "It is unknown whether %(provider)s has carried out the payment %(reference)s: its "
            "answer did not arrive. Look it up there, then register the payment or charge the "
            "customer again.",
            provider=self.provider_id.name,
            reference=self.reference,
        )
