"""A billing run pays from balances what they are enough for, before it collects the rest."""

from odoo import models
from odoo.tools import SQL

from ..prepaid import kind_order


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    def _get_steps(self):
        steps = super()._get_steps()
        before = steps.index("offset" if "offset" in steps else "post") + 1
        return [*steps[:before], "settle", *steps[before:]]

    def _claim_settle(self, tried):
        """Lock open invoices that a balance of the customer pays for."""
        return self._claim_open_invoices(
            tried,
            SQL(
                """EXISTS (
                      SELECT FROM subscription_wallet wallet
                       WHERE wallet.partner_id = move.commercial_partner_id
                         AND wallet.company_id = move.company_id
                         AND wallet.currency_id = move.currency_id
                         AND EXISTS (
                            SELECT FROM account_move_line line
                              JOIN subscription_subscription subscription
                                ON subscription.id = line.subscription_id
                              JOIN subscription_plan plan ON plan.id = subscription.plan_id
                             WHERE line.move_id = move.id
                               AND (wallet.kind = 'credit' AND (plan.use_balance
                                        OR subscription.is_prepaid AND EXISTS (
                                    SELECT FROM account_move earlier
                                      JOIN account_move_line stated
                                        ON stated.move_id = earlier.id
                                     WHERE stated.subscription_id = subscription.id
                                       AND earlier.move_type = 'out_invoice'
                                       AND earlier.state = 'posted'
                                       AND earlier.invoice_date < move.invoice_date))
                                 OR wallet.kind = 'service'
                                AND wallet.subscription_id = line.subscription_id)))"""
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
        for move in self.sorted(lambda move: (move.invoice_date_due, move.id)):
            for wallet in move._get_paying_wallets():
                if wallet.currency_id.compare_amounts(wallet.balance, 0.0) > 0:
                    wallet._settle(move)

    def _settle_in_full(self, credit):
        """Pay the invoices from the balances of the customer to the last cent, or not at all.

        :param credit: the ``subscription.wallet`` that pays beside those of the subscription.
        :raises UserError: when all of them are not enough.
        """
        unpaid = self.filtered("amount_residual")
        for move in unpaid.sorted(lambda move: (move.invoice_date_due, move.id)):
            place = kind_order(move._get_burn_order())
            *others, last = (move._get_paying_wallets() | credit).sorted(place)
            for wallet in others:
                if wallet.currency_id.compare_amounts(wallet.balance, 0.0) > 0:
                    wallet._settle(move)
            if move.currency_id.compare_amounts(move.amount_residual, 0.0) > 0:
                last._settle(move, in_full=True)
