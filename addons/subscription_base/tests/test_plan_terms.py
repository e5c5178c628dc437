from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import SubscriptionCommon, shows
from .test_tax import TaxCommon


@tagged("post_install", "-at_install")
class TestPlanTerms(SubscriptionCommon):
    """What a subscription takes over from its plan, and what stays with the plan."""

    @shows("RE-58")
    def test_a_later_edit_of_the_plan_does_not_change_a_subscription(self):
        plan = self.plan
        plan.write({"invoice_policy": "draft", "max_catch_up": 3, "show_zero_lines": True})
        subscription = self._create_subscription(plan)
        plan.write(
            {
                "invoice_policy": "post",
                "max_catch_up": 5,
                "show_zero_lines": False,
                "setup_fee": 70.0,
                "setup_mode": "separate",
            }
        )
        self.assertEqual(subscription.invoice_policy, "draft")
        self.assertEqual(subscription.max_catch_up, 3)
        self.assertTrue(subscription.show_zero_lines)
        setup = subscription.line_ids.filtered(lambda line: line.charge_type == "setup")
        self.assertEqual((setup.price_unit, setup.setup_mode), (50.0, "first"))
        move = self._bill(subscription, "2026-01-01")
        self.assertEqual((move.state, move.amount_untaxed), ("draft", 80.0))
        for values in ({"partial_period": "full"}, {"proration_unit": "minutes"}):
            with self.assertRaises(UserError):
                plan.write(values)
        self.assertEqual(self._create_subscription(plan).invoice_policy, "post")

    @shows("RE-61")
    def test_a_description_is_optional(self):
        form = Form(self.env["subscription.plan"])
        form.name = "Plain"
        self.assertFalse(form.save().description)

    @shows("RE-64", "RE-65")
    def test_the_default_quantity_is_5_or_1(self):
        plan = self._create_plan(
            "Seats", [{"product_id": self.hosting.id, "default_quantity": 5.0}]
        )
        subscription = self._create_subscription(plan, start=False)
        self.assertEqual(subscription.line_ids.quantity, 5.0)
        subscription.line_ids.quantity = 6.0
        self.assertEqual(self._create_subscription(self.flat_plan).line_ids.quantity, 1.0)

    @shows("RE-67")
    def test_the_price_of_the_plan_is_what_is_billed(self):
        self.assertEqual(self.flat_plan.price, 30.0)
        move = self._bill(self._create_subscription(), "2026-01-01")
        self.assertEqual(move.amount_untaxed, 30.0)


@tagged("post_install", "-at_install")
class TestZeroLines(SubscriptionCommon):
    def _create_plan_with_free_item(self, price=30.0, **values):
        return self._create_plan(
            "With free item",
            [
                {"product_id": self.hosting.id, "price_unit": price},
                {"product_id": self.domain.id, "name": "Free domain"},
            ],
            **values,
        )

    def _bill_first(self, plan, **values):
        plan.component_ids[1].price_unit = 0.0
        return self._bill(self._create_subscription(plan, **values), "2026-01-01")

    @shows("RE-72")
    def test_a_line_at_zero_is_shown_or_hidden(self):
        hidden = self._bill_first(self._create_plan_with_free_item())
        self.assertEqual(hidden.invoice_line_ids.mapped("price_subtotal"), [30.0])
        shown = self._bill_first(self._create_plan_with_free_item(show_zero_lines=True))
        self.assertEqual(sorted(shown.invoice_line_ids.mapped("price_subtotal")), [0.0, 30.0])
        plan = self._create_plan_with_free_item()
        plan.component_ids.price_unit = 0.0
        alone = self._bill_first(plan)
        self.assertEqual(alone.invoice_line_ids.product_id, self.hosting)
        self.assertEqual((alone.amount_total, alone.state), (0.0, "posted"))

    def test_a_hidden_line_does_not_come_up_later(self):
        plan = self._create_plan_with_free_item()
        self._bill_first(plan)
        subscription = plan.subscription_ids
        move = self._bill(subscription, "2026-02-01")
        self.assertEqual(len(move.invoice_line_ids), 1)
        self.assertEqual(len(subscription.charge_ids), 4)
        subscription.show_zero_lines = True
        self.assertEqual(len(self._bill(subscription, "2026-03-01").invoice_line_ids), 2)

    def test_usage_that_costs_nothing_makes_no_invoice(self):
        subscription = self._create_subscription(self.plan)
        metered = subscription.line_ids.filtered(lambda line: line.charge_type == "usage")
        self._bill(subscription, "2026-01-01")
        (subscription.line_ids - metered).date_end = "2026-01-31"
        self.env["subscription.usage"].create(
            {"line_id": metered.id, "quantity": 5.0, "date": "2026-01-10"}
        )
        self.assertFalse(self._bill(subscription, "2026-02-01"))
        self.assertIn(0.0, subscription.charge_ids.mapped("amount"))

    @shows("RE-79")
    def test_a_partial_period_at_zero_is_an_invoice_of_zero_and_a_period(self):
        plan = self._create_plan(
            "Zero stub",
            [{"product_id": self.hosting.id}],
            schedule_type="month_fixed",
            partial_period="zero",
        )
        subscription = self._create_subscription(plan, "2026-01-16")
        move = self._bill(subscription, "2026-01-16")
        self.assertEqual((move.amount_total, move.state), (0.0, "posted"))
        self.assertEqual(str(move.invoice_line_ids.subscription_period_end), "2026-01-31")
        self.assertEqual(move.payment_state, "paid")
        self.assertEqual(self._bill(subscription, "2026-02-01").amount_untaxed, 30.0)
        self.assertEqual(len(subscription.charge_ids), 2)
        self.assertFalse(self._bill(subscription, "2026-02-01"))


