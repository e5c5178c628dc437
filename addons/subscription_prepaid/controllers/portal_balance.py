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
        if not self._is_offered():
            return request.redirect("/my")
        wallet, company = self._get_wallet(), request.env.company.sudo()
        least = company.subscription_wallet_minimum
        extended = self._find_extended(extend)
        page_url = f"{PAGE}?extend={extended.id}" if extended else PAGE
        values = {
            "wallet": wallet,
            "extended": extended,
            "page_url": page_url,
            "entries": wallet.entry_ids,
            "others": self._get_other_wallets(wallet),
            "page_name": "subscription_balance",
            "least": least,
            "amount_error": False,
            "may_top_up": self._may_top_up(),
        }
        if amount is not None and self._may_top_up():
            values |= self._prepare_top_up(wallet, amount, least, page_url)
        return request.render("subscription_prepaid.portal_balance", values)

    @http.route(f"{PAGE}/transaction", type="jsonrpc", auth="user")
    def balance_transaction(self, amount, access_token, **kwargs):
        """Create the transaction of the payment form.

        The amount is the customer's to choose, but signed; whose balance it is, is not.
        """
        wallet = self._get_wallet() if self._may_top_up() else None
        partner = request.env.user.partner_id
        if not wallet or not payment_utils.check_access_token(
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

    def _is_offered(self):
        return request.env.company.sudo().subscription_wallet_online

    def _may_top_up(self):
        """Whether money is taken without saying what for (LAW-42)."""
        company = request.env.company.sudo()
        return self._is_offered() and company.subscription_top_up_kind == "general"

    def _get_wallet(self):
        """The visitor's balance in the company's currency, as superuser."""
        company = request.env.company.sudo()
        return request.env["subscription.wallet"]._get(
            request.env.user.partner_id, company, company.currency_id
        )

    def _find_extended(self, number):
        """The visitor's own contract of that id; empty when there is none."""
        subscriptions = request.env["subscription.subscription"].sudo()
        found = subscriptions.browse(int(number) if str(number or "").isdigit() else ()).exists()
        return found.filtered(lambda one: one._is_visible_to(request.env.user))

    def _get_other_wallets(self, wallet):
        """What else the customer has a balance of, as superuser: service credit and bonus."""
        others = wallet.search(
            [
                ("partner_id", "=", wallet.partner_id.id),
                ("company_id", "=", wallet.company_id.id),
                ("kind", "in", ("service", "bonus")),
            ]
        )
        return others.filtered(lambda other: other.balance)

    def _prepare_top_up(self, wallet, amount, least, landing_url):
        """Values of the payment form, or what is wrong with the amount.

        :param str landing_url: the page to come back to once it is paid.
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
            transaction_route=f"{PAGE}/transaction",
            landing_route=landing_url,
            access_token=payment_utils.generate_access_token(partner.id, number, currency.id),
        )

    @staticmethod
    def _read_amount(text):
        """The number that was entered, with a comma or a point; ``None`` when it is none."""
        try:
            return float(str(text).strip().replace(",", "."))
        except ValueError:
            return None
