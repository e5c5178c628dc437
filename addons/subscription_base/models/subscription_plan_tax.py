"""The taxes of a plan: which, and whether its prices include them."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SubscriptionPlan(models.Model):
    _inherit = "subscription.plan"

    price_includes_tax = fields.Boolean(
        "Prices Include Taxes",
        default=lambda self: self.env.company.account_price_include == "tax_included",
        tracking=True,
        help="The prices of the plan are what the customer pays: the taxes are taken out of them. "
        "They stay the same when a tax rate changes. Without it, taxes are added to the prices.",
    )
    price_untaxed = fields.Monetary("Without Taxes", compute="_compute_price_taxes")
    price_taxed = fields.Monetary("With Taxes", compute="_compute_price_taxes")

    @api.depends(
        "price",
        "price_includes_tax",
        "main_component_id.tax_ids",
        "main_component_id.product_id.taxes_id.amount",
    )
    def _compute_price_taxes(self):
        for plan in self:
            component = plan.main_component_id
            details = component._get_taxes()._get_tax_details(
                plan.price,
                1.0,
                precision_rounding=plan.currency_id.rounding or 0.01,
                product=component.product_id,
                special_mode="total_included" if plan.price_includes_tax else "total_excluded",
            )
            plan.price_untaxed = details["total_excluded"]
            plan.price_taxed = details["total_included"]

    def _get_used_locked_fields(self):
        return super()._get_used_locked_fields() | {"price_includes_tax"}

    @api.constrains("price_includes_tax")
    def _check_component_taxes(self):
        self.component_ids._check_taxes()


class SubscriptionPlanComponent(models.Model):
    _inherit = "subscription.plan.component"

    tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes",
        check_company=True,
        domain="[('type_tax_use', '=', 'sale')]",
        help="Leave empty for the taxes of the product. Invoices take the taxes that are set when "
        "they are made; fiscal positions apply.",
    )
    tax_percent = fields.Float(
        "Tax (%)",
        min_display_digits=0,
        compute="_compute_tax_percent",
        inverse="_inverse_tax_percent",
        aggregator=None,
        help="Enter a rate to choose the company's own sales tax of that rate.",
    )

    @api.depends("tax_ids", "product_id.taxes_id")
    def _compute_tax_percent(self):
        for component in self:
            component.tax_percent = component._get_tax_percent()

    def _get_tax_percent(self):
        taxes = self._get_taxes().flatten_taxes_hierarchy()
        return sum(taxes.filtered(lambda tax: tax.amount_type == "percent").mapped("amount"))

    def _inverse_tax_percent(self):
        for component in self:
            component._choose_tax(component.tax_percent)

    @api.onchange("tax_percent")
    def _onchange_tax_percent(self):
        if self.product_id:
            self._choose_tax(self.tax_percent)

    def _choose_tax(self, rate):
        """Take the company's sales tax of ``rate`` percent, unless that is the rate already."""
        self.ensure_one()
        if rate != self._get_tax_percent():
            company = self.company_id or self.plan_id.company_id or self.env.company
            self.tax_ids = self.env["account.tax"]._find_sales_tax(rate, company)

    @api.constrains("product_id", "tax_ids")
    def _check_taxes(self):
        for component in self:
            taxes = component._get_taxes()
            if component.plan_id.price_includes_tax:
                component._check_can_be_included(taxes)
            elif included := taxes.filtered("price_include"):
                raise ValidationError(
                    self.env._(
                        "Prices of the plan are without taxes, but %(tax)s of %(product)s is "
                        "included in the price. Choose a tax that is added to the price, or let "
                        "the prices of the plan include taxes.",
                        tax=included[0].name,
                        product=component.product_id.display_name,
                    )
                )

    def _check_can_be_included(self, taxes):
        if groups := taxes.filtered(lambda tax: tax.amount_type == "group"):
            raise ValidationError(
                self.env._(
                    "%(tax)s of %(product)s is a group of taxes, which cannot be taken out of a "
                    "price. Choose the taxes of the group one by one.",
                    tax=groups[0].name,
                    product=self.product_id.display_name,
                )
            )

    def _get_taxes(self):
        """The taxes of the component before any fiscal position."""
        return self.tax_ids or self.product_id._get_sales_taxes(self.company_id)


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _get_sales_taxes(self, company):
        return self.sudo().taxes_id._filter_taxes_by_company(company).sudo(self.env.su)
