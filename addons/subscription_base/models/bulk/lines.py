"""Product lines: given values completed as plain Odoo's computed fields would do it."""

import json

from odoo import fields

from .columns import LINE_COMPUTED, LINE_LINKS, has_side_effects
from .common import Memo, NotBulkable

# Given line values that change how plain Odoo works, so that it had better do the work itself.
UNSUPPORTED = frozenset(
    {
        "move_id",
        "debit",
        "credit",
        "balance",
        "amount_currency",
        "currency_id",
        "partner_id",
        "extra_tax_data",
        "tax_tag_ids",
        "tax_line_id",
        "tax_repartition_line_id",
        "group_tax_id",
        "is_imported",
        "is_storno",
        "date_maturity",
        "discount_date",
        "matching_number",
        "reconciled",
        "full_reconcile_id",
        "price_subtotal",
        "price_total",
        "payment_id",
        "statement_line_id",
        "reconcile_model_id",
        "is_downpayment",
        "no_followup",
        "matched_debit_ids",
        "matched_credit_ids",
        "name_searchable",
        "tax_base_amount",
        "amount_residual",
    }
)
PROBED = ("name", "account_id", "tax_ids", "price_unit")
FLOATS = ("quantity", "price_unit", "discount")
TAX_COMPUTATIONS = ("percent", "fixed", "division")


