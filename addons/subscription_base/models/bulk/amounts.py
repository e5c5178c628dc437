"""Amounts of an invoice: taxes by Odoo's own tax engine, payment terms by ``_compute_terms``."""

import json

from odoo import fields
from odoo.tools.translate import get_translation

from .common import Memo, NotBulkable

TAX_SEQUENCE = 10000
TERM_SEQUENCE = 12000


class AmountBuilder:
    """Adds amounts, tax lines and payment term lines to :class:`Document` s.

    :param env: environment of the caller
    """

    def __init__(self, env):
        self.env = env
        self.memo = Memo()
        self.taxes = env["account.tax"]
        self.today = fields.Date.context_today(env["account.move"])

    def build(self, document, products, defaults):
        """Set ``document.lines`` and the totals in ``document.vals``.

        :param Document document: the invoice
        :param list products: values of its product lines
        """
        bases, taxes = self.memo.once(
            self._get_key(document, products), self._compute_taxes, document, products
        )
        lines = []
        for vals, base in zip(products, bases, strict=True):
            lines.append({**vals, **base})
        for tax in taxes:
            lines.append({**defaults.get(), **tax})
        self._set_totals(document, lines[: len(products)], lines[len(products) :])
        terms = self._get_terms(document)
        document.lines = lines + [{**defaults.get(), **term} for term in terms]
        for line in document.lines:
            self._complete(document, line)
        document.vals["amount_residual"] = -document.sign * sum(
            line["amount_residual_currency"] for line in document.lines[len(lines) :]
        )
        document.vals["amount_residual_signed"] = sum(
            line["amount_residual"] for line in document.lines[len(lines) :]
        )

    # Taxes

    @staticmethod
    def _get_key(document, products):
        return (
            "taxes",
            document.company.id,
            document.currency.id,
            document.rate,
            document.is_refund,
            *(
                (
                    vals.get("product_id"),
                    vals["product_uom_id"],
                    vals["tax_ids"],
                    vals["account_id"],
                    vals["price_unit"],
                    vals["quantity"],
                    vals["discount"],
                    json.dumps(vals["analytic_distribution"], sort_keys=True),
                )
                for vals in products
            ),
        )

    def _compute_taxes(self, document, products):
        """Return values of base lines and of tax lines, without what depends on the customer.

        :return: tuple of two lists of dicts
        """
        company = document.company
        base_lines = [self._get_base_line(document, vals) for vals in products]
        self.taxes._add_tax_details_in_base_lines(base_lines, company)
        self.taxes._round_base_lines_tax_details(base_lines, company, tax_lines=[])
        self.taxes._add_accounting_data_in_base_lines_tax_details(
            base_lines, company, include_caba_tags=False
        )
        result = self.taxes._prepare_tax_lines(base_lines, company, tax_lines=[])
        bases = []
        for (_base_line, amounts), vals in zip(
            result["base_lines_to_update"], products, strict=True
        ):
            subtotal, total = self._get_line_totals(document, vals)
            bases.append(
                {
                    "tax_ids": [fields.Command.set(vals["tax_ids"])],
                    "tax_tag_ids": amounts["tax_tag_ids"],
                    "amount_currency": document.currency.round(amounts["amount_currency"]),
                    "balance": company.currency_id.round(amounts["balance"]),
                    "price_subtotal": subtotal,
                    "price_total": total,
                }
            )
        return bases, [self._get_tax_line(document, tax) for tax in result["tax_lines_to_add"]]

    def _get_base_line(self, document, vals):
        return self.taxes._prepare_base_line_for_taxes_computation(
            {},
            product_id=self.env["product.product"].browse(vals.get("product_id") or ()),
            product_uom_id=self.env["uom.uom"].browse(vals["product_uom_id"] or ()),
            tax_ids=self.taxes.browse(vals["tax_ids"]),
            account_id=self.env["account.account"].browse(vals["account_id"]),
            analytic_distribution=vals["analytic_distribution"],
            price_unit=vals["price_unit"],
            quantity=vals["quantity"],
            discount=vals["discount"],
            currency_id=document.currency,
            rate=document.rate,
            sign=document.sign,
            is_refund=document.is_refund,
            special_mode=False,
        )

    def _get_line_totals(self, document, vals):
        """Return subtotal and total of one line, which do not share the invoice's rounding."""
        base_line = self._get_base_line(document, vals)
        self.taxes._add_tax_details_in_base_line(base_line, document.company)
        self.taxes._round_base_lines_tax_details([base_line], document.company)
        details = base_line["tax_details"]
        return details["total_excluded_currency"], details["total_included_currency"]

    def _get_tax_line(self, document, tax):
        repartition = self.env["account.tax.repartition.line"].browse(
            tax["tax_repartition_line_id"]
        )
        if not tax["account_id"]:
            raise NotBulkable("tax without account")
        return {
            **tax,
            "analytic_distribution": tax["analytic_distribution"] or None,
            "amount_currency": document.currency.round(tax["amount_currency"]),
            "balance": document.company.currency_id.round(tax["balance"]),
            "tax_line_id": repartition.tax_id.id,
            "tax_group_id": repartition.tax_id.tax_group_id.id,
            "display_type": "tax",
            "sequence": TAX_SEQUENCE,
            "quantity": 0.0,
            "price_unit": 0.0,
            "price_subtotal": 0.0,
            "price_total": 0.0,
        }

    # Totals

    @staticmethod
    def _set_totals(document, products, taxes):
        untaxed = sum(line["balance"] for line in products)
        untaxed_currency = sum(line["amount_currency"] for line in products)
        tax = sum(line["balance"] for line in taxes)
        tax_currency = sum(line["amount_currency"] for line in taxes)
        to_company, to_currency = document.company.currency_id.round, document.currency.round
        sign = document.sign
        document.vals.update(
            amount_untaxed=to_currency(sign * untaxed_currency),
            amount_tax=to_currency(sign * tax_currency),
            amount_total=to_currency(sign * (untaxed_currency + tax_currency)),
            amount_untaxed_signed=to_company(-untaxed),
            amount_untaxed_in_currency_signed=to_currency(-untaxed_currency),
            amount_tax_signed=to_company(-tax),
            amount_total_signed=to_company(-(untaxed + tax)),
            amount_total_in_currency_signed=to_currency(-(untaxed_currency + tax_currency)),
        )

    # Payment terms

    def _get_terms(self, document):
        vals = document.vals
        if document.term:
            amounts = self._compute_terms(document)
            vals["invoice_date_due"] = max(amounts)
        else:
            due = fields.Date.to_date(vals.get("invoice_date_due")) or self.today
            vals["invoice_date_due"] = due
            amounts = {due: (vals["amount_total_signed"], vals["amount_total_in_currency_signed"])}
        account_id = self._get_receivable_id(document)
        by_date = sorted(amounts)
        return [
            {
                "date_maturity": date,
                "balance": document.company.currency_id.round(balance),
                "amount_currency": document.currency.round(amount_currency),
                "account_id": account_id,
                "name": self._get_term_name(document, by_date.index(date) + 1),
                "discount_balance": 0.0,
                "discount_amount_currency": 0.0,
                "analytic_distribution": None,
                "display_type": "payment_term",
                "sequence": TERM_SEQUENCE,
                "quantity": 0.0,
                "price_unit": 0.0,
                "price_subtotal": 0.0,
                "price_total": 0.0,
            }
            for date, (balance, amount_currency) in amounts.items()
        ]

    def _compute_terms(self, document):
        """Return ``{due date: (amount in company currency, amount in the invoice's currency)}``."""
        vals, sign = document.vals, -document.sign
        term_values = document.term._compute_terms(
            date_ref=vals["invoice_date"],
            currency=document.currency,
            tax_amount_currency=vals["amount_tax"] * sign,
            tax_amount=vals["amount_tax_signed"],
            untaxed_amount_currency=vals["amount_untaxed"] * sign,
            untaxed_amount=vals["amount_untaxed_signed"],
            company=document.company,
            cash_rounding=self.env["account.cash.rounding"],
            sign=sign,
        )
        amounts = {}
        for line in term_values["line_ids"]:
            date = fields.Date.to_date(line["date"])
            balance, amount_currency = amounts.get(date, (0.0, 0.0))
            amounts[date] = (
                balance + line["company_amount"],
                amount_currency + line["foreign_amount"],
            )
        return amounts

    def _get_receivable_id(self, document):
        partner = document.commercial
        account = (
            partner.property_account_receivable_id
            or document.company.with_company(
                document.company
            ).partner_id.property_account_receivable_id
        )
        if not account:
            raise NotBulkable("no receivable account")
        return self.memo.once(
            (
                "receivable",
                account.id,
                document.fiscal_position.id,
                document.company.id,
                document.currency.id,
            ),
            self._check_receivable,
            document,
            account,
        )

    @staticmethod
    def _check_receivable(document, account):
        account = (
            document.fiscal_position.map_account(account) if document.fiscal_position else account
        )
        if not account.active or account.account_type != "asset_receivable":
            raise NotBulkable("receivable account is archived or of another type")
        if account.currency_id and account.currency_id not in (
            document.currency,
            document.company.currency_id,
        ):
            raise NotBulkable("receivable account forces another currency")
        if not document.company.sudo().parent_ids & account.sudo().company_ids:
            raise NotBulkable("receivable account of another company")
        return account.id

    def _get_term_name(self, document, number):
        reference, ref = document.vals.get("payment_reference"), document.vals.get("ref")
        return get_term_name(self.env, reference, ref, len(document.term.line_ids), number)

    # Every line

    def _complete(self, document, line):
        vals = document.vals
        balance = line["balance"]
        reconcile = self.memo.once(
            ("reconcile", line["account_id"]), self._has_residual, line["account_id"]
        )
        line.update(
            journal_id=document.journal.id,
            company_id=document.company.id,
            company_currency_id=document.company.currency_id.id,
            currency_id=document.currency.id,
            partner_id=document.commercial.id,
            parent_state="draft",
            date=vals["date"],
            invoice_date=vals["invoice_date"],
            ref=vals.get("ref"),
            is_storno=False,
            no_followup=False,
            debit=balance if balance > 0.0 else 0.0,
            credit=-balance if balance < 0.0 else 0.0,
            amount_residual=balance if reconcile else 0.0,
            amount_residual_currency=line["amount_currency"] if reconcile else 0.0,
            reconciled=reconcile and not balance and not line["amount_currency"],
        )

    def _has_residual(self, account_id):
        account = self.env["account.account"].browse(account_id)
        return account.reconcile or account.account_type in ("asset_cash", "liability_credit_card")


def get_term_name(env, payment_reference, ref, n_terms, number):
    """Return the name of a payment term line, False if plain Odoo would give it none.

    :param str payment_reference: of the invoice
    :param str ref: of the invoice
    :param int n_terms: instalments of the payment term
    :param int number: 1 for the first instalment
    """
    if payment_reference and ref and payment_reference != ref:
        name = f"{ref} - {payment_reference}"
    else:
        name = payment_reference or False
    if n_terms > 1:
        values = {"name": name or "", "number": number}
        name = get_translation(
            "account", env.lang or "en_US", "%(name)s installment #%(number)s", values
        ).lstrip()
    return name
