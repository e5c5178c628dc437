"""What a customer is asked to pay with an order in the portal."""

from odoo.addons.sale.controllers.portal import CustomerPortal


class SubscriptionSalePortal(CustomerPortal):
    def _determine_is_down_payment(self, order_sudo, amount_selection, payment_amount):
        """An order of plans is confirmed by what falls due first, whatever its total says."""
        is_first_bill = order_sudo.has_plan and order_sudo.state != "sale" and not payment_amount
        return is_first_bill or super()._determine_is_down_payment(
            order_sudo, amount_selection, payment_amount
        )