class LineBuilder:
    """Completes the product lines of :class:`Document` s.

    :param env: environment of the caller
    """

    def __init__(self, env):
        self.env = env
        self.memo = Memo()
        self.lines = env["account.move.line"]
        self.has_stock = "stock.move" in env
        self.distribution_models = env["account.analytic.distribution.model"]
        self.has_distribution_models = bool(
            self.distribution_models.sudo().search_count([], limit=1)
        )
        self.distribution_digits = env["decimal.precision"].precision_get("Percentage Analytic")

    def build(self, document, given, defaults):
        """Return the complete values of one product line, except for its amounts.

        ``tax_ids`` comes out as a tuple of ids.

        :param Document document: the invoice
        :param dict given: values as for ``create``
        :param dict defaults: default values of account.move.line
        :raises NotBulkable: where plain Odoo has to do it
        """
        vals = {**defaults, **given}
        self._check(vals)
        product = self.env["product.product"].browse(vals.get("product_id") or ())
        if "tax_ids" in vals:
            vals["tax_ids"] = self._get_tax_ids(vals["tax_ids"])
        missing = [name for name in PROBED if name not in vals]
        if missing:
            vals.update(self._complete(document, vals, missing))
        if not vals["account_id"] or (product and not vals["name"]):
            raise NotBulkable("line without account or without name")
        if "product_uom_id" not in vals:
            vals["product_uom_id"] = product.uom_id.id
        vals.setdefault("quantity", 1.0)
        vals.setdefault("sequence", 100)
        for name in FLOATS:
            vals[name] = self.lines._fields[name].convert_to_cache(vals[name], self.lines)
        self._check_account_and_taxes(document, vals)
        vals["analytic_distribution"] = self._get_distribution(document, vals, product)
        vals["display_type"] = "product"
        return vals

    def _check(self, vals):
        if vals.get("display_type") not in (None, False, "product"):
            raise NotBulkable("sections and notes")
        if vals.get("deductible_amount", 100) != 100:
            raise NotBulkable("partly deductible line")
        for name in vals:
            field = self.lines._fields.get(name)
            if (
                field is None
                or (name in UNSUPPORTED | LINE_LINKS and vals[name])
                or has_side_effects(field, LINE_COMPUTED)
            ):
                raise NotBulkable(f"line value for {name}")
        if vals.get("sale_line_ids") and (self.has_stock or "analytic_distribution" not in vals):
            raise NotBulkable("analytic distribution or deliveries of a sales order line")

    @staticmethod
    def _get_tax_ids(value):
        tax_ids = []
        for item in value or ():
            if isinstance(item, int):
                tax_ids.append(item)
            elif item[0] == fields.Command.LINK:
                tax_ids.append(item[1])
            elif item[0] == fields.Command.SET:
                tax_ids = list(item[2])
            elif item[0] == fields.Command.CLEAR:
                tax_ids = []
            else:
                raise NotBulkable("unusual value for tax_ids")
        return tuple(tax_ids)

    def _complete(self, document, vals, missing):
        if not vals.get("product_id") and {"account_id", "price_unit"} & set(missing):
            raise NotBulkable("line without product and account or price")
        known = {
            name: vals[name]
            for name in ("product_id", "product_uom_id", *PROBED)
            if name in vals and (name != "name" or "name" in missing)
        }
        lang = document.commercial.lang if "name" in missing else None
        key = (
            "missing",
            tuple(missing),
            tuple(known.items()),
            lang,
            document.vals["move_type"],
            document.company.id,
            document.journal.id,
            document.currency.id,
            document.fiscal_position.id,
            document.vals["date"],
        )
        return self.memo.once(key, self._probe, document, known, missing)

    def _probe(self, document, known, missing):
        """Let plain Odoo compute the missing values on a record that is never stored."""
        line = dict(known)
        if "tax_ids" in line:
            line["tax_ids"] = [fields.Command.set(line["tax_ids"])]
        header = {
            name: document.vals[name]
            for name in (
                "move_type",
                "company_id",
                "journal_id",
                "currency_id",
                "partner_id",
                "fiscal_position_id",
                "invoice_date",
                "date",
            )
        }
        move = self.env["account.move"].new(
            {**header, "invoice_line_ids": [fields.Command.create(line)]}
        )
        probe = move.invoice_line_ids
        values = {}
        for name in missing:
            values[name] = probe[name]._origin if name in ("account_id", "tax_ids") else probe[name]
        if "account_id" in values:
            values["account_id"] = values["account_id"].id
        if "tax_ids" in values:
            values["tax_ids"] = tuple(values["tax_ids"].ids)
        return values

    def _check_account_and_taxes(self, document, vals):
        self.memo.once(
            ("account", vals["account_id"], document.company.id, document.currency.id),
            self._check_account,
            document,
            vals["account_id"],
        )
        self.memo.once(
            ("taxes", vals["tax_ids"], document.fiscal_position.id, document.company.id),
            self._check_taxes,
            document,
            vals["tax_ids"],
        )
        if vals["discount"] and document.company.account_discount_expense_allocation_id:
            raise NotBulkable("discounts are booked to an account of their own")

    def _check_account(self, document, account_id):
        account = self.env["account.account"].browse(account_id)
        if not account.active or account.account_type in (
            "asset_receivable",
            "liability_payable",
            "off_balance",
        ):
            raise NotBulkable("account is archived or of a special type")
        if account.currency_id and account.currency_id not in (
            document.currency,
            document.company.currency_id,
        ):
            raise NotBulkable("account forces another currency")
        if not document.company.sudo().parent_ids & account.sudo().company_ids:
            raise NotBulkable("account of another company")

    def _check_taxes(self, document, tax_ids):
        taxes = self.env["account.tax"].browse(tax_ids)
        position = document.fiscal_position
        country = (
            position.country_id
            if position.foreign_vat
            else document.company.account_fiscal_country_id
        )
        for tax in taxes.flatten_taxes_hierarchy():
            if tax.amount_type not in TAX_COMPUTATIONS or tax.tax_exigibility != "on_invoice":
                raise NotBulkable("cash basis tax or unusual tax computation")
            if tax.country_id != country:
                raise NotBulkable("tax of another country")
        if taxes.country_id - country or taxes.company_id - document.company.sudo().parent_ids:
            raise NotBulkable("tax of another country or company")

    def _get_distribution(self, document, vals, product):
        if "analytic_distribution" in vals:
            given = vals["analytic_distribution"]
            return given and self.memo.once(
                ("given_distribution", json.dumps(given, sort_keys=True)),
                self._normalise_distribution,
                given,
            )
        if not self.has_distribution_models:
            return None
        account = (
            self.env["account.account"].with_company(document.company).browse(vals["account_id"])
        )
        partner = document.commercial
        arguments = {
            "product_id": product.id,
            "product_categ_id": product.categ_id.id,
            "partner_id": partner.id,
            "partner_category_id": partner.category_id.ids,
            "account_prefix": account.code,
            "company_id": document.company.id,
            "related_root_plan_ids": self.env["account.analytic.plan"],
        }
        key = (
            "distribution",
            *(tuple(value) if isinstance(value, list) else value for value in arguments.values()),
        )
        return self.memo.once(key, self.distribution_models._get_distribution, arguments) or None

    def _normalise_distribution(self, given):
        rounded = self.lines._sanitize_values(
            {"analytic_distribution": dict(given)}, self.distribution_digits
        )["analytic_distribution"]
        return self.lines._merge_distribution(
            old_distribution=dict(rounded), new_distribution=dict(rounded)
        )
