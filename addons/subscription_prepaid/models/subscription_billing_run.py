"""A billing run pays from balances what they are enough for, before it collects the rest."""

from odoo import models
from odoo.tools import SQL


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    def _get_steps(self):
        steps = super()._get_steps()
        before = steps.index("offset" if "offset" in steps else "post") + 1
        return [*steps[:before], "settle", *steps[before:]]

    def _claim_settle(self, tried):
        """Lock open invoices of plans that use the balance, of customers who have one."""
        return self._claim_open_invoices(
            tried,
            SQL(
                """EXISTS (
                      SELECT FROM subscription_wallet wallet
                       WHERE wallet.partner_id = move.commercial_partner_id
                         AND wallet.company_id = move.company_id
                         AND wallet.currency_id = move.currency_id AND wallet.kind = 'credit')
                   AND EXISTS (
                      SELECT FROM account_move_line line
                        JOIN subscription_subscription subscription
                          ON subscription.id = line.subscription_id
                        JOIN subscription_plan plan ON plan.id = subscription.plan_id
                       WHERE line.move_id = move.id AND plan.use_balance)"""
            ),
        )

    def _do_settle(self, moves):
        """Each invoice is tried once in a run.

        :return: all of them, so that the step does not take them again.
        """
        self._isolate(moves, lambda batch: batch.sudo()._settle_from_balance())
        return moves


class AccountMove(models.Model):
    _inherit = "account.move"

    def _settle_from_balance(self):
        """Pay the invoices from the balances of their customers, as far as those are enough."""
        Wallet = self.env["subscription.wallet"]
        for move in self.sorted(lambda move: (move.invoice_date_due, move.id)):
            wallet = Wallet._get(move.commercial_partner_id, move.company_id, move.currency_id)
            if wallet.currency_id.compare_amounts(wallet.balance, 0.0) > 0:
                wallet._settle(move)
