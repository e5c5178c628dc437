"""What the portal says about a quotation of plans: to consumers, and about a running one."""

from odoo import models

from .price_text import percent_text


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _is_for_consumer(self):
        """Whether the subscriptions of the order are a consumer's.

        :rtype: bool
        """
        self.ensure_one()
        origin = self.origin_subscription_id.sudo()
        customer = origin or origin.new({"partner_id": self.partner_id.id})
        return customer.customer_kind == "consumer"

    def _get_accept_label(self):
        """What the button says with which a consumer orders plans (§ 312j BGB).

        :return: empty where Odoo's own label is good enough.
        :rtype: str
        """
        self.ensure_one()
        if not self.has_plan or not self._is_for_consumer():
            return ""
        return self.env._("Order with obligation to pay")

    def _get_interval_offer(self, plan, saving):
        """The price of a plan to choose, and what it saves, as the button states them.

        :param Decimal saving: percent; 0 for nothing.
        :return: price, and the saving or nothing.
        :rtype: tuple[str, str]
        """
        money, frequency = plan.currency_id.format, plan.frequency
        if self._is_for_consumer():
            price = self.env._("%s, taxes included", f"{money(plan.price_taxed)} {frequency}")
        else:
            price = self.env._("%s, without taxes", f"{money(plan.price_untaxed)} {frequency}")
        if not saving:
            return price, ""
        percent = percent_text(self.env, round(float(saving), 2))
        return price, self.env._("you save %s", percent)

    def _get_origin_notice(self):
        """What confirming does to the running subscription, for its customer.

        :rtype: str
        """
        self.ensure_one()
        name = self.origin_subscription_id.sudo().name
        match self.subscription_order_kind:
            case "upsell":
                return self.env._("Addition to your subscription %s:", name)
            case "renewal":
                return self.env._("Renewal of your subscription %s:", name)
            case _:
                return self.env._("Change of your subscription %s:", name)
