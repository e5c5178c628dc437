"""Balances pay for invoices: one entry for each, settled with what was paid in first."""

from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..prepaid import Grant, burn_down
from .balance_kinds import PAID_KINDS


class SubscriptionWallet(models.Model):
    _inherit = "subscription.wallet"

    def _settle(self, invoices, *, in_full=False):
        """Pay open invoices of the customer, those that fall due first, as far as it is enough.

        Of an invoice with several due dates only what has fallen due is paid.

        An entry moves the amount from the balance to the receivables and is reconciled on both
        sides: with the invoice, and with the oldest payments that are left of the balance.

        :param invoices: posted ``account.move`` records in the currency of the balance.
        :param bool in_full: whether to pay each invoice to the last cent or not at all.
        :return: the entries.
        :rtype: account.move
        :raises UserError: with ``in_full``, when the balance is not enough.
        """
        self.ensure_one()
        self._lock()
        entries = self.env["account.move"].sudo()
        left = self.balance
        for invoice in invoices.sudo().sorted(lambda move: (move.invoice_date_due, move.id)):
            self._check_may_settle(invoice)
            due = invoice.amount_residual if in_full else invoice._get_amount_to_collect()
            amount = min(left, due, self._get_share(invoice))
            if in_full and self.currency_id.compare_amounts(amount, invoice.amount_residual) < 0:
                self._refuse_settlement(invoice, left)
            if self.currency_id.compare_amounts(amount, 0.0) > 0:
                entries += self._pay(invoice, amount)
                left -= amount
        return entries

    def _check_may_settle(self, invoice):
        """A balance is good for its own company only (LAW-45)."""
        owner = (self.partner_id, self.company_id, self.currency_id)
        theirs = (invoice.commercial_partner_id, invoice.company_id, invoice.currency_id)
        if invoice.state != "posted" or invoice.move_type != "out_invoice" or owner != theirs:
            raise UserError(
                self.env._(
                    "The balance of %(wallet)s cannot pay for %(invoice)s: customer, company and "
                    "currency must be the same, and the invoice posted.",
                    wallet=self.display_name,
                    invoice=invoice.display_name,
                )
            )
        own = invoice.invoice_line_ids.filtered(
            lambda line: line.subscription_id == self.subscription_id
        )
        if self.kind not in PAID_KINDS or (self.kind == "service" and not own):
            raise UserError(
                self.env._(
                    "%(wallet)s cannot pay for %(invoice)s: it is not for what is invoiced.",
                    wallet=self.display_name,
                    invoice=invoice.display_name,
                )
            )

    def _get_share(self, invoice):
        """How much of what is open the balance may pay: service credit for its contract only.

        :rtype: float
        """
        if self.kind != "service":
            return invoice.amount_residual
        lines = invoice.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        own = lines.filtered(lambda line: line.subscription_id == self.subscription_id)
        if own == lines:
            return invoice.amount_residual
        paid = invoice.line_ids.sudo().search(
            [*self._get_items_domain(), ("subscription_paid_invoice_id", "=", invoice.id)]
        )
        share = sum(own.mapped("price_total")) - sum(paid.mapped("amount_currency"))
        return max(min(invoice.amount_residual, self.currency_id.round(share)), 0.0)

    def _refuse_settlement(self, invoice, left):
        raise UserError(
            self.env._(
                "The balance is not enough: %(needed)s are needed for %(invoice)s, %(left)s are "
                "there. Top up the balance first.",
                needed=self.currency_id.format(invoice.amount_residual),
                invoice=invoice.name,
                left=self.currency_id.format(max(left, 0.0)),
            )
        )

    def _pay(self, invoice, amount):
        """Book that the balance pays an amount of an invoice.

        :param float amount: in the currency of the balance, not more than either has.
        """
        text = self._in_language_of(invoice.partner_id).env._("Invoice %s", invoice.name)
        return self._book_against(invoice, amount, text)

    def _in_language_of(self, partner):
        return self.with_context(lang=partner.lang or self.env.lang)

    def _book_against(self, document, amount, text):
        """Book an amount of the balance against what is open of a document, and reconcile both.

        :param str text: what for, in the language of the customer.
        :return: the entry.
        """
        receivables = document.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable" and not line.reconciled
        )
        receivable = receivables.account_id[:1]
        date = max(document.date, self._get_today())
        entry = document.create(self._prepare_settlement(receivable, amount, date, text, document))
        entry.with_context(skip_readonly_check=True).action_post()
        paid = entry.line_ids.filtered(lambda line: line.account_id == receivable)
        (receivables.filtered(lambda line: line.account_id == receivable) + paid).reconcile()
        self._use(entry.line_ids - paid)
        return entry

    def _prepare_settlement(self, account, amount, date, text, document=None):
        """Values of the entry that moves an amount from the balance to another account, untaxed.

        :param document: the ``account.move`` that is paid by it, if any.
        """
        balance = self.currency_id._convert(
            amount, self.company_id.currency_id, self.company_id, date
        )
        common = {
            "name": text,
            "partner_id": self.partner_id.id,
            "currency_id": self.currency_id.id,
            "tax_ids": [Command.clear()],
        }
        return {
            "move_type": "entry",
            "company_id": self.company_id.id,
            "journal_id": self.company_id.subscription_wallet_journal_id.id,
            "date": date,
            "ref": text,
            "line_ids": [
                Command.create(
                    {
                        **common,
                        "account_id": self.account_id.id,
                        "subscription_wallet_id": self.id,
                        "subscription_paid_invoice_id": document.id if document else False,
                        "amount_currency": amount,
                        "balance": balance,
                    }
                ),
                Command.create(
                    {
                        **common,
                        "account_id": account.id,
                        "amount_currency": -amount,
                        "balance": -balance,
                    }
                ),
            ],
        }

    def _use(self, items):
        """Take what the balance has paid for from what came in first.

        :param items: the debit items on the account of the balance.
        """
        credits = items.search(
            [*self._get_items_domain(), ("reconciled", "=", False), ("balance", "<", 0)],
            order="date, id",
        )
        grants = [
            Grant(credit.id, Decimal(str(-credit.amount_residual_currency)), created=number)
            for number, credit in enumerate(credits)
        ]
        needed = Decimal(str(sum(items.mapped("amount_residual_currency"))))
        uses, _left = burn_down(grants, max(needed, Decimal(0)), self._get_today())
        open_credits = credits.browse(use.grant for use in uses)
        if open_credits:
            (items + open_credits).reconcile()

    def _get_today(self):
        return self.env["subscription.billing.run"]._get_today(self.company_id)
