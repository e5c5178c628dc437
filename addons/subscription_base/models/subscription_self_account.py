"""Self-service: the payment method and the addresses."""

from odoo import models

from .subscription_self_service import SelfPreview

ADDRESSES = ("partner_invoice_id", "partner_shipping_id")


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    # Payment method

    def _get_self_tokens(self):
        """The saved payment methods that the visitor may use for the subscription.

        Those of the person who has logged in and of the customer that the plan allows.
        """
        visitor, customer = self.env.user.partner_id, self.partner_id.commercial_partner_id
        if visitor.commercial_partner_id != customer:
            return self.env["payment.token"]
        tokens = (
            self.env["payment.token"]
            .sudo()
            .search([("partner_id", "in", (visitor | self.partner_id | customer).ids)])
        )
        return tokens.filtered(lambda token: not self._get_payment_method_refusal(token))

    def _self_payment_obstacle(self):
        if self.plan_id.collection_method == "invoice":
            return self.env._("This plan is paid by invoice.")
        return ""

    def _self_payment_choose(self, values):
        tokens = self._get_self_tokens() - self.payment_token_id
        token = self._get_self_record(tokens, values.get("token"))
        return {"token": token.id} if token else None

    def _self_payment_preview(self, choice):
        token = self.env["payment.token"].sudo().browse(choice["token"])
        now = self.payment_token_id.sudo()
        return SelfPreview(
            day=self._get_today(),
            facts=[
                (self.env._("Until now"), self._get_payment_method_text(now)),
                (self.env._("From now on"), self._get_payment_method_text(token)),
            ],
            hint=self.env._("The next invoices are paid with it. Nothing is charged now."),
        )

    def _get_payment_method_text(self, token=None):
        """How invoices are paid, for the customer."""
        token = self.payment_token_id.sudo() if token is None else token
        if not token:
            return self.env._("By invoice")
        return f"{token.payment_method_id.name} {token.display_name}"

    def _self_payment_apply(self, choice):
        token = self.env["payment.token"].sudo().browse(choice["token"])
        self._set_payment_method(token, by=self.env.user.partner_id)

    # Addresses

    def _get_self_addresses(self):
        """The addresses among which the visitor may choose: the customer's own."""
        customer = self.partner_id.commercial_partner_id
        if self.env.user.partner_id.commercial_partner_id != customer:
            return self.env["res.partner"]
        return (
            self.env["res.partner"]
            .sudo()
            .search(
                [
                    ("id", "child_of", customer.id),
                    ("commercial_partner_id", "=", customer.id),
                    "|",
                    ("type", "in", ("invoice", "delivery", "other")),
                    ("id", "in", (customer | self.partner_id | self.env.user.partner_id).ids),
                ]
            )
        )

    def _self_address_obstacle(self):
        return ""

    def _self_address_choose(self, values):
        addresses = self._get_self_addresses()
        choice = {}
        for name in ADDRESSES:
            address = self._get_self_record(addresses, values.get(name))
            if address and address != self[name]:
                choice[name] = address.id
        return choice or None

    def _self_address_preview(self, choice):
        labels = self.fields_get(ADDRESSES, ["string"])
        partners = self.env["res.partner"].sudo()
        facts = []
        for name, address in choice.items():
            label, new = labels[name]["string"], partners.browse(address)
            facts += [
                (self.env._("%s until now", label), self._get_address_text(self[name])),
                (self.env._("%s from now on", label), self._get_address_text(new)),
            ]
        return SelfPreview(day=self._get_today(), facts=facts, hint=self._get_address_hint(choice))

    def _get_address_text(self, partner):
        return partner.sudo().with_context(show_address=True).display_name.replace("\n", ", ")

    def _get_address_hint(self, choice):
        if "partner_invoice_id" in choice:
            return self.env._("It applies from the next invoice.")
        return self.env._("It applies from the next delivery.")

    def _self_address_apply(self, choice):
        labels = self.fields_get(ADDRESSES, ["string"])
        self.write(choice)
        for name in choice:
            text = self._get_address_text(self[name])
            self._message_log(body=f"{labels[name]['string']}: {text}")
