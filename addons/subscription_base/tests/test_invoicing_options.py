from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import SubscriptionCommon, shows

RUN_LOGGER = "odoo.addons.subscription_base.models.subscription_billing_steps"


class InvoicingOptionsCommon(SubscriptionCommon):
    def _process(self, date):
        """A whole billing run in the test's transaction; return its invoices."""
        run = self._create_run(date)
        self.assertTrue(self._process_run(run))
        return run._get_invoices() | self.env["account.move"].search(
            [("invoice_line_ids.subscription_charge_id", "!=", False), ("invoice_date", "=", date)]
        )

    def _create_flat(self, price=30.0, **values):
        return self._create_plan(
            "Flat", [{"product_id": self.hosting.id, "price_unit": price}], **values
        )


@tagged("post_install", "-at_install")
class TestInvoicingOptions(InvoicingOptionsCommon):
    """Ahead, collected, from an amount on, with credits apart."""

    def test_options_are_copied_from_the_plan_and_can_differ(self):
        plan = self._create_flat(invoice_lead_days=10, invoice_grouping="customer")
        subscription = self._create_subscription(plan)
        self.assertEqual(subscription.invoice_lead_days, 10)
        self.assertEqual(subscription.invoice_grouping, "customer")
        plan.invoice_lead_days = 3
        self.assertEqual(subscription.invoice_lead_days, 10, "what was agreed stays")

    def test_invoices_ahead_of_the_period(self):
        plan = self._create_flat(invoice_lead_days=14)
        subscription = self._create_subscription(plan, "2026-02-01")
        self.assertEqual(str(subscription.next_billing_date), "2026-01-18")
        self.assertFalse(self._bill(subscription, "2026-01-17"))
        move = self._bill(subscription, "2026-01-18")
        self.assertEqual(str(move.invoice_line_ids.subscription_period_start), "2026-02-01")
        self.assertEqual(str(subscription.next_billing_date), "2026-02-15")

    def test_usage_is_not_invoiced_ahead(self):
        self.plan.invoice_lead_days = 10
        subscription = self._create_subscription(self.plan, "2026-01-01")
        self._bill(subscription, "2026-01-01")
        usage = subscription.line_ids.filtered(lambda line: line.charge_type == "usage")
        self.env["subscription.usage"].create(
            {"line_id": usage.id, "date": "2026-01-10", "quantity": 200.0}
        )
        move = self._bill(subscription, "2026-01-22")
        self.assertEqual(move.invoice_line_ids.product_id, self.hosting)
        self.assertEqual(str(subscription.next_billing_date), "2026-02-01")
        self.assertEqual(
            self._bill(subscription, "2026-02-01").invoice_line_ids.product_id, self.traffic
        )

    @shows("SM-17")
    def test_instalments_of_three_days_come_on_one_invoice_at_the_end_of_the_month(self):
        plan = self._create_plan(
            "Every ten days",
            [{"product_id": self.hosting.id}],
            schedule_type="daily",
            interval_count=10,
            invoice_collection="month",
        )
        subscription = self._create_subscription(plan, "2026-01-05")
        for day in ("2026-01-05", "2026-01-15", "2026-01-25"):
            self.assertEqual(str(subscription.next_billing_date), day)
            self.assertFalse(self._process(day))
        charges = subscription.charge_ids
        self.assertEqual(charges.mapped("invoice_state"), ["open"] * 3)
        unbilled = self.env["subscription.charge"].search(
            [("amount", "!=", 0), ("move_line_ids", "not any", [("parent_state", "!=", "cancel")])]
        )
        self.assertLessEqual(charges, unbilled)
        self.assertEqual(subscription.unbilled_amount, 90.0)
        self.assertEqual(str(subscription.next_billing_date), "2026-01-31")
        move = self._process("2026-01-31")
        self.assertEqual(len(move), 1)
        self.assertEqual(move.invoice_line_ids.subscription_charge_id, charges)
        self.assertEqual(subscription.unbilled_amount, 0.0)
        self.assertEqual(str(subscription.next_billing_date), "2026-02-04")

    def test_collected_charges_do_not_wait_beyond_the_end(self):
        plan = self._create_flat(invoice_collection="quarter")
        subscription = self._create_subscription(plan)
        self.assertFalse(self._bill(subscription, "2026-01-01"))
        self.assertEqual(str(subscription.next_billing_date), "2026-02-01")
        subscription.sudo().date_end = "2026-01-31"
        self.assertEqual(str(subscription.next_billing_date), "2026-01-31")
        self.assertEqual(self._bill(subscription, "2026-01-31").amount_untaxed, 30.0)

    def test_bill_now_does_not_wait(self):
        subscription = self._create_subscription(self._create_flat(invoice_collection="month"))
        with freeze_time("2026-01-02"):
            subscription.action_bill_now()
        self.assertEqual(subscription.charge_ids.invoice_state, "posted")

    def test_small_amounts_wait_for_the_next_invoice(self):
        subscription = self._create_subscription(self._create_flat(minimum_invoice_amount=50.0))
        self.assertFalse(self._bill(subscription, "2026-01-01"))
        self.assertEqual(str(subscription.next_billing_date), "2026-02-01")
        self.assertEqual(self._bill(subscription, "2026-02-01").amount_untaxed, 60.0)
        self.assertFalse(self._bill(subscription, "2026-03-01"))
        subscription.sudo().date_end = "2026-03-31"
        self.assertTrue(subscription.next_billing_date, "it does not wait beyond the end")
        self.assertEqual(self._bill(subscription, "2026-03-31").amount_untaxed, 30.0)

    def test_credits_on_a_document_of_their_own(self):
        for separate, types in ((False, {"out_invoice"}), (True, {"out_invoice", "out_refund"})):
            with self.subTest(separate=separate):
                subscription = self._create_subscription(
                    self._create_flat(separate_credits=separate)
                )
                self._bill(subscription, "2026-01-01")
                subscription.line_ids._change("2026-01-16", price_unit=62.0)
                moves = self._bill(subscription, "2026-01-20")
                self.assertEqual(set(moves.mapped("move_type")), types)
                self.assertAlmostEqual(
                    -sum(moves.mapped("amount_untaxed_in_currency_signed")), -(32.0 - 15.48)
                )

    @shows("RE-88")
    def test_manual_billing_by_the_button_only(self):
        plan = self._create_flat(schedule_type="manual", invoice_collection="month")
        subscription = self._create_subscription(plan)
        self.assertFalse(self._process("2026-01-01"))
        self.assertFalse(subscription.next_billing_date)
        with freeze_time("2026-01-02"):
            subscription.action_bill_now()
        self.assertEqual(subscription.charge_ids.invoice_state, "posted")
        self.assertFalse(subscription.next_billing_date)

    def test_a_journal_of_its_own(self):
        journal = self.company_data["default_journal_sale"].copy({"code": "SUBS"})
        subscription = self._create_subscription(self._create_flat(invoice_journal_id=journal.id))
        self.assertEqual(self._bill(subscription, "2026-01-01").journal_id, journal)

    def test_a_deleted_draft_made_ahead_is_made_again(self):
        plan = self._create_flat(invoice_lead_days=14, invoice_policy="draft")
        subscription = self._create_subscription(plan, "2026-02-01")
        self._bill(subscription, "2026-01-18").unlink()
        self.assertLessEqual(str(subscription.next_billing_date), "2026-01-18")


