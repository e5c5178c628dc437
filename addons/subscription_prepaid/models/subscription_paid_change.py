"""What customers add to a running prepaid contract is paid from the balance at once (SD-16)."""

from dataclasses import replace

from odoo import models

from odoo.addons.subscription_base.models.subscription_subscription import RUNNING_STATES


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _is_paid_at_once(self):
        """Whether nothing may stay owed: not before the first term has been invoiced (SD-04)."""
        self.ensure_one()
        return self.is_prepaid and self.state in RUNNING_STATES and bool(self.sudo().charge_ids)

    def _self_add_preview(self, choice):
        preview = super()._self_add_preview(choice)
        if not self._is_paid_at_once():
            return preview
        balance = self.currency_id.format(self._get_spendable_balance())
        hint = self.env._("It is paid from your balance at once. Your balance: %s", balance)
        return replace(preview, hint=" ".join(filter(None, (preview.hint, hint))))

    def _confirm_self(self, action, choice, key):
        """What costs more is paid in the same step.

        :raises UserError: when the balance is not enough; the caller takes all back.
        """
        is_done = super()._confirm_self(action, choice, key)
        if is_done and self._is_paid_at_once():
            self.sudo()._pay_at_once()
        return is_done

    def _pay_at_once(self):
        wallet = self.env["subscription.wallet"]._get(
            self.partner_invoice_id, self.company_id, self.currency_id
        )
        wallet._lock()
        self._bill_extension(self._get_today())._settle_in_full(wallet)


class AccountMove(models.Model):
    _inherit = "account.move"

    def _uses_credit(self, subscriptions):
        """Beside packages, what a prepaid contract is invoiced for after its first term."""
        prepaid = subscriptions.filtered("is_prepaid")
        return super()._uses_credit(subscriptions) or any(map(self._is_after_first_term, prepaid))

    def _is_after_first_term(self, subscription):
        earlier = [
            ("move_type", "=", "out_invoice"),
            ("state", "=", "posted"),
            ("invoice_date", "<", self.invoice_date),
            ("invoice_line_ids.subscription_id", "=", subscription.id),
        ]
        return bool(self.sudo().search_count(earlier, limit=1))