@tagged("post_install", "-at_install")
class TestPartialPeriods(SubscriptionCommon):
    def _create_fixed_plan(self, **values):
        return self._create_plan(
            "Fixed day", [{"product_id": self.hosting.id}], schedule_type="month_fixed", **values
        )

    @shows("RE-81")
    def test_the_first_part_joins_the_next_invoice_or_is_waived(self):
        for waive, lines in (
            (False, [("2026-04-16", "2026-04-30", 15.0), ("2026-05-01", "2026-05-31", 30.0)]),
            (True, [("2026-05-01", "2026-05-31", 30.0)]),
        ):
            plan = self._create_fixed_plan(partial_period="no_bill", waive_stub=waive)
            subscription = self._create_subscription(plan, "2026-04-16")
            self.assertEqual(str(subscription.next_billing_date), "2026-05-01")
            self.assertFalse(self._bill(subscription, "2026-04-16"))
            move = self._bill(subscription, "2026-05-01")
            self.assertEqual(self._charges(subscription), lines)
            self.assertEqual(move.amount_untaxed, sum(amount for *_days, amount in lines))

    @shows("RE-82")
    def test_settings_of_proration_count_only_where_parts_are_charged(self):
        form = Form(self._create_fixed_plan(proration_unit="minutes").copy())
        self.assertFalse(form._get_modifier("proration_unit", "invisible"))
        form.partial_period = "full"
        self.assertTrue(form._get_modifier("proration_unit", "invisible"))
        plan = form.save()
        plan.action_activate()
        subscription = self._create_subscription(plan, "2026-04-16", time_start=12.0)
        self.assertEqual(self._bill(subscription, "2026-04-16").amount_untaxed, 30.0)
        self.assertEqual(self._charges(subscription, "start_minute", "amount"), [(0, 30.0)])

    @shows("RE-83")
    def test_whole_days_count_the_day_of_the_start(self):
        subscription = self._create_subscription(
            self._create_fixed_plan(), "2026-04-16", time_start=12.0
        )
        self.assertEqual(self._bill(subscription, "2026-04-16").amount_untaxed, 15.0)

    def test_days_of_thirty_day_months_cost_the_same_in_every_month(self):
        plan = self._create_fixed_plan(proration_unit="thirty_days")
        subscription = self._create_subscription(plan, "2026-03-16")
        march = self._bill(subscription, "2026-03-16")
        self.assertEqual(march.amount_untaxed, 15.0)
        self._bill(subscription, "2026-04-01")
        subscription._close("2026-04-15")
        self.assertEqual(self._bill(subscription, "2026-04-16").amount_untaxed, 15.0)

    @shows("RE-84")
    def test_minutes_count_from_the_start_and_to_the_end(self):
        plan = self._create_fixed_plan(proration_unit="minutes")
        subscription = self._create_subscription(plan, "2026-04-16", time_start=12.0)
        self.assertEqual(self._bill(subscription, "2026-04-16").amount_untaxed, 14.5)
        self.assertEqual(self._bill(subscription, "2026-05-01").amount_untaxed, 30.0)
        subscription.sudo().write({"date_end": "2026-06-16", "time_end": 12.0})
        last = self._bill(subscription, "2026-06-01")
        self.assertEqual(last.amount_untaxed, 15.5)
        across = self._create_subscription(plan, "2026-03-29", time_start=12.0)
        self.assertEqual(self._bill(across, "2026-03-29").amount_untaxed, 2.42)
        self.assertIn("clock is changed", plan._fields["proration_unit"].help)


