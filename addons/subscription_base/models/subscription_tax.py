"""The taxes of subscription lines and of the invoice lines that state their charges.

A price that includes taxes stays what the customer pays as long as the taxes of the plan apply,
whatever their rates. Where a fiscal position replaces them, they are taken out of the price, and
the replacing taxes are added: who pays 119 at home pays 100 under reverse charge.
"""

from odoo import api, fields, models
from odoo.fields import Command


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    price_includes_tax = fields.Boolean(
        compute="_compute_price_includes_tax",
        store=True,
        readonly=False,
        precompute=True,
        help="The price is what the customer pays, taxes included.",
    )

    @api.depends("plan_id")
    def _compute_price_includes_tax(self):
        """A running subscription may move to another plan; its lines keep what was agreed."""
        for line in self:
            if not line._origin or line.subscription_id.state == "draft":
                line.price_includes_tax = line.plan_id.price_includes_tax

    @api.depends("price_includes_tax", "component_id.tax_ids")
    def _compute_recurring(self):
        """Recurring revenue is stated without taxes."""
        result = super()._compute_recurring()
        for line in self.filtered("price_includes_tax"):
            line.recurring_amount = line._strip_taxes(line.recurring_amount)
            line.recurring_monthly = line._strip_taxes(line.recurring_monthly)
        return result

    def _get_locked_fields(self):
        return super()._get_locked_fields() | {"price_includes_tax"}

    def _get_pricing_fields(self):
        return super()._get_pricing_fields() | {"price_includes_tax"}

    def _get_taxes(self):
        """The taxes of the line before any fiscal position."""
        return self.component_id.tax_ids or self.product_id._get_sales_taxes(self.company_id)

    def _strip_taxes(self, price):
        """``price`` without the taxes that it includes, unrounded."""
        return self._get_taxes()._strip_included(price, self.product_id)


class SubscriptionCharge(models.Model):
    _inherit = "subscription.charge"

    def _get_net_amount(self):
        """The charge without the taxes that its price includes."""
        return self.currency_id.round(self.line_id._strip_taxes(self.amount))

    def _get_invoice_terms(self):
        line = self.line_id
        if line.price_includes_tax and self.subscription_id._replaces_taxes(line):
            return self._get_net_amount(), line._strip_taxes(line.price_unit)
        return super()._get_invoice_terms()


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_invoice_fiscal_position(self):
        """The fiscal position of an invoice that is made now."""
        self.ensure_one()
        positions = self.env["account.fiscal.position"].with_company(self.company_id)
        return self.fiscal_position_id or positions._get_fiscal_position(
            self.partner_invoice_id, delivery=self.partner_shipping_id
        )

    def _replaces_taxes(self, line):
        """Whether the customer's fiscal position replaces the taxes of ``line``."""
        taxes = line._get_taxes()
        return self._get_invoice_fiscal_position().map_tax(taxes) != taxes

    def _prepare_invoice_line_taxes(self, line):
        """The taxes of an invoice line, where Odoo would not choose them by itself.

        :rtype: dict
        """
        if not (line.component_id.tax_ids or line.price_includes_tax):
            return {}
        taxes = line._get_taxes()
        mapped = self._get_invoice_fiscal_position().map_tax(taxes)
        if line.price_includes_tax:
            mapped = mapped._as_price_include(mapped == taxes)
        return {"tax_ids": [Command.set(mapped.ids)]}
