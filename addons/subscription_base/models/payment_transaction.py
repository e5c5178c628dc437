"""What the provider's answer to a payment means for subscriptions."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .payment_provider import COLLECTING

ABANDONED_AFTER = timedelta(hours=24)
#: Providers whose requests carry a key made from the transaction's reference: asked again with
#: the same one, they tell what has become of the first request instead of charging anew.
REPEATABLE = ("adyen", "demo", "mercado_pago", "stripe")
#: Providers that only say where to transfer money to: pending from the start, for good.
BY_HAND = ("custom", "none")
REPEATABLE_FOR = timedelta(hours=23)  # the shortest time that providers keep such keys is a day


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    subscription_attempt_ids = fields.One2many("subscription.payment.attempt", "transaction_id")
    is_abandoned = fields.Boolean(
        readonly=True,
        copy=False,
        help="The customer left the payment page and did not come back for a day.",
    )

    @api.model
    def _abandoned_condition(self):
        """SQL condition on ``transaction`` for payments that customers never came back to.

        A payment page that was left leaves a draft behind; a day later it stands in nobody's way.
        """
        return SQL(
            "transaction.state = 'draft' AND transaction.create_date < %s",
            fields.Datetime.now() - ABANDONED_AFTER,
        )

    @api.model
    def _under_way_condition(self):
        """SQL condition on ``transaction`` and ``provider``, as :meth:`_is_under_way`."""
        return SQL(
            "(transaction.state IN ('pending', 'authorized') AND provider.code NOT IN %s)", BY_HAND
        )

    def _is_under_way(self):
        """Whether the provider has taken a payment on, and will tell what has become of it."""
        self.ensure_one()
        return self.state in ("pending", "authorized") and self.provider_code not in BY_HAND

    @api.model
    def _repeatable_condition(self):
        """SQL condition on ``provider`` and ``attempt``, as :meth:`_is_repeatable`."""
        return SQL(
            "provider.code = ANY(%s) AND attempt.date_asked > %s",
            list(self._get_repeatable_codes()),
            fields.Datetime.now() - REPEATABLE_FOR,
        )

    @api.model
    def _get_repeatable_codes(self):
        """Codes of the providers that recognise the same payment request; open to bridges."""
        return REPEATABLE

    def _is_repeatable(self, date_asked):
        """Whether the same payment request can be sent again without being paid twice.

        :param date_asked: when it was sent first; ``False`` when that is not known.
        :type date_asked: datetime | bool
        """
        self.ensure_one()
        return bool(
            date_asked
            and self.provider_code in self._get_repeatable_codes()
            and date_asked > fields.Datetime.now() - REPEATABLE_FOR
        )

    def _update_state(self, allowed_states, target_state, state_message):
        """Tell the attempts; and take money also from customers who come back after a day."""
        if self and all(transaction.is_abandoned for transaction in self):
            allowed_states = (*allowed_states, "cancel")
        changed = super()._update_state(allowed_states, target_state, state_message)
        attempts = changed.sudo().subscription_attempt_ids
        if attempts:
            attempts._take_answer()
            if not self.env.context.get(COLLECTING) and target_state != "done":
                attempts._report()
        return changed

    def _post_process(self):
        """A payment has succeeded for the subscription when it is in the books."""
        result = super()._post_process()
        if not self.env.context.get(COLLECTING):
            self.sudo().subscription_attempt_ids._report()
        return result

    @api.model
    def _cancel_abandoned(self):
        """Cancel what customers have begun to pay online for subscriptions and left for a day."""
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT transaction.id
                     FROM payment_transaction transaction
                     JOIN account_invoice_transaction_rel tried
                       ON tried.transaction_id = transaction.id
                     JOIN account_move move ON move.id = tried.invoice_id
                LEFT JOIN subscription_payment_attempt attempt
                       ON attempt.transaction_id = transaction.id
                    WHERE attempt.id IS NULL AND move.subscription_policy IS NOT NULL AND %s""",
                self._abandoned_condition(),
            )
        )
        left = self.browse([row[0] for row in rows]).try_lock_for_update(allow_referencing=True)
        left.is_abandoned = True
        left._set_canceled(state_message=self.env._("The customer has left the payment page."))
