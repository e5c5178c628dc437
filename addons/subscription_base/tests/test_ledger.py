from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SubscriptionCommon, shows


@tagged("post_install", "-at_install")
class TestLedger(SubscriptionCommon):
    """Charges are only ever added; changes of the timeline come out as a difference."""

    @shows("PA-29")
    def test_upgrade_in_mid_period(self):
        subscription = self._create_subscription(self.plan, "2026-04-01")
        line = subscription.line_ids.filtered(lambda line: line.product_id == self.hosting)
        self._bill(subscription, "2026-04-01")
        line._change("2026-04-11", price_unit=60.0)
        move = self._bill(subscription, "2026-04-11")
        self.assertEqual(sorted(move.invoice_line_ids.mapped("price_subtotal")), [-20.0, 40.0])
        self.assertEqual(move.amount_untaxed, 20.0)

    @shows("PA-30")
    def test_downgrade_is_a_credit_note_that_names_its_invoice(self):
        subscription = self._create_subscription(self.plan, "2026-03-01")
        line = subscription.line_ids.filtered(lambda line: line.product_id == self.hosting)
        line.price_unit = 60.0
        self._bill(subscription, "2026-03-01")
        april = self._bill(subscription, "2026-04-01")
        later = line._change("2026-04-11", price_unit=30.0)
        credit = self._bill(subscription, "2026-04-11")
        self.assertEqual(credit.move_type, "out_refund")
        self.assertEqual(credit.amount_untaxed, 20.0)
        self.assertEqual(credit.reversed_entry_id, april)
        self.assertEqual(sorted(credit.invoice_line_ids.mapped("price_subtotal")), [-20.0, 40.0])
        self.assertEqual(later.charge_ids.mapped("amount"), [20.0])

    @shows("PA-30")
    def test_a_downgrade_at_the_period_end_makes_no_document_of_its_own(self):
        subscription = self._create_subscription(self.plan, "2026-04-01")
        line = subscription.line_ids.filtered(lambda line: line.product_id == self.hosting)
        line.price_unit = 60.0
        self._bill(subscription, "2026-04-01")
        line._change("2026-05-01", price_unit=30.0)
        self.assertFalse(self._bill(subscription, "2026-04-11"))
        may = self._bill(subscription, "2026-05-01")
        self.assertEqual(may.amount_untaxed, 30.0)

    @shows("SM-04")
    def test_two_more_units_in_mid_period(self):
        subscription = self._create_subscription(self.plan, "2026-04-01")
        line = subscription.line_ids.filtered(lambda line: line.product_id == self.hosting)
        self._bill(subscription, "2026-04-01")
        line._change("2026-04-16", quantity=3.0)
        self.assertEqual(self._bill(subscription, "2026-04-16").amount_untaxed, 30.0)

    @shows("PA-32")
    def test_an_option_added_and_removed(self):
        subscription = self._create_subscription(self.plan, "2026-04-01")
        self._bill(subscription, "2026-04-01")
        option = self.env["subscription.line"].create(
            {
                "subscription_id": subscription.id,
                **self.plan.component_ids.filtered(
                    "is_optional"
                )._prepare_subscription_line_values(),
                "date_start": "2026-04-16",
            }
        )
        self.assertEqual(self._bill(subscription, "2026-04-16").amount_untaxed, 3.0)
        self.assertEqual(self._bill(subscription, "2026-05-01").amount_untaxed, 36.0)
        self.assertEqual(option.charge_ids.sorted("id").mapped("amount"), [3.0, 6.0])
        option.date_end = "2026-05-31"
        june = self._bill(subscription, "2026-06-01")
        self.assertNotIn(self.domain, june.invoice_line_ids.product_id)
        self.assertEqual(len(option.charge_ids), 2)

    @shows("PA-31")
    def test_an_option_removed_at_the_end_of_the_month(self):
        subscription = self._create_subscription(self.plan, "2026-04-01")
        component = self.plan.component_ids.filtered("is_optional")
        option = self.env["subscription.line"].create(
            {
                "subscription_id": subscription.id,
                **component._prepare_subscription_line_values(),
                "date_start": "2026-04-01",
            }
        )
        april = self._bill(subscription, "2026-04-01")
        self.assertIn(self.domain, april.invoice_line_ids.product_id)
        option.date_end = "2026-04-30"
        may = self._bill(subscription, "2026-05-01")
        self.assertEqual(may.invoice_line_ids.product_id, self.hosting)
        self.assertIn(option, subscription.line_ids)
        self.assertEqual(option.charge_ids.mapped("amount"), [6.0])

    def test_a_change_and_its_undo_cost_nothing(self):
        subscription = self._create_subscription(self.plan, "2026-04-01")
        line = subscription.line_ids.filtered(lambda line: line.product_id == self.hosting)
        self._bill(subscription, "2026-04-01")
        more = line._change("2026-04-10", quantity=2.0)
        self._bill(subscription, "2026-04-10")
        more._change("2026-04-10", quantity=1.0)
        self._bill(subscription, "2026-04-10")
        self.assertEqual(sum(subscription.charge_ids.filtered("divisible").mapped("amount")), 30.0)

    def test_closing_in_mid_period_credits_what_was_charged(self):
        subscription = self._create_subscription(self.plan, "2026-04-01")
        self._bill(subscription, "2026-04-01")
        self.hosting.list_price = 99.0
        subscription._close(on="2026-04-10")
        credit = self._bill(subscription, "2026-04-10")
        self.assertEqual(credit.move_type, "out_refund")
        self.assertEqual(credit.amount_untaxed, 20.0)

    def test_the_database_refuses_a_second_statement_about_a_slice(self):
        subscription = self._create_subscription()
        self._bill(subscription, "2026-01-01")
        charge = subscription.charge_ids
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            charge.sudo().copy({"revision": charge.revision})

    def test_charges_cannot_be_changed_or_deleted(self):
        subscription = self._create_subscription()
        self._bill(subscription, "2026-01-01")
        with self.assertRaises(UserError):
            subscription.charge_ids.sudo().amount = 1.0
        with self.assertRaises(UserError):
            subscription.charge_ids.sudo().unlink()
        with self.assertRaises(UserError):
            subscription.event_ids.sudo().description = "nothing happened"
        with self.assertRaises(UserError):
            subscription.event_ids.sudo().unlink()

    def test_a_charged_line_cannot_be_edited_or_deleted(self):
        subscription = self._create_subscription()
        self._bill(subscription, "2026-01-01")
        line = subscription.line_ids
        with self.assertRaisesRegex(UserError, "End the line and add a new one"):
            line.price_unit = 1.0
        with self.assertRaisesRegex(UserError, "End it instead"):
            line.unlink()
        line.price_unit = line.price_unit

    def test_what_the_periods_are_counted_from_is_locked_once_charged(self):
        subscription = self._create_subscription()
        subscription.date_start = "2026-02-01"
        subscription.date_start = "2026-01-01"
        self._bill(subscription, "2026-01-01")
        for vals in ({"date_start": "2026-01-02"}, {"plan_id": self.plan.id}):
            with self.assertRaisesRegex(UserError, "Close it and start a new subscription"):
                subscription.write(vals)
        subscription.write({"date_start": "2026-01-01", "plan_id": self.flat_plan.id})

    def test_odd_prices_stay_exact_in_the_ledger(self):
        plan = self._create_plan("Odd", [{"product_id": self.hosting.id, "price_unit": 12.3456789}])
        subscription = self._create_subscription(plan)
        subscription.line_ids.write({"quantity": 0.37, "discount": 33.33})
        self._bill(subscription, "2026-01-01")
        self.assertFalse(self._bill(subscription, "2026-01-20"))
        self.assertEqual(len(subscription.charge_ids), 1)
