"""The customer agrees to automatic top-ups of the balance, and switches them off."""

import psycopg2

from odoo import http
from odoo.exceptions import UserError, ValidationError
from odoo.http import request

from .portal_balance import MOST, PAGE, BalancePortal

RECHARGE_PAGE = f"{PAGE}/recharge"
PERIOD_DAYS = 30


class RechargePortal(BalancePortal):
    @http.route(
        RECHARGE_PAGE, type="http", auth="user", methods=["GET"], website=True, sitemap=False
    )
    def recharge(self, **values):
        """What is agreed, or the form; then the consent to be given. Nothing is written."""
        if not self._may_top_up():
            return request.redirect("/my")
        return self._show_recharge(values)

    @http.route(
        RECHARGE_PAGE, type="http", auth="user", methods=["POST"], website=True, sitemap=False
    )
    def recharge_agree(self, consent=None, **values):
        """Agree to what was shown."""
        if not self._may_top_up():
            return request.redirect("/my")
        wallet, partner = self._get_wallet(), request.env.user.partner_id
        choice, error = self._read_choice(wallet, values)
        if not error and not consent:
            error = request.env._("Please tick the box to agree.")
        if error:
            return self._show_recharge(values, error)
        try:
            with request.env.cr.savepoint():
                request.env["subscription.recharge"]._agree(wallet, partner, **choice)
        except (UserError, ValidationError, psycopg2.IntegrityError) as failure:
            is_message = isinstance(failure, UserError)
            return self._show_recharge(values, str(failure) if is_message else None)
        return request.redirect(RECHARGE_PAGE, code=303)

    @http.route(
        f"{RECHARGE_PAGE}/off", type="http", auth="user", methods=["POST"], website=True,
        sitemap=False,
    )  # fmt: skip
    def recharge_off(self, **_values):
        """Switch it off at once."""
        agreement = self._get_wallet().recharge_id
        agreement._end(request.env._("By the customer"))
        return request.redirect(RECHARGE_PAGE, code=303)

    def _get_tokens(self, wallet):
        """The visitor's saved payment methods that can be charged."""
        tokens = request.env["payment.token"].sudo()
        own = tokens.search(
            [
                ("partner_id", "=", request.env.user.partner_id.id),
                ("company_id", "in", wallet.company_id.parent_ids.ids),
            ]
        )
        return own.filtered(lambda token: token._is_chargeable(wallet.company_id))

    def _read_choice(self, wallet, values):
        """What was chosen, and what is wrong with it.

        :rtype: tuple[dict, str]
        """
        numbers = {}
        for name in ("threshold", "amount", "limit"):
            text = values.get(name) or ("0" if name == "limit" else "")
            number = self._read_amount(text)
            if number is None or not 0 <= number <= MOST:
                return {}, request.env._("Please enter amounts of at least zero.")
            numbers[name] = wallet.currency_id.round(number)
        least = max(wallet.company_id.subscription_wallet_minimum, 0.01)
        if numbers["amount"] < least:
            return {}, request.env._(
                "Please enter an amount of at least %s.", wallet.currency_id.format(least)
            )
        if numbers["limit"] and numbers["limit"] < numbers["amount"]:
            return {}, request.env._("The limit must not be below the amount.")
        token = self._get_tokens(wallet).filtered(
            lambda token: str(token.id) == str(values.get("token"))
        )
        if not token:
            return {}, request.env._("Please choose a payment method.")
        return {**numbers, "token": token, "period_days": PERIOD_DAYS}, ""

    def _show_recharge(self, values, error=None):
        wallet = self._get_wallet()
        chosen = {name: values.get(name, "") for name in ("threshold", "amount", "limit", "token")}
        consent = None
        if any(chosen.values()):
            choice, wrong = self._read_choice(wallet, values)
            error = error or wrong
            if choice:
                consent = request.env["subscription.recharge"]._get_consent_text(wallet, **choice)
        page = {
            "wallet": wallet,
            "agreement": wallet.recharge_id,
            "tokens": self._get_tokens(wallet),
            "chosen": chosen,
            "consent": consent,
            "error": error,
            "page_name": "subscription_balance",
            "least": wallet.company_id.subscription_wallet_minimum,
        }
        return request.render("subscription_prepaid.portal_recharge", page)
