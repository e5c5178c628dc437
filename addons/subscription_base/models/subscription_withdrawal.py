"""Declared withdrawals: kept as they were received, append-only."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

CHANNELS = [
    ("page", "Withdrawal page"),
    ("portal", "Customer portal"),
    ("email", "E-mail"),
    ("letter", "Letter"),
    ("phone", "Phone"),
    ("other", "Otherwise"),
]
#: What is known with the declaration, and never changes.
DECLARED_FIELDS = {
    "subscription_id", "received_at", "declared_by", "email", "content", "channel", "user_id",
    "withdrawal_until", "is_late", "early_start", "date_last_used", "refund_deadline",
}  # fmt: skip


class SubscriptionWithdrawal(models.Model):
    _name = "subscription.withdrawal"
    _description = "Withdrawal of a Consumer"
    _inherit = ["mail.thread"]
    _mail_post_access = "read"
    _order = "received_at desc, id desc"

    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="subscription_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="subscription_id.currency_id")
    partner_id = fields.Many2one(related="subscription_id.partner_id", string="Customer")
    received_at = fields.Datetime("Received", required=True, readonly=True)
    declared_by = fields.Char("Declared by", readonly=True)
    email = fields.Char("E-mail", readonly=True)
    content = fields.Text("What Was Declared", readonly=True)
    channel = fields.Selection(
        CHANNELS,
        "Received by",
        default="other",
        required=True,
        readonly=True,
    )
    user_id = fields.Many2one("res.users", "Recorded by", required=True, readonly=True)
    withdrawal_until = fields.Date("Was Possible until", readonly=True)
    is_late = fields.Boolean("Accepted although Late", readonly=True)
    early_start = fields.Boolean("Early Start Requested", readonly=True)
    date_last_used = fields.Date(
        "Charged until",
        readonly=True,
        help="Last day that the customer pays for; empty for none.",
    )
    credit_ids = fields.Many2many("account.move", string="Credit Notes", readonly=True)
    refund_amount = fields.Monetary("To Be Refunded", readonly=True)
    refund_means = fields.Char(
        "By", readonly=True, help="The means by which the customer has paid."
    )
    refund_deadline = fields.Date("Refund by", required=True, readonly=True)
    is_refunded = fields.Boolean("Refunded", compute="_compute_is_refunded", compute_sudo=True)
    refund_state = fields.Selection(
        [
            ("none", "Nothing to refund"),
            ("open", "To refund"),
            ("refunded", "Refunded"),
            ("set_off", "Set off"),
        ],
        "Refund",
        compute="_compute_is_refunded",
        compute_sudo=True,
        help="Set off: the credit notes have settled invoices, and no money went back.",
    )
    confirmed_on = fields.Datetime(
        "Receipt Confirmed", readonly=True, help="When the receipt was confirmed to the consumer."
    )

    @api.depends("credit_ids.payment_state")
    def _compute_is_refunded(self):
        for withdrawal in self:
            open_ones = withdrawal.credit_ids.filtered(lambda move: move.amount_residual > 0)
            withdrawal.is_refunded = bool(withdrawal.refund_amount and not open_ones)
            withdrawal.refund_state = withdrawal._get_refund_state(open_ones)

    def _get_refund_state(self, open_ones):
        if not self.refund_amount:
            return "none"
        if open_ones:
            return "open"
        receivable = self.credit_ids.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        settled = receivable.matched_debit_ids.debit_move_id.move_id
        only_invoices = settled and all(move.is_invoice() for move in settled)
        return "set_off" if only_invoices else "refunded"

    @api.depends("subscription_id", "received_at")
    def _compute_display_name(self):
        for withdrawal in self:
            withdrawal.display_name = self.env._(
                "Withdrawal from %(subscription)s on %(day)s",
                subscription=withdrawal.subscription_id.name,
                day=format_date(self.env, withdrawal.received_at),
            )

    def _confirm_receipt(self, moment=None):
        """Keep when the receipt was confirmed to the consumer (§ 356a (4) BGB)."""
        self.filtered(lambda w: not w.confirmed_on).confirmed_on = moment or fields.Datetime.now()

    def write(self, vals):
        if DECLARED_FIELDS & vals.keys():
            raise UserError(self.env._("What was declared stays as it was received."))
        return super().write(vals)

    def action_view_subscription(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "subscription.subscription",
            "view_mode": "form",
            "res_id": self.subscription_id.id,
        }

    def action_view_credits(self):
        return self.credit_ids._get_subscription_invoice_action()
