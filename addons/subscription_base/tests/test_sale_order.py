from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .common import SubscriptionCommon, shows


class SaleSubscriptionCommon(SubscriptionCommon):
    """A salesperson without further rights, who quotes the common plans."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesperson = new_test_user(
            cls.env,
            "plan_seller",
            "sales_team.group_sale_salesman",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _quote(self, *lines, **values):
        """A quotation of the salesperson, made as an import or the API makes it."""
        return (
            self.env["sale.order"]
            .with_user(self.salesperson)
            .create(
                {
                    "partner_id": self.partner_a.id,
                    "order_line": [Command.create(line) for line in lines],
                    **values,
                }
            )
        )

    def _hosting_line(self, **values):
        return {"product_id": self.hosting.id, "subscription_plan_id": self.plan.id, **values}

    def _get_amounts(self, order):
        return [
            (line.product_id.name, line.product_uom_qty, line.price_unit)
            for line in order.order_line
        ]


@freeze_time("2026-01-16")
@tagged("post_install", "-at_install")
class TestSaleConfirm(SaleSubscriptionCommon):
    @shows("RE-02")
    def test_confirming_starts_one_subscription_with_the_lines_of_the_plan(self):
        order = self._quote(self._hosting_line(), client_order_ref="PO 7")
        order.action_confirm()
        subscription = order.subscription_ids
        self.assertRecordValues(
            subscription,
            [
                {
                    "state": "active",
                    "plan_id": self.plan.id,
                    "partner_id": self.partner_a.id,
                    "user_id": self.salesperson.id,
                    "client_order_ref": "PO 7",
                    "sale_order_id": order.id,
                    "recurring_amount": 30.0,
                    "fiscal_position_id": False,
                }
            ],
        )
        self.assertRecordValues(
            subscription.line_ids,
            [
                {"product_id": self.hosting.id, "quantity": 1, "price_unit": 30.0},
                {"product_id": self.setup_fee.id, "quantity": 1, "price_unit": 50.0},
                {"product_id": self.traffic.id, "quantity": 1, "price_unit": 0.05},
            ],
        )
        self.assertEqual(subscription.line_ids.sale_line_id, order.order_line[:3])
        self.assertEqual(str(subscription.date_start), "2026-01-16")

    def test_each_plan_line_becomes_a_subscription_of_its_own(self):
        orders = self._quote(
            self._hosting_line(),
            {"product_id": self.hosting.id, "subscription_plan_id": self.flat_plan.id},
        ) + self._quote(self._hosting_line(product_uom_qty=2))
        orders.action_confirm()
        self.assertEqual(orders[0].subscription_ids.plan_id, self.plan | self.flat_plan)
        self.assertEqual(orders[0].subscription_count, 2)
        self.assertEqual(orders[1].subscription_ids.recurring_amount, 60.0)

    def test_confirming_twice_makes_no_second_subscription(self):
        order = self._quote(self._hosting_line())
        order.action_confirm()
        order._action_confirm()
        self.assertEqual(order.subscription_count, 1)
        with self.assertRaises(UserError):
            order.action_confirm()
        self.assertEqual(order.subscription_count, 1)

    def test_failure_23_second_subscription_after_confirming_again(self):
        """Cancelling and confirming again uses the same subscription."""
        order = self._quote(self._hosting_line())
        order.action_confirm()
        subscription = order.subscription_ids
        order.action_cancel()
        self.assertEqual(subscription.state, "draft")
        withdrawn = subscription.event_ids.filtered(lambda e: e.event_type == "withdrawn")
        self.assertEqual(withdrawn.recurring_delta, -30.0)
        order.action_draft()
        order.order_line[0].product_uom_qty = 3
        order.action_confirm()
        self.assertEqual(order.subscription_ids, subscription)
        self.assertEqual(subscription.state, "active")
        self.assertEqual(subscription.recurring_amount, 90.0)
        self.assertEqual(sum(subscription.event_ids.mapped("recurring_delta")), 90.0)

    def test_a_plan_line_removed_after_cancelling_leaves_no_draft_behind(self):
        order = self._quote(
            self._hosting_line(),
            {"product_id": self.hosting.id, "subscription_plan_id": self.flat_plan.id},
        )
        order.action_confirm()
        order.action_cancel()
        order.action_draft()
        order.order_line.filtered(lambda x: x.subscription_plan_id == self.flat_plan).unlink()
        order.action_confirm()
        active = order.subscription_ids.filtered("active")
        self.assertEqual(active.plan_id, self.plan)
        self.assertEqual((order.subscription_ids - active).mapped("state"), ["draft"])

    def test_an_order_whose_subscription_was_billed_cannot_be_cancelled(self):
        order = self._quote(self._hosting_line())
        order.action_confirm()
        order.subscription_ids.with_user(self.env.user).action_bill_now()
        with self.assertRaisesRegex(UserError, "Close the subscription instead"):
            order.action_cancel()
        self.assertEqual(order.state, "sale")

    def test_failure_23_first_period_billed_by_the_order(self):
        """Two code paths bill one contract, and what they bill makes further orders."""
        order = self._quote(self._hosting_line(), {"product_id": self.product_a.id})
        order.action_confirm()
        self.assertEqual(order.invoice_status, "to invoice")
        invoice = order._create_invoices()
        self.assertEqual(invoice.invoice_line_ids.product_id, self.product_a)
        self.assertEqual(order.invoice_status, "invoiced")
        order.subscription_ids.with_user(self.env.user).action_bill_now()
        billed = order.subscription_ids.with_user(self.env.user)._get_invoices()
        self.assertEqual(billed.invoice_line_ids.product_id, self.hosting | self.setup_fee)
        self.assertEqual(order.invoice_status, "invoiced")
        with freeze_time("2026-02-01"):
            order.subscription_ids.with_user(self.env.user).action_bill_now()
        orders = self.env["sale.order"].search([("partner_id", "=", self.partner_a.id)])
        self.assertEqual((orders, len(order.subscription_ids)), (order, 1))

    def test_an_order_of_plans_alone_has_nothing_to_invoice(self):
        order = self._quote(self._hosting_line())
        order.action_confirm()
        self.assertEqual(order.invoice_status, "no")
        self.assertEqual(set(order.order_line.mapped("qty_to_invoice")), {0.0})
        self.assertFalse(order.amount_to_invoice)
        with self.assertRaises(UserError):
            order._create_invoices()

    def test_a_plan_that_is_no_longer_sold_cannot_be_confirmed(self):
        order = self._quote(self._hosting_line())
        self.plan.action_delete()
        with self.assertRaisesRegex(UserError, "no longer sold"):
            order.action_confirm()

    def test_a_plan_must_sell_the_product(self):
        with self.assertRaisesRegex(ValidationError, "is not sold under the plan"):
            self._quote({"product_id": self.product_a.id, "subscription_plan_id": self.plan.id})

    def test_a_plan_must_be_one_of_the_company(self):
        other = self.setup_other_company()["company"]
        plan = self.plan.copy({"company_id": other.id, "name": "Elsewhere"})
        with self.assertRaises(UserError):
            self._quote(self._hosting_line(subscription_plan_id=plan.id))

    def test_a_running_line_is_changed_on_the_subscription(self):
        order = self._quote(self._hosting_line())
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "Change it there"):
            order.order_line[0].product_uom_qty = 2

    def test_a_plan_added_to_a_confirmed_order_starts_too(self):
        order = self._quote(self._hosting_line())
        order.action_confirm()
        order.order_line = [
            Command.create(self._hosting_line()),
            Command.create({"product_id": self.product_a.id}),
        ]
        self.assertEqual(order.subscription_count, 2)
        self.assertEqual(order.subscription_ids.mapped("recurring_amount"), [30.0, 30.0])
        self.assertEqual([len(s.line_ids) for s in order.subscription_ids], [3, 3])

    def test_a_subscription_closed_before_it_was_billed_can_be_sold_again(self):
        order = self._quote(self._hosting_line(), subscription_start_date="2026-03-01")
        order.action_confirm()
        subscription = order.subscription_ids
        subscription._log_event("closed", recurring=True)
        subscription.sudo().state = "closed"
        order.action_cancel()
        order.action_draft()
        order.action_confirm()
        self.assertEqual(order.subscription_ids, subscription)
        self.assertEqual(subscription.state, "pending")
        self.assertEqual(sum(subscription.event_ids.mapped("recurring_delta")), 30.0)

    def _publish_dearer(self):
        version = self.plan._create_version("new")
        version.main_component_id.price_unit = 99.0
        version.payment_term_id = self.pay_terms_a
        version._publish()
        return version

    def test_a_later_version_of_the_plan_does_not_reach_what_was_sold(self):
        self.plan.payment_term_id = self.pay_terms_b
        order = self._quote(self._hosting_line())
        order.action_confirm()
        for record, vals in (
            (self.plan, {"interval_count": 3}),
            (self.plan, {"payment_term_id": self.pay_terms_a.id}),
            (self.plan.main_component_id, {"price_unit": 99.0}),
        ):
            with self.assertRaises(UserError):
                record.write(vals)
        self._publish_dearer()
        self.hosting.list_price = 99.0
        self.partner_a.property_payment_term_id = self.pay_terms_a
        subscription = order.subscription_ids
        self.assertEqual(subscription.plan_id, self.plan)
        self.assertEqual(subscription.line_ids[0].price_unit, 30.0)
        self.assertEqual(subscription.payment_term_id, self.pay_terms_b)

    def test_an_offer_is_kept_when_its_plan_has_been_superseded(self):
        order = self._quote(self._hosting_line(), validity_date="2026-02-15")
        version = self._publish_dearer()
        with freeze_time("2026-02-15"):
            order.action_confirm()
        subscription = order.subscription_ids
        self.assertEqual((subscription.state, subscription.plan_id), ("active", self.plan))
        self.assertEqual(subscription.line_ids[0].price_unit, 30.0)
        new = self._quote({"product_id": self.hosting.id}).order_line[0]
        self.assertIn(version, new.available_plan_ids)
        self.assertNotIn(self.plan, new.available_plan_ids)

    def test_an_offer_that_has_expired_is_not_kept(self):
        order = self._quote(self._hosting_line(), validity_date="2026-02-15")
        self._publish_dearer()
        with freeze_time("2026-02-16"), self.assertRaisesRegex(UserError, "no longer sold"):
            order.action_confirm()

    def test_a_superseded_plan_is_not_offered_anew(self):
        self._publish_dearer()
        self.plan.date_superseded = "2026-01-01"
        order = self._quote(self._hosting_line())
        with self.assertRaisesRegex(UserError, "no longer sold"):
            order.action_confirm()

    @shows("SM-12")
    def test_each_component_is_billed_on_its_day(self):
        order = self._quote(self._hosting_line())
        order.action_confirm()
        subscription = order.subscription_ids.with_user(self.env.user)
        self.assertEqual(
            self._bill(subscription),
            [("Hosting", "2026-01-16", "2026-01-31"), ("Connection", "2026-01-16", "2026-01-16")],
        )
        self.env["subscription.usage"].create(
            {
                "line_id": subscription.line_ids[2].id,
                "date": "2026-01-20",
                "quantity": 120,
                "key": "january",
            }
        )
        with freeze_time("2026-02-01"):
            self.assertEqual(
                self._bill(subscription),
                [("Traffic", "2026-01-16", "2026-01-31"), ("Hosting", "2026-02-01", "2026-02-28")],
            )

    def _bill(self, subscription):
        before = subscription._get_invoices()
        subscription.action_bill_now()
        lines = (subscription._get_invoices() - before).invoice_line_ids
        return [
            (
                line.product_id.name,
                str(line.subscription_period_start),
                str(line.subscription_period_end),
            )
            for line in lines
        ]

    def test_terms_set_by_hand_pass_over_and_defaults_do_not(self):
        account = self.env["account.analytic.account"].create(
            {"name": "Web", "plan_id": self.env["account.analytic.plan"].create({"name": "P"}).id}
        )
        position = self.env["account.fiscal.position"].create({"name": "By hand"})
        order = self._quote(
            self._hosting_line(discount=10, analytic_distribution={str(account.id): 100}),
            fiscal_position_id=position.id,
            payment_term_id=self.pay_terms_b.id,
            subscription_start_date="2026-02-10",
        )
        order.action_confirm()
        subscription = order.subscription_ids
        self.assertEqual(subscription.fiscal_position_id, position)
        self.assertEqual(subscription.payment_term_id, self.pay_terms_b)
        self.assertEqual(subscription.state, "pending")
        self.assertEqual(subscription.line_ids[0].discount, 10.0)
        self.assertEqual(subscription.line_ids[0].analytic_distribution, {str(account.id): 100})
        self.assertEqual(str(subscription.date_start), "2026-02-10")

    def test_signing_in_the_portal_starts_the_subscription(self):
        order = self._quote(self._hosting_line())
        public = self.env.ref("base.public_user")
        order.with_user(public).sudo()._validate_order()
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.subscription_ids.state, "active")
        self.assertEqual(order.subscription_ids.user_id, self.salesperson)
