from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import shows
from .test_sale_order import SaleSubscriptionCommon


@freeze_time("2026-01-16")
@tagged("post_install", "-at_install")
class TestSaleLine(SaleSubscriptionCommon):
    @shows("PA-10")
    def test_a_manager_sets_up_a_plan_with_two_add_ons_that_sales_can_quote(self):
        manager = new_test_user(
            self.env,
            "plan_manager",
            "subscription_base.group_subscription_manager",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        form = Form(self.env["subscription.plan"].with_user(manager))
        form.name = "Web space"
        for product in (self.product_b, self.domain, self.traffic):
            with form.component_ids.new() as component:
                component.product_id = product
                component.is_optional = product != self.product_b
        plan = form.save()
        plan.action_activate()
        with self._new_form() as quotation, quotation.order_line.new() as line:
            line.product_id = self.product_b
            line.subscription_plan_id = self.env["subscription.plan"].browse(plan.id)
        order = quotation.record
        self.assertEqual(order.order_line.product_id, self.product_b + self.domain + self.traffic)
        order.order_line[1:].product_uom_qty = 1
        order.action_confirm()
        self.assertEqual(len(order.subscription_ids.line_ids), 3)

    def test_a_plan_brings_its_components_exactly_once(self):
        order = self._quote(self._hosting_line())
        self.assertEqual(
            self._get_amounts(order),
            [
                ("Hosting", 1.0, 30.0),
                ("Connection", 1.0, 50.0),
                ("Traffic", 0.0, 0.05),
                ("Extra domain", 0.0, 6.0),
            ],
        )
        self.assertEqual(order.order_line.linked_line_id, order.order_line[0])
        self.assertIn("100 included", order.order_line[2].name)
        self.assertEqual(order.amount_untaxed, 80.0)

    def test_a_line_made_in_code_keeps_its_plan(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner_a.id,
                "order_line": [Command.create({"product_id": self.hosting.id})],
            }
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(order.order_line[0].subscription_plan_id)
        self.assertIn(
            order.order_line[0].subscription_plan_id,
            self.hosting.product_tmpl_id.subscription_plan_ids,
        )

    def test_the_form_brings_the_same_lines_before_saving(self):
        with self._new_form() as form:
            with form.order_line.new() as line:
                line.product_template_id = self.hosting.product_tmpl_id
                line.product_id = self.hosting
                line.subscription_plan_id = self.plan
            self.assertEqual(len(form.order_line), 4)
        order = form.record
        self.assertEqual(
            self._get_amounts(order), self._get_amounts(self._quote(self._hosting_line()))
        )
        self.assertEqual(order.order_line.linked_line_id, order.order_line[0])

    def _new_form(self):
        form = Form(self.env["sale.order"].with_user(self.salesperson))
        form.partner_id = self.partner_a
        return form

    def test_the_form_replaces_and_removes_the_lines_of_a_plan(self):
        order = self._quote(self._hosting_line(), {"product_id": self.product_a.id})
        self.assertEqual(order.order_line[-1].product_id, self.product_a)
        with Form(order) as form:
            with form.order_line.edit(0) as line:
                line.subscription_plan_id = self.flat_plan
            self.assertEqual(len(form.order_line), 2)
        self.assertEqual(order.order_line.mapped("product_id"), self.hosting | self.product_a)
        with Form(order) as form:
            with form.order_line.edit(0) as line:
                line.subscription_plan_id = self.plan
            self.assertEqual(len(form.order_line), 5)
        self.assertEqual(len(order.order_line), 5)
        self.assertEqual(order.order_line[-1].product_id, self.product_a)
        with Form(order) as form:
            form.order_line.remove(0)
            self.assertEqual(len(form.order_line), 1)
        self.assertEqual(order.order_line.product_id, self.product_a)

    def test_a_component_line_removed_by_hand_stays_away(self):
        with self._new_form() as form:
            with form.order_line.new() as line:
                line.product_id = self.hosting
                line.subscription_plan_id = self.plan
            form.order_line.remove(1)
        order = form.record
        self.assertNotIn(self.setup_fee, order.order_line.product_id)
        order.order_line[0].product_uom_qty = 2
        self.assertNotIn(self.setup_fee, order.order_line.product_id)

    def test_writing_another_plan_replaces_lines_and_price(self):
        yearly = self._create_plan(
            "Hosting yearly",
            [{"product_id": self.hosting.id, "price_unit": 300.0}],
            interval_count=12,
        )
        order = self._quote(self._hosting_line(price_unit=28.0))
        order.order_line[0].subscription_plan_id = yearly
        self.assertEqual(self._get_amounts(order), [("Hosting", 1.0, 300.0)])
        order.order_line[0].subscription_plan_id = False
        self.assertEqual(self._get_amounts(order), [("Hosting", 1.0, 30.0)])

    @shows("PA-24")
    def test_the_price_is_that_of_the_chosen_interval(self):
        monthly = self._create_plan(
            "Package monthly", [{"product_id": self.product_b.id, "price_unit": 10.0}]
        )
        yearly = self._create_plan(
            "Package yearly",
            [{"product_id": self.product_b.id, "price_unit": 108.0}],
            interval_count=12,
        )
        for plan, price, until in ((monthly, 10.0, "2026-02-15"), (yearly, 108.0, "2027-01-15")):
            order = self._quote({"product_id": self.product_b.id, "subscription_plan_id": plan.id})
            order.action_confirm()
            subscription = order.subscription_ids.with_user(self.env.user)
            subscription.action_bill_now()
            line = subscription._get_invoices().invoice_line_ids
            self.assertEqual(line.price_subtotal, price)
            self.assertEqual(str(line.subscription_period_end), until)

    def test_a_product_with_plans_gets_one_and_can_be_sold_without(self):
        with self._new_form() as form:
            with form.order_line.new() as line:
                line.product_id = self.hosting
                self.assertEqual(line.subscription_plan_id, self.flat_plan)
            with form.order_line.new() as line:
                line.product_id = self.product_a
                self.assertFalse(line.subscription_plan_id)
            with form.order_line.edit(0) as line:
                line.subscription_plan_id = self.env["subscription.plan"]
        form.record.action_confirm()
        self.assertFalse(form.record.subscription_ids)
        self.assertEqual(form.record.order_line[0].qty_to_invoice, 1.0)

    @shows("RE-64", "RE-65")
    def test_the_quantity_is_the_default_of_the_plan_and_editable(self):
        five = self._create_plan("Five", [{"product_id": self.product_b.id, "default_quantity": 5}])
        self.assertEqual(
            self._quote({"product_id": self.product_b.id}).order_line.product_uom_qty, 5
        )
        with self._new_form() as form, form.order_line.new() as line:
            line.product_id = self.product_b
            self.assertEqual(line.subscription_plan_id, five)
            self.assertEqual(line.product_uom_qty, 5)
            line.product_uom_qty = 7
        self.assertEqual(form.record.order_line.product_uom_qty, 7)
        subscription = self._create_subscription(five, start=False)
        self.assertEqual(subscription.line_ids.quantity, 5)
        subscription.line_ids.quantity = 6
        self.assertEqual(subscription.line_ids.recurring_amount, 6 * self.product_b.lst_price)
        line = self._quote({"product_id": self.hosting.id}).order_line
        self.assertEqual(line.product_uom_qty, 1)
        self.assertEqual(self._create_subscription(start=False).line_ids.quantity, 1)

    def test_recurring_components_follow_the_quantity_and_a_fee_does_not(self):
        plan = self._create_plan(
            "Seats",
            [
                {"product_id": self.product_b.id},
                {"product_id": self.domain.id, "default_quantity": 2},
                {"product_id": self.setup_fee.id, "charge_type": "setup"},
            ],
        )
        order = self._quote(
            {"product_id": self.product_b.id, "subscription_plan_id": plan.id, "product_uom_qty": 3}
        )
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [3, 6, 1])
        with Form(order) as form, form.order_line.edit(0) as line:
            line.product_uom_qty = 4
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [4, 8, 1])
        order.order_line[0].product_uom_qty = 0
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [0, 0, 0])

    def test_pricelist_rules_apply_to_the_price_of_the_plan(self):
        self.plan.main_component_id.price_unit = 40.0
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Partner",
                "item_ids": [
                    Command.create({"compute_price": "percentage", "percent_price": 25}),
                    Command.create(
                        {
                            "applied_on": "0_product_variant",
                            "product_id": self.hosting.id,
                            "compute_price": "fixed",
                            "fixed_price": 1.0,
                        }
                    ),
                ],
            }
        )
        order = self._quote(self._hosting_line(), pricelist_id=pricelist.id)
        line = order.order_line[0]
        self.assertEqual(line.price_subtotal, 30.0)
        once = self._quote(
            {"product_id": self.hosting.id, "subscription_plan_id": False},
            pricelist_id=pricelist.id,
        )
        self.assertEqual(once.order_line.price_subtotal, 1.0)

    def test_the_price_is_converted_to_the_currency_of_the_order(self):
        currency = self.setup_other_currency("EUR", rates=[("2026-01-01", 2.0)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": currency.id}
        )
        order = self._quote(self._hosting_line(), pricelist_id=pricelist.id)
        self.assertEqual(order.order_line[0].price_unit, 60.0)
        order.action_confirm()
        self.assertEqual(order.subscription_ids.currency_id, currency)

    def test_an_add_on_can_be_chosen_in_the_portal_and_is_billed(self):
        order = self._quote(self._hosting_line())
        add_on = order.order_line[-1]
        self.assertTrue(add_on._can_be_edited_on_portal())
        self.assertFalse(order.order_line[0]._can_be_edited_on_portal())
        add_on.sudo().product_uom_qty = 2
        order.action_confirm()
        self.assertEqual(order.subscription_ids.recurring_amount, 42.0)

    def test_a_copied_quotation_has_the_lines_once_and_linked(self):
        copy = self._quote(self._hosting_line()).copy()
        self.assertEqual(len(copy.order_line), 4)
        self.assertEqual(copy.order_line.linked_line_id, copy.order_line[0])

    def test_a_quotation_template_quotes_the_plan(self):
        template = self.env["sale.order.template"].create(
            {
                "name": "Hosting",
                "company_id": self.company.id,
                "sale_order_template_line_ids": [
                    Command.create(
                        {"product_id": self.hosting.id, "subscription_plan_id": self.plan.id}
                    )
                ],
            }
        )
        self.salesperson.group_ids += self.env.ref("sale_management.group_sale_order_template")
        form = self._new_form()
        form.sale_order_template_id = template
        order = form.save()
        self.assertEqual(len(order.order_line), 4)
        self.assertEqual(order.order_line[0].subscription_plan_id, self.plan)
