from odoo import api, fields, models
from odoo.tools import SQL

UNRESOLVED = ("scheduled", "asked", "unknown", "pending", "authorized")
STATES = [
    ("scheduled", "To be asked"),
    ("asked", "Waiting for an answer"),
    ("unknown", "No answer"),
    ("pending", "Pending"),
    ("authorized", "Authorized"),
    ("succeeded", "Succeeded"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
]
BY_TRANSACTION = {
    "pending": "pending",
    "authorized": "authorized",
    "done": "succeeded",
    "error": "failed",
    "cancel": "cancelled",
}
TAKEN_OVER = {"store": True, "precompute": True, "readonly": True}


class SubscriptionPaymentAttempt(models.Model):
    """One try to collect an invoice by the saved payment method.

    The money is the transaction's matter: amount, method and outcome are read from it, so that
    there is one truth. The attempt adds what the transaction cannot know: its number, when the
    provider may have been asked, and that no answer came.

    At most one attempt of an invoice is unresolved, and the numbers of an invoice are unique: the
    database sees to it, so that two processes never charge the same invoice.
    """

    _name = "subscription.payment.attempt"
    _description = "Payment Attempt"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "idempotency_key"
    _mail_post_access = "read"

    move_id = fields.Many2one(
        "account.move", "Invoice", required=True, readonly=True, ondelete="restrict"
    )
    subscription_ids = fields.Many2many(
        "subscription.subscription",
        "subscription_payment_attempt_rel",
        "attempt_id",
        "subscription_id",
        "Subscriptions",
        readonly=True,
    )
    transaction_id = fields.Many2one(
        "payment.transaction", required=True, readonly=True, ondelete="restrict"
    )
    number = fields.Integer("Attempt", required=True, readonly=True, aggregator=None)
    idempotency_key = fields.Char(
        related="transaction_id.reference",
        **TAKEN_OVER,
        help="Reference of the payment, made from the invoice and the number of the attempt. The "
        "provider recognises a repeated request by it.",
    )
    state = fields.Selection(
        STATES, "Status", compute="_compute_state", store=True, precompute=True, index=True
    )
    company_id = fields.Many2one(related="move_id.company_id", **TAKEN_OVER, index=True)
    partner_id = fields.Many2one(
        string="Customer", related="transaction_id.partner_id", **TAKEN_OVER, index=True
    )
    provider_id = fields.Many2one(related="transaction_id.provider_id", **TAKEN_OVER)
    token_id = fields.Many2one(
        string="Payment Method", related="transaction_id.token_id", **TAKEN_OVER
    )
    currency_id = fields.Many2one(related="transaction_id.currency_id", **TAKEN_OVER)
    amount = fields.Monetary(related="transaction_id.amount", **TAKEN_OVER)
    reason = fields.Text(
        string="Reason",
        related="transaction_id.state_message",
        help="What the provider, or the system, said.",
    )
    date_asked = fields.Datetime(
        "Asked on", readonly=True, help="When the provider may have been asked."
    )
    date_answered = fields.Datetime("Answered on", compute="_compute_date_answered")
    is_unanswered = fields.Boolean("Without Answer", readonly=True)
    hold_until = fields.Date(
        readonly=True,
        help="Until this day the invoice stays a draft, so that the customer can pay otherwise.",
    )
    reported_state = fields.Char(
        readonly=True, help="The last state that subscriptions and users have been told."
    )
    run_id = fields.Many2one(
        "subscription.billing.run", "Billing Run", readonly=True, index="btree_not_null"
    )
    user_id = fields.Many2one(
        "res.users", "Started by", readonly=True, default=lambda self: self.env.user
    )

    _open_uniq = models.UniqueIndex(
        f"(move_id) WHERE state IN {UNRESOLVED}",
        "A payment attempt for this invoice is not resolved yet.",
    )
    _number_uniq = models.UniqueIndex(
        "(move_id, number)", "This payment attempt has been made already."
    )
    _key_uniq = models.UniqueIndex(
        "(idempotency_key)", "A payment attempt with this key has been made already."
    )
    _transaction_uniq = models.UniqueIndex(
        "(transaction_id)", "A payment transaction belongs to one payment attempt."
    )
    _to_report_idx = models.Index("(id) WHERE reported_state IS DISTINCT FROM state")

    @api.depends("transaction_id.state", "date_asked", "is_unanswered")
    def _compute_state(self):
        for attempt in self:
            state = attempt.transaction_id.state
            attempt.state = BY_TRANSACTION.get(state) or (
                "unknown"
                if attempt.is_unanswered
                else "asked"
                if attempt.date_asked
                else "scheduled"
            )

    @api.depends("transaction_id.last_state_change", "state")
    def _compute_date_answered(self):
        for attempt in self:
            transaction = attempt.transaction_id.sudo()
            attempt.date_answered = transaction.state != "draft" and transaction.last_state_change

    @api.model
    def _schedule(self, moves, run=None):
        """Record one attempt for each of the invoices, before anybody is asked for money.

        :param run: the billing run that collects; empty for a user who does.
        :return: the attempts, in the order of ``moves``.
        """
        numbers = dict(
            self.sudo()._read_group([("move_id", "in", moves.ids)], ["move_id"], ["number:max"])
        )
        numbers = {move: numbers.get(move, 0) + 1 for move in moves}
        Transaction = self.env["payment.transaction"].sudo()
        transactions = [  # one by one: Odoo checks the token of a single transaction only
            Transaction.create(move._prepare_collection_values(numbers[move])) for move in moves
        ]
        quiet = self.sudo().with_context(tracking_disable=True)
        attempts = quiet.create(
            [
                {
                    "move_id": move.id,
                    "number": numbers[move],
                    "transaction_id": transaction.id,
                    "subscription_ids": move.invoice_line_ids.subscription_id.ids,
                    "run_id": run.id if run else False,
                }
                for move, transaction in zip(moves, transactions, strict=True)
            ]
        )
        moves._mark_payment_begun()
        return self.sudo().browse(attempts.ids)

    @api.model
    def _unfinished_condition(self):
        """SQL condition on ``attempt``, ``transaction`` and ``provider``: to be taken up again.

        A killed process has left them. An unanswered question is left alone at first: its process
        may still be waiting.
        """
        return SQL(
            """CASE attempt.state
                 WHEN 'scheduled' THEN TRUE
                 WHEN 'asked' THEN attempt.date_asked < %s OR %s
                 WHEN 'unknown' THEN %s
                 WHEN 'authorized' THEN transaction.is_post_processed IS NOT TRUE
                 WHEN 'succeeded' THEN transaction.is_post_processed IS NOT TRUE
                 WHEN 'cancelled' THEN attempt.date_asked IS NULL
                 ELSE FALSE
               END""",
            self._get_patience_end(),
            self.env["payment.transaction"]._repeatable_condition(),
            self.env["payment.transaction"]._repeatable_condition(),
        )
