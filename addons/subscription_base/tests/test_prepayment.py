from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import shows
from .prepayment_common import PrepaymentCommon


@tagged("post_install", "-at_install")
class TestProforma(PrepaymentCommon):
    @shows("SM-28")
    def test_it_takes_no_invoice_number_and_posts_nothing(self):
        before = self.env["account.move"].search_count([])
        subscription, proforma = self._start()
        values = {"state": "open", "amount_untaxed": 30.0, "amount_total": 34.5}
        self.assertRecordValues(
            proforma, [values | {"amount_due": 34.5, "partner_id": self.partner_a.id}]
        )
        self.assertTrue(proforma.name.startswith("PF"))
        self.assertEqual(str(proforma.date_due), "2026-05-10")
        self.assertEqual(proforma.line_ids.mapped("amount"), [30.0])
        self.assertFalse(self._run_cron("2026-05-02 06:00:00"))
        self.assertEqual(self.env["account.move"].search_count([]), before)
        self.assertFalse(self._get_receivables())
        self.assertFalse(subscription.charge_ids)
        self.assertEqual(proforma.tax_totals["total_amount_currency"], 34.5)
        self.assertEqual(proforma.amount_tax, 4.5)
        self.assertRecordValues(
            subscription,
            [
                {
                    "open_proforma_id": proforma.id,
                    "open_proforma_amount": 34.5,
                    "open_proforma_date": proforma.date_due,
                }
            ],
        )

    def test_it_is_sent_again_by_hand(self):
        subscription, proforma = self._start()
        self.partner_a.email = False
        with self.assertRaisesRegex(UserError, "no e-mail address"):
            proforma.action_send()
        self.partner_a.email = "ada@example.com"
        about = [("model", "=", "subscription.proforma"), ("res_id", "=", proforma.id)]
        for count in (1, 2):
            proforma.action_send()
            self.assertEqual(self.env["mail.mail"].sudo().search_count(about), count)
        stranger = new_test_user(self.env, "stranger", groups="base.group_user")
        with self.assertRaises(AccessError):
            proforma.with_user(stranger).action_send()
        self._pay(proforma, 34.5, "2026-05-02")
        self._follow("2026-05-02 06:00:00")
        released = subscription.event_ids.filtered(lambda e: e.event_type == "released")
        self.assertEqual(released.summary, "Released")
        self.assertFalse(subscription.open_proforma_id)

    @shows("SM-29")
    def test_paid_in_time_or_expired_each_is_one_event(self):
        paid, proforma = self._start()
        unpaid, _proforma = self._start()
        self._pay(proforma, 34.5, "2026-05-09")
        for day in ("2026-05-09", "2026-05-10", "2026-05-11", "2026-05-12"):
            self._follow(f"{day} 06:00:00")
            expected = ["prepayment_expired"] if day > "2026-05-10" else []
            types = ("prepayment_paid", "prepayment_expired")
            self.assertEqual(self._events(unpaid, *types), expected, day)
            self.assertEqual(self._events(paid, *types), ["prepayment_paid"], day)
        self.assertEqual(str(proforma.date_paid), "2026-05-09")

    @shows("SM-43")
    def test_it_is_sent_with_a_link_and_a_bank_transfer_matches_it(self):
        self.partner_a.email = "ada@example.com"
        subscription, proforma = self._start()
        self._follow("2026-05-01 09:01:00")
        mails = self.env["mail.mail"].sudo()
        about = [("model", "=", "subscription.proforma"), ("res_id", "=", proforma.id)]
        mail = mails.search(about)
        self.assertEqual(len(mail), 1)
        self.assertIn(proforma.get_portal_url(), mail.body_html.replace("&amp;", "&"))
        self.assertIn(proforma.name, mail.subject)
        self.assertEqual(mail.state, "outgoing")
        self.assertTrue(mail.attachment_ids)
        text = f"SEPA CREDIT {proforma.name[:2].lower()} {proforma.name[2:]} thanks"
        line = self._transfer(text, 34.5, "2026-05-05")
        self._follow("2026-05-05 10:00:00")
        self.assertEqual((proforma.state, proforma.statement_line_ids), ("paid", line))
        invoice = subscription._get_invoices()
        self.assertEqual(invoice, proforma.invoice_id)
        self.assertEqual((invoice.state, invoice.amount_residual), ("posted", 0.0))
        self.assertTrue(line.is_reconciled)
        self.assertEqual(mails.search(about), mail)

    def test_a_longer_number_is_another_one(self):
        _subscription, proforma = self._start()
        self._transfer(f"{proforma.name}1", 34.5, "2026-05-05")
        self._transfer("no reference", 34.5, "2026-05-05")
        self._follow("2026-05-05 10:00:00")
        self.assertEqual((proforma.state, proforma.amount_paid), ("open", 0.0))

    def test_a_transfer_that_was_entered_by_hand_is_not_counted_again(self):
        _subscription, proforma = self._start()
        self._pay(proforma, 17.25, "2026-05-04")
        same = self._transfer(proforma.name, 17.25, "2026-05-04")
        self._follow("2026-05-05 06:00:00")
        self.assertEqual((proforma.state, proforma.amount_due), ("open", 17.25))
        other = self._transfer(proforma.name, 17.25, "2026-05-06")
        self._follow("2026-05-06 06:00:00")
        self.assertEqual((proforma.state, proforma.statement_line_ids), ("paid", other))
        self.assertFalse(same.is_reconciled)

    @shows("SM-44", "SM-31", "SM-23")
    def test_paid_in_time_it_starts_within_the_job(self):
        subscription, proforma = self._start()
        self.assertEqual((subscription.state, subscription.waiting_for), ("pending", "payment"))
        self.assertFalse(subscription.affirmed_on)
        self._pay(proforma, 34.5, "2026-05-09")
        self._follow("2026-05-09 10:00:00")
        self.assertRecordValues(subscription, [{"state": "active", "waiting_for": False}])
        self.assertEqual(str(subscription.date_start), "2026-05-09")
        self.assertEqual(str(subscription.affirmed_on.date()), "2026-05-09")
        invoice = subscription._get_invoices()
        self.assertEqual((invoice.amount_total, invoice.amount_residual), (34.5, 0.0))
        self.assertEqual(self._charges(subscription), [("2026-05-09", "2026-06-08", 30.0)])
        self.assertEqual(
            self._events(subscription, "prepayment_paid", "affirmed", "released", "activated"),
            ["prepayment_paid", "affirmed", "activated", "released"],
        )
        self.assertFalse(self._get_receivables().filtered(lambda line: not line.reconciled))

    @shows("SM-44")
    def test_not_paid_in_time_the_order_is_cancelled_without_a_claim(self):
        subscription, proforma = self._start()
        self._follow("2026-05-10 23:00:00")
        self.assertEqual(subscription.state, "pending")
        self._follow("2026-05-11 06:00:00")
        self.assertEqual((proforma.state, subscription.state), ("expired", "closed"))
        self.assertEqual(subscription.termination_kind, "void")
        self.assertEqual(subscription.sale_order_id.state, "cancel")
        self.assertFalse(subscription.charge_ids)
        self.assertFalse(self._get_receivables())
        self.assertFalse(self._run_cron("2026-06-30 06:00:00"))

    def test_a_transfer_for_an_order_that_has_lapsed_is_told_once(self):
        subscription, proforma = self._start()
        self._follow("2026-05-11 06:00:00")
        line = self._transfer(f"for {proforma.name}", 34.5, "2026-05-12")
        activities = subscription.activity_ids
        for hour in (6, 7):
            self._follow(f"2026-05-13 0{hour}:00:00")
        self.assertIn("paid after all", (subscription.activity_ids - activities).summary)
        self.assertEqual(line.subscription_proforma_id, proforma)
        self.assertFalse(line.is_reconciled)
        self.assertEqual((proforma.state, subscription.state), ("expired", "closed"))

    @shows("SM-44")
    def test_a_part_waits_for_the_rest_until_the_deadline(self):
        subscription, proforma = self._start()
        payment = self._pay(proforma, 20.0, "2026-05-04")
        self._follow("2026-05-05 06:00:00")
        self.assertEqual((proforma.state, proforma.amount_due), ("open", 14.5))
        self.assertEqual((subscription.state, subscription.affirmed_on), ("pending", False))
        self._follow("2026-05-11 06:00:00")
        self.assertEqual(subscription.termination_kind, "void")
        credit = payment.move_id.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )
        self.assertEqual(credit.amount_residual, -20.0)
        self.assertEqual(self._get_receivables(), credit)

    def test_a_payment_that_waits_for_the_bank_settles_the_invoice(self):
        """With full accounting, nothing needs to be booked before the bank statement comes."""
        self.patch(
            type(self.env["account.move"]),
            "_get_invoice_in_payment_state",
            lambda move: "in_payment",
        )
        self.inbound_payment_method_line.payment_account_id = False
        subscription, proforma = self._start()
        payment = self._pay(proforma, 34.5, "2026-05-04")
        self.assertFalse(payment.move_id)
        self._follow("2026-05-04 06:00:00")
        invoice = subscription._get_invoices()
        self.assertEqual((proforma.state, invoice.matched_payment_ids), ("paid", payment))
        self.assertEqual(invoice.payment_state, "in_payment")

    def test_a_bank_line_that_cannot_be_booked_stops_nobody_else(self):
        bad, bad_proforma = self._start()
        good, good_proforma = self._start()
        for proforma in (bad_proforma, good_proforma):
            self._transfer(proforma.name, 34.5, "2026-05-05")

        def book(line, proforma):
            if proforma == bad_proforma:
                raise ValueError("books are closed")
            return original(line, proforma)

        StatementLine = type(self.env["account.bank.statement.line"])
        original = StatementLine._book_for_proforma
        self.patch(StatementLine, "_book_for_proforma", book)
        self._follow("2026-05-05 06:00:00")
        self.assertEqual((bad.state, bad.billing_error), ("pending", "books are closed"))
        self.assertEqual((good.state, good.billing_error), ("active", False))

    def test_two_parts_are_enough(self):
        subscription, proforma = self._start()
        self._pay(proforma, 20.0, "2026-05-04")
        self._transfer(proforma.name, 14.5, "2026-05-06")
        self._follow("2026-05-06 06:00:00")
        self.assertEqual(proforma.state, "paid")
        self.assertEqual(subscription._get_invoices().amount_residual, 0.0)

    def test_what_was_paid_too_much_settles_the_next_invoice(self):
        _subscription, proforma = self._start()
        self._pay(proforma, 50.0, "2026-05-04")
        self._follow("2026-05-04 06:00:00")
        invoice = self._run_cron("2026-06-04 06:00:00")
        self.assertEqual(invoice.amount_residual, 34.5 - 15.5)

    def test_money_for_a_later_start_is_invoiced_at_once(self):
        subscription, proforma = self._start(subscription_start_date="2026-05-20")
        self._pay(proforma, 34.5, "2026-05-04")
        self._follow("2026-05-04 06:00:00")
        self.assertEqual(str(subscription.date_start), "2026-05-20")
        self.assertEqual((subscription.state, subscription.waiting_for), ("pending", False))
        invoice = subscription._get_invoices()
        self.assertEqual(str(invoice.invoice_date), "2026-05-04")
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertEqual(self._charges(subscription), [("2026-05-20", "2026-06-19", 30.0)])
        self.assertFalse(self._run_cron("2026-05-20 06:00:00"))
        self.assertEqual(subscription.state, "active")

    def test_what_costs_nothing_waits_for_nothing(self):
        plan = self._create_plan(
            "Free", [{"product_id": self.hosting.id, "price_unit": 0.0}], release_policy="payment"
        )
        with freeze_time("2026-05-01"):
            subscription = self._create_subscription(plan, "2026-05-01")
        self.assertEqual((subscription.state, subscription.proforma_ids.ids), ("active", []))
        self.assertTrue(subscription.affirmed_on)

    def test_one_that_fails_stops_nobody_else(self):
        bad, bad_proforma = self._start()
        good, good_proforma = self._start()
        self._pay(bad_proforma, 34.5, "2026-05-04")
        self._pay(good_proforma, 34.5, "2026-05-04")
        self.patch(
            type(self.env["subscription.subscription"]),
            "_pass_prepayment",
            self._fail_for(bad, type(self.env["subscription.subscription"])._pass_prepayment),
        )
        self._follow("2026-05-04 06:00:00")
        self.assertEqual((bad.state, bad.billing_error), ("pending", "out of order"))
        self.assertEqual((good.state, good.billing_error), ("active", False))
        self.assertEqual(bad_proforma.state, "open")

    def _fail_for(self, bad, original):
        def pass_prepayment(subscription, *args):
            if subscription == bad:
                raise ValueError("out of order")
            return original(subscription, *args)

        return pass_prepayment

    def test_nobody_writes_or_deletes_it(self):
        _subscription, proforma = self._start()
        with self.assertRaises(AccessError):
            proforma.amount_total = 1.0
        with self.assertRaises(AccessError):
            proforma.unlink()
        with self.assertRaisesRegex(UserError, "it is evidence"):
            proforma.sudo().unlink()

    def test_cancelling_the_order_voids_it(self):
        subscription, proforma = self._start()
        subscription.sale_order_id.action_cancel()
        self.assertEqual((proforma.state, subscription.termination_kind), ("void", "void"))


