from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from odoo.addons.subscription_base.tests.common import shows
from odoo.addons.subscription_base.tests.prepayment_common import PrepaymentCommon

from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestPeriodPrepayment(PrepaidCommon, PrepaymentCommon):
    """Hosting at 30.00 a month and 19 % of taxes, paid before each month."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.by_period = {
            mode: cls._create_plan(
                f"By the month, else {mode}",
                [{"product_id": cls.hosting.id}],
                release_policy="payment",
                prepayment_days=9,
                period_prepayment=mode,
            )
            for mode in ("suspend", "end")
        }

    def _begin(self, mode):
        """A contract whose first month has been paid.

        :return: it, and the pro-forma invoice of the second month.
        """
        subscription, first = self._start("2026-03-10 09:00:00", self.by_period[mode])
        self._pay(first, 35.7, "2026-03-10")
        self._follow("2026-03-10 10:00:00")
        self.assertEqual((subscription.state, first.state), ("active", "paid"))
        self._live("2026-03-31 06:00:00")
        self.assertEqual(len(subscription.proforma_ids), 1, "too early")
        self._live("2026-04-01 06:00:00")
        return subscription, subscription.proforma_ids - first

    def _live(self, moment):
        """The jobs of a day: billing comes first, as its worst case."""
        self._run_cron(moment)
        self._follow(moment)
        self.env.invalidate_all()

    @shows("SM-45")
    def test_the_next_period_is_asked_for_and_billed_once_it_is_paid(self):
        subscription, second = self._begin("suspend")
        self.assertEqual((second.amount_total, second.state), (35.7, "open"))
        self.assertEqual((str(second.period_start), str(second.date_due)),
                         ("2026-04-10", "2026-04-09"))  # fmt: skip
        self.assertIn("suspended", second._get_lapse_text())
        self._pay(second, 35.7, "2026-04-08")
        self._live("2026-04-08 10:00:00")
        self.assertEqual((second.state, subscription.state), ("paid", "active"))
        invoice = second.invoice_id
        self.assertEqual((invoice.amount_total, invoice.amount_residual), (35.7, 0.0))
        for day in ("2026-04-09", "2026-04-10", "2026-04-11"):
            self._live(f"{day} 06:00:00")
        self.assertEqual(
            self._charges(subscription),
            [("2026-03-10", "2026-04-09", 30.0), ("2026-04-10", "2026-05-09", 30.0)],
        )
        self.assertFalse(self._get_open())

    def _get_open(self):
        return self._get_receivables().filtered(lambda line: not line.reconciled)

    @shows("SM-45")
    def test_not_paid_the_service_is_suspended_and_nothing_is_owed(self):
        subscription, second = self._begin("suspend")
        self._live("2026-04-09 23:00:00")
        self.assertEqual(subscription.state, "active", "the last day of the first month")
        for day in ("2026-04-10", "2026-04-11", "2026-05-20"):
            self._live(f"{day} 06:00:00")
            self.assertEqual(subscription.state, "suspended", day)
        self.assertEqual(len(subscription._get_invoices()), 1)
        self.assertEqual(self._charges(subscription), [("2026-03-10", "2026-04-09", 30.0)])
        self.assertFalse(self._get_open())
        self.assertEqual(second.state, "open", "it can still be paid")
        self.assertEqual(self._events(subscription, "prepayment_expired"), ["prepayment_expired"])

    def test_paid_late_it_goes_on_from_that_day(self):
        subscription, second = self._begin("suspend")
        self._live("2026-04-10 06:00:00")
        self._pay(second, 35.7, "2026-04-20")
        self._live("2026-04-20 10:00:00")
        self.assertEqual((subscription.state, second.state), ("active", "paid"))
        invoice = second.invoice_id
        self.assertLess(invoice.amount_total, 35.7, "the days without service are not charged")
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertEqual(str(invoice.invoice_line_ids.subscription_period_end), "2026-05-09")

    @shows("SM-45")
    def test_or_the_contract_ends_and_nothing_is_owed(self):
        subscription, second = self._begin("end")
        self.assertIn("contract ends", second._get_lapse_text())
        self._live("2026-04-09 23:00:00")
        self.assertEqual(subscription.state, "active")
        self._live("2026-04-10 06:00:00")
        self.assertEqual((subscription.state, second.state), ("closed", "expired"))
        self.assertEqual(str(subscription.date_end), "2026-04-09")
        self.assertEqual(subscription.close_reason_id.name, "Next period not paid first")
        self._live("2026-06-01 06:00:00")
        self.assertEqual(len(subscription._get_invoices()), 1)
        self.assertFalse(self._get_open())

    def test_a_part_is_not_the_period(self):
        subscription, second = self._begin("suspend")
        self._pay(second, 20.0, "2026-04-08")
        self._live("2026-04-10 06:00:00")
        self.assertEqual((subscription.state, second.amount_due), ("suspended", 15.7))
        self._pay(second, 15.7, "2026-04-12")
        self._live("2026-04-12 06:00:00")
        self.assertEqual(subscription.state, "active")

    def test_a_contract_that_ends_before_is_asked_for_nothing_more(self):
        subscription, second = self._begin("suspend")
        with freeze_time("2026-04-02 09:00:00"):
            subscription._close("2026-04-09")
        self._live("2026-04-10 06:00:00")
        self.assertEqual((second.state, subscription.state), ("void", "closed"))
        self._live("2026-05-01 06:00:00")
        self.assertEqual(len(subscription.proforma_ids), 2)

    def test_what_has_no_periods_in_advance_is_refused(self):
        for values in ({"schedule_type": "manual"}, {"is_prepaid": True}):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self._create_plan(
                    "Wrong", [{"product_id": self.hosting.id}], period_prepayment="end", **values
                )
        arrears = [{"product_id": self.hosting.id, "timing": "arrears"}]
        with self.assertRaisesRegex(ValidationError, "paid in advance"), self.cr.savepoint():
            self._create_plan("Wrong", arrears, period_prepayment="end")


@tagged("post_install", "-at_install")
class TestPrepaymentUndone(PrepaidCommon, PrepaymentCommon):
    """Orders that are cancelled before they bind: what was paid is the customer's."""

    def _get_balance(self):
        wallet = self._get_wallet()
        wallet.invalidate_recordset()
        return wallet.balance

    def _get_open(self):
        return self._get_receivables().filtered(lambda line: not line.reconciled)

    def _pay_too_much(self, amount):
        self._top_up(amount, subscription_wallet_id=False, journal_id=self.journal.id)

    def _get_tax_ledger(self):
        return self.env["account.move"].search(
            [("partner_id", "=", self.partner_a.id), ("move_type", "!=", "entry")]
        )

    @shows("SM-54")
    def test_a_part_payment_is_moved_to_the_balance(self):
        subscription, proforma = self._start("2026-03-10 09:00:00")
        self._pay(proforma, 20.0, "2026-03-10")
        self._follow("2026-03-10 10:00:00")
        self.assertFalse(subscription.affirmed_on)
        self._pay_too_much(7.0)
        self._get_wallet().action_move_credits()
        self.assertEqual(self._get_balance(), 7.0, "the pro-forma invoice keeps its 20.00")
        self._top_up(7.0, payment_type="outbound")
        subscription.action_void()
        self.assertEqual((subscription.state, proforma.state), ("closed", "void"))
        self.assertIn("20.00", " ".join(subscription.activity_ids.mapped("summary")))
        self._get_wallet().action_move_credits()
        self.assertEqual(self._get_balance(), 20.0)
        self.assertFalse(self._get_open())
        self.assertFalse(self._get_tax_ledger())
        self.assertEqual(subscription._get_unused_prepayment(), 0.0)

    @shows("SM-54")
    def test_or_it_is_refunded(self):
        subscription, proforma = self._start("2026-03-10 09:00:00")
        payment = self._pay(proforma, 20.0, "2026-03-10")
        subscription.action_void()
        refund = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "customer",
                "partner_id": self.partner_a.id,
                "amount": 20.0,
                "date": "2026-03-11",
            }
        )
        refund.action_post()
        sides = (payment | refund).move_id.line_ids
        sides.filtered(lambda line: line.account_type == "asset_receivable").reconcile()
        self.assertFalse(self._get_open())
        self.assertEqual(subscription._get_unused_prepayment(), 0.0)

    @shows("SM-66")
    def test_paid_and_not_binding_it_is_cancelled_and_free_to_refund(self):
        plan = self._create_plan(
            "Binding with delivery",
            [{"product_id": self.hosting.id}],
            release_policy="payment",
            affirm_trigger="delivery",
            prepayment_days=9,
        )
        subscription, proforma = self._start("2026-03-10 09:00:00", plan)
        self._pay(proforma, 35.7, "2026-03-10")
        self._follow("2026-03-10 10:00:00")
        self.assertEqual((proforma.state, subscription.affirmed_on), ("paid", False))
        with self.assertRaisesRegex(UserError, "left over"):
            self._get_wallet().action_move_credits()
        subscription.action_void()
        self.assertEqual((subscription.state, proforma.state), ("closed", "void"))
        self.assertEqual(subscription._get_unused_prepayment(), 35.7)
        self._run_cron("2026-04-30 06:00:00")
        self.assertFalse(self._get_tax_ledger(), "neither invoice nor credit note")
        self._get_wallet().action_move_credits()
        self.assertEqual(self._get_balance(), 35.7)
        self._top_up(35.7, payment_type="outbound")
        self.assertEqual(self._get_balance(), 0.0)
        self.assertFalse(self._get_open())

    @shows("SM-67")
    def test_binding_the_days_not_used_are_credited_and_free_for_the_customer(self):
        contract = self._sell("2026-02-28")
        self._top_up(35.7)
        renewal = contract._extend(self._package(30)).move_id
        reason = self.env["subscription.close.reason"].search([], limit=1)
        contract._terminate_extraordinarily("2026-04-14", reason, "The service was down")
        credit = self._bill(contract, "2026-04-15")
        self.assertEqual((credit.move_type, credit.amount_untaxed), ("out_refund", 12.0))
        self.assertEqual((credit.reversed_entry_id, credit.amount_total), (renewal, 14.28))
        self.assertEqual(credit.amount_residual, 14.28)
        self._get_wallet().action_move_credits()
        self.assertEqual((self._get_balance(), credit.amount_residual), (14.28, 0.0))
