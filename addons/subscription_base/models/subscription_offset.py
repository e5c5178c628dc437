"""Open credit notes of a customer are set off against new invoices before money is collected."""

from odoo import fields, models
from odoo.tools import SQL

from .subscription_billing_steps import CREATE_BATCH
from .subscription_payment_attempt import UNRESOLVED

OPEN = ("not_paid", "partial")


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_offset_credits = fields.Boolean(
        "Set Credit Notes off",
        default=True,
        help="Billing sets open credit notes of subscriptions off against the invoices of the same "
        "customer, before it charges the saved payment method.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_offset_credits = fields.Boolean(
        related="company_id.subscription_offset_credits", readonly=False
    )


class SubscriptionBillingRun(models.Model):
    _inherit = "subscription.billing.run"

    def _get_steps(self):
        steps = super()._get_steps()
        if not self.company_id.subscription_offset_credits:
            return steps
        after_posting = steps.index("post") + 1
        return [*steps[:after_posting], "offset", *steps[after_posting:]]

    def _claim_offset(self, tried):
        """Lock open invoices whose customer has an open credit note in the same currency."""
        return self._claim_open_invoices(
            tried,
            SQL(
                """EXISTS (
                      SELECT FROM account_move credit
                       WHERE credit.state = 'posted' AND credit.move_type = 'out_refund'
                         AND credit.payment_state IN %s
                         AND credit.company_id = move.company_id
                         AND credit.commercial_partner_id = move.commercial_partner_id
                         AND credit.currency_id = move.currency_id
                         AND EXISTS (SELECT FROM account_move_line line
                                      WHERE line.move_id = credit.id
                                        AND line.subscription_id IS NOT NULL))""",
                OPEN,
            ),
        )

    def _claim_open_invoices(self, tried, condition):
        """Lock the next posted invoices of billing that are not paid in full, nor collected now.

        :param tried: ids of invoices that this run has had.
        :param SQL condition: on ``move``, which others there are.
        """
        query = SQL(
            """SELECT move.id FROM account_move move
                WHERE move.state = 'posted' AND move.move_type = 'out_invoice'
                  AND move.payment_state IN %(open)s AND move.subscription_policy IS NOT NULL
                  AND move.company_id = %(company)s AND move.invoice_date <= %(date)s
                  AND NOT move.id = ANY(%(tried)s) AND %(condition)s
                  AND NOT EXISTS (SELECT FROM subscription_payment_attempt attempt
                                   WHERE attempt.move_id = move.id
                                     AND attempt.state IN %(unresolved)s)
             ORDER BY move.id LIMIT %(limit)s""",
            open=OPEN,
            company=self.company_id.id,
            date=self.date,
            tried=list(tried),
            condition=condition,
            unresolved=UNRESOLVED,
            limit=CREATE_BATCH,
        )
        return self.env["account.move"].browse(self._claim(query))

    def _do_offset(self, moves):
        """Each invoice is tried once in a run.

        :return: all of them, so that the step does not take them again.
        """
        self._isolate(moves, lambda batch: batch.sudo()._offset_subscription_credits())
        return moves


class AccountMove(models.Model):
    _inherit = "account.move"

    def _offset_subscription_credits(self):
        """Reconcile the invoices with open credit notes of the customer, oldest first.

        The documents stay as they are; only what is open of them changes. An invoice that is
        being collected waits: the money that is under way is for all that is open of it.
        """
        settled = self.filtered(lambda move: not move._get_open_questions())
        for move in settled.sorted(lambda move: (move.invoice_date, move.id)):
            credits = self.search(
                [
                    ("state", "=", "posted"),
                    ("move_type", "=", "out_refund"),
                    ("payment_state", "in", OPEN),
                    ("company_id", "=", move.company_id.id),
                    ("commercial_partner_id", "=", move.commercial_partner_id.id),
                    ("currency_id", "=", move.currency_id.id),
                    ("invoice_line_ids.subscription_id", "!=", False),
                ],
                order="invoice_date, id",
            )
            for credit in credits:
                if move.payment_state not in OPEN:
                    break
                lines = (move + credit).line_ids.filtered(
                    lambda line: line.account_type == "asset_receivable" and not line.reconciled
                )
                for same_account in lines.grouped("account_id").values():
                    if len(same_account.move_id) > 1:
                        same_account.reconcile()

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """Nor is a credit note used up at once by its own invoice while that is collected."""
        pairs = zip(self, reverse_moves, strict=False)
        settled = [pair for pair in pairs if not pair[0]._get_open_questions()]
        moves = self.browse(move.id for move, _credit in settled)
        credits = self.browse(credit.id for _move, credit in settled)
        super(AccountMove, moves)._reconcile_reversed_moves(credits, move_reverse_cancel)
        return reverse_moves
