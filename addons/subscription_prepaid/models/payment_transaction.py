from odoo import fields, models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    subscription_wallet_id = fields.Many2one(
        "subscription.wallet",
        "Balance",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    def _refund(self, amount_to_refund=None):
        """Give money back online; what has been used of a balance stays paid.

        :raises UserError: when the balance does not have as much any more.
        """
        if wallet := self._get_wallet():
            wallet._lock()
            if not self._find_waiting_items():
                wallet._check_can_pay_out(amount_to_refund or self.amount)
        return super()._refund(amount_to_refund=amount_to_refund)

    def _create_child_transaction(self, amount, is_refund=False, **custom_create_values):
        """What is refunded, or captured in parts, is of the same balance."""
        if wallet := self._get_wallet():
            custom_create_values["subscription_wallet_id"] = wallet.id
        return super()._create_child_transaction(
            amount, is_refund=is_refund, **custom_create_values
        )

    def _create_payment(self, **extra_create_values):
        """Pay into the balance, or back what it has; what it does not have yet never gets there."""
        wallet = self.subscription_wallet_id
        is_refund = self.operation == "refund"
        waiting = is_refund and self.source_transaction_id._find_waiting_items()
        if wallet and not waiting and (is_refund or wallet.can_be_topped_up):
            extra_create_values["subscription_wallet_id"] = wallet.id
        payment = super()._create_payment(**extra_create_values)
        if waiting:
            (waiting + payment.move_id.line_ids).filtered(
                lambda line: line.account_id == waiting.account_id
            ).reconcile()
        if wallet and not is_refund and not payment.subscription_wallet_id:
            wallet._leave_in_receivables(payment.amount, payment.memo)
        return payment

    def _get_wallet(self):
        """The balance into which the transaction has paid, or is to pay."""
        return self.subscription_wallet_id or self.payment_id.subscription_wallet_id

    def _find_waiting_items(self):
        """What came in by the transaction and is not in the balance yet (decision C14)."""
        payment = self.payment_id
        return (
            self._get_wallet()
            ._find_waiting_items()
            .filtered(lambda item: item.move_id.origin_payment_id == payment)
        )
