from odoo import api, fields, models

from ..models.subscription_reversal import REVERSALS


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    has_subscription = fields.Boolean(compute="_compute_has_subscription")
    subscription_reversal = fields.Selection(
        REVERSALS,
        "Subscription",
        default="waive",
        required=True,
        help="What the credit note means for the subscription: the customer does not owe what is "
        "credited, or the next billing charges it again with what is agreed then.",
    )

    @api.depends("move_ids")
    def _compute_has_subscription(self):
        for wizard in self:
            wizard.has_subscription = bool(wizard.move_ids.invoice_line_ids.subscription_charge_id)

    def _prepare_default_reversal(self, move):
        return super()._prepare_default_reversal(move) | {
            "subscription_reversal": self.subscription_reversal
        }

    def reverse_moves(self, is_modify=False):
        """The invoice that replaces the reversed one states its charges; nothing bills them."""
        if is_modify:
            self.subscription_reversal = "rebill"
        action = super().reverse_moves(is_modify)
        if is_modify:
            self.new_move_ids._state_subscription_charges_again()
        return action
