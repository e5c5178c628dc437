"""Odoo's payment form on pages of our own."""

from odoo.http import request

from odoo.addons.payment.controllers.portal import PaymentPortal


class PaymentFormPortal(PaymentPortal):
    def _prepare_payment_form(self, payer, company, amount, currency, **page):
        """Values of the payment form.

        :param payer: ``res.partner`` who pays.
        :param company: ``res.company`` that is paid.
        :param float amount: in the currency.
        :param currency: ``res.currency``.
        :param page: ``transaction_route``, ``landing_route`` and ``access_token``.
        :rtype: dict
        """
        env, report = request.env(su=True), {}
        found = {"currency_id": currency.id, "report": report}
        providers = env["payment.provider"]._get_compatible_providers(
            company.id, payer.id, amount, **found
        )
        methods = env["payment.method"]._get_compatible_payment_methods(
            providers.ids, payer.id, **found
        )
        return {
            "company_mismatch": not self._can_partner_pay_in_company(payer, company),
            "expected_company": company,
            "show_tokenize_input_mapping": self._compute_show_tokenize_input_mapping(providers),
            "amount": amount,
            "currency": currency,
            "partner_id": payer.id,
            "providers_sudo": providers,
            "payment_methods_sudo": methods,
            "tokens_sudo": env["payment.token"]._get_available_tokens(providers.ids, payer.id),
            "availability_report": report,
            **page,
            **self._get_extra_payment_form_values(),
        }
