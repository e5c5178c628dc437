"""Requests whose outcome is unknown, and orders whose customers have to save a payment method."""

import requests
from urllib3.exceptions import NameResolutionError, NewConnectionError

from odoo import models
from odoo.exceptions import UserError, ValidationError

COLLECTING = "subscription_collecting"
#: Timed out, the same key is being processed, too early: by themselves no word about the payment.
UNDECIDED = (408, 409, 425)


class NoAnswer(UserError):
    """The provider was asked; whether it has carried out the payment is not known."""


class NotReached(UserError):
    """The request never got to the provider, so that nothing can have been paid."""


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    def _send_api_request(self, *args, **kwargs):
        """Odoo takes a request without an answer for a refused one, and so would charge again.

        :raises NoAnswer: instead, when a subscription is collected and the answer is missing.
        :raises NotReached: when it is certain that the request did not arrive.
        """
        try:
            return super()._send_api_request(*args, **kwargs)
        except ValidationError as error:
            if not self.env.context.get(COLLECTING):
                raise
            cause = error.__context__
            if self._is_unreached(cause):
                raise NotReached(str(error)) from error
            if self._is_silent(cause):
                raise NoAnswer(str(error)) from error
            raise

    def _is_unreached(self, cause):
        """Whether no connection came about at all."""
        if isinstance(cause, requests.exceptions.ConnectTimeout):
            return True
        reason = getattr(cause.args[0], "reason", None) if cause and cause.args else None
        return isinstance(reason, NewConnectionError | NameResolutionError)

    def _is_silent(self, cause):
        """Whether the connection broke off, or the provider failed in the middle of its work.

        Who recognises a repeated request may also say that the first one is not decided.
        """
        if isinstance(cause, requests.exceptions.HTTPError):
            status = cause.response.status_code if cause.response is not None else 0
            recognises = self.code in self.env["payment.transaction"]._get_repeatable_codes()
            return status >= 500 or (recognises and status in UNDECIDED)
        return isinstance(cause, requests.exceptions.ConnectionError | requests.exceptions.Timeout)

    def _is_tokenization_required(self, *, sale_order_id=None, **kwargs):
        """Who orders a plan that is collected automatically saves the payment method."""
        order = self.env["sale.order"].sudo().browse(sale_order_id or ()).exists()
        return order._requires_payment_method() or super()._is_tokenization_required(
            sale_order_id=sale_order_id, **kwargs
        )