@tagged("post_install", "-at_install")
class TestRelease(PrepaymentCommon):
    @shows("K3-28", "K3-29")
    def test_at_purchase_it_is_on_although_unpaid(self):
        with freeze_time("2026-05-01"):
            _order, subscription = self._confirm_order(self.flat_plan)
        self.assertEqual(subscription.release_policy, "purchase")
        self.assertEqual(subscription.state, "active")
        self.assertTrue(self._has_access(subscription, "2026-05-01"))
        self.assertFalse(subscription.proforma_ids)

    @shows("K3-28", "K3-30", "K3-32")
    def test_after_payment_it_is_off_until_all_is_paid(self):
        subscription, proforma = self._start()
        self.assertFalse(self._has_access(subscription, "2026-05-02"))
        self._pay(proforma, 20.0, "2026-05-03")
        self._follow("2026-05-03 06:00:00")
        self.assertFalse(self._has_access(subscription, "2026-05-03"))
        self._pay(proforma, 14.5, "2026-05-04")
        self._follow("2026-05-04 06:00:00")
        self.assertTrue(self._has_access(subscription, "2026-05-04"))

    def _debit(self, proforma, date):
        self.inbound_payment_method_line.payment_method_id.code = "sepa_direct_debit"
        return self._pay(proforma, 34.5, date)

    @shows("K3-30")
    def test_a_direct_debit_counts_when_collected(self):
        subscription, proforma = self._start()
        self._debit(proforma, "2026-05-04")
        self._follow("2026-05-04 06:00:00")
        self.assertTrue(self._has_access(subscription, "2026-05-04"))

    @shows("K3-30")
    def test_or_when_it_cannot_be_returned_any_more(self):
        self.plan_prepaid.write({"release_debit": "window", "return_window_days": 10})
        subscription, proforma = self._start()
        transfer, other = self._start()
        self._debit(proforma, "2026-05-04")
        self._transfer(other.name, 34.5, "2026-05-04")
        self._follow("2026-05-04 06:00:00")
        self.assertEqual((transfer.state, subscription.state), ("active", "pending"))
        self.assertEqual(str(subscription.date_release), "2026-05-14")
        self.assertTrue(subscription.affirmed_on)
        self.assertEqual(subscription._get_invoices().amount_residual, 0.0)
        self.assertEqual(self._charges(subscription), [("2026-05-14", "2026-06-13", 30.0)])
        self._run_cron("2026-05-13 06:00:00")
        self.assertEqual(subscription.waiting_for, "payment")
        self._run_cron("2026-05-14 06:00:00")
        self.assertEqual((subscription.state, subscription.waiting_for), ("active", False))
        self.assertEqual(self._events(subscription, "released"), ["released"])


