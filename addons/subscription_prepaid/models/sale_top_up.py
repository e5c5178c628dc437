"""Top-ups by quote: the order asks for the money, and it comes into the balance without VAT."""

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError

BEGUN = ("pending", "authorized", "done")


class ProductTemplate(models.Model):
    _inherit = "product.template"

    is_balance_top_up = fields.Boolean(
        "Tops up the Balance",
        help="What is sold is no service but money that the customer pays into the balance: it "
        "bears no tax and is never invoiced.",
    )

    @api.constrains("is_balance_top_up", "type")
    def _check_balance_top_up(self):
        for product in self.filtered("is_balance_top_up"):
            if product.type != "service":
                raise ValidationError(
                    self.env._("%s tops up the balance, so it must be a service.", product.name)
                )


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _get_top_up_lines(self):
        return self.filtered("product_id.is_balance_top_up")

    @api.depends("product_id.is_balance_top_up")
    def _compute_tax_ids(self):
        result = super()._compute_tax_ids()
        self._get_top_up_lines().tax_ids = False
        return result

    @api.constrains("tax_ids", "product_id")
    def _check_top_up_bears_no_tax(self):
        for line in self._get_top_up_lines().filtered("tax_ids"):
            raise ValidationError(
                self.env._(
                    "%s tops up the balance. VAT is due when the balance is used: leave the taxes "
                    "of the line empty.",
                    line.product_id.display_name,
                )
            )

    @api.depends("product_id.is_balance_top_up")
    def _compute_qty_to_invoice(self):
        result = super()._compute_qty_to_invoice()
        self._get_top_up_lines().qty_to_invoice = 0
        return result

    @api.depends("product_id.is_balance_top_up")
    def _compute_invoice_status(self):
        result = super()._compute_invoice_status()
        self._get_top_up_lines().invoice_status = "no"
        return result


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _get_invoiceable_lines(self, final=False):
        lines = super()._get_invoiceable_lines(final)
        return lines - lines._get_top_up_lines()

    def _is_top_up_only(self):
        """Whether all that is ordered goes into the balance."""
        self.ensure_one()
        lines = self.order_line.filtered(lambda line: not line.display_type)
        return bool(lines) and lines == lines._get_top_up_lines()

    def _confirmation_error_message(self):
        return super()._confirmation_error_message() or self._get_top_up_error_message()

    def _get_top_up_error_message(self):
        """Why money cannot be taken into the balance; ``False`` when it can.

        :rtype: str | bool
        """
        lines = self.order_line._get_top_up_lines()
        if lines and self.company_id.sudo().subscription_top_up_kind == "dedicated":
            return self.env._(
                "%s takes advance payments for contracts only: remove the top-up and make an "
                "advance invoice on the subscription.",
                self.company_id.name,
            )
        if any(self.currency_id.compare_amounts(line.price_total, 0.0) <= 0 for line in lines):
            return self.env._("Enter how much is paid into the balance: an amount above zero.")
        return False

    def _action_confirm(self):
        result = super()._action_confirm()
        for order in self:
            order._ask_for_top_up()
        return result

    def _ask_for_top_up(self):
        """Tell the customer how to pay into the balance what was ordered, unless it is paid."""
        amount = sum(self.order_line._get_top_up_lines().mapped("price_total"))
        has_begun = any(tx.state in BEGUN for tx in self.sudo().transaction_ids)
        if not amount or (has_begun and self._is_top_up_only()):
            return
        wallet = self._get_top_up_wallet()
        env = self.with_context(lang=self.partner_id.lang or self.env.lang).env
        self.message_post(
            body=Markup("<p>%s</p><p>%s</p>")
            % (
                env._(
                    "Please pay %(amount)s into your balance, at %(url)s or by bank transfer with "
                    "the reference %(reference)s.",
                    amount=self.currency_id.with_env(env).format(amount),
                    url=f"{wallet._get_top_up_url()}?amount={amount:.2f}",
                    reference=wallet.name,
                ),
                env._("No VAT is due now: you get an invoice for whatever you use it for."),
            ),
            partner_ids=self.partner_id.ids,
            subtype_xmlid="mail.mt_comment",
        )

    def _get_top_up_wallet(self):
        self.ensure_one()
        return self.env["subscription.wallet"]._get(
            self.partner_invoice_id, self.company_id, self.currency_id
        )


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _create_payment(self, **extra_create_values):
        """What is paid online for an order of top-ups goes into the balance."""
        orders = self.sale_order_ids
        if len(orders) == 1 and orders._is_top_up_only():
            wallet = orders._get_top_up_wallet()
            theirs = (self.partner_id.commercial_partner_id, self.currency_id)
            if theirs == (wallet.partner_id, wallet.currency_id) and wallet.can_be_topped_up:
                extra_create_values["subscription_wallet_id"] = wallet.id
        return super()._create_payment(**extra_create_values)
