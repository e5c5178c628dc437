from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from .common import shows
from .test_sale_order import SaleSubscriptionCommon


class OriginCommon(SaleSubscriptionCommon):
    """A running subscription at an individual price, and a quotation for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.support = cls._create_service("Support", 12.0)
        cls.pro = cls._create_plan(
            "Pro",
            [
                {"product_id": cls.hosting.id, "price_unit": 60.0},
                {"product_id": cls.setup_fee.id, "charge_type": "setup"},
                {"product_id": cls.support.id, "is_optional": True},
            ],
            schedule_type="month_fixed",
            fixed_day=1,
        )

    def setUp(self):
        super().setUp()
        self.subscription = self._create_subscription(
            self.plan, "2026-01-01", user_id=self.salesperson.id
        ).with_user(self.salesperson)
        self._bill(self.subscription.with_env(self.env), "2026-04-01")

    def _get_quote(self, kind, plan=None, on=None):
        return self.subscription._create_quote(kind, plan, on)

    def _line(self, order, product):
        return order.order_line.filtered(lambda line: line.product_id == product)

    def _bill_as_of(self, day):
        with freeze_time(day):
            return self._bill(self.subscription.with_env(self.env), day)

    def _prices(self, day):
        day = self.subscription._fields["date_start"].to_date(day)
        lines = self.subscription.line_ids.filtered(
            lambda line: line._is_current(day) and line.charge_type == "recurring"
        )
        return sorted((line.product_id.name, line.quantity, line.price_unit) for line in lines)


@tagged("post_install", "-at_install")
@freeze_time("2026-04-16")
class TestSaleUpsell(OriginCommon):
    """An upsell adds to the running subscription from the day of its confirmation."""

    def test_it_offers_more_of_what_runs_and_the_add_ons(self):
        order = self._get_quote("upsell")
        self.assertEqual(
            self._get_amounts(order), [("Hosting", 0.0, 30.0), ("Extra domain", 0.0, 6.0)]
        )
        self.assertRecordValues(
            order,
            [
                {
                    "origin_subscription_id": self.subscription.id,
                    "subscription_order_kind": "upsell",
                    "partner_id": self.partner_a.id,
                    "state": "draft",
                }
            ],
        )
        self.assertTrue(all(line._can_be_edited_on_portal() for line in order.order_line))
        self.assertEqual(self.subscription.quotation_count, 1)

    def test_confirming_adds_the_lines_and_bills_the_rest_of_the_period(self):
        order = self._get_quote("upsell")
        self._line(order, self.domain).product_uom_qty = 2.0
        self._line(order, self.hosting).product_uom_qty = 1.0
        due = order._get_subscription_summary()[0]
        self.assertEqual((due.label, due.untaxed), ("Due now", (12.0 + 30.0) / 2))
        then = order._get_subscription_summary()[1]
        self.assertEqual(then.untaxed, 72.0)
        self.assertEqual(
            {text.partition(",")[0] for text in then.details},
            {
                "2 × Hosting (1 of them additional)",
                "2 × Extra domain (additional)",
                "Traffic (existing)",
            },
        )
        order.action_confirm()
        self.assertFalse(order.subscription_ids)
        self.assertEqual(order.subscription_count, 1)
        self.assertEqual(
            self._prices("2026-04-16"), [("Extra domain", 2.0, 6.0), ("Hosting", 2.0, 30.0)]
        )
        self.assertEqual(self._bill_as_of("2026-04-16").amount_untaxed, due.untaxed)
        self.assertEqual(self._bill_as_of("2026-05-01").amount_untaxed, 72.0)
        self.assertEqual(self.subscription.recurring_monthly, 72.0)
        self.assertEqual(sum(self.subscription.event_ids.mapped("recurring_delta")), 72.0)
        self.assertEqual(order.invoice_status, "no")

    def test_units_at_another_price_are_a_line_of_their_own(self):
        order = self._get_quote("upsell")
        self._line(order, self.hosting).write({"product_uom_qty": 3.0, "price_unit": 20.0})
        texts = order._get_subscription_summary()[1].details
        self.assertEqual(
            [text.partition(",")[0] for text in texts],
            ["Traffic (existing)", "1 × Hosting (existing)", "3 × Hosting (additional)"],
        )
        self.assertIn("next invoices of your whole subscription", order.subscription_summary)
        order.action_confirm()
        self.assertEqual(
            self._prices("2026-04-16"), [("Hosting", 1.0, 30.0), ("Hosting", 3.0, 20.0)]
        )

    def test_on_a_later_day(self):
        order = self._get_quote("upsell", on="2026-05-01")
        self._line(order, self.domain).product_uom_qty = 1.0
        self.assertEqual(order._get_subscription_summary()[0].label, "Next invoice on 05/01/2026")
        order.action_confirm()
        self.assertFalse(self._bill_as_of("2026-04-16"))
        self.assertEqual(self._bill_as_of("2026-05-01").amount_untaxed, 36.0)

    def test_until_it_is_confirmed_and_when_it_is_cancelled_nothing_changes(self):
        events, lines = self.subscription.event_ids, self.subscription.line_ids
        order = self._get_quote("upsell")
        self._line(order, self.domain).product_uom_qty = 1.0
        self.assertTrue(order._get_subscription_summary())
        order.action_cancel()
        self.env.invalidate_all()
        self.assertEqual(self.subscription.event_ids, events)
        self.assertEqual(self.subscription.line_ids, lines)
        self.assertEqual(self.subscription.recurring_monthly, 30.0)

    def test_two_upsells_add_up(self):
        for _number in range(2):
            order = self._get_quote("upsell")
            self._line(order, self.hosting).product_uom_qty = 1.0
            order.action_confirm()
        self.assertEqual(self._prices("2026-04-16"), [("Hosting", 3.0, 30.0)])

    def test_nothing_chosen_is_refused(self):
        order = self._get_quote("upsell")
        self.assertIn("Nothing is chosen", order.origin_warning)
        with self.assertRaisesRegex(UserError, "Nothing is chosen"):
            order.action_confirm()

    def test_what_was_accepted_is_changed_on_the_subscription(self):
        order = self._get_quote("upsell")
        line = self._line(order, self.domain)
        line.product_uom_qty = 1.0
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "Change it there"):
            line.product_uom_qty = 5.0
        with self.assertRaisesRegex(UserError, "Make a new quotation"):
            order.order_line.create(
                {"order_id": order.id, **self._hosting_line(product_uom_qty=1.0)}
            )
        with self.assertRaisesRegex(UserError, "has changed the subscription"):
            order.action_cancel()

    def test_an_ordinary_product_is_invoiced_by_the_order(self):
        order = self._get_quote("upsell")
        order.order_line.create({"order_id": order.id, "product_id": self.product_a.id})
        order.action_confirm()
        self.assertEqual(self._prices("2026-04-16"), [("Hosting", 1.0, 30.0)])
        self.assertEqual(order.order_line[-1].qty_to_invoice, 1.0)

    def test_after_the_end_it_is_refused_with_the_reason(self):
        order = self._get_quote("upsell")
        self._line(order, self.domain).product_uom_qty = 1.0
        self.subscription._close(on="2026-04-20")
        order.subscription_start_date = "2026-05-01"
        self.assertIn("ends on 04/20/2026", order.origin_warning)
        self.assertFalse(order._has_to_be_signed())
        with freeze_time("2026-05-02"):
            self._bill(self.subscription.with_env(self.env), "2026-05-02")
            self.assertEqual(self.subscription.state, "closed")
            with self.assertRaisesRegex(UserError, "not running any more"):
                order.action_confirm()

    def test_an_expired_quotation_does_nothing(self):
        order = self._get_quote("upsell")
        self._line(order, self.domain).product_uom_qty = 1.0
        order.validity_date = "2026-04-15"
        with self.assertRaisesRegex(UserError, "expired on 04/15/2026"):
            order.action_confirm()
        self.assertEqual(self._prices("2026-04-16"), [("Hosting", 1.0, 30.0)])

    def test_another_plan_is_no_upsell(self):
        order = self._get_quote("upsell")
        order.order_line.create({"order_id": order.id, **self._hosting_line()})
        with self.assertRaisesRegex(UserError, "An upsell adds"):
            order.action_confirm()

    def test_buttons_lead_both_ways(self):
        order = self._get_quote("upsell")
        action = order.action_view_subscriptions()
        self.assertEqual(action["res_id"], self.subscription.id)
        self.assertEqual(
            self.env["sale.order"].search(self.subscription.action_view_quotations()["domain"]),
            order.with_env(self.env),
        )

    def test_a_draft_gets_no_quotation(self):
        draft = self._create_subscription(start=False)
        with self.assertRaisesRegex(UserError, "not running"):
            draft.action_quote_upsell()

    def test_the_wizard_makes_the_quotation(self):
        action = self.subscription.action_quote()
        form = Form(
            self.env["subscription.quote.wizard"]
            .with_user(self.salesperson)
            .with_context(**action["context"])
        )
        self.assertFalse(form.date)
        form.kind = "change"
        self.assertEqual((form.plan_id, str(form.date)), (self.plan, "2026-05-01"))
        form.plan_id = self.pro
        order = self.env["sale.order"].browse(form.save().action_create()["res_id"])
        self.assertEqual(order.order_line.subscription_plan_id, self.pro)


@tagged("post_install", "-at_install")
@freeze_time("2026-04-16")
class TestSaleChangeQuote(OriginCommon):
    """Another plan, another price and other terms may be quoted and accepted."""

    def test_another_plan_from_the_next_period_on(self):
        order = self._get_quote("change", self.pro)
        self.assertEqual(self._get_amounts(order), [("Hosting", 1.0, 60.0), ("Support", 0.0, 12.0)])
        self._line(order, self.hosting).price_unit = 50.0
        self._line(order, self.support).product_uom_qty = 1.0
        rows = order._get_subscription_summary()
        self.assertEqual((rows[0].label, rows[0].untaxed), ("Next invoice on 05/01/2026", 62.0))
        order.action_confirm()
        self.assertEqual(self.subscription.plan_id, self.plan)
        self.assertEqual(self.subscription.next_plan_id, self.pro)
        self.assertEqual(self.subscription.next_plan_amount, 62.0)
        self.assertEqual(self._bill_as_of("2026-05-01").amount_untaxed, 62.0)
        self.assertEqual(self.subscription.plan_id, self.pro)
        self.assertEqual(
            self._prices("2026-05-01"), [("Hosting", 1.0, 50.0), ("Support", 1.0, 12.0)]
        )
        self.assertEqual(
            sum(self.subscription.event_ids.mapped("recurring_delta")),
            self.subscription.recurring_monthly,
        )

    def test_a_planned_change_is_given_up_with_its_order(self):
        order = self._get_quote("change", self.pro)
        order.action_confirm()
        order.action_cancel()
        self.assertFalse(self.subscription.next_plan_id)
        self.assertEqual(self._bill_as_of("2026-05-01").amount_untaxed, 30.0)

    def test_at_once_the_rest_of_the_period_is_settled(self):
        order = self._get_quote("change", self.pro, "2026-04-16")
        due = order._get_subscription_summary()[0]
        self.assertEqual((due.label, due.untaxed), ("Due now", 15.0))
        order.action_confirm()
        self.assertEqual(self.subscription.plan_id, self.pro)
        self.assertEqual(self._bill_as_of("2026-04-16").amount_untaxed, 15.0)

    @shows("PA-09")
    def test_price_and_notice_of_one_customer(self):
        """Only this contract changes: its plan and the others stay as they are."""
        other = self._create_subscription(self.plan, "2026-04-01")
        order = self._get_quote("change", on="2026-05-01")
        self.assertEqual(
            self._get_amounts(order),
            [("Hosting", 1.0, 30.0), ("Traffic", 0.0, 0.05), ("Extra domain", 0.0, 6.0)],
        )
        self._line(order, self.hosting).price_unit = 25.0
        order.write(
            {
                "has_individual_terms": True,
                "subscription_notice_length": 14,
                "subscription_notice_unit": "day",
            }
        )
        [terms] = order._get_subscription_terms()
        self.assertRegex(terms, "^Open-ended, .* period. Notice: 14 days.$")
        order.action_confirm()
        self.assertEqual(self._bill_as_of("2026-05-01").amount_untaxed, 25.0)
        with freeze_time("2026-05-01"):
            [invoice, *_rest] = self._bill(other, "2026-05-01")
        self.assertEqual(invoice.invoice_line_ids.filtered(
            lambda line: line.product_id == self.hosting)[-1:].price_unit, 30.0)  # fmt: skip
        self.assertEqual((self.subscription.notice_length, self.subscription.notice_unit),
                         (14, "day"))  # fmt: skip
        self.assertEqual((other.notice_length, self.plan.notice_length), (0, 0))
        self.assertEqual(self.plan.main_component_id.price_unit, 30.0)
        events = self.subscription.event_ids.filtered(lambda e: e.event_type == "price")
        price = events.sorted("id")[0]
        self.assertIn("30.00", price.description)
        self.assertIn("25.00", price.description)
        self.assertTrue(self.subscription.is_individual)
        self.assertFalse(other.is_individual)
        self.assertRegex(self.subscription.individual_text, r"Hosting: .+25.00 instead of .+30.00")
        self.assertIn("14 days", self.subscription.individual_text)

    def test_what_is_not_taken_over_ends(self):
        self.subscription._add_option(self.plan.component_ids[-1], "2026-04-01")
        order = self._get_quote("change")
        self.assertEqual(self._line(order, self.domain).product_uom_qty, 1.0)
        self._line(order, self.domain).product_uom_qty = 0.0
        order.action_confirm()
        self.assertEqual(self._prices("2026-05-01"), [("Hosting", 1.0, 30.0)])
        self.assertEqual(len(self._prices("2026-04-30")), 2)

    def test_a_second_change_conflicts_with_the_first(self):
        first, second = self._get_quote("change"), self._get_quote("change")
        self._line(first, self.hosting).price_unit = 25.0
        with freeze_time("2026-04-17"):
            first.action_confirm()
            with self.assertRaisesRegex(UserError, f"{first.name} was accepted meanwhile"):
                second.action_confirm()
        self.assertEqual(self._prices("2026-05-01"), [("Hosting", 1.0, 25.0)])

    def test_after_another_plan_the_quotation_holds_no_more(self):
        order = self._get_quote("change")
        self.subscription._plan_change(self.pro, "2026-04-16")
        with self.assertRaisesRegex(UserError, "has another plan by now"):
            order.action_confirm()

    def test_a_plan_is_needed(self):
        order = self._get_quote("change")
        order.order_line.unlink()
        with self.assertRaisesRegex(UserError, "exactly one line with the plan"):
            order.action_confirm()


@tagged("post_install", "-at_install")
@freeze_time("2026-11-16")
class TestSaleRenewalQuote(OriginCommon):
    """A renewal is a further contract term, at the price and the terms that are quoted."""

    def setUp(self):
        super().setUp()
        self.subscription.write(
            {"initial_term_length": 12, "initial_term_unit": "month", "notice_length": 1,
             "notice_unit": "month"}
        )  # fmt: skip

    def test_a_new_term_at_a_new_price(self):
        self.assertEqual(str(self.subscription.date_term_end), "2026-12-31")
        order = self._get_quote("renewal")
        self.assertEqual(str(order.subscription_start_date), "2027-01-01")
        self._line(order, self.hosting).price_unit = 27.0
        order.write({"has_individual_terms": True, "subscription_initial_term_length": 24})
        order.action_confirm()
        self.assertEqual(str(self.subscription.date_term_end), "2028-12-31")
        self.assertEqual(str(self.subscription.get_next_termination_date()), "2028-12-31")
        self.assertEqual(self._prices("2026-12-31"), [("Hosting", 1.0, 30.0)])
        self.assertEqual(self._prices("2027-01-01"), [("Hosting", 1.0, 27.0)])
        renewed = self.subscription.event_ids.filtered(lambda e: e.event_type == "renewed")
        self.assertEqual(renewed.description, "until 12/31/2028")

    def test_individual_terms_begin_with_those_that_hold(self):
        order = self._get_quote("renewal")
        order.has_individual_terms = True
        self.assertEqual(order._prepare_individual_terms()["notice_length"], 1)
        self.assertEqual(
            order._get_subscription_terms(),
            [
                "Contract term: 12 months. "
                "Afterwards it continues for an indefinite time. Notice: 1 month."
            ],
        )

    def test_a_termination_is_withdrawn_when_the_customer_renews(self):
        self.subscription._terminate()
        self.assertEqual(str(self.subscription.date_end), "2026-12-31")
        order = self._get_quote("renewal")
        self.assertEqual(str(order.subscription_start_date), "2027-01-01")
        self.assertFalse(order.origin_warning)
        order.action_confirm()
        self.assertFalse(self.subscription.date_end)
        self.assertEqual(str(self.subscription.date_term_end), "2027-12-31")

    def test_a_fixed_term_goes_on(self):
        self.subscription.term_type = "fixed_term"
        self.assertEqual(str(self.subscription.date_end), "2026-12-31")
        self._get_quote("renewal").action_confirm()
        self.assertEqual(str(self.subscription.date_end), "2027-12-31")

    def test_a_plan_that_is_no_longer_sold_may_be_renewed(self):
        order = self._get_quote("renewal")
        self.plan.action_delete()
        order.action_confirm()
        self.assertEqual(str(self.subscription.date_term_end), "2027-12-31")

    def test_terms_that_bind_a_consumer_too_long_are_refused(self):
        self.subscription.customer_kind = "consumer"
        order = self._get_quote("renewal")
        with self.assertRaisesRegex(UserError, "24 months"):
            order.write({"has_individual_terms": True, "subscription_initial_term_length": 36})
