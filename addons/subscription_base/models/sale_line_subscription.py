"""From a confirmed plan line to its subscription."""

from odoo import models
from odoo.fields import Command


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _start_subscription(self, subscription, not_before=None):
        """Start the subscription that the line has sold.

        :param subscription: the draft to use again; a new one is made when it is empty.
        :param date not_before: earliest start, whatever the order says.
        """
        self.ensure_one()
        values = self._prepare_subscription_values()
        if not_before:
            values["date_start"] = max(values["date_start"], not_before)
        if subscription:
            subscription.line_ids.unlink()
            subscription.write(values | {"active": True})
        else:
            company = self.order_id.company_id
            subscription = subscription.with_company(company).create(values)
        subscription.action_start()

    def _prepare_subscription_values(self):
        """Values of the subscription that the plan line and its component lines make."""
        self.ensure_one()
        order = self.order_id
        return {
            "company_id": order.company_id.id,
            "partner_id": order.partner_id.id,
            "partner_invoice_id": order.partner_invoice_id.id,
            "partner_shipping_id": order.partner_shipping_id.id,
            "user_id": order.user_id.id,
            "plan_id": self.subscription_plan_id.id,
            "currency_id": order.currency_id.id,
            "client_order_ref": order.client_order_ref,
            "sale_order_id": order._origin.id,
            "date_start": order._get_subscription_start(),
            "payment_token_id": order._get_saved_payment_token().id,
            **order._prepare_subscription_terms(),
            "line_ids": [
                Command.create(line._prepare_subscription_line_values() | {"sequence": number})
                for number, line in enumerate(self._get_sold_lines(), 1)
            ],
        }

    def _get_sold_lines(self):
        """The plan line and those of its component lines that the customer takes."""
        components = self._get_component_lines().filtered(lambda line: line._is_taken())
        return self + components.sorted("sequence")

    def _is_taken(self):
        """Whether the customer takes what the line sells; usage is only known afterwards."""
        self.ensure_one()
        return bool(self.product_uom_qty or self._get_plan_component().charge_type == "usage")

    def _prepare_subscription_line_values(self):
        """Values of the subscription line that states what was agreed on this line."""
        self.ensure_one()
        component, unit = self._get_plan_component(), self.product_id.uom_id
        values = component._prepare_subscription_line_values() | {
            "sale_line_id": self._origin.id,
            **self._prepare_agreed_prices(),
            "analytic_distribution": self.analytic_distribution,
        }
        if component.charge_type != "usage":
            values["quantity"] = self.product_uom_id._compute_quantity(self.product_uom_qty, unit)
        if self._has_own_description():
            values["name"] = self.name
        return values

    def _has_own_description(self):
        """Whether the salesperson has written the line's text."""
        line = self.with_context(lang=self.order_id._get_lang())
        return self.name != line._get_sale_order_line_multiline_description_sale()


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _get_saved_payment_token(self):
        """The payment method that the customer has saved when paying the order."""
        transactions = self.sudo().transaction_ids.filtered(
            lambda tx: tx.state in ("pending", "authorized", "done") and tx.token_id.active
        )
        return transactions.sorted("id")[-1:].token_id

    def _prepare_subscription_terms(self):
        """Terms that were set on the order by hand.

        Where the order only states the default, the subscription follows its own: the plan's
        payment term, and the fiscal position that the customer has at invoice date.
        """
        self.ensure_one()
        order = self.with_company(self.company_id)
        values = {"fiscal_position_id": False}
        position = order.env["account.fiscal.position"]._get_fiscal_position(
            order.partner_id, order.partner_shipping_id
        )
        if order.fiscal_position_id != position:
            values["fiscal_position_id"] = order.fiscal_position_id.id
        if order.payment_term_id != order.partner_id.property_payment_term_id:
            values["payment_term_id"] = order.payment_term_id.id
        return values
