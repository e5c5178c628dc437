from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    subscription_policy = fields.Selection(
        [("draft", "Leave as draft"), ("post", "Post"), ("send", "Post and send")],
        readonly=True,
        copy=False,
        help="What the billing run does with the invoice.",
    )
    subscription_error = fields.Text(readonly=True, copy=False)
    subscription_ids = fields.Many2many(
        "subscription.subscription", compute="_compute_subscription_ids"
    )
    subscription_count = fields.Integer(compute="_compute_subscription_ids")

    _subscription_to_post_idx = models.Index(
        "(id) WHERE state = 'draft' AND subscription_policy IN ('post', 'send')"
    )
    _subscription_to_send_idx = models.Index(
        "(id) WHERE state = 'posted' AND subscription_policy = 'send' "
        "AND is_move_sent IS NOT TRUE AND sending_data IS NULL"
    )
    _subscription_open_idx = models.Index(
        "(id) WHERE state = 'posted' AND move_type = 'out_invoice' "
        "AND payment_state IN ('not_paid', 'partial') AND subscription_policy IS NOT NULL"
    )

    @api.depends("invoice_line_ids.subscription_id")
    def _compute_subscription_ids(self):
        for move in self:
            move.subscription_ids = move.invoice_line_ids.subscription_id
            move.subscription_count = len(move.subscription_ids)

    def unlink(self):
        """Charges of a deleted draft are open again: the next billing run invoices them."""
        subscriptions = self.invoice_line_ids.subscription_id
        result = super().unlink()
        subscriptions.sudo()._reopen_billing()
        return result

    def button_draft(self):
        """What has been taken back by hand is posted by hand; its charges are on it only once."""
        for move in self.filtered(lambda move: move.state == "cancel"):
            charges = move.invoice_line_ids.subscription_charge_id.sudo()
            lines = charges.move_line_ids.filtered(lambda line: line.parent_state != "cancel")
            if elsewhere := lines.move_id - move:
                raise UserError(
                    self.env._(
                        "The charges of %(move)s have been invoiced again: see %(other)s.",
                        move=move.display_name,
                        other=elsewhere[0].display_name,
                    )
                )
        result = super().button_draft()
        self.filtered("subscription_policy").subscription_policy = "draft"
        return result

    def button_cancel(self):
        result = super().button_cancel()
        self.invoice_line_ids.subscription_id.sudo()._reopen_billing()
        return result

    def _get_subscription_invoice_action(self):
        """The action that shows the invoices; a single one opens by itself."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        if len(self) == 1:
            return action | {
                "views": [(self.env.ref("account.view_move_form").id, "form")],
                "res_id": self.id,
            }
        return action | {"domain": [("id", "in", self.ids)], "context": {"create": False}}

    def action_view_subscriptions(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "subscription_base.subscription_subscription_action"
        )
        if self.subscription_count == 1:
            return action | {"views": [(False, "form")], "res_id": self.subscription_ids.id}
        return action | {"domain": [("id", "in", self.subscription_ids.ids)], "context": {}}
