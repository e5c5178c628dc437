"""What confirming a quotation does to the running subscription that it belongs to."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare

from .subscription_plan_move import MOVED_TYPES, PRICE_DIGITS

AGREED = ("quantity", "price_unit", "discount")


class SaleOrder(models.Model):
    _inherit = "sale.order"

    migration_ids = fields.One2many("subscription.migration", "sale_order_id")

    def _start_subscriptions(self, not_before=None):
        new = self.filtered(lambda order: not order.origin_subscription_id)
        return super(SaleOrder, new)._start_subscriptions(not_before)

    def _action_confirm(self):
        result = super()._action_confirm()
        for order in self.filtered("origin_subscription_id"):
            order.subscription_start_date = order._get_subscription_start()
            subscription = order.origin_subscription_id.with_company(order.company_id)
            if token := order._get_saved_payment_token():
                subscription.payment_token_id = token
            order._apply_to(subscription)
            subscription._log_quote(order)
        return result

    def _action_cancel(self):
        """What an accepted quotation has changed stays; only what is still planned is given up."""
        for order in self.filtered(lambda o: o.origin_subscription_id and o.state == "sale"):
            planned = order.migration_ids.filtered(lambda m: m.state in ("planned", "failed"))
            if not planned:
                raise UserError(
                    self.env._(
                        "%(order)s has changed the subscription %(subscription)s already. Change "
                        "the subscription instead.",
                        order=order.name,
                        subscription=order.origin_subscription_id.name,
                    )
                )
            planned._cancel_plan_change()
        return super()._action_cancel()

    def _apply_to(self, subscription, at_once=False):
        """Change the running subscription as the order says.

        :param subscription: the one that the order belongs to.
        :param bool at_once: another plan on a later day is not planned but put on the timeline,
            for a look at what that bills.
        """
        self.ensure_one()
        on, plan = self._get_subscription_start(), self._get_plan_lines().subscription_plan_id
        if self.subscription_order_kind == "upsell":
            for line in self.order_line.filtered(lambda line: line._is_upsell()):
                line._add_units(subscription, on)
            return
        if not at_once:
            subscription._get_plan_changes()._cancel_plan_change()
        if self.subscription_order_kind == "renewal":
            subscription._renew(on, self._prepare_individual_terms())
        policy = subscription._get_change_policy()
        if plan != subscription.plan_id:
            if at_once:
                subscription._move_to_plan(plan, on, keep_individual=False, **policy)
            else:
                subscription._plan_change(
                    plan, on, whole_periods=False, keep_individual=False, order=self, **policy
                )
                return
        self._apply_agreement(subscription, on)

    def _apply_agreement(self, subscription, on):
        """Let the lines of the plan from ``on`` on be those of the order, and the terms as well."""
        policy = subscription._get_change_policy()
        left = subscription.line_ids.filtered(
            lambda line: (
                line.component_id and line.charge_type in MOVED_TYPES and line._is_current(on)
            )
        )
        for line in self._get_plan_lines()._get_sold_lines():
            running = line._find_running_line(left)
            left -= running
            if running:
                line._change_running_line(running, on, **policy)
            else:
                line._add_to_running(subscription, on)
        left._end(on, policy["credit"])
        if terms := self._prepare_individual_terms():
            subscription.write(terms)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _find_running_line(self, lines):
        """The one of the running ``lines`` that the order line is about; empty for a new one."""
        origin = self.origin_line_id
        of_component = lines.filtered(lambda line: line.component_id == self._get_plan_component())
        same = of_component.filtered(lambda line: origin and origin in line._get_ancestors())
        return (same or of_component)[:1]

    def _change_running_line(self, running, on, credit, charge):
        """Let the running line go on from ``on`` as the order line says, if that differs."""
        values = self._get_differing_values(running)
        if not values:
            return
        scalars = {name: values[name] for name in AGREED if name in values}
        if running.date_start == on and not running.sudo().charge_ids:
            changed = running
        else:
            changed = running._change(on, credit=credit, charge=charge, **scalars)
        changed.write(values | {"sale_line_id": self._origin.id})

    def _get_differing_values(self, running):
        """Values of the order line that the running line does not have yet."""
        agreed = self._prepare_subscription_line_values()
        if running.charge_type == "usage":
            agreed.pop("quantity", None)
        component = self._get_plan_component()
        prices = {name: agreed[name] for name in AGREED if name in agreed}
        if component._has_unit_price():
            return {
                name: value
                for name, value in prices.items()
                if float_compare(value, running[name], precision_digits=PRICE_DIGITS)
            }
        values = {
            name: prices[name]
            for name in ("quantity", "discount")
            if name in prices and prices[name] != running[name]
        }
        price = self.product_uom_id._compute_price(self.price_unit, self.product_id.uom_id)
        if self._get_price_factor(component, price) != 1.0:
            values |= {"tier_ids": [fields.Command.clear(), *agreed.pop("tier_ids", [])]}
            values |= {
                name: agreed[name]
                for name in running._get_pricing_fields() & agreed.keys()
                if name != "discount"
            }
        return values

    def _add_to_running(self, subscription, on, **vals):
        """Let the running subscription bill the order line from ``on`` on."""
        values = self._prepare_subscription_line_values() | vals
        component = self._get_plan_component()
        charge = subscription._get_change_policy()["charge"]
        return subscription._add_option(component, on, charge, **values)

    def _add_units(self, subscription, on):
        """Add what an upsell sells: more of what runs at its price, or something new."""
        if not self._is_taken():
            return
        quantity = self._prepare_subscription_line_values()["quantity"]
        current = subscription.line_ids.filtered(lambda line: line._is_current(on))
        running = current.filtered(
            lambda line: self.origin_line_id and self.origin_line_id in line._get_ancestors()
        )[:1]
        others = self._get_differing_values(running).keys() - {"quantity"} if running else True
        if others:
            self._add_to_running(subscription, on)
        else:
            running._change(
                on, **subscription._get_change_policy(), quantity=running.quantity + quantity
            ).sale_line_id = self._origin


class SubscriptionLine(models.Model):
    _inherit = "subscription.line"

    def _get_ancestors(self):
        """The line and those that it continues."""
        lines = line = self
        while line := line.previous_line_id:
            lines |= line
        return lines
