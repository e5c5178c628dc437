"""The document that asks for a deposit: no invoice, no tax, booked receivables / deposits.

It is a receipt of a journal of its own, so it has a number of its own, is paid like any other
document, and is in no VAT return. A deposit that is not paid is taken back by an entry, never by a
credit note.
"""

from odoo import fields, models
from odoo.tools import SQL


class AccountMove(models.Model):
    _inherit = "account.move"
    _keeps_bulk_invoices = True  # only what asks for deposits

    subscription_deposit_line_id = fields.Many2one(
        "subscription.line",
        "Deposit",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The deposit that the document asks for.",
    )
    is_deposit_void = fields.Boolean(
        "Deposit not Wanted any More",
        readonly=True,
        copy=False,
        help="What was not paid of the deposit has been taken back.",
    )

    _deposit_uniq = models.UniqueIndex(
        "(subscription_deposit_line_id) WHERE subscription_deposit_line_id IS NOT NULL "
        "AND state != 'cancel' AND is_deposit_void IS NOT TRUE",
        "This deposit has been asked for already.",
    )

    def _compute_type_name(self):
        result = super()._compute_type_name()
        self.filtered("subscription_deposit_line_id").type_name = self.env._("Deposit Request")
        return result

    def _has_facts_of_its_own(self):
        """What asks for a deposit must not call itself an invoice in its head either."""
        return super()._has_facts_of_its_own() or bool(self.subscription_deposit_line_id)

    def _compute_access_url(self):
        """Odoo gives receipts no page of their own."""
        result = super()._compute_access_url()
        for move in self.filtered("subscription_deposit_line_id"):
            move.access_url = f"/my/invoices/{move.id}"
        return result

    def _invoice_paid_hook(self):
        result = super()._invoice_paid_hook()
        paid = self.filtered(
            lambda move: move.subscription_deposit_line_id and not move.is_deposit_void
        )
        for request in paid.sudo():
            subscription = request.subscription_deposit_line_id.subscription_id
            subscription._log_event("deposit_paid", description=request.name)
            if subscription.waiting_for:
                subscription._release_safely()
        return result

    def _get_deposit_wallet(self):
        """The balance that the deposit is part of.

        :rtype: subscription.wallet
        """
        return self.sudo().invoice_line_ids.subscription_wallet_id


class AccountInvoiceReport(models.Model):
    _inherit = "account.invoice.report"

    def _where(self):
        """A deposit is nobody's revenue."""
        return SQL("%s AND move.subscription_deposit_line_id IS NULL", super()._where())
