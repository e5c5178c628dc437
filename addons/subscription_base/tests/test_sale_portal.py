import re
from html import unescape

from odoo.tests import HttpCase, freeze_time, tagged

from .test_sale_origin import OriginCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-04-16")
class TestSalePortal(OriginCommon, HttpCase):
    """What a quotation says to consumers and about a running subscription."""

    def _get_text(self, order):
        page = self.url_open(order.with_env(self.env).get_portal_url()).text
        return re.sub(r"<[^>]+>|\s+", " ", page)

    def _get_quotation(self, partner):
        order = self._quote({"product_id": self.hosting.id, "subscription_plan_id": self.plan.id})
        order = order.with_env(self.env)
        order.partner_id = partner
        order.action_quotation_sent()
        return order

    def test_consumers_order_with_the_words_of_the_law(self):
        consumer = self.env["res.partner"].create({"name": "Consumer"})
        order = self._get_quotation(consumer)
        self.assertTrue(order._has_to_be_signed())
        page = unescape(self.url_open(order.get_portal_url()).text)
        self.assertIn("Order with obligation to pay", page)
        self.assertIn('"sendLabel": "Order with obligation to pay"', page)
        self.assertNotIn("Accept & Sign", page)

    def test_businesses_sign_as_ever(self):
        business = self.env["res.partner"].create({"name": "Business", "is_company": True})
        page = unescape(self.url_open(self._get_quotation(business).get_portal_url()).text)
        self.assertIn("Accept & Sign", page)
        self.assertNotIn("obligation to pay", page)

    def test_each_kind_says_what_becomes_of_the_subscription(self):
        name = self.subscription.name
        for kind, title in (
            ("upsell", f"Addition to your subscription {name}:"),
            ("change", f"Change of your subscription {name}:"),
            ("renewal", f"Renewal of your subscription {name}:"),
        ):
            order = self._get_quote(kind, self.pro if kind == "change" else None)
            self.assertIn(
                f"{title} this quotation changes the running subscription; it starts no second",
                re.sub(r"\s+", " ", self._get_text(order)),
            )
