"""The page on which customers see their balance and pay into it."""

from odoo import http
from odoo.exceptions import ValidationError
from odoo.http import request

from odoo.addons.payment import utils as payment_utils
from odoo.addons.subscription_base.controllers.payment_form import PaymentFormPortal

PAGE = "/my/balance"
MOST = 1_000_000


class BalancePortal(PaymentFormPortal):
    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "subscription_balance_count" in counters:
            values["subscription_balance_count"] = int(self._is_offered())
        return values

    @http.route(PAGE, type="http", auth="user", methods=["GET"], website=True, sitemap=False)
    def balance(self, amount=None, extend=None, **_kwargs):
        """The balance and its statement; with an ``amount``, the form to pay it in.

        :param extend: id of the contract for which the visitor wanted to pay from the balance.
        """
        extended = self._find_extended(extend)
        wallet = self._get_wallet(extended)
        if not self._is_offered(wallet.company_id):
            return request.redirect("/my")
        least = wallet._get_least_top_up()
        may_top_up = self._may_top_up(wallet.company_id)
        values = {
            "wallet": wallet,
            "extended": extended,
            "page_url": self._get_page_url(extended),
            "entries": wallet.entry_ids,
            "others": self._get_other_wallets(wallet),
            "page_name": "subscription_balance",
            "least": least,
            "amount_error": False,
            "may_top_up": may_top_up,
        }
        if amount is not None and may_top_up:
            values |= self._prepare_top_up(wallet, amount, least, extended)
        return request.render("subscription_prepaid.portal_balance", values)

    @http.route(
        [f"{PAGE}/transaction", f"{PAGE}/transaction/<int:extend>"], type="jsonrpc", auth="user"
    )
    def balance_transaction(self, amount, access_token, extend=None, **kwargs):
        """Create the transaction of the payment form.

        The amount is the customer's to choose, but signed; whose balance it is, is not.

        :param extend: id of the contract that is to be paid from the balance.
        """
        wallet = self._get_wallet(self._find_extended(extend))
        partner = request.env.user.partner_id
        if not self._may_top_up(wallet.company_id) or not payment_utils.check_access_token(
            access_token, partner.id, float(amount), wallet.currency_id.id
        ):
            raise ValidationError(request.env._("The access token is invalid."))
        self._validate_transaction_kwargs(kwargs)
        kwargs.update(
            amount=float(amount),
            currency_id=wallet.currency_id.id,
            partner_id=partner.id,
            reference_prefix=wallet.name,
        )
        transaction = self._create_transaction(
            custom_create_values={"subscription_wallet_id": wallet.id}, **kwargs
        )
        return transaction._get_processing_values()

    def _is_offered(self, company=None):
        return (company or request.env.company).sudo().subscription_wallet_online

    def _may_top_up(self, company=None):
        """Whether money is taken without saying what for (LAW-42)."""
        company = (company or request.env.company).sudo()
        return self._is_offered(company) and company.subscription_top_up_kind == "general"

    def _get_wallet(self, contract=None):
        """The visitor's balance, as superuser.

        :param contract: what is paid from it; the company and its currency when there is none.
        """
        customer, company = request.env.user.partner_id, request.env.company.sudo()
        currency = company.currency_id
        payer = contract and contract.partner_invoice_id.commercial_partner_id
        if payer and payer == customer.commercial_partner_id:
            company, currency = contract.company_id, contract.currency_id
        return request.env["subscription.wallet"]._get(customer, company, currency)

    @staticmethod
    def _get_page_url(extended):
        return f"{PAGE}?extend={extended.id}" if extended else PAGE

    def _find_extended(self, number):
        """The visitor's own contract of that id; empty when there is none."""
        subscriptions = request.env["subscription.subscription"].sudo()
        found = subscriptions.browse(int(number) if str(number or "").isdigit() else ()).exists()
        return found.filtered(lambda one: one._is_visible_to(request.env.user))

    def _get_other_wallets(self, wallet):
        """What else the customer has a balance of, as superuser, in any currency and company."""
        others = wallet.search(
            [
                ("partner_id", "=", wallet.partner_id.id),
                ("id", "!=", wallet.id),
                ("kind", "in", ("credit", "service", "bonus")),
            ]
        )
        return others.filtered(lambda other: other.balance and self._is_offered(other.company_id))

    def _prepare_top_up(self, wallet, amount, least, extended):
        """Values of the payment form, or what is wrong with the amount.

        :param extended: the contract for which it is paid in, if any.
        """
        number = self._read_amount(amount)
        if not (number and least <= number <= MOST):
            text = request.env._(
                "Please enter an amount of at least %s.", wallet.currency_id.format(least)
            )
            return {"amount_error": text, "amount_entered": amount}
        partner, currency = request.env.user.partner_id, wallet.currency_id
        number = currency.round(number)
        return self._prepare_payment_form(
            partner,
            wallet.company_id,
            number,
            currency,
            transaction_route=f"{PAGE}/transaction{f'/{extended.id}' if extended else ''}",
            landing_route=self._get_page_url(extended),
            access_token=payment_utils.generate_access_token(partner.id, number, currency.id),
        )

    @staticmethod
    def _read_amount(text):
        """The number that was entered, with a comma or a point; ``None`` when it is none."""
        try:
            return float(str(text).strip().replace(",", "."))
        except ValueError:
            return None
