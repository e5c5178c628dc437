from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .test_sale_order import SaleSubscriptionCommon


@freeze_time("2026-01-16")
@tagged("post_install", "-at_install")
class TestSaleChanges(SaleSubscriptionCommon):
    """What is sold on a confirmed order is billed by a subscription, too."""

    def _confirm(self, *lines, **values):
        order = self._quote(*(lines or [self._hosting_line()]), **values)
        order.action_confirm()
        return order

    def _add_on_line(self, **values):
        component = self.plan.component_ids[-1]
        return {
            "product_id": self.domain.id,
            "subscription_component_id": component.id,
            "product_uom_qty": 1,
            **values,
        }

    def _get_lines(self, subscriptions):
        return [
            (line.product_id.name, line.quantity, line.price_unit, str(line.date_start))
            for line in subscriptions.line_ids
        ]

    def test_an_add_on_taken_later_is_billed_from_that_day(self):
        order = self._confirm()
        subscription = order.subscription_ids.with_user(self.env.user)
        subscription.action_bill_now()
        add_on = order.order_line[-1]
        with freeze_time("2026-01-20"):
            for _twice in range(2):
                add_on.product_uom_qty = 2
                add_on.write({"product_uom_qty": 2})
            self.assertEqual(
                self._get_lines(subscription)[2:],
                [("Traffic", 1, 0.05, "2026-01-16"), ("Extra domain", 2, 6.0, "2026-01-20")],
            )
            self.assertEqual(subscription.recurring_amount, 42.0)
            self.assertEqual(add_on.subscription_line_ids, subscription.line_ids[-1])
            self.assertEqual(add_on.qty_to_invoice, 0.0)
            with self.assertRaisesRegex(UserError, "Change it there"):
                add_on.product_uom_qty = 3
            before = subscription._get_invoices()
            subscription.action_bill_now()
            billed = (subscription._get_invoices() - before).invoice_line_ids
        self.assertEqual(billed.product_id, self.domain)
        self.assertEqual(str(billed.subscription_period_start), "2026-01-20")
        self.assertEqual(billed.price_subtotal, 4.65)  # 12 of 31 days at 12.00

    def test_an_add_on_of_a_subscription_that_is_to_start_begins_with_it(self):
        order = self._confirm(self._hosting_line(), subscription_start_date="2026-03-01")
        order.order_line[-1].product_uom_qty = 1
        self.assertEqual(
            self._get_lines(order.subscription_ids)[-1], ("Extra domain", 1, 6.0, "2026-03-01")
        )

    def test_the_form_of_a_confirmed_order_sells_an_add_on(self):
        order = self._confirm()
        with Form(order) as form, form.order_line.edit(3) as line:
            line.product_uom_qty = 1
            line.price_unit = 5.0
        self.assertEqual(
            self._get_lines(order.subscription_ids)[-1], ("Extra domain", 1, 5.0, "2026-01-16")
        )
        with Form(order) as form:
            form.client_order_ref = "PO 8"
        self.assertEqual(len(order.subscription_ids.line_ids), 4)

    def test_an_add_on_of_an_ended_subscription_is_refused(self):
        order = self._confirm()
        order.subscription_ids.with_user(self.env.user)._close(on="2026-01-31")
        with freeze_time("2026-02-01"), self.assertRaisesRegex(UserError, "Change it there"):
            order.order_line[-1].product_uom_qty = 1

    def test_a_line_taken_off_the_subscription_stays_off(self):
        order = self._confirm()
        subscription = order.subscription_ids
        subscription.line_ids.filtered(lambda x: x.product_id == self.traffic).unlink()
        order.order_line[-1].product_uom_qty = 1
        order.order_line = [Command.create({"product_id": self.product_a.id})]
        self.assertEqual(
            subscription.line_ids.product_id, self.hosting | self.setup_fee | self.domain
        )

    def test_a_plan_line_without_quantity_starts_with_its_quantity(self):
        order = self._confirm(self._hosting_line(product_uom_qty=0))
        self.assertFalse(order.subscription_ids)
        with freeze_time("2026-02-10"):
            for _twice in range(2):
                order.order_line[0].write({"product_uom_qty": 1})
            self.assertEqual(
                self._get_lines(order.subscription_ids),
                [
                    ("Hosting", 1, 30.0, "2026-02-10"),
                    ("Connection", 1, 50.0, "2026-02-10"),
                    ("Traffic", 1, 0.05, "2026-02-10"),
                ],
            )
        self.assertEqual(order.subscription_ids.state, "active")

    def test_the_form_saves_all_lines_before_the_subscription_starts(self):
        order = self._confirm(self._hosting_line(product_uom_qty=0))
        with Form(order) as form:
            with form.order_line.edit(0) as line:
                line.product_uom_qty = 1
            with form.order_line.edit(1) as line:
                line.price_unit = 40.0
            with form.order_line.edit(3) as line:
                line.product_uom_qty = 2
        self.assertEqual(
            [line[:3] for line in self._get_lines(order.subscription_ids)],
            [
                ("Hosting", 1, 30.0),
                ("Connection", 1, 40.0),
                ("Traffic", 1, 0.05),
                ("Extra domain", 2, 6.0),
            ],
        )

    def test_a_plan_chosen_on_a_confirmed_line_starts(self):
        order = self._confirm(self._hosting_line(subscription_plan_id=False))
        line = order.order_line
        for _twice in range(2):
            line.subscription_plan_id = self.plan
            line.write({"subscription_plan_id": self.plan.id})
        self.assertEqual(len(order.order_line), 4)
        self.assertEqual(order.subscription_ids.plan_id, self.plan)
        self.assertEqual(order.subscription_ids.line_ids.sale_line_id, order.order_line[:3])
        self.assertEqual(line.qty_to_invoice, 0.0)

    def test_a_plan_added_after_the_start_begins_on_that_day(self):
        order = self._confirm()
        with freeze_time("2026-02-10"):
            order.order_line = [Command.create(self._hosting_line()) for _twice in range(2)]
        self.assertEqual(
            sorted(map(str, order.subscription_ids.mapped("date_start"))),
            ["2026-01-16", "2026-02-10", "2026-02-10"],
        )
        self.assertEqual([len(s.line_ids) for s in order.subscription_ids], [3, 3, 3])

    def test_a_component_line_added_alone_joins_the_subscription(self):
        order = self._confirm()
        leader = order.order_line[0]
        linked = self._add_on_line(linked_line_id=leader.id, product_uom_qty=3)
        order.order_line = [Command.create(linked)]
        alone = order.order_line.create({**self._add_on_line(), "order_id": order.id})
        self.assertEqual(alone.linked_line_id, leader)
        self.assertNotIn("subscription_sale_in_progress", alone.env.context)
        self.assertEqual(
            self._get_lines(order.subscription_ids)[3:],
            [("Extra domain", 3, 6.0, "2026-01-16"), ("Extra domain", 1, 6.0, "2026-01-16")],
        )
        self.assertEqual(order.subscription_count, 1)

    def test_a_component_line_added_to_a_quotation_is_confirmed_with_its_plan(self):
        order = self._quote(self._hosting_line())
        order.order_line = [Command.create(self._add_on_line())]
        order.action_confirm()
        self.assertEqual(order.subscription_ids.recurring_amount, 36.0)

    def test_a_billed_order_cannot_be_cancelled_when_its_subscription_is_archived(self):
        order = self._confirm()
        subscription = order.subscription_ids.with_user(self.env.user)
        subscription.action_bill_now()
        subscription.sudo().write({"state": "closed", "active": False})
        self.env.invalidate_all()
        self.assertEqual(order.subscription_count, 1)
        with self.assertRaisesRegex(UserError, "Close the subscription instead"):
            order.action_cancel()

    def test_an_archived_subscription_that_is_sold_again_is_active(self):
        order = self._confirm(self._hosting_line(), subscription_start_date="2026-03-01")
        subscription = order.subscription_ids
        order.action_cancel()
        subscription.active = False
        self.env.invalidate_all()
        order.action_draft()
        order.action_confirm()
        self.assertEqual(order.subscription_ids, subscription)
        self.assertTrue(subscription.active)
        self.assertEqual(subscription.state, "pending")
