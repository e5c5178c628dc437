from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.subscription_base.tests.common import shows

from .deposit_common import DepositCommon


@tagged("post_install", "-at_install")
class TestDeposit(DepositCommon):
    """Asked for at the start, held, shown apart from all else."""

    @shows("SM-20", "LAW-46")
    def test_a_deposit_of_100_is_requested_held_and_returned_or_offset(self):
        subscription = self._subscribe()
        request = self._get_request(subscription)
        self.assertEqual((request.amount_total, request.amount_tax), (100.0, 0.0))
        self.assertEqual(request.journal_id, self.company.subscription_deposit_journal_id)
        self.assertTrue(request.name.startswith(f"{request.journal_id.code}/2026/"))
        booked = {(line.account_id.account_type, line.balance) for line in request.line_ids}
        self.assertEqual(booked, {("asset_receivable", 100.0), ("liability_current", -100.0)})
        self.assertEqual((subscription.deposit_held, subscription.deposit_requested), (0.0, 100.0))
        self._pay_request(subscription)
        self.assertEqual(request.payment_state, request._get_invoice_in_payment_state())
        self.assertEqual((subscription.deposit_held, subscription.deposit_requested), (100.0, 0.0))
        invoice = self._bill_today(subscription)
        self.assertEqual(subscription.deposit_held, 100.0, "no invoice is paid from it by itself")
        wizard = Form(
            self.env["subscription.deposit.wizard"].with_context(
                default_subscription_id=subscription.id
            )
        )
        self.assertEqual((wizard.amount_offset, wizard.amount_rest), (30.0, 70.0))
        wizard.save().action_settle()
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertEqual(subscription.deposit_held, 0.0)
        wallet = subscription._get_deposit_wallet()
        self.assertTrue(all(wallet.entry_ids.move_line_id.mapped("reconciled")))
        payment = self.env["account.payment"].search([("subscription_wallet_id", "=", wallet.id)])
        self.assertEqual((payment.payment_type, payment.amount), ("outbound", 70.0))

    def test_it_is_no_revenue_and_no_charge(self):
        subscription = self._subscribe()
        self._pay_request(subscription)
        self.assertEqual(subscription.recurring_monthly, 30.0)
        invoice = self._bill_today(subscription)
        self.assertEqual(invoice.amount_total, 30.0)
        self.assertEqual(subscription.charge_ids.mapped("amount"), [30.0])
        self.assertEqual(subscription._get_settlement().billed, 30.0)
        request = self._get_request(subscription)
        analysed = self.env["account.invoice.report"].search(
            [("move_id", "in", (request + invoice).ids)]
        )
        self.assertEqual(analysed.move_id, invoice)
        income = self.env["account.move.line"].search(
            [("move_id", "=", request.id), ("account_id.internal_group", "=", "income")]
        )
        self.assertFalse(income)

    def test_a_quotation_shows_it_untaxed_and_asks_for_it_when_confirmed(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner_a.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.hosting.id,
                            "subscription_plan_id": self.deposit_plan.id,
                        }
                    )
                ],
            }
        )
        line = order.order_line.filtered(lambda line: line.product_id == self.deposit)
        self.assertEqual((line.price_subtotal, line.price_total), (100.0, 100.0))
        self.assertIn("given back", line.name)
        order.action_confirm()
        subscription = order.subscription_ids
        self.assertEqual(subscription.deposit_requested, 100.0)
        self.assertEqual(self._get_request(subscription).amount_total, 100.0)

    def test_it_is_asked_for_once(self):
        subscription = self._subscribe()
        subscription._request_deposits()
        subscription._request_deposits()
        self.assertEqual(len(self._get_request(subscription)), 1)

    def test_what_costs_nothing_is_not_asked_for(self):
        subscription = self._subscribe(self._create_deposit_plan("Without", 0.0))
        self.assertFalse(self._get_request(subscription))

    def test_the_service_waits_where_the_plan_says_so(self):
        plan = self._create_deposit_plan("Waiting", deposit_holds_service=True)
        subscription = self._subscribe(plan)
        self.assertEqual((subscription.state, subscription.waiting_for), ("pending", "component"))
        self._pay_request(subscription, 60.0)
        self.assertEqual(subscription.state, "pending")
        self._pay_request(subscription, 40.0)
        self.assertEqual((subscription.state, subscription.waiting_for), ("active", False))
        self.assertEqual(self._subscribe().state, "active", "other plans do not wait")

    def test_what_was_asked_for_stays_as_agreed(self):
        subscription = self._subscribe()
        line = subscription.line_ids.filtered(lambda line: line.charge_type == "deposit")
        with self.assertRaisesRegex(UserError, "has been asked for"):
            line.price_unit = 50.0

    def test_an_unpaid_one_is_taken_back_at_the_end(self):
        subscription = self._subscribe()
        request = self._get_request(subscription)
        with freeze_time("2026-03-12 10:00:00"):
            subscription._close("2026-03-11")
            self._bill(subscription, "2026-03-12")
        self.assertEqual(subscription.state, "closed")
        self.assertTrue(request.is_deposit_void)
        self.assertEqual((request.amount_residual, subscription.deposit_requested), (0.0, 0.0))
        self.assertEqual(subscription._get_deposit_wallet().balance, 0.0)
        self.assertIn("deposit_void", subscription.event_ids.mapped("event_type"))
        self.assertNotIn("deposit_paid", subscription.event_ids.mapped("event_type"))

    def test_somebody_is_asked_to_settle_what_is_held_at_the_end(self):
        subscription = self._subscribe()
        self._pay_request(subscription)
        with freeze_time("2026-03-12 10:00:00"):
            subscription._close("2026-03-11")
            self._bill(subscription, "2026-03-12")
        self.assertEqual((subscription.state, subscription.deposit_held), ("closed", 100.0))
        summaries = subscription.activity_ids.mapped("summary")
        self.assertEqual(len([text for text in summaries if "Settle the deposit" in text]), 1)

    def test_of_one_that_is_paid_in_part_the_rest_is_taken_back(self):
        subscription = self._subscribe()
        self._pay_request(subscription, 40.0)
        self.assertEqual((subscription.deposit_held, subscription.deposit_requested), (40.0, 60.0))
        subscription._void_deposit_requests()
        subscription._void_deposit_requests()
        self.assertEqual((subscription.deposit_held, subscription.deposit_requested), (40.0, 0.0))
        self.assertEqual(float(subscription._settle_deposit().rest), 40.0)

    def test_a_start_that_is_withdrawn_and_made_again_asks_again(self):
        subscription = self._subscribe()
        first = self._get_request(subscription)
        subscription._withdraw()
        self.assertTrue(first.is_deposit_void)
        subscription.action_start()
        requests = self._get_request(subscription)
        self.assertEqual(len(requests - first), 1)
        self.assertEqual(subscription.deposit_requested, 100.0)

    def test_no_more_is_paid_out_of_the_balance_than_was_paid(self):
        subscription = self._subscribe()
        self._pay_request(subscription, 40.0)
        wallet = subscription._get_deposit_wallet()
        self.assertEqual(wallet.action_pay_out()["context"]["default_amount"], 40.0)
        with self.assertRaisesRegex(UserError, "cannot be paid out"):
            wallet._return(50.0, "Too much")

    def test_taxes_cannot_be_chosen_for_it(self):
        component = self.deposit_plan.component_ids.filtered(lambda c: c.charge_type == "deposit")
        self.assertFalse(component._get_taxes())
        with self.assertRaisesRegex(ValidationError, "bears no tax"):
            component.tax_ids = self.tax_sale_a


