"""What is sold on an order after it has been confirmed."""

from odoo import api, fields, models
from odoo.fields import Command

IN_PROGRESS = "subscription_sale_in_progress"


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def write(self, vals):
        """The lines of a form are saved one by one: sell them once all of them are known."""
        if "order_line" not in vals or self.env.context.get(IN_PROGRESS):
            return super().write(vals)
        unbilled = self.order_line._get_unbilled_lines()
        result = super(SaleOrder, self.with_context(**{IN_PROGRESS: True})).write(vals)
        (self.order_line._get_unbilled_lines() - unbilled)._sell_on_confirmed_order()
        return result


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._link_to_plan_line(vals) for vals in vals_list]
        if self.env.context.get(IN_PROGRESS):
            return super().create(vals_list)
        in_progress = self.with_context(**{IN_PROGRESS: True})
        lines = super(SaleOrderLine, in_progress).create(vals_list).with_env(self.env)
        lines._get_unbilled_lines()._sell_on_confirmed_order()
        return lines

    @api.model
    def _link_to_plan_line(self, vals):
        """``vals`` of a component line that was added alone, with the line that sells its plan."""
        component = self.env["subscription.plan.component"].browse(
            vals.get("subscription_component_id") or ()
        )
        if not component or vals.get("linked_line_id") or vals.get("linked_virtual_id"):
            return vals
        lines = (
            self.env["sale.order"]
            .browse(vals.get("order_id") or ())
            .order_line.filtered(lambda line: line.subscription_plan_id == component.plan_id)
        )
        taken = lines.filtered("product_uom_qty")
        return vals | {"linked_line_id": (taken or lines)[:1].id}

    def write(self, vals):
        if self.env.context.get(IN_PROGRESS) or not self._get_selling_fields() & vals.keys():
            return super().write(vals)
        unbilled = self._get_unbilled_lines()
        result = super(SaleOrderLine, self.with_context(**{IN_PROGRESS: True})).write(vals)
        (self._get_unbilled_lines() - unbilled)._sell_on_confirmed_order()
        return result

    def _get_selling_fields(self):
        """Fields that decide whether the line sells something that a subscription bills."""
        return {
            "product_id", "subscription_plan_id", "subscription_component_id", "product_uom_qty",
            "linked_line_id", "linked_virtual_id",
        }  # fmt: skip

    def _get_unbilled_lines(self):
        """Those lines of confirmed orders that a subscription has to bill, and none does.

        The component lines of a plan line are looked at with it: they follow its quantity.
        """
        lines = self._get_subscription_lines().filtered(lambda line: line.state == "sale")
        for line in lines.filtered("subscription_plan_id"):
            lines |= line._get_component_lines()
        return lines.filtered(lambda line: line._is_taken() and not line.subscription_line_ids)

    def _sell_on_confirmed_order(self):
        """Start the subscriptions of plans, and add components to the running ones."""
        orders = self.filtered("subscription_plan_id").order_id
        orders._start_subscriptions(not_before=fields.Date.context_today(self))
        waiting = self.filtered(lambda line: not line.subscription_line_ids)
        for plan_line, lines in waiting.grouped(lambda line: line._get_linked_line()).items():
            if subscription := plan_line.subscription_line_ids.subscription_id[:1]:
                plan_line._add_to_subscription(subscription, lines.sorted("sequence"))

    def _add_to_subscription(self, subscription, lines):
        """Let the subscription of the plan line bill component ``lines`` from today on.

        :raise UserError: when the subscription has ended and would not bill them.
        """
        self.ensure_one()
        start = max(fields.Date.context_today(self), subscription.date_start)
        has_ended = subscription.date_end and subscription.date_end < start
        if has_ended or subscription.state == "closed":
            self._refuse_change(subscription)
        last = max(subscription.line_ids.mapped("sequence"), default=0)
        subscription.with_company(subscription.company_id).line_ids = [
            Command.create(
                line._prepare_subscription_line_values() | {"date_start": start, "sequence": number}
            )
            for number, line in enumerate(lines, last + 1)
        ]
