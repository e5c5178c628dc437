"""What a customer has paid with the order is used up by the first bills of the subscription."""

from odoo import models
from odoo.tools import SQL


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _get_prepayment_required_amount(self):
        """Who orders a plan pays the first bills, not a full period of each plan."""
        self.ensure_one()
        if not self.require_payment or not self.has_plan:
            return super()._get_prepayment_required_amount()
        return self.currency_id.round(self._get_first_due_amount() * self.prepayment_percent)


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post_subscription_invoices(self):
        result = super()._post_subscription_invoices()
        self._reconcile_order_payments()
        return result

    def _reconcile_order_payments(self):
        """Settle the invoices with what is left of the online payments of their orders.

        Without this the saved payment method would be charged for what has been paid already.
        """
        credits_by_move = self._get_order_payment_lines()
        for move in self.filtered(lambda move: move.id in credits_by_move):
            for credit in credits_by_move[move.id]:
                due = move.sudo().line_ids.filtered(
                    lambda line, credit=credit: (
                        line.account_id == credit.account_id and not line.reconciled
                    )
                )
                if due and not credit.reconciled:
                    (due + credit).reconcile()

    def _get_order_payment_lines(self):
        """Open receivable lines of the payments made with the orders of the invoices.

        :return: journal items by the invoice's id.
        :rtype: dict
        """
        moves = self.filtered(lambda move: move.move_type == "out_invoice")
        if not moves:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT invoiced.move_id, array_agg(DISTINCT credit.id)
                     FROM account_move_line invoiced
                     JOIN subscription_subscription subscription
                       ON subscription.id = invoiced.subscription_id
                     JOIN sale_order ordered
                       ON ordered.id = subscription.sale_order_id
                       OR ordered.origin_subscription_id = subscription.id
                     JOIN sale_order_transaction_rel paid ON paid.sale_order_id = ordered.id
                     JOIN account_payment payment
                       ON payment.payment_transaction_id = paid.transaction_id
                     JOIN account_move_line credit ON credit.move_id = payment.move_id
                     JOIN account_account account ON account.id = credit.account_id
                    WHERE invoiced.move_id = ANY(%s)
                      AND account.account_type = 'asset_receivable'
                      AND credit.parent_state = 'posted'
                      AND credit.amount_residual < 0
                 GROUP BY invoiced.move_id""",
                moves.ids,
            )
        )
        items = self.env["account.move.line"].sudo()
        return {move_id: items.browse(line_ids) for move_id, line_ids in rows}
