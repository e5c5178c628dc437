"""Invoices that are being collected are not paid in the portal as well."""

from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.http import request, route

from odoo.addons.account_payment.controllers.payment import PaymentPortal
from odoo.addons.account_payment.controllers.portal import PortalAccount

from ..models.subscription_payment_attempt import UNRESOLVED


class InvoicePaymentPortal(PaymentPortal):
    def _process_transaction(self, partner_id, currency_id, invoice_ids, *args, **kwargs):
        request.env["account.move"].sudo().browse(invoice_ids)._begin_online_payment()
        return super()._process_transaction(partner_id, currency_id, invoice_ids, *args, **kwargs)

    @route()
    def overdue_invoices_transaction(self, payment_reference, amount=0.0, **kwargs):
        """What has begun to be collected since the page was opened is not paid, either."""
        if not request.env.user._is_public():
            overdue = request.env["account.move"].search(self._get_overdue_invoices_domain())
            residual = sum(overdue.mapped("amount_residual"))
            if not overdue or overdue.currency_id[:1].compare_amounts(amount, residual) > 0:
                raise ValidationError(
                    request.env._("What is to be paid has changed. Open the page again.")
                )
        return super().overdue_invoices_transaction(payment_reference, amount=amount, **kwargs)


class InvoicePortal(PortalAccount):
    def _get_overdue_invoices_domain(self, partner_id=None):
        collected = Domain("payment_attempt_ids", "any!", [("state", "in", UNRESOLVED)])
        return Domain(super()._get_overdue_invoices_domain(partner_id)) & ~collected