@tagged("post_install", "-at_install")
class TestDepositSettled(DepositCommon):
    def setUp(self):
        super().setUp()
        self.partner_a.email = "ada@example.com"
        self.subscription = self._subscribe()

    def _pay_and_bill(self):
        self._pay_request(self.subscription)
        return self._bill_today(self.subscription)

    def test_a_part_is_kept_for_damage_without_vat(self):
        self._pay_and_bill()
        plan = self.subscription._settle_deposit(
            self.env["account.move"], 25.0, "Broken case", account=self.company._get_kept_account()
        )
        self.assertEqual((float(plan.kept), float(plan.rest)), (25.0, 75.0))
        account = self.company._get_kept_account()
        kept = self.env["account.move.line"].search(
            [("account_id", "=", account.id), ("name", "=", "Broken case")]
        )
        self.assertEqual((kept.balance, len(kept.move_id.line_ids)), (-25.0, 2))
        self.assertFalse(kept.tax_ids)
        self.assertEqual(self.subscription.deposit_held, 0.0)

    def test_the_second_time_nothing_happens(self):
        invoice = self._pay_and_bill()
        self.assertTrue(self.subscription._settle_deposit())
        before = self.env["account.move"].search_count([])
        self.assertIsNone(self.subscription._settle_deposit())
        self.assertEqual(self.env["account.move"].search_count([]), before)
        self.assertEqual(invoice.amount_residual, 0.0)

    def test_nothing_is_settled_that_was_not_paid(self):
        self._bill_today(self.subscription)
        self.assertIsNone(self.subscription._settle_deposit())
        self.assertIsNone(self._create_subscription()._settle_deposit())

    def test_what_is_kept_needs_a_reason_and_is_no_more_than_is_held(self):
        self._pay_and_bill()
        for kept, reason, text in (
            (10.0, " ", "which damage"),
            (100.01, "Case", "cannot be kept"),
            (-1.0, "Case", "negative"),
        ):
            with self.assertRaisesRegex(UserError, text):
                self.subscription._settle_deposit(kept=kept, reason=reason)
        self.assertEqual(self.subscription.deposit_held, 100.0)

    def test_the_rest_may_stay_held(self):
        self._pay_and_bill()
        self.subscription._settle_deposit(pay_out=False)
        self.assertEqual(self.subscription.deposit_held, 70.0)

    def test_invoices_of_others_are_not_paid_from_it(self):
        self._pay_and_bill()
        other = self._invoice(10.0, self.partner_b)
        with self.assertRaisesRegex(UserError, "cannot pay for"):
            self.subscription._settle_deposit(other)
        self.assertEqual(self.subscription.deposit_held, 100.0)

    def test_the_customer_is_asked_and_told(self):
        invoice = self._pay_and_bill()
        mails = self.env["mail.mail"].search([])
        self.assertIn(self._get_request(self.subscription).name, " ".join(mails.mapped("subject")))
        self.subscription._settle_deposit(kept=20.0, reason="Broken case")
        letter = (self.env["mail.mail"].search([]) - mails).filtered(
            lambda mail: "Settlement of your deposit" in mail.subject
        )
        for text in ("100.00", invoice.name, "30.00", "Broken case", "20.00", "50.00"):
            self.assertIn(text, letter.body_html)
        event = self.subscription.event_ids.filtered(lambda e: e.event_type == "deposit_settled")
        self.assertIn("Broken case", event.description)

    def test_any_way_of_settling_adds_up(self):
        """Whatever is paid, kept and owed: the books add up, and it is never more than is held."""
        for number, (paid, kept, owed) in enumerate(
            [(100.0, 0.0, 0.0), (99.99, 33.33, 66.66), (50.0, 50.0, 10.0), (10.01, 0.01, 200.0)]
        ):
            with self.subTest(paid=paid, kept=kept, owed=owed):
                subscription = self._subscribe()
                self._pay_request(subscription, paid)
                invoices = self._invoice(owed) if owed else self.env["account.move"]
                plan = subscription._settle_deposit(invoices, kept, f"Damage {number}")
                total = float(plan.offset + plan.kept + plan.rest)
                self.assertAlmostEqual(total, paid, 2)
                self.assertAlmostEqual(subscription.deposit_held, 0.0, 2)
                if invoices:
                    used = owed - invoices.amount_residual
                    self.assertAlmostEqual(used, min(owed, paid - kept), 2)
                self._check_tie_out()


@tagged("post_install_l10n", "post_install", "-at_install")
class TestGermanDeposit(DepositCommon):
    @classmethod
    @AccountTestInvoicingCommon.setup_country("de")
    def setUpClass(cls):
        super().setUpClass()

    def test_no_tax_line_in_a_german_company(self):
        subscription = self._subscribe()
        request = self._pay_request(subscription)
        self.assertFalse(request.line_ids.tax_ids)
        self.assertFalse(request.line_ids.tax_tag_ids)
        self.assertFalse(request.line_ids.filtered("tax_line_id"))
        self.assertEqual(request.journal_id.code, "KAU")
        subscription._settle_deposit(kept=30.0, reason="Schaden")
        kept = self.env["account.move.line"].search([("name", "=", "Schaden")])
        self.assertFalse(kept.move_id.line_ids.tax_ids)
        self.assertEqual(len(kept.move_id.line_ids), 2)
        self.assertEqual(kept.filtered(lambda line: line.balance < 0).account_id.code[:4], "2705")
