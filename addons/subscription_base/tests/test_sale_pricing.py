from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .common import shows
from .test_pricing import PricingCommon, tiers
from .test_sale_order import SaleSubscriptionCommon

SPACE = "\N{NO-BREAK SPACE}"


@freeze_time("2026-01-01")
@tagged("post_install", "-at_install")
class TestSalePricing(PricingCommon, SaleSubscriptionCommon):
    def _quote_plan(self, plan, **values):
        return self._quote(
            {"product_id": self.hosting.id, "subscription_plan_id": plan.id, **values}
        )

    def _confirm(self, order):
        order.action_confirm()
        return order.subscription_ids

    def test_the_order_states_the_average_price_and_the_subscription_the_tiers(self):
        order = self._quote_plan(self._create_tiered())
        line = order.order_line
        self.assertEqual((line.product_uom_qty, line.price_subtotal), (15, 70.0))
        self.assertEqual(line.price_rule.replace(SPACE, " "), "1-10: $ 5.00, from 11: $ 4.00")
        line.product_uom_qty = 20
        self.assertEqual(line.price_unit, 4.5)
        subscription = self._confirm(order)
        self.assertEqual(subscription.line_ids.tier_ids.mapped("price_unit"), [5.0, 4.0])
        self.assertEqual(subscription.recurring_amount, order.amount_untaxed)
        self.assertEqual(self._bill(subscription, "2026-01-01").amount_untaxed, 90.0)

    def test_a_pricelist_lowers_every_tier(self):
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Ten percent",
                "item_ids": [
                    Command.create(
                        {"applied_on": "3_global", "compute_price": "formula", "price_discount": 10}
                    )
                ],
            }
        )
        order = self._quote(
            {"product_id": self.hosting.id, "subscription_plan_id": self._create_tiered().id},
            pricelist_id=pricelist.id,
        )
        self.assertEqual(order.amount_untaxed, 63.0)
        self.assertEqual(
            order.order_line.price_rule.replace(SPACE, " "), "1-10: $ 4.50, from 11: $ 3.60"
        )
        subscription = self._confirm(order)
        self.assertEqual(subscription.line_ids.tier_ids.mapped("price_unit"), [4.5, 3.6])
        self.assertEqual(subscription.recurring_amount, 63.0)

    def test_a_discount_is_billed_as_it_was_quoted(self):
        for values in ({}, {"minimum_amount": 100.0}, {"maximum_amount": 50.0}):
            with self.subTest(values=values):
                order = self._quote_plan(self._create_tiered(**values), discount=10.0)
                subscription = self._confirm(order)
                invoice = self._bill(subscription, "2026-01-01")
                self.assertEqual(invoice.amount_untaxed, order.amount_untaxed)

    def test_a_price_by_hand_keeps_the_proportion_of_the_tiers(self):
        order = self._quote_plan(self._create_tiered(default_quantity=20))
        order.order_line.price_unit = 9.0
        subscription = self._confirm(order)
        self.assertEqual(subscription.line_ids.tier_ids.mapped("price_unit"), [10.0, 8.0])

    def test_a_price_by_hand_cannot_take_the_place_of_free_tiers(self):
        free = tiers({"up_to": 10}, {"price_unit": 4.0})
        plan = self._create_tiered(tier_ids=free, default_quantity=5)
        order = self._quote_plan(plan)
        self.assertEqual(order.amount_untaxed, 0.0)
        order.order_line.price_unit = 9.0
        with self.assertRaisesRegex(UserError, "costs nothing at first"):
            order.action_confirm()
        self.assertEqual(self._confirm(self._quote_plan(plan)).recurring_amount, 0.0)

    def test_usage_by_tiers_is_quoted_from_its_first_price_on(self):
        plan = self._create_metered(
            pricing_model="graduated", tier_ids=tiers(), minimum_amount=20.0
        )
        order = self._quote_plan(plan)
        usage = order.order_line[1]
        self.assertEqual((usage.price_unit, usage.product_uom_qty), (5.0, 0.0))
        self.assertIn(f"at least ${SPACE}20.00 per period", usage.price_rule)
        self.assertTrue(usage.order_id.has_price_rule)
        line = self._confirm(order).line_ids[1]
        self.assertEqual(line.tier_ids.mapped("price_unit"), [5.0, 4.0])
        self.assertEqual(line.minimum_amount, 20.0)

    def test_the_customer_reads_the_price_rule(self):
        order = self._quote_plan(self._create_tiered())
        html = self.env["ir.qweb"]._render(
            "subscription_base.sale_order_price_rule", {"line": order.order_line}
        )
        self.assertIn("from 11", str(html))
        report = self.env["ir.actions.report"]._render_qweb_html(
            "sale.action_report_saleorder", order.ids
        )[0]
        self.assertIn(b"from 11", report)

    @shows("PA-23")
    def test_packages_of_one_product_family(self):
        sizes = {"S": 10.0, "M": 18.0, "L": 25.0}
        packages = self.env["subscription.plan"].union(
            *(
                self._create_plan(
                    f"Web space {size}", [{"product_id": self.domain.id, "price_unit": price}]
                )
                for size, price in sizes.items()
            )
        )
        self.assertEqual(packages.product_tmpl_id, self.domain.product_tmpl_id)
        ((family, plans),) = packages._read_group(
            [("id", "in", packages.ids)], ["product_tmpl_id"], ["id:recordset"]
        )
        self.assertEqual((family, plans), (self.domain.product_tmpl_id, packages))
        self.assertEqual(self.domain.product_tmpl_id.subscription_plan_ids, packages)
        order = self._quote({"product_id": self.domain.id})
        offered = order.order_line.available_plan_ids.with_context(show_price=True)
        self.assertEqual(
            [name.replace(SPACE, " ") for name in offered.sorted("price").mapped("display_name")],
            [
                "Web space S: $ 10.00 monthly",
                "Web space M: $ 18.00 monthly",
                "Web space L: $ 25.00 monthly",
            ],
        )
        order = self._quote(
            *({"product_id": self.domain.id, "subscription_plan_id": plan.id} for plan in packages)
        )
        self.assertEqual(order.order_line.mapped("price_unit"), list(sizes.values()))

    @shows("PA-24")
    def test_the_price_follows_the_interval_that_is_chosen(self):
        monthly = self._create_plan(
            "Paid monthly", [{"product_id": self.domain.id, "price_unit": 10}]
        )
        yearly = self._create_plan(
            "Paid yearly",
            [{"product_id": self.domain.id, "price_unit": 108}],
            interval_count=12,
        )
        for plan, amount, until in ((monthly, 10.0, "2026-01-31"), (yearly, 108.0, "2026-12-31")):
            order = self._quote({"product_id": self.domain.id, "subscription_plan_id": plan.id})
            line = self._bill(self._confirm(order), "2026-01-01").invoice_line_ids
            self.assertEqual(line.price_subtotal, amount)
            self.assertEqual(str(line.subscription_period_end), until)

    def test_a_manager_enters_tiers(self):
        form = Form(
            self.env["subscription.plan.component"].with_context(
                default_plan_id=self._create_plan("New", [{"product_id": self.hosting.id}]).id
            )
        )
        form.product_id = self.domain
        form.pricing_model = "graduated"
        for up_to, price in ((10, 5.0), (0, 4.0)):
            with form.tier_ids.new() as tier:
                tier.up_to = up_to
                tier.price_unit = price
        component = form.save()
        self.assertEqual(component.price_text.replace(SPACE, " "), "1-10: $ 5.00, from 11: $ 4.00")

    def test_a_salesperson_reads_and_enters_the_tiers_of_a_line(self):
        plan = self._create_tiered()
        form = Form(self.env["subscription.subscription"].with_user(self.salesperson))
        form.partner_id = self.partner_a
        form.plan_id = plan
        subscription = form.save()
        self.assertEqual(subscription.recurring_amount, 70.0)
        with Form(subscription.line_ids) as line, line.tier_ids.edit(1) as tier:
            tier.price_unit = 3.0
        self.assertEqual(subscription.recurring_amount, 65.0)