@tagged("post_install", "-at_install")
class TestPaymentTriggers(PrepaymentCommon):
    def _start_trigger(self, trigger, **values):
        return self._start(plan=self._create_legal_plan(trigger, **values))

    @shows("SM-47", "SM-50")
    def test_payment_in_full_binds_on_the_same_day(self):
        subscription, proforma = self._start_trigger("payment_full")
        self.assertEqual((subscription.state, subscription.affirmed_on), ("active", False))
        self._pay(proforma, 20.0, "2026-05-03")
        self._follow("2026-05-03 06:00:00")
        self.assertFalse(subscription.affirmed_on)
        self.assertFalse(subscription._get_invoices())
        self._pay(proforma, 14.5, "2026-05-05")
        self._follow("2026-05-05 06:00:00")
        self.assertEqual(str(subscription.affirmed_on.date()), "2026-05-05")
        self.assertIn(proforma.name, subscription.affirmed_by)
        self.assertEqual(str(subscription.date_start), "2026-05-01")
        self.assertEqual(subscription._get_invoices().payment_state, "paid")

    @shows("SM-47", "SM-50")
    def test_a_first_part_binds_and_the_rest_is_claimed(self):
        subscription, proforma = self._start_trigger("payment_part")
        self._pay(proforma, 20.0, "2026-05-03")
        self._follow("2026-05-03 06:00:00")
        self.assertEqual(str(subscription.affirmed_on.date()), "2026-05-03")
        invoice = subscription._get_invoices()
        self.assertEqual((invoice.state, invoice.amount_residual), ("posted", 14.5))
        self._follow("2026-06-30 06:00:00")
        self.assertEqual(subscription.state, "active")
        self.assertEqual(self._events(subscription, "prepayment_expired"), [])

    def test_unpaid_it_is_cancelled_although_the_service_was_on(self):
        subscription, proforma = self._start_trigger("payment_full", prepayment_days=5)
        self._follow("2026-05-07 06:00:00")
        self.assertEqual((proforma.state, subscription.termination_kind), ("expired", "void"))
        self.assertFalse(subscription.charge_ids)

    def test_a_binding_contract_that_is_not_paid_is_left_to_a_person(self):
        subscription, proforma = self._start_trigger("delivery", release_policy="payment")
        subscription.action_confirm_delivery()
        self._follow("2026-05-30 06:00:00")
        self.assertEqual((proforma.state, subscription.state), ("expired", "pending"))
        self.assertIn("not paid in time", subscription.activity_ids.mapped("summary")[-1])
        self.assertFalse(subscription.charge_ids)

    def test_without_an_address_somebody_has_to_send_it(self):
        self.partner_a.email = False
        subscription, proforma = self._start()
        self._follow("2026-05-01 10:00:00")
        self._follow("2026-05-02 10:00:00")
        self.assertEqual(len(subscription.activity_ids), 1)
        self.assertIn(proforma.name, subscription.activity_ids.summary)

    def test_paid_before_delivery_it_is_invoiced_with_the_delivery(self):
        subscription, proforma = self._start_trigger("delivery", release_policy="payment")
        self._pay(proforma, 34.5, "2026-05-03")
        self._follow("2026-05-03 06:00:00")
        self.assertEqual((subscription.state, subscription.affirmed_on), ("active", False))
        self.assertFalse(subscription._get_invoices())
        with freeze_time("2026-05-06"):
            subscription.action_confirm_delivery()
        invoice = self._run_cron("2026-05-06 12:00:00")
        self.assertEqual((invoice.state, invoice.amount_residual), ("posted", 0.0))
