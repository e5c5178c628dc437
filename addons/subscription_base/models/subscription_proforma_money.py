"""The money that comes in for a pro-forma invoice: by payment page, by payment, by bank statement.

It is a credit of the customer in receivables until the invoice is made, and what is left of it
stays one: nothing is lost when the order is cancelled (SM-54).
"""

import re
from functools import partial

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL

from .subscription_proforma_follow import CRON

RECEIVED = ("in_process", "paid")
LAPSED = ("expired", "void")
LATE_FOR_DAYS = 180  # how long a transfer for an order that has lapsed is looked for


def normalized(text):
    """``text`` as banks and people vary it: letters and digits only."""
    return re.sub(r"[^0-9A-Z]", "", (text or "").upper())


def is_named_in(number, text):
    """Whether ``text`` holds a document's ``number``, and not the beginning of a longer one."""
    return bool(re.search(re.escape(normalized(number)) + r"(?!\d)", normalized(text)))


class SubscriptionProforma(models.Model):
    _inherit = "subscription.proforma"

    payment_ids = fields.One2many("account.payment", "subscription_proforma_id", readonly=True)
    statement_line_ids = fields.One2many(
        "account.bank.statement.line",
        "subscription_proforma_id",
        "Bank Transactions",
        readonly=True,
    )
    transaction_ids = fields.One2many(
        "payment.transaction", "subscription_proforma_id", "Online Payments", readonly=True
    )
    amount_paid = fields.Monetary("Received", compute="_compute_amount_paid", compute_sudo=True)
    amount_due = fields.Monetary("Still Open", compute="_compute_amount_paid", compute_sudo=True)

    @api.depends(
        "amount_total", "state", "payment_ids.state", "payment_ids.amount",
        "statement_line_ids.amount",
    )  # fmt: skip
    def _compute_amount_paid(self):
        for proforma in self:
            received = proforma._get_received()
            proforma.amount_paid = received
            is_open = proforma.state == "open"
            proforma.amount_due = max(proforma.amount_total - received, 0.0) if is_open else 0.0

    def _get_received(self):
        """How much has come in, in the currency of the pro-forma invoice."""
        self.ensure_one()
        payments = self.payment_ids.filtered(lambda p: p.state in RECEIVED)
        received = sum(self._in_own_currency(p.amount, p) for p in payments)
        received += sum(self._in_own_currency(s.amount, s) for s in self.statement_line_ids)
        if self.state == "open":
            received += self._get_received_by_order()
        return self.currency_id.round(received)

    def _in_own_currency(self, amount, record):
        return record.currency_id._convert(amount, self.currency_id, self.company_id, record.date)

    def _get_order_payments(self):
        """The payments that were made online with the order, before there was a pro-forma."""
        transactions = self.sale_order_id.sudo().transaction_ids
        payments = transactions.payment_id.filtered(lambda p: p.state in RECEIVED)
        return payments - self.payment_ids

    def _get_received_by_order(self, waiting=()):
        """What is left of the order's payments, less what its other pro-forma invoices hold.

        :param waiting: states of others that are to be paid from it, too.
        """
        left = 0.0
        for payment in self._get_order_payments():
            lines = self._get_open_credits(payment.move_id)
            amount = -sum(lines.mapped("amount_residual_currency"))
            if not payment.move_id and not payment.invoice_ids:
                amount = payment.amount
            left += self[:1]._in_own_currency(amount, payment)
        others = self.sale_order_id.subscription_ids.proforma_ids - self
        held = others.filtered(
            lambda p: p.state in waiting or (p.state == "paid" and not p.invoice_id)
        )
        return max(left - sum(held.mapped("amount_total")), 0.0)

    @api.model
    def _get_open_credits(self, moves):
        """What is open on the receivable side of entries that brought money in."""
        return moves.line_ids.filtered(
            lambda line: (
                line.account_type == "asset_receivable"
                and line.parent_state == "posted"
                and not line.reconciled
                and line.balance < 0
            )
        )

    def _get_credits(self):
        """Open receivable items with which the invoice is settled."""
        payments = self.payment_ids | self._get_order_payments()
        return self._get_open_credits(payments.move_id | self.statement_line_ids.move_id)

    def _get_loose_payments(self):
        """Payments that wait for the bank statement to be booked, and settle no invoice yet."""
        payments = self.payment_ids | self._get_order_payments()
        return payments.filtered(lambda p: not p.move_id and not p.invoice_ids)

    def _get_payment_date(self):
        """The day of the last money."""
        dates = (self.payment_ids | self._get_order_payments()).mapped("date")
        return max([*dates, *self.statement_line_ids.mapped("date")], default=False)

    def _is_paid_by_debit(self):
        """Whether money came by direct debit, which the payer's bank may return."""
        return (self.payment_ids | self._get_order_payments())._is_direct_debit()

    def _is_under_way(self):
        """Whether a payment has been made that the provider has not confirmed yet."""
        transactions = self.sudo().transaction_ids | self.sale_order_id.sudo().transaction_ids
        return any(transaction._is_under_way() for transaction in transactions)

    def _can_be_paid(self):
        """Whether the customer is to pay (more)."""
        self.ensure_one()
        return self.state == "open" and self.amount_due > 0 and not self._is_under_way()

    def action_register_payment(self):
        """Enter a payment of the customer by hand."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Register Payment"),
            "res_model": "account.payment",
            "view_mode": "form",
            "context": {
                "default_payment_type": "inbound",
                "default_partner_type": "customer",
                "default_partner_id": self.partner_id.id,
                "default_amount": self.amount_due,
                "default_currency_id": self.currency_id.id,
                "default_memo": self.name,
                "default_subscription_proforma_id": self.id,
            },
        }

    def _match_bank_lines(self):
        """Take bank transactions whose label holds the number for what they are."""
        for line, proforma in self._find_bank_lines():
            proforma._do_safely(partial(line._book_for_proforma, proforma))

    def _find_bank_lines(self):
        """Bank transactions that are not booked yet and name one of the pro-forma invoices.

        Those of payments that have been entered by hand are left to whoever reconciles the bank.

        :return: pairs of a bank transaction and its pro-forma invoice.
        """
        entered = {proforma: proforma._get_amounts_entered() for proforma in self}
        for company, proformas in self.grouped("company_id").items():
            lines = self.env["account.bank.statement.line"].search(
                [
                    ("company_id", "child_of", company.id),
                    ("is_reconciled", "=", False),
                    ("subscription_proforma_id", "=", False),
                    ("amount", ">", 0),
                    ("date", ">=", min(proformas.mapped("date"))),
                ],
                order="date, id",
            )
            for line in lines:
                found = proformas.filtered(
                    lambda p, line=line: is_named_in(p.name, line.payment_ref)
                )
                money = (line.currency_id, line.amount)
                if len(found) == 1 and money in entered[found]:
                    entered[found].remove(money)
                elif len(found) == 1:
                    yield line, found

    def _get_amounts_entered(self):
        """What has come in by payments that no bank transaction has been matched with.

        :return: a currency and an amount of each.
        :rtype: list[tuple]
        """
        unmatched = self.payment_ids.filtered(
            lambda p: p.state in RECEIVED and not p.reconciled_statement_line_ids
        )
        return [(payment.currency_id, payment.amount) for payment in unmatched]

    @api.model
    def _note_late_transfers(self):
        """Tell of transfers for orders that have lapsed; nothing is booked."""
        since = fields.Date.subtract(fields.Date.today(), days=LATE_FOR_DAYS)
        lapsed = self.search([("state", "in", LAPSED), ("date", ">=", since)])
        undone = lapsed.filtered(lambda p: p.subscription_id._is_undone())
        for line, proforma in undone._find_bank_lines():
            line.subscription_proforma_id = proforma
            proforma._note_late_money(line.payment_ref)

    def _note_late_money(self, reference):
        """Money that came when it was not asked for any more is a person's matter."""
        for proforma in self.filtered(lambda p: p.state in LAPSED):
            if proforma.subscription_id._is_undone():
                proforma._ask_salesperson(
                    self.env._("%s was paid after all: pay back, or order anew", proforma.name),
                    reference,
                )


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    subscription_proforma_id = fields.Many2one(
        "subscription.proforma",
        "Pro-Forma Invoice",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        domain = [("state", "!=", "paid"), ("company_id", "in", lines.company_id.ids)]
        if self.env["subscription.proforma"].sudo().search_count(domain, limit=1):
            self.env.ref(CRON).sudo()._trigger()
        return lines

    def _book_for_proforma(self, proforma):
        """Book the money to the customer's receivables instead of the suspense account."""
        self.ensure_one()
        _liquidity, suspense, _other = self._seek_for_lines()
        if not suspense:
            return
        partner = proforma.partner_id.commercial_partner_id
        account = partner.with_company(self.company_id).property_account_receivable_id
        unlocked = self.with_context(skip_readonly_check=True)
        unlocked.write({"partner_id": partner.id, "subscription_proforma_id": proforma.id})
        suspense.with_context(skip_readonly_check=True).write(
            {"account_id": account.id, "partner_id": partner.id}
        )


class AccountPayment(models.Model):
    _inherit = "account.payment"

    subscription_proforma_id = fields.Many2one(
        "subscription.proforma",
        "Pro-Forma Invoice",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('state', '=', 'open'), ('company_id', '=', company_id)]",
        help="The pro-forma invoice that the customer pays.",
    )

    def _is_direct_debit(self):
        """Whether one of the payments is a direct debit, which the payer's bank may return."""
        codes = self.payment_method_line_id.mapped("code")
        codes += self.payment_transaction_id.sudo().payment_method_id.mapped("code")
        return any(code and ("debit" in code or code == "sdd") for code in codes)

    def action_post(self):
        result = super().action_post()
        for payment in self.filtered(lambda p: p.payment_type == "inbound"):
            payment._find_proforma()
        if self.subscription_proforma_id:
            self.env.ref(CRON).sudo()._trigger()
        return result

    def _find_proforma(self):
        """The open pro-forma invoice that the memo names."""
        if self.subscription_proforma_id or not self.memo:
            return
        domain = [("state", "=", "open"), ("company_id", "=", self.company_id.id)]
        found = self.env["subscription.proforma"].sudo().search(domain)
        found = found.filtered(lambda proforma: is_named_in(proforma.name, self.memo))
        if len(found) == 1:
            self.subscription_proforma_id = found


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    subscription_proforma_id = fields.Many2one(
        "subscription.proforma",
        "Pro-Forma Invoice",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    def _create_payment(self, **extra_create_values):
        if self.subscription_proforma_id:
            extra_create_values["subscription_proforma_id"] = self.subscription_proforma_id.id
        return super()._create_payment(**extra_create_values)

    def _post_process(self):
        """Keep the payment method that the customer has saved; the rest is the job's."""
        result = super()._post_process()
        for transaction in self.sudo().filtered(lambda tx: tx.state == "done"):
            subscription = transaction.subscription_proforma_id.subscription_id
            if subscription and transaction.token_id.active and not subscription.payment_token_id:
                subscription.payment_token_id = transaction.token_id
            if subscription or transaction.sale_order_ids.subscription_ids.proforma_ids:
                self.env.ref(CRON).sudo()._trigger()
            transaction.subscription_proforma_id._note_late_money(transaction.reference)
        return result


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post_subscription_invoices(self):
        result = super()._post_subscription_invoices()
        self._reconcile_prepayments()
        return result

    def _reconcile_prepayments(self):
        """Settle invoices with the money that was paid in advance, also what a first one left."""
        for move_id, proforma_ids in self._get_prepaid_by_invoice().items():
            move = self.browse(move_id).sudo()
            for proforma in self.env["subscription.proforma"].sudo().browse(proforma_ids):
                for credit in proforma._get_credits():
                    due = move.line_ids.filtered(
                        lambda line, credit=credit: (
                            line.account_id == credit.account_id and not line.reconciled
                        )
                    )
                    if due:
                        (due + credit).reconcile()
                proforma._get_loose_payments().invoice_ids = [Command.link(move.id)]
                if proforma.state == "paid" and not proforma.invoice_id:
                    proforma.invoice_id = move

    def _get_prepaid_by_invoice(self):
        """The pro-forma invoices of the subscriptions on each invoice.

        :rtype: dict[int, list[int]]
        """
        invoices = self.filtered(lambda move: move.move_type == "out_invoice")
        if not invoices:
            return {}
        self.env.flush_all()
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT line.move_id, array_agg(DISTINCT proforma.id)
                         FROM account_move_line line
                         JOIN subscription_proforma proforma
                           ON proforma.subscription_id = line.subscription_id
                        WHERE line.move_id = ANY(%s)
                     GROUP BY line.move_id""",
                    invoices.ids,
                )
            )
        )
