"""The receipt of a general top-up: no invoice, no VAT; sent once, and kept with the payment."""

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from .balance_kinds import SPENDABLE_KINDS

_logger = logging.getLogger(__name__)

CRON = "subscription_prepaid.ir_cron_top_up_receipts"
REPORT = "subscription_prepaid.report_top_up_receipt"
TEMPLATE = "subscription_prepaid.mail_template_top_up_receipt"


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_top_up_receipts = fields.Boolean(
        "Send Receipts for Top-Ups",
        default=True,
        help="Customers get a receipt by e-mail when money has come into their balance.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_top_up_receipts = fields.Boolean(
        related="company_id.subscription_top_up_receipts", readonly=False
    )


class AccountMove(models.Model):
    _inherit = "account.move"

    subscription_receipt = fields.Selection(
        [("due", "To be sent"), ("sent", "Sent"), ("made", "Not sent: no e-mail address")],
        "Receipt of the Top-Up",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )

    def _get_top_up(self):
        """The entry by which the move adds to what a customer can spend; empty for none.

        :rtype: subscription.wallet.entry
        """
        self.ensure_one()
        item = self.line_ids.filtered(
            lambda line: (
                line.subscription_wallet_id.sudo().kind in SPENDABLE_KINDS
                and line.amount_currency < 0
            )
        )[:1]
        return self.env["subscription.wallet.entry"].sudo()._of_item(item)

    def _ask_for_top_up_receipt(self):
        """Let the job send a receipt for what has been paid in, each once."""
        due = self.sudo().filtered(
            lambda move: (
                move.state == "posted"
                and not move.subscription_receipt
                and move.company_id.subscription_top_up_receipts
                and move._get_top_up()
            )
        )
        if due:
            due.subscription_receipt = "due"
            self.env.ref(CRON).sudo()._trigger()

    @api.model
    def _cron_send_top_up_receipts(self):
        """Send what is due; what cannot be sent is left to a person and stops nobody else."""
        moves = self.search([("subscription_receipt", "=", "due")], order="id")
        commit = self.env["ir.cron"]._commit_progress
        commit(remaining=len(moves))
        for move in moves:
            try:
                with self.env.cr.savepoint():
                    move.with_company(move.company_id)._send_top_up_receipt()
            except Exception as error:
                _logger.warning("the receipt of %s failed", move, exc_info=True)
                move._note_failed_receipt(error)
            if not commit(1):
                break

    def _send_top_up_receipt(self):
        """Keep the receipt with the payment and send it, unless somebody else does."""
        self.ensure_one()
        if not self.try_lock_for_update(allow_referencing=True):
            return
        if self.subscription_receipt != "due" or self.state != "posted":
            return
        entry = self._get_top_up()
        attachment = self._attach_top_up_receipt(entry)
        has_address = bool(entry.partner_id.email)
        self.subscription_receipt = "sent" if has_address else "made"
        if has_address:
            self.env.ref(TEMPLATE).send_mail(
                entry.id, email_values={"attachment_ids": attachment.ids}
            )

    def _attach_top_up_receipt(self, entry):
        """The receipt as a file of the payment, or of the entry where there is no payment.

        :rtype: ir.attachment
        """
        lang = entry.partner_id.lang or self.env.lang
        content, kind = self.env["ir.actions.report"].sudo()._render_qweb_pdf(REPORT, entry.ids)
        name = self.with_context(lang=lang).env._("Balance top-up %s", self.name)
        owner = self.origin_payment_id or self
        return (
            self.env["ir.attachment"]
            .sudo()
            .create(
                {
                    "name": f"{name.replace('/', '-')}.{kind}",
                    "raw": content,
                    "res_model": owner._name,
                    "res_id": owner.id,
                }
            )
        )

    def _note_failed_receipt(self, error):
        self.subscription_receipt = False
        self._get_top_up().wallet_id.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=self.env._("The receipt of %s could not be sent", self.name),
            note=str(error),
        )


class AccountPayment(models.Model):
    _inherit = "account.payment"

    has_top_up_receipt = fields.Boolean(compute="_compute_has_top_up_receipt", compute_sudo=True)

    @api.depends("subscription_wallet_id", "payment_type", "move_id.state")
    def _compute_has_top_up_receipt(self):
        for payment in self:
            payment.has_top_up_receipt = bool(payment._get_top_up_move())

    def _get_top_up_move(self):
        """The entry that credits the balance with the payment; empty when there is none (yet)."""
        self.ensure_one()
        move = self.move_id.sudo()
        is_top_up = self.subscription_wallet_id and self.payment_type == "inbound"
        is_credited = is_top_up and move.state == "posted" and move._get_top_up()
        return move if is_credited else move.browse()

    def action_post(self):
        result = super().action_post()
        for payment in self.filtered("subscription_wallet_id"):
            payment._get_top_up_move()._ask_for_top_up_receipt()
        return result

    def action_print_top_up_receipt(self):
        """The receipt for the customer, once more."""
        self.check_access("read")
        entries = self.env["subscription.wallet.entry"].sudo()
        for payment in self:
            move = payment._get_top_up_move()
            if not move:
                raise UserError(self.env._("%s has not come into a balance.", payment.display_name))
            entries |= move._get_top_up()
        return self.env.ref("subscription_prepaid.action_report_top_up_receipt").report_action(
            entries.ids
        )
