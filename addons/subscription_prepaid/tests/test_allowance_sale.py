from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from .allowance_common import AllowanceCommon


@tagged("post_install", "-at_install")
class TestAllowanceSale(AllowanceCommon):
    """Packs on quotations; today is 10 March 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_on = cls._create_pack(cls.meter, units=50.0, validity_length=0)
        usage = {
            "product_id": cls.messages.id,
            "charge_type": "usage",
            "meter_id": cls.meter.id,
        }
        once = {
            "product_id": cls.add_on.product_id.id,
            "charge_type": "one_time",
            "is_optional": True,
            "price_unit": 5.0,
        }
        cls.messaging = cls._create_plan(
            "Messaging", [{"product_id": cls.hosting.id, "price_unit": 10.0}, usage, once]
        )

    def _sell(self, *lines, **values):
        plan = {"product_id": self.hosting.id, "subscription_plan_id": self.messaging.id}
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner_a.id,
                "order_line": [Command.create(line) for line in (plan, *lines)],
                **values,
            }
        )
        return order

    def test_an_add_on_of_the_plan_is_billed_by_the_subscription(self):
        order = self._sell()
        order.order_line.filtered(
            lambda line: line.product_id == self.add_on.product_id
        ).product_uom_qty = 2
        order.action_confirm()
        subscription = order.subscription_ids
        allowance = subscription.allowance_ids
        self.assertEqual((allowance.units, allowance.date_end), (100.0, False))
        invoice = self._bill(subscription, "2026-03-10")
        line = self._lines(invoice, self.add_on.product_id)
        self.assertEqual(line.price_subtotal, 10.0)
        self.assertIn("100 messages, never expires", line.name)

    def test_a_pack_as_a_product_of_its_own_is_invoiced_by_the_order(self):
        order = self._sell({"product_id": self.pack.product_id.id, "product_uom_qty": 3})
        line = order.order_line.filtered(lambda one: one.product_id == self.pack.product_id)
        self.assertIn("100 messages, valid for 3 months", line.name)
        order.action_confirm()
        subscription = order.subscription_ids
        allowance = subscription.allowance_ids
        self.assertEqual((allowance.units, str(allowance.date_end)), (300.0, "2026-06-09"))
        billed = self._bill(subscription, "2026-03-10")
        self.assertFalse(self._lines(billed, self.pack.product_id))
        self.assertEqual(line.qty_to_invoice, 3.0)
        self.assertEqual(order._create_invoices().amount_untaxed, 24.0)
        order._start_subscriptions()
        self.assertEqual(subscription.allowance_ids, allowance, "once")

    def test_a_pack_on_a_quotation_for_a_running_subscription(self):
        subscription = self._create_subscription(self.messaging, "2026-03-01")
        order = subscription._create_quote("upsell")
        order.order_line = [
            Command.create({"product_id": self.pack.product_id.id, "product_uom_qty": 1})
        ]
        self.assertFalse(subscription.allowance_ids)
        order.action_confirm()
        self.assertEqual(subscription.allowance_ids.units, 100.0)
        self.assertEqual(subscription.allowance_ids.date_start, date(2026, 3, 10))

    def test_a_pack_without_a_subscription_is_a_product(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner_a.id,
                "order_line": [Command.create({"product_id": self.pack.product_id.id})],
            }
        )
        order.action_confirm()
        self.assertFalse(order.sudo().order_line.allowance_ids)

    def test_a_cancelled_order_takes_its_packs_back(self):
        order = self._sell({"product_id": self.pack.product_id.id})
        order.action_confirm()
        allowance = order.subscription_ids.allowance_ids
        order._action_cancel()
        self.assertIn(allowance.exists().state, ("revoked", False))

    def test_the_price_is_that_of_the_product_also_where_plans_include_taxes(self):
        usage = {"product_id": self.messages.id, "charge_type": "usage", "meter_id": self.meter.id}
        plan = self._create_plan(
            "Gross", [{"product_id": self.hosting.id}, usage], price_includes_tax=True
        )
        subscription = self._create_subscription(plan)
        allowance = subscription._add_pack(self.pack, date(2026, 3, 10))
        self.assertFalse(allowance.line_id.price_includes_tax)
        invoice = self._bill(subscription, "2026-03-10")
        self.assertEqual(self._lines(invoice, self.pack.product_id).price_subtotal, 8.0)
