"""Whether and when the money came in, on the invoice, its charges and the subscription's record.

Money is booked in many ways: bank statements, payments with and without an entry of their own,
credit notes, returned debits. They all move the payment state of the invoice, so that is what is
followed; its changes are collected and recorded once, at the latest when the transaction ends.
"""

import logging

from odoo import api, fields, models
from odoo.tools import SQL, format_date
from odoo.tools.sql import column_exists, create_column

from .subscription_conflict import is_conflict

_logger = logging.getLogger(__name__)

PAID_STATES = ("in_payment", "paid")
CUSTOMER_MOVES = ("out_invoice", "out_refund")
CHANGED = "subscription_base.paid_invoices"


class AccountMove(models.Model):
    _inherit = "account.move"

    subscription_date_paid = fields.Date(
        "Paid on",
        compute="_compute_subscription_date_paid",
        store=True,
        copy=False,
        help="Date of the last payment of an invoice of subscriptions that has been paid in full.",
    )

    def _auto_init(self):
        """Let nothing be computed for what was paid before: that would make new events of it."""
        cr = self.env.cr
        if not column_exists(cr, self._table, "subscription_date_paid"):
            create_column(cr, self._table, "subscription_date_paid", "date")
        return super()._auto_init()

    @api.depends("payment_state")
    def _compute_subscription_date_paid(self):
        settled = self.filtered(
            lambda move: (
                move.move_type in CUSTOMER_MOVES
                and move.state == "posted"
                and move.payment_state in PAID_STATES
            )
        )
        days = settled._get_days_paid()
        for move in self:
            day = days.get(move._origin.id, False)
            if move.id and move.subscription_date_paid != day:
                move._note_payment_change(move.subscription_date_paid)
            move.subscription_date_paid = day

    def _get_days_paid(self):
        """The dates of the last payments of those moves that are of subscriptions.

        What was paid without money, by credit notes or because it costs nothing, has been paid
        with the last entry, or on the date of the invoice.

        :rtype: dict[int, ~datetime.date]
        """
        if not self.ids:
            return {}
        self.env["account.partial.reconcile"].flush_model()
        self.env["account.move.line"].flush_model(["subscription_id", "move_id"])
        self.env["account.payment"].flush_model(["date", "state", "move_id"])
        self.flush_model(["date", "invoice_date", "origin_payment_id", "statement_line_id"])
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT move.id,
                              COALESCE(GREATEST(booked.by_money, unbooked.day), booked.last,
                                       move.invoice_date, move.date)
                         FROM account_move move
            CROSS JOIN LATERAL (
                       SELECT MAX(other.date) AS last,
                              MAX(other.date) FILTER (
                                  WHERE other.origin_payment_id IS NOT NULL
                                     OR other.statement_line_id IS NOT NULL) AS by_money
                         FROM (SELECT part.credit_move_id AS id
                                 FROM account_move_line line
                                 JOIN account_partial_reconcile part
                                   ON part.debit_move_id = line.id
                                WHERE line.move_id = move.id
                            UNION ALL
                               SELECT part.debit_move_id
                                 FROM account_move_line line
                                 JOIN account_partial_reconcile part
                                   ON part.credit_move_id = line.id
                                WHERE line.move_id = move.id) part
                         JOIN account_move_line counterpart ON counterpart.id = part.id
                         JOIN account_move other ON other.id = counterpart.move_id) booked
            CROSS JOIN LATERAL (
                       SELECT MAX(payment.date) AS day
                         FROM account_move__account_payment paid
                         JOIN account_payment payment ON payment.id = paid.payment_id
                        WHERE paid.invoice_id = move.id AND payment.move_id IS NULL
                          AND payment.state IN ('in_process', 'paid')) unbooked
                        WHERE move.id = ANY(%s) AND EXISTS (
                              SELECT FROM account_move_line own
                               WHERE own.move_id = move.id AND own.subscription_id IS NOT NULL)""",
                    self.ids,
                )
            )
        )

    @api.model
    def _date_former_payments(self):
        """Date what was paid before the dates were kept, without a word in the history."""
        rows = self.env.execute_query(
            SQL(
                """SELECT move.id FROM account_move move
                    WHERE move.subscription_date_paid IS NULL AND move.state = 'posted'
                      AND move.move_type IN %s AND move.payment_state IN %s
                      AND EXISTS (SELECT FROM account_move_line own
                                   WHERE own.move_id = move.id
                                     AND own.subscription_id IS NOT NULL)""",
                CUSTOMER_MOVES,
                PAID_STATES,
            )
        )
        moves = self.browse(row[0] for row in rows)
        if days := moves._get_days_paid():
            self.env.cr.execute_values(
                """UPDATE account_move SET subscription_date_paid = paid.day::date
                     FROM (VALUES %s) AS paid(id, day) WHERE account_move.id = paid.id""",
                list(days.items()),
            )
            moves.invalidate_recordset(["subscription_date_paid"])
            moves._date_charges()

    def _note_payment_change(self, day_before):
        """Remember that the move was or is paid, until :meth:`_record_payments`."""
        precommit = self.env.cr.precommit
        if CHANGED not in precommit.data:
            precommit.data[CHANGED] = {}
            precommit.add(self.env["account.move"].sudo()._record_payments)
        precommit.data[CHANGED].setdefault(self.id, day_before)

    def _invoice_paid_hook(self):
        result = super()._invoice_paid_hook()
        self.mapped("subscription_date_paid")
        self._record_payments()
        return result

    @api.model
    def _record_payments(self):
        """Let charges and subscriptions know which invoices have been paid, or are not any more."""
        changed = self.env.cr.precommit.data.pop(CHANGED, {})
        moves = self.sudo().browse(changed).exists()
        moves = moves.filtered(lambda move: move.subscription_date_paid != changed[move.id])
        if not moves:
            return
        moves._date_charges()
        invoices = moves.filtered(lambda move: move.move_type == "out_invoice")
        self.env["subscription.event"].sudo().create(
            [
                move._prepare_payment_event(subscription)
                for move in invoices
                if bool(move.subscription_date_paid) != bool(changed[move.id])
                for subscription in move.invoice_line_ids.subscription_id
            ]
        )

    def _date_charges(self):
        """Write the date of the payment to the charges that the moves state."""
        self.flush_recordset(["subscription_date_paid"])
        charges = self.env["subscription.charge"]
        self.env["account.move.line"].flush_model(["subscription_charge_id", "parent_state"])
        charges.flush_model(["date_paid"])
        self.env.cr.execute(
            SQL(
                """UPDATE subscription_charge charge SET date_paid = move.subscription_date_paid
                     FROM account_move_line line JOIN account_move move ON move.id = line.move_id
                    WHERE line.subscription_charge_id = charge.id
                      AND line.parent_state != 'cancel' AND move.id = ANY(%s)""",
                self.ids,
            )
        )
        charges.invalidate_model(["date_paid"])

    def _prepare_payment_event(self, subscription):
        """Values of the event of a subscription that the invoice is paid, or is not any more."""
        self.ensure_one()
        day = self.subscription_date_paid
        return {
            "subscription_id": subscription.id,
            "event_type": "invoice_paid" if day else "invoice_unpaid",
            "date_effective": day or fields.Date.context_today(self),
            "description": self.name,
            "move_id": self.id,
        }


class SubscriptionCharge(models.Model):
    _inherit = "subscription.charge"

    date_paid = fields.Date(
        "Paid on",
        readonly=True,
        copy=False,
        help="Date of the payment that settled the invoice of the charge.",
    )

    def init(self):
        result = super().init()
        self.env["account.move"]._date_former_payments()
        return result


class SubscriptionEvent(models.Model):
    _inherit = "subscription.event"

    move_id = fields.Many2one(
        "account.move", "Invoice", index="btree_not_null", ondelete="set null"
    )

    def _get_summary_text(self):
        """The day of the payment, in the language of the reader."""
        text = super()._get_summary_text()
        if self.event_type != "invoice_paid" or text != self.sudo().move_id.name:
            return text
        return self.env._(
            "%(invoice)s, on %(day)s", invoice=text, day=format_date(self.env, self.date_effective)
        )

    def _react(self):
        """Who waited for a payment may begin with it."""
        result = super()._react()
        paid = self.filtered(lambda event: event.event_type == "invoice_paid")
        for subscription in paid.subscription_id.filtered("waiting_for"):
            subscription._release_safely()
        return result


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _release_safely(self):
        """Release; what fails is shown on the subscription, and the payment is booked."""
        try:
            with self.env.cr.savepoint():
                self._release()
        except Exception as error:
            if is_conflict(error):
                raise
            _logger.info("release of %s failed", self, exc_info=True)
            self._mark_billing_failed(self.env["subscription.billing.run"], error)
