from odoo import api, fields, models


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    use_balance = fields.Boolean(related="plan_id.use_balance")
    wallet_balance = fields.Monetary(
        "Balance of the Customer", compute="_compute_wallet_balance", compute_sudo=True
    )

    service_balance = fields.Monetary(
        "Service Credit", compute="_compute_wallet_balance", compute_sudo=True
    )

    @api.depends("partner_invoice_id", "company_id", "currency_id")
    def _compute_wallet_balance(self):
        for subscription in self:
            subscription.wallet_balance = subscription._find_wallet().balance
            subscription.service_balance = subscription._find_service_wallet().balance

    def _find_wallet(self):
        """The credit that pays for the subscription's invoices; empty when there is none."""
        return self._find_wallet_of_kind(kind="credit")

    def _find_service_wallet(self):
        """The credit for this subscription only; empty when there is none."""
        return self._find_wallet_of_kind(kind="service", subscription_id=self._origin.id)

    def _find_wallet_of_kind(self, **values):
        self.ensure_one()
        owner = {
            "partner_id": self.partner_invoice_id.commercial_partner_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
        }
        return self.env["subscription.wallet"].search(
            [(name, "=", value) for name, value in (owner | values).items()]
        )

    def _get_spendable_balance(self):
        """What can be used for an invoice of the subscription now, in its currency.

        :rtype: float
        """
        money = max(self.wallet_balance, 0.0) + max(self.service_balance, 0.0)
        return money + self._get_usable_bonus()

    def action_view_wallet(self):
        """The credit of the customer."""
        return self._get_wallet_action(self.env._("Balance"))

    def action_view_service_wallet(self):
        """The credit for this contract, to be topped up and paid out."""
        return self._get_wallet_action(
            self.env._("Service Credit"), kind="service", subscription=self
        )

    def _get_wallet_action(self, name, **kind):
        self.ensure_one()
        self.check_access("read")
        wallet = self.env["subscription.wallet"]._get(
            self.partner_invoice_id, self.company_id, self.currency_id, **kind
        )
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "subscription.wallet",
            "view_mode": "form",
            "res_id": wallet.id,
        }
