"""The page on which a customer sees and pays a pro-forma invoice."""

from odoo import http
from odoo.exceptions import AccessError, MissingError, ValidationError
from odoo.http import request
from odoo.tools import consteq

from .payment_form import PaymentFormPortal

PAGE = "/my/subscription-proforma/<int:proforma_id>"


class ProformaPortal(PaymentFormPortal):
    @http.route(PAGE, type="http", auth="public", methods=["GET"], website=True, sitemap=False)
    def proforma(self, proforma_id, access_token=None, report_type=None, download=False, **_kwargs):
        proforma = self._get_proforma(proforma_id, access_token)
        if not proforma:
            return request.redirect("/my")
        if report_type == "pdf":
            return self._show_report(
                model=proforma,
                report_type="pdf",
                report_ref="subscription_base.action_report_proforma",
                download=bool(download),
            )
        values = {"proforma": proforma, "page_name": "subscription_proforma"}
        if proforma._can_be_paid():
            values |= self._prepare_proforma_payment(proforma)
        response = request.render("subscription_base.portal_proforma", values)
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    @http.route(f"{PAGE}/transaction", type="jsonrpc", auth="public")
    def proforma_transaction(self, proforma_id, access_token=None, **kwargs):
        """Create the transaction of the payment form.

        Who pays, how much and in which currency is not the browser's to say.
        """
        proforma = self._get_proforma(proforma_id, access_token)
        if not proforma:
            raise ValidationError(request.env._("The access token is invalid."))
        if not proforma._can_be_paid():
            raise ValidationError(request.env._("Nothing is to be paid any more."))
        self._validate_transaction_kwargs(kwargs)
        kwargs.update(
            amount=proforma.amount_due,
            currency_id=proforma.currency_id.id,
            partner_id=self._get_payer(proforma).id,
            reference_prefix=proforma.name,
        )
        transaction = self._create_transaction(
            custom_create_values={"subscription_proforma_id": proforma.id}, **kwargs
        )
        return transaction._get_processing_values()

    def _get_proforma(self, proforma_id, access_token):
        """The pro-forma invoice, if the visitor has its token or is its customer.

        :return: the record as superuser; empty when the visitor may not see it.
        """
        try:
            proforma = request.env["subscription.proforma"].sudo().browse(proforma_id).exists()
        except (AccessError, MissingError):
            return request.env["subscription.proforma"]
        token = proforma.access_token
        if token and access_token and consteq(token, access_token):
            return proforma
        user, customer = request.env.user, proforma.partner_id.commercial_partner_id
        is_customer = not user._is_public() and user.partner_id.commercial_partner_id == customer
        return proforma if is_customer else proforma.browse()

    def _get_payer(self, proforma):
        user = request.env.user
        return proforma.partner_id if user._is_public() else user.partner_id

    def _prepare_proforma_payment(self, proforma):
        """Values of the payment form."""
        return self._prepare_payment_form(
            self._get_payer(proforma),
            proforma.company_id,
            proforma.amount_due,
            proforma.currency_id,
            transaction_route=proforma.get_portal_url(suffix="/transaction"),
            landing_route=proforma.get_portal_url(),
            access_token=proforma._portal_ensure_token(),
        )
