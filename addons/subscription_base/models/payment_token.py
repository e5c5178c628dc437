"""Saved payment methods: until when they can be charged, and which subscriptions rest on them."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, date_utils

LAST_DIGITS = 4  # of a card, which is all that providers tell


class PaymentToken(models.Model):
    _inherit = "payment.token"

    expires_on = fields.Date(
        "Valid until",
        help="Last day on which the payment method can be charged: the end of the month that a "
        "card bears. Empty when it does not expire, or when the provider does not tell.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._to_month_end(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._to_month_end(vals))

    @api.model
    def _to_month_end(self, vals):
        """A card is valid until the end of its month, whatever day was given."""
        if not vals.get("expires_on"):
            return vals
        day = fields.Date.to_date(vals["expires_on"])
        return vals | {"expires_on": date_utils.end_of(day, "month")}

    @api.model
    def _chargeable_condition(self, company):
        """SQL condition on ``token`` and ``provider``, as :meth:`_is_chargeable`."""
        return SQL(
            """token.active AND provider.state != 'disabled'
               AND (token.expires_on IS NULL OR token.expires_on >= %s)""",
            self.env["subscription.billing.run"]._get_today(company),
        )

    def _is_chargeable(self, company):
        """Whether the payment method can be charged today, in the time zone of ``company``."""
        self.ensure_one()
        today = self.env["subscription.billing.run"]._get_today(company)
        return bool(
            self.active
            and self.provider_id.state != "disabled"
            and (not self.expires_on or self.expires_on >= today)
        )

    def _get_message_name(self):
        """The method and its last digits, as messages to the customer name it.

        :rtype: str
        """
        self.ensure_one()
        digits = self.payment_details or ""
        is_end = digits.isdigit() and len(digits) == LAST_DIGITS
        text = f"•••• {digits}" if is_end else self.display_name
        return f"{self.payment_method_id.name} {text}"

    def _get_subscriptions(self):
        """The subscriptions, not closed, whose invoices are charged to these payment methods."""
        return (
            self.env["subscription.subscription"]
            .sudo()
            .search(Domain("payment_token_id", "in", self.ids) & Domain("state", "!=", "closed"))
        )

    def get_linked_records_info(self):
        """Add the subscriptions that a customer ought to think of before removing the method."""
        return super().get_linked_records_info() + [
            {
                "description": self.env._("Subscription"),
                "id": subscription.id,
                "name": subscription.name,
                "url": subscription.access_url,
            }
            for subscription in self._get_subscriptions()
        ]

    def _handle_archiving(self):
        """Subscriptions keep the removed method, so that their invoices are sent instead."""
        result = super()._handle_archiving()
        for subscription in self._get_subscriptions():
            subscription._note_payment_method_lost(
                self.env._(
                    "%s was removed; invoices are paid by the customer from now on.",
                    subscription.payment_token_id.display_name,
                )
            )
        return result