@tagged("post_install", "-at_install")
class TestSetupFee(TaxCommon):
    def _create_fee_plan(self, fee=50.0, **values):
        return self._create_plan(
            "With fee", [{"product_id": self.hosting.id}], setup_fee=fee, **values
        )

    def _subtotals(self, moves):
        return sorted(sorted(move.invoice_line_ids.mapped("price_subtotal")) for move in moves)

    @shows("RE-108", "RE-110")
    def test_the_form_keeps_amount_and_text_of_the_fee(self):
        form = Form(self.flat_plan.copy())
        form.setup_fee = 50.0
        form.setup_name = "Anschlusspreis"
        plan = form.save()
        plan.action_activate()
        component = plan._get_setup_component()
        self.assertEqual((component.charge_type, component.price_unit), ("setup", 50.0))
        self.assertEqual(component._get_taxes(), self.full)
        move = self._bill(self._create_subscription(plan), "2026-01-01")
        self.assertEqual(self._subtotals(move), [[30.0, 50.0]])
        self.assertTrue(any(
            name.startswith("Anschlusspreis") for name in move.invoice_line_ids.mapped("name")
        ))  # fmt: skip
        plan.setup_fee = 60.0
        self.assertEqual(component.price_unit, 60.0)
        other = self._create_fee_plan()
        other.setup_fee = 0.0
        self.assertEqual(len(other.component_ids), 1)

    @shows("RE-109")
    def test_the_fee_includes_taxes_where_the_prices_do(self):
        plan = self._create_plan(
            "Gross",
            [{"product_id": self.hosting.id, "price_unit": 35.7}],
            price_includes_tax=True,
            setup_fee=59.5,
            setup_mode="separate",
        )
        moves = self._bill(self._create_subscription(plan), "2026-01-01")
        self.assertEqual(
            sorted((move.amount_untaxed, move.amount_tax) for move in moves),
            [(30.0, 5.7), (50.0, 9.5)],
        )

    @shows("RE-111")
    def test_the_fee_is_on_the_first_scheduled_invoice(self):
        subscription = self._create_subscription(self._create_fee_plan(), "2026-05-01")
        self.assertEqual(self._subtotals(self._bill(subscription, "2026-05-01")), [[30.0, 50.0]])
        later = self._create_subscription(
            self._create_fee_plan(schedule_type="month_fixed", partial_period="no_bill"),
            "2026-04-16",
        )
        self.assertFalse(self._bill(later, "2026-04-16"))
        self.assertEqual(self._subtotals(self._bill(later, "2026-05-01")), [[15.0, 30.0, 50.0]])

    @shows("RE-112")
    def test_the_fee_is_on_an_invoice_of_its_own(self):
        plan = self._create_fee_plan(
            setup_mode="separate", schedule_type="month_fixed", partial_period="no_bill"
        )
        subscription = self._create_subscription(plan, "2026-04-16")
        self.assertEqual(self._subtotals(self._bill(subscription, "2026-04-16")), [[50.0]])
        self.assertEqual(self._subtotals(self._bill(subscription, "2026-05-01")), [[15.0, 30.0]])
        same_day = self._create_subscription(self._create_fee_plan(setup_mode="separate"))
        self.assertEqual(self._subtotals(self._bill(same_day, "2026-01-01")), [[30.0], [50.0]])

    def test_the_fee_is_alone_only_where_the_start_is_not_invoiced(self):
        plan = self._create_fee_plan(setup_mode="separate_conditional")
        subscription = self._create_subscription(plan)
        self.assertEqual(self._subtotals(self._bill(subscription, "2026-01-01")), [[30.0, 50.0]])
        later = self._create_subscription(
            self._create_fee_plan(
                setup_mode="separate_conditional",
                schedule_type="month_fixed",
                partial_period="no_bill",
            ),
            "2026-04-16",
        )
        self.assertEqual(self._subtotals(self._bill(later, "2026-04-16")), [[50.0]])

    @shows("RE-113")
    def test_a_trial_lets_the_fee_come_alone_at_sign_up(self):
        for trial, first, second in ((14, [[50.0]], [[30.0]]), (0, [[30.0, 50.0]], [])):
            plan = self._create_fee_plan(
                setup_mode="separate_conditional", trial_length=trial, trial_unit="day"
            )
            subscription = self._create_subscription(plan, "2026-05-01")
            self.assertEqual(self._subtotals(self._bill(subscription, "2026-05-01")), first)
            self.assertEqual(self._subtotals(self._bill(subscription, "2026-05-15")), second)

    def test_after_a_trial_the_fee_joins_the_first_invoice(self):
        plan = self._create_fee_plan(trial_length=14, trial_unit="day")
        subscription = self._create_subscription(plan, "2026-05-01")
        self.assertFalse(self._bill(subscription, "2026-05-01"))
        self.assertEqual(self._subtotals(self._bill(subscription, "2026-05-15")), [[30.0, 50.0]])

    @shows("RE-119")
    def test_another_fee_reaches_new_subscriptions_only(self):
        plan = self._create_fee_plan()
        before = self._create_subscription(plan)
        plan.write({"setup_fee": 70.0, "setup_mode": "separate"})
        self.assertEqual(plan.version, 1)
        after = self._create_subscription(plan)
        self.assertEqual(self._subtotals(self._bill(before, "2026-01-01")), [[30.0, 50.0]])
        self.assertEqual(self._subtotals(self._bill(after, "2026-01-01")), [[30.0], [70.0]])
        self.assertFalse(self._bill(before, "2026-01-01"))

    def test_a_quotation_brings_the_fee_along(self):
        plan = self._create_fee_plan()
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner_a.id,
                "order_line": [
                    Command.create({"product_id": self.hosting.id, "subscription_plan_id": plan.id})
                ],
            }
        )
        self.assertEqual(order.order_line.mapped("price_subtotal"), [30.0, 50.0])
        self.assertEqual(order.amount_tax, 15.2)
