"""Packs of units as products on orders that start a subscription, or belong to a running one.

Such a line is invoiced by the order, like any other product. The subscription gets the units.
"""

from odoo import fields, models


class SubscriptionAllowance(models.Model):
    _inherit = "subscription.allowance"

    sale_line_id = fields.Many2one(
        "sale.order.line",
        "Order Line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The order line that has sold, and invoices, the pack.",
    )


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _start_subscriptions(self, not_before=None):
        result = super()._start_subscriptions(not_before)
        for order in self.filtered(lambda order: len(order.subscription_ids) == 1):
            order._bring_packs(order.subscription_ids)
        return result

    def _apply_to(self, subscription, at_once=False):
        result = super()._apply_to(subscription, at_once)
        self._bring_packs(subscription)
        return result

    def _action_cancel(self):
        result = super()._action_cancel()
        self.sudo().order_line.allowance_ids.action_take_back()
        return result

    def _bring_packs(self, subscription):
        """Let the subscription have the packs of the order; each line brings its units once."""
        self.ensure_one()
        packs = self.order_line._get_packs()
        for line in self.order_line.sudo():
            if line in packs and line.product_uom_qty and not line.allowance_ids:
                line._bring_pack(subscription)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    allowance_ids = fields.One2many(
        "subscription.allowance", "sale_line_id", "Units", groups="base.group_system"
    )

    def _get_packs(self):
        """The packs that lines sell by themselves, and not as a component of a plan.

        :return: ``{line: pack}``
        """
        own = self.filtered(lambda line: line.product_id and not line._get_plan_component())
        packs = self.env["subscription.allowance.pack"]._get_for(own) if own else {}
        found = {line: packs.get((line.product_id, line.company_id)) for line in own}
        return {line: pack for line, pack in found.items() if pack}

    def _bring_pack(self, subscription):
        """Let the subscription have the units; it bills nothing for them."""
        unit = self.product_id.uom_id
        allowance = subscription._bring_pack(
            max(self.order_id._get_subscription_start(), subscription.date_start),
            {
                "product_id": self.product_id.id,
                "quantity": self.product_uom_id._compute_quantity(self.product_uom_qty, unit),
                "price_unit": 0.0,
            },
        )
        allowance.sudo().sale_line_id = self

    def _get_sale_order_line_multiline_description_sale(self):
        """The quotation says how many units a pack brings, and how long they can be used."""
        text = super()._get_sale_order_line_multiline_description_sale()
        pack = self._get_packs().get(self)
        lang = self.order_id._get_lang()
        return f"{text}\n{pack.with_context(lang=lang).text}" if pack else text
