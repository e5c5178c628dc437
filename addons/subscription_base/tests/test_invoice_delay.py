from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from .common import SubscriptionCommon, shows


@tagged("post_install", "-at_install")
class TestInvoiceDelay(SubscriptionCommon):
    """Charges are in the ledger on their day, and come on an invoice later."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shifted = cls._create_shifted("Shifted")

    @classmethod
    def _create_shifted(cls, name, count=2, unit="month", **values):
        return cls._create_plan(
            name,
            [
                {
                    "product_id": cls.hosting.id,
                    "invoice_delay_count": count,
                    "invoice_delay_unit": unit,
                }
            ],
            **values,
        )

    def _process(self, date):
        """Process a whole run as the scheduler does.

        :return: the invoices it made.
        """
        before = self._find_invoices()
        self._process_run(self._create_run(date))
        return self._find_invoices() - before

    def _find_invoices(self):
        return self.env["subscription.subscription"].search([])._get_invoices()

    @shows("SM-22")
    def test_january_is_charged_in_january_and_invoiced_in_march(self):
        subscription = self._create_subscription(self.shifted, "2026-01-01")
        self.assertFalse(self._process("2026-01-01"))
        charge = subscription.charge_ids
        self.assertEqual(self._charges(subscription), [("2026-01-01", "2026-01-31", 30.0)])
        self.assertEqual((str(charge.due_date), charge.invoice_state), ("2026-01-01", "open"))
        unbilled = self.env["subscription.charge"].search(
            [("amount", "!=", 0), ("move_line_ids", "not any", [("parent_state", "!=", "cancel")])]
        )
        self.assertIn(charge, unbilled)
        self.assertEqual(subscription.unbilled_amount, 30.0)
        self.assertFalse(self._process("2026-02-01"))
        self.assertEqual(subscription.unbilled_amount, 60.0)
        move = self._process("2026-03-01")
        self.assertEqual(move.invoice_line_ids.subscription_charge_id, charge)
        self.assertEqual(str(move.invoice_date), "2026-03-01")
        line = move.invoice_line_ids
        period = (line.subscription_period_start, line.subscription_period_end)
        self.assertEqual([str(day) for day in period], ["2026-01-01", "2026-01-31"])
        self.assertIn("Service period 01/01/2026 - 01/31/2026", line.name)
        self.assertEqual(self._process("2026-04-01").amount_untaxed, 30.0)

    def test_what_is_shifted_is_on_the_last_invoice(self):
        subscription = self._create_subscription(self.shifted, "2026-01-01")
        for day in ("2026-01-01", "2026-02-01"):
            self._process(day)
        with freeze_time("2026-02-10"):
            subscription._close("2026-02-28")
        self.assertEqual(str(subscription.next_billing_date), "2026-02-28")
        move = self._process("2026-02-28")
        self.assertEqual(move.invoice_line_ids.subscription_charge_id, subscription.charge_ids)
        self.assertEqual(subscription.unbilled_amount, 0.0)

    def test_a_contract_is_not_closed_before_all_is_invoiced(self):
        subscription = self._create_subscription(self.shifted, "2026-01-01")
        self._process("2026-01-01")
        with freeze_time("2026-01-20 10:00:00"):
            subscription._close("2026-01-10")
            self.assertEqual(subscription.state, "active")
            move = self._process("2026-01-20")
        self.assertAlmostEqual(move.amount_untaxed, 9.68, 2, "10 of 31 days, charge less credit")
        self.assertEqual(subscription.state, "closed")

    def test_on_request_it_is_not_invoiced_earlier(self):
        subscription = self._create_subscription(self.shifted, "2026-01-01")
        with freeze_time("2026-01-02 10:00:00"):
            subscription.action_bill_now()
        self.assertEqual(subscription.charge_ids.invoice_state, "open")

    def test_what_is_invoiced_later_is_not_invoiced_ahead(self):
        plan = self._create_shifted("Ahead and later", 5, "day", invoice_lead_days=14)
        subscription = self._create_subscription(plan, "2026-02-01")
        self.assertEqual(str(subscription.next_billing_date), "2026-02-01")
        self._process("2026-02-01")
        self.assertEqual(str(subscription.next_billing_date), "2026-02-06")
        self.assertEqual(str(subscription.charge_ids.release_date), "2026-02-06")
        self.assertTrue(self._process("2026-02-06"))

    def test_the_preview_shows_it_on_the_day_of_its_invoice(self):
        subscription = self._create_subscription(self.shifted, "2026-01-01")
        with freeze_time("2026-01-01 10:00:00"):
            days = [str(invoice.day) for invoice in subscription._preview_invoices(2)]
        self.assertEqual(days, ["2026-03-01", "2026-04-01"])

    def test_nothing_is_to_be_paid_in_advance_that_is_invoiced_later(self):
        subscription = self._create_subscription(self.shifted, "2026-01-01", start=False)
        with freeze_time("2026-01-01 10:00:00"):
            self.assertIsNone(subscription._preview_prepayment())

    def test_a_used_plan_keeps_its_delay(self):
        self._create_subscription(self.shifted, "2026-01-01")
        with self.assertRaisesRegex(UserError, "keeps its terms"):
            self.shifted.component_ids.invoice_delay_count = 1

    def test_the_component_form_takes_a_delay(self):
        plan = self._create_shifted("By form", 0)
        component = plan.component_ids
        with Form(component, "subscription_base.subscription_plan_component_view_form") as form:
            form.invoice_delay_count = 3
        subscription = self._create_subscription(plan, start=False)
        line = subscription.line_ids
        self.assertEqual((line.invoice_delay_count, line.invoice_delay_unit), (3, "month"))
        self.assertEqual(fields.Date.to_string(line.date_start), "2026-01-01")
