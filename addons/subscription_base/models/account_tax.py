"""Taxes as plans need them: by rate, included in the price or not; and what an order leaves out.

Down payments and global discounts of an order leave out what a subscription bills. Both end up on
invoices of the order, which plan lines never reach: a share of them would be paid or given twice.
"""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import float_compare

RATE_DIGITS = 4


def _without_subscriptions(base_lines):
    """The base lines for taxes that do not stem from a line that a subscription bills."""
    return [
        line
        for line in base_lines
        if getattr(line["record"], "_name", None) != "sale.order.line"
        or not line["record"]._get_subscription_lines()
    ]


class AccountTax(models.Model):
    _inherit = "account.tax"

    @api.model
    def _prepare_down_payment_lines(self, base_lines, *args, **kwargs):
        return super()._prepare_down_payment_lines(
            _without_subscriptions(base_lines), *args, **kwargs
        )

    @api.model
    def _prepare_global_discount_lines(self, base_lines, *args, **kwargs):
        return super()._prepare_global_discount_lines(
            _without_subscriptions(base_lines), *args, **kwargs
        )

    def _strip_included(self, price, product):
        """What is left of ``price``, which includes these taxes whatever their settings say.

        :return: unrounded.
        :rtype: float
        """
        details = self.flatten_taxes_hierarchy()._get_tax_details(
            price,
            1.0,
            rounding_method="round_globally",
            product=product,
            special_mode="total_included",
        )
        return details["total_excluded"]

    def _as_price_include(self, included):
        """These taxes as taxes that are included in the price, or as taxes that are added to it.

        Odoo keeps in the tax whether prices include it. Where a tax is of the other kind, its
        counterpart takes its place: same rate, accounts and report tags. It is made when a price
        first needs it.
        """
        taxes = self.browse()
        for tax in self:
            fits = tax.price_include == included or not tax.amount
            taxes |= tax if fits else tax._get_twin(included)
        return taxes

    def _get_twin(self, included):
        self.ensure_one()
        tax = self.sudo()
        kind = "tax_included" if included else "tax_excluded"
        twins = tax.search(
            Domain("company_id", "=", tax.company_id.id)
            & Domain("type_tax_use", "=", tax.type_tax_use)
            & Domain("amount_type", "=", tax.amount_type)
            & Domain("amount", "=", tax.amount)
            & Domain("tax_group_id", "=", tax.tax_group_id.id)
            & Domain("price_include_override", "=", kind)
        )
        twin = twins.filtered(lambda twin: twin._get_bookings() == tax._get_bookings())[:1]
        if not twin:
            pattern = self.env._("%s (included)") if included else self.env._("%s (added)")
            twin = tax.copy({"name": pattern % tax.name, "price_include_override": kind})
        return twin.sudo(self.env.su)

    def _get_bookings(self):
        """Where the tax is booked and reported."""
        return [
            (
                line.document_type,
                line.repartition_type,
                line.factor_percent,
                line.account_id.id,
                tuple(sorted(line.tag_ids.ids)),
            )
            for line in self.repartition_line_ids
        ]

    @api.model
    def _find_sales_tax(self, rate, company):
        """The company's own sales tax of ``rate`` percent that reaches the tax return.

        :raise UserError: when there is none; a tax without report tags would be missing there.
        """
        taxes = self.with_company(company).search(
            Domain(self._check_company_domain(company))
            & Domain("type_tax_use", "=", "sale")
            & Domain("amount_type", "=", "percent")
            & Domain("is_domestic", "=", True)
            & Domain("country_id", "=", company.account_fiscal_country_id.id)
        )
        if tagged := taxes.filtered("repartition_line_ids.tag_ids"):
            taxes = tagged
        matching = taxes.filtered(lambda tax: not float_compare(tax.amount, rate, RATE_DIGITS))
        if not matching:
            rates = sorted(set(taxes.mapped("amount")))
            raise UserError(
                self.env._(
                    "%(company)s has no sales tax of %(rate)s %%. There are taxes of %(rates)s %%: "
                    "enter one of them, or set the tax up in Accounting first.",
                    company=company.display_name,
                    rate=f"{rate:g}",
                    rates=", ".join(f"{value:g}" for value in rates),
                )
            )
        default = company.account_sale_tax_id
        return default if default in matching else matching[0]
