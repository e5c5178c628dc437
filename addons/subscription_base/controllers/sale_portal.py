"""What a customer is asked to pay with an order in the portal."""

from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request

from odoo.addons.sale.controllers.portal import CustomerPortal


class SubscriptionSalePortal(CustomerPortal):
    def _determine_is_down_payment(self, order_sudo, amount_selection, payment_amount):
        """An order of plans is confirmed by what falls due first, whatever its total says."""
        is_first_bill = order_sudo.has_plan and order_sudo.state != "sale" and not payment_amount
        return is_first_bill or super()._determine_is_down_payment(
            order_sudo, amount_selection, payment_amount
        )

    @http.route(
        "/my/orders/<int:order_id>/interval",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def choose_interval(self, order_id, line_id=0, plan_id=0, access_token=None, **_post):
        """Let the customer choose how often to pay, until the quotation is signed."""
        try:
            order = self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        line = order.order_line.filtered(lambda line: str(line.id) == str(line_id))
        plans = line.available_plan_ids.sudo() | line.subscription_plan_id
        plan = plans.filtered(lambda plan: str(plan.id) == str(plan_id))
        try:
            order._choose_interval(line, plan)
        except UserError:
            return request.redirect(order.get_portal_url())
        return request.redirect(order.get_portal_url(anchor="intervals"))
