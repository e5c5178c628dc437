"""Money that comes into a balance and goes out of it."""

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain


class SubscriptionWallet(models.Model):
    _inherit = "subscription.wallet"

    def action_top_up(self):
        """Enter a payment of the customer into the balance."""
        return self._get_payment_action("inbound", self.env._("Top up Balance"))

    def action_pay_out(self):
        """Pay the balance out to the customer; nothing is kept of it (LAW-43)."""
        self.ensure_one()
        held = self._get_held()
        if self.currency_id.compare_amounts(held, 0.0) <= 0:
            raise UserError(self.env._("There is nothing to pay out."))
        return self._get_payment_action("outbound", self.env._("Pay out Balance"), held)

    def _check_can_pay_out(self, amount):
        """Refuse to pay out more than the customer has of the balance.

        :raises UserError: when it is more.
        """
        self.ensure_one()
        held = self._get_held()
        if self.currency_id.compare_amounts(amount, held) > 0:
            raise UserError(
                self.env._(
                    "%(amount)s cannot be paid out: the balance is %(balance)s.",
                    amount=self.currency_id.format(amount),
                    balance=self.currency_id.format(held),
                )
            )

    def _get_payment_action(self, payment_type, name, amount=0.0):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "account.payment",
            "view_mode": "form",
            "context": {
                "default_payment_type": payment_type,
                "default_partner_type": "customer",
                "default_partner_id": self.partner_id.id,
                "default_company_id": self.company_id.id,
                "default_currency_id": self.currency_id.id,
                "default_amount": amount,
                "default_memo": name,
                "default_subscription_wallet_id": self.id,
            },
        }

    def action_move_credits(self):
        """Move what the customer has paid too much, or is credited, into the balance.

        It stays in the receivables until somebody decides so.
        """
        self.ensure_one()
        self.check_access("write")
        credits = self._find_loose_credits()
        if not credits:
            raise UserError(
                self.env._(
                    "%(customer)s has no payment or credit in %(currency)s that is left over.",
                    customer=self.partner_id.name,
                    currency=self.currency_id.name,
                )
            )
        for account, items in credits.grouped("account_id").items():
            self._take_over(account, items)
        return True

    def _find_loose_credits(self):
        """Open receivable items of payments, and of credit notes, that settle nothing.

        What a pro-forma invoice has asked for waits for its invoice.
        """
        items = self.env["account.move.line"].sudo()
        found = items.search(
            [
                ("partner_id", "child_of", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("currency_id", "=", self.currency_id.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("balance", "<", 0),
                ("move_id.move_type", "in", ("entry", "out_refund")),
            ]
        )
        return found - self._find_waiting_proformas()._get_credits()

    def _find_waiting_proformas(self):
        """The customer's pro-forma invoices that are open, or paid and not invoiced yet.

        :rtype: subscription.proforma
        """
        return (
            self.env["subscription.proforma"]
            .sudo()
            .search(
                Domain("partner_id", "child_of", self.partner_id.id)
                & Domain("company_id", "=", self.company_id.id)
                & (
                    Domain("state", "=", "open")
                    | (Domain("state", "=", "paid") & Domain("invoice_id", "=", False))
                )
            )
        )

    def _take_over(self, account, items):
        """Book open credits on a receivable account into the balance.

        :return: the entry.
        """
        amount = -sum(items.mapped("amount_residual_currency"))
        balance = -sum(items.mapped("amount_residual"))
        common = {
            "name": self.env._("Moved into the balance"),
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
        }
        sides = [
            (account, amount, balance, False),
            (self.account_id, -amount, -balance, self.id),
        ]
        entry = items.move_id.create(
            {
                "move_type": "entry",
                "company_id": self.company_id.id,
                "journal_id": self.company_id.subscription_wallet_journal_id.id,
                "date": self._get_today(),
                "ref": common["name"],
                "line_ids": [
                    Command.create(
                        {
                            **common,
                            "account_id": side.id,
                            "amount_currency": in_currency,
                            "balance": in_company_currency,
                            "subscription_wallet_id": wallet_id,
                        }
                    )
                    for side, in_currency, in_company_currency, wallet_id in sides
                ],
            }
        )
        entry.action_post()
        (items + entry.line_ids.filtered(lambda line: line.account_id == account)).reconcile()
        return entry