@tagged("post_install", "-at_install")
class TestGrouping(InvoicingOptionsCommon):
    """One invoice for a customer and day."""

    def setUp(self):
        super().setUp()
        self.grouped_plan = self._create_flat(invoice_grouping="customer")

    def test_subscriptions_of_a_customer_come_on_one_invoice(self):
        subscriptions = self._create_subscription(self.grouped_plan)
        subscriptions += self._create_subscription(self.grouped_plan, client_order_ref="PO-1")
        other = self._create_subscription(self.grouped_plan, partner_id=self.partner_b.id)
        moves = self._process("2026-01-01")
        self.assertEqual(len(moves), 2)
        move = subscriptions._get_invoices()
        self.assertEqual(move.subscription_ids, subscriptions)
        self.assertEqual(move.invoice_origin, ", ".join(subscriptions.mapped("name")))
        self.assertEqual(move.ref, "PO-1")
        self.assertEqual(move.amount_untaxed, 60.0)
        self.assertEqual(str(move.delivery_date), "2026-01-31")
        for line in move.invoice_line_ids:
            self.assertIn(line.subscription_id.name, line.name)
        self.assertEqual(other._get_invoices().amount_untaxed, 30.0)

    def test_what_does_not_agree_comes_apart(self):
        terms = self.pay_terms_b
        one = self._create_subscription(self.grouped_plan)
        two = self._create_subscription(self.grouped_plan, payment_term_id=terms.id)
        three = self._create_subscription(self.grouped_plan, invoice_grouping="subscription")
        self.assertEqual(len(self._process("2026-01-01")), 3)
        self.assertEqual((one + two + three).mapped("invoice_count"), [1, 1, 1])

    def test_credits_are_netted_across_subscriptions(self):
        one = self._create_subscription(self.grouped_plan)
        two = self._create_subscription(self.grouped_plan)
        self._process("2026-01-01")
        one._close(on="2026-01-10")
        two.line_ids._change("2026-01-01", quantity=3.0)
        move = self._process("2026-01-10")
        self.assertEqual(len(move), 1)
        self.assertEqual(move.subscription_ids, one + two)
        self.assertAlmostEqual(move.amount_untaxed, 60.0 - 20.32)

    @mute_logger(RUN_LOGGER)
    def test_one_bad_subscription_does_not_split_the_invoice_of_the_others(self):
        subscriptions = self.env["subscription.subscription"]
        for _number in range(5):
            subscriptions += self._create_subscription(self.grouped_plan)
        bad = subscriptions[2]
        Charge = type(self.env["subscription.charge"])
        prepare = Charge._prepare_values
        reason = "Something is wrong."

        def fail(charges, entry, line, run):
            if line.subscription_id == bad:
                raise UserError(reason)
            return prepare(charges, entry, line, run)

        with patch.object(Charge, "_prepare_values", fail):
            move = self._process("2026-01-01")
        self.assertEqual(len(move), 1)
        self.assertEqual(move.subscription_ids, subscriptions - bad)
        self.assertEqual(bad.billing_error, reason)
        self.assertFalse(bad.charge_ids)

    def test_a_customer_is_claimed_as_a_whole(self):
        subscriptions = self.env["subscription.subscription"]
        for number in range(6):
            partner = (self.partner_a, self.partner_b)[number % 2]
            subscriptions += self._create_subscription(self.grouped_plan, partner_id=partner.id)
        module = "odoo.addons.subscription_base.models.subscription_billing_groups.CREATE_BATCH"
        with patch(module, 2):
            claimed = self._create_run("2026-01-01")._claim_create([])
        self.assertEqual(len(claimed), 3)
        self.assertEqual(len(claimed.partner_invoice_id), 1)
