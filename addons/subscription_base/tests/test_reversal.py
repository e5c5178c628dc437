from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import Form, freeze_time, tagged

from .common import shows
from .test_change import ChangeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-04-10")
class TestReversal(ChangeCommon):
    """Credit notes that people make are known to the ledger."""

    def setUp(self):
        super().setUp()
        self.subscription = self._create_subscription(date_start="2026-04-01")
        self.invoice = self._bill(self.subscription, "2026-04-01")

    def _reverse(self, invoice=None, modify=False, **values):
        """Through the wizard.

        :return: the credit note, or the draft that replaces the invoice
        """
        invoice = invoice or self.invoice
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": invoice.journal_id.id, **values})
        )
        wizard.reverse_moves(is_modify=modify)
        return wizard.new_move_ids

    def _credit(self, amount=None, **values):
        credit = self._reverse(**values)
        if amount is not None:
            credit.invoice_line_ids.price_unit = amount
        credit.action_post()
        return credit

    def _tie_out(self):
        [row] = self.env["subscription.charge"]._get_tie_out(self.company)
        self.assertEqual(row["difference"], 0.0)

    def _total(self):
        return sum(self.subscription.charge_ids.mapped("amount"))

    def test_what_is_waived_is_neither_charged_nor_credited_again(self):
        credit = self._credit()
        [settled] = self.subscription.charge_ids.filtered("waived")
        self.assertEqual((settled.sign, settled.amount), (-1, -30.0))
        self.assertEqual(settled.reversal_line_id.move_id, credit)
        self.assertEqual(settled.move_id, credit)
        self.assertFalse(self._bill(self.subscription, "2026-04-10"))
        self.subscription._close(on="2026-04-10")
        self.assertFalse(self._bill(self.subscription, "2026-04-10"))
        self.assertEqual(self._total(), 0.0)
        self._tie_out()

    def test_what_is_to_be_billed_again_is_billed_by_the_next_run(self):
        self._credit(subscription_reversal="rebill")
        self.assertLessEqual(self.subscription.next_billing_date, date(2026, 4, 10))
        again = self._bill(self.subscription, "2026-04-10")
        self.assertEqual(again.amount_untaxed, 30.0)
        self.assertFalse(self._bill(self.subscription, "2026-04-10"))
        self._tie_out()

    def test_corrected_data_are_billed_after_the_reversal(self):
        self._credit(subscription_reversal="rebill")
        self.subscription.line_ids._change("2026-04-01", price_unit=25.0)
        self.assertEqual(self._bill(self.subscription, "2026-04-10").amount_untaxed, 25.0)
        self._tie_out()

    def test_failure_24_refund_larger_than_the_invoice(self):
        """Neither by hand on top of billing's credit, nor by billing on top of the hand's."""
        self.hosting.list_price = 99.0
        self.subscription._close(on="2026-04-10")
        credit = self._bill(self.subscription, "2026-04-10")
        self.assertEqual(credit.amount_untaxed, 20.0)
        self.assertEqual(credit.reversed_entry_id, self.invoice)
        with self.assertRaisesRegex(ValidationError, "have not been credited yet"):
            self._credit()
        second = self._credit(10.0)
        self.assertEqual(second.reversed_entry_id, self.invoice)
        self.assertEqual(self._total(), 0.0)
        with self.assertRaisesRegex(ValidationError, "have not been credited yet"):
            self._credit(0.01)
        self._tie_out()

    def test_a_part_credited_by_hand_lowers_what_billing_credits(self):
        self._credit(15.0)
        self.subscription._close(on="2026-04-10")
        self.assertEqual(self._bill(self.subscription, "2026-04-10").amount_untaxed, 10.0)
        self.assertEqual(self._total(), 5.0)
        self._tie_out()

    def test_a_credit_note_that_is_taken_back_has_no_effect(self):
        credit = self._credit()
        credit.button_draft()
        self.assertEqual(self._total(), 30.0)
        self._tie_out()
        self.assertFalse(self._bill(self.subscription, "2026-04-10"))
        credit.invoice_line_ids.price_unit = 15.0
        credit.action_post()
        self.assertEqual(self._total(), 15.0)
        self._tie_out()
        credit.button_draft()
        credit.button_cancel()
        self.assertEqual(self._total(), 30.0)
        self.subscription._close(on="2026-04-10")
        self.assertEqual(self._bill(self.subscription, "2026-04-10").amount_untaxed, 20.0)
        self._tie_out()

    def test_a_deleted_credit_note_leaves_nothing_to_bill(self):
        credit = self._credit()
        credit.button_draft()
        credit.with_context(force_delete=True).unlink()
        self.assertFalse(self._bill(self.subscription, "2026-04-10"))
        self.assertEqual(self._total(), 30.0)

    def test_a_copy_of_a_credit_note_credits_nothing_twice(self):
        copy = self._credit().copy({"invoice_date": "2026-04-10"})
        with self.assertRaisesRegex(ValidationError, "have not been credited yet"):
            copy.action_post()

    def test_a_reversal_through_the_api_is_known_too(self):
        credit = self.invoice._reverse_moves([{"invoice_date": "2026-04-10"}])
        credit.action_post()
        self.assertEqual(self._total(), 0.0)
        self.assertTrue(self.subscription.charge_ids.filtered("waived"))

    def test_failure_17_the_corrected_invoice_keeps_the_service_period(self):
        corrected = self._reverse(modify=True)
        line, before = corrected.invoice_line_ids, self.invoice.invoice_line_ids
        self.assertEqual(line.subscription_period_start, before.subscription_period_start)
        self.assertEqual(line.subscription_period_end, before.subscription_period_end)
        self.assertEqual(line.subscription_id, self.subscription)
        self.assertEqual(line.subscription_charge_id.amount, 30.0)
        self.assertNotEqual(line.subscription_charge_id, before.subscription_charge_id)
        self.assertEqual(self._total(), 30.0)
        corrected.invoice_date = "2026-04-10"
        corrected.action_post()
        self._tie_out()
        self.assertFalse(self._bill(self.subscription, "2026-04-10"))
        self.subscription._close(on="2026-04-10")
        credit = self._bill(self.subscription, "2026-04-10")
        self.assertEqual(credit.amount_untaxed, 20.0)

    def test_the_reversal_of_an_upgrade_settles_both_its_lines(self):
        self.subscription.line_ids._change("2026-04-11", price_unit=60.0)
        upgrade = self._bill(self.subscription, "2026-04-11")
        self.assertEqual(self._credit(invoice=upgrade).amount_untaxed, 20.0)
        self.assertEqual(self._total(), 30.0)
        self.assertFalse(self._bill(self.subscription, "2026-04-20"))
        self._tie_out()

    def test_an_upgrade_that_is_billed_again_is_billed_as_before(self):
        self.subscription.line_ids._change("2026-04-11", price_unit=60.0)
        upgrade = self._bill(self.subscription, "2026-04-11")
        self._credit(invoice=upgrade, subscription_reversal="rebill")
        again = self._bill(self.subscription, "2026-04-20")
        self.assertEqual(sorted(again.invoice_line_ids.mapped("price_subtotal")), [-20.0, 40.0])
        self._tie_out()

    def test_the_wizard_asks_only_for_subscription_invoices(self):
        other = self.init_invoice("out_invoice", products=self.product_a, post=True)
        for invoice, asks in ((self.invoice, True), (other, False)):
            wizard = Form(
                self.env["account.move.reversal"].with_context(
                    active_model="account.move", active_ids=invoice.ids
                )
            )
            self.assertEqual(wizard.has_subscription, asks)
        self._reverse(invoice=other).action_post()

    def test_failure_15_deleted_draft_is_never_billed(self):
        self.flat_plan.invoice_policy = "draft"
        subscription = self._create_subscription(date_start="2026-04-01")
        self._bill(subscription, "2026-04-01").unlink()
        self.assertEqual(self._bill(subscription, "2026-04-02").amount_untaxed, 30.0)

    def test_failure_16_cancelled_or_credited_invoice_is_never_billed(self):
        self.invoice.button_draft()
        self.invoice.button_cancel()
        again = self._bill(self.subscription, "2026-04-10")
        self.assertEqual(again.amount_untaxed, 30.0)
        self._credit(invoice=again, subscription_reversal="rebill")
        third = self._bill(self.subscription, "2026-04-11")
        self.assertEqual(third.amount_untaxed, 30.0)
        self._tie_out()

    def test_failure_18_a_charged_line_is_deleted(self):
        with self.assertRaisesRegex(Exception, "stays as evidence"):
            self.subscription.line_ids.unlink()

    @shows("SM-06")
    def test_a_credit_note_of_a_paid_invoice_proposes_its_refund(self):
        self.tax_sale_a.amount = 19.0
        self.hosting.list_price = 40.0
        plan = self._create_plan("Web", [{"product_id": self.hosting.id, "price_unit": 40.0}])
        self.subscription = self._create_subscription(plan, "2026-04-01")
        invoice = self._bill(self.subscription, "2026-04-01")
        self.assertEqual(invoice.amount_total, 47.6)
        self._register_payment(invoice)
        credit = self._credit(invoice=invoice)
        self.assertEqual((credit.amount_residual, credit.payment_state), (47.6, "not_paid"))
        action = credit.action_register_payment()
        wizard = self.env["account.payment.register"].with_context(**action["context"]).create({})
        self.assertEqual((wizard.amount, wizard.payment_type), (47.6, "outbound"))
        wizard.action_create_payments()
        self.assertFalse(
            (invoice + credit).line_ids.filtered(
                lambda line: line.account_type == "asset_receivable" and not line.reconciled
            )
        )
