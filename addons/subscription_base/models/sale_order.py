from odoo import api, fields, models
from odoo.exceptions import UserError


class SaleOrder(models.Model):
    """An order that sells plans. Confirming it starts one subscription for each plan line."""

    _inherit = "sale.order"

    subscription_ids = fields.One2many(
        "subscription.subscription",
        "sale_order_id",
        "Subscriptions",
        copy=False,
        context={"active_test": False},
    )
    subscription_count = fields.Integer(compute="_compute_subscription_count")
    has_plan = fields.Boolean(compute="_compute_has_plan")
    has_price_rule = fields.Boolean(compute="_compute_has_price_rule")
    subscription_start_date = fields.Date(
        "Subscription Start",
        copy=False,
        help="First day of the subscriptions; the day of the confirmation when left empty.",
    )

    @api.depends("subscription_ids")
    def _compute_subscription_count(self):
        for order in self:
            order.subscription_count = len(order.subscription_ids)

    @api.depends("order_line.subscription_plan_id")
    def _compute_has_plan(self):
        for order in self:
            order.has_plan = bool(order.order_line.subscription_plan_id)

    @api.depends("order_line.price_rule")
    def _compute_has_price_rule(self):
        for order in self:
            order.has_price_rule = any(order.order_line.mapped("price_rule"))

    @api.depends("order_line.subscription_plan_id")
    def _compute_invoice_status(self):
        """The lines that a subscription bills do not keep the order from being fully invoiced."""
        result = super()._compute_invoice_status()
        for order in self.filtered(lambda o: o.state == "sale" and o.invoice_status == "no"):
            subscribed = order.order_line._get_subscription_lines()
            rest = (order._get_priced_lines() - subscribed).filtered(
                lambda line: not line.is_downpayment
            )
            statuses = set(rest.mapped("invoice_status"))
            if subscribed and statuses and statuses <= {"invoiced", "upselling"}:
                order.invoice_status = max(statuses)
        return result

    def _force_lines_to_invoice_policy_order(self):
        """A paid order invoices everything at once, but still not what a subscription bills."""
        result = super()._force_lines_to_invoice_policy_order()
        self.order_line._get_subscription_lines().qty_to_invoice = 0
        return result

    def _get_invoiceable_lines(self, final=False):
        lines = super()._get_invoiceable_lines(final)
        return lines - lines._get_subscription_lines()

    def _generate_downpayment_invoices(self):
        return super(
            SaleOrder, self.filtered(lambda order: order._get_once_lines())
        )._generate_downpayment_invoices()

    def _get_subscription_start(self):
        self.ensure_one()
        return self.subscription_start_date or fields.Date.context_today(self)

    def _confirmation_error_message(self):
        return super()._confirmation_error_message() or self._get_plan_error_message()

    def _get_plan_error_message(self):
        """Why the plans of the order cannot be confirmed; ``False`` when they can.

        :rtype: str | bool
        """
        for line in self._get_plan_lines():
            plan = line.subscription_plan_id
            is_sold = plan._is_sold_for(line.product_id, self.company_id)
            if not is_sold and not line._is_still_offered():
                return self.env._(
                    "The plan %(plan)s is no longer sold for %(product)s. Choose an active plan "
                    "on the line, or none to sell the product once.",
                    plan=plan.display_name,
                    product=line.product_id.display_name,
                )
        return False

    def _get_plan_lines(self):
        """The lines that sell a plan; an optional line that was not taken does not."""
        return self.order_line.filtered(
            lambda line: line.subscription_plan_id and line.product_uom_qty
        )

    def _action_confirm(self):
        result = super()._action_confirm()
        self._start_subscriptions()
        return result

    def _start_subscriptions(self, not_before=None):
        """Start one subscription for each plan line that has none yet.

        A confirmed order that was cancelled has left its subscriptions as drafts: they are used
        again, with what the lines say now.

        :param date not_before: the day on which a plan was added to the confirmed order.
        """
        for order in self.filtered(lambda order: order._get_plan_lines()):
            order.subscription_start_date = order._get_subscription_start()
            drafts = order.subscription_ids.filtered(lambda s: s.state == "draft")
            for line in order._get_plan_lines():
                subscription = line.subscription_line_ids.subscription_id
                subscription = subscription.filtered(lambda s: not s._is_undone())
                if subscription - drafts:
                    continue
                subscription = subscription[:1]
                drafts -= subscription
                line._start_subscription(subscription, not_before)
            drafts._retire()

    def _action_cancel(self):
        running = self.subscription_ids.filtered(
            lambda s: s.state != "draft" and not s._is_undone()
        )
        for subscription in running:
            if subscription.sudo().charge_ids:
                raise UserError(
                    self.env._(
                        "The subscription %(subscription)s of the order %(order)s has been "
                        "billed already. Close the subscription instead: what was charged for "
                        "days after its end is credited.",
                        subscription=subscription.name,
                        order=subscription.sale_order_id.name,
                    )
                )
        result = super()._action_cancel()
        running._withdraw()
        return result

    def action_view_subscriptions(self):
        """Open the subscriptions that came out of the order."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "subscription_base.subscription_subscription_action"
        )
        if len(self.subscription_ids) == 1:
            return action | {"views": [(False, "form")], "res_id": self.subscription_ids.id}
        return action | {
            "domain": [("sale_order_id", "in", self.ids)],
            "context": {"active_test": False},
        }
