from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.subscription_base.tests.common import shows

from .prepaid_common import PrepaidCommon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestAdvance(PrepaidCommon):
    """A German company; the contract costs 35.70 for 30 days and expires on 28 March 2026."""

    @classmethod
    @AccountTestInvoicingCommon.setup_country("de")
    def setUpClass(cls):
        super().setUpClass()
        shares = cls.vat.invoice_repartition_line_ids | cls.vat.refund_repartition_line_ids
        shares.filtered(
            lambda share: share.repartition_type == "tax"
        ).account_id = cls.company_data["default_account_tax_sale"]
        cls.company.subscription_top_up_kind = "dedicated"
        cls.advances = cls.company.subscription_advance_account_id

    def _top_up(self, amount, wallet=None, **values):
        """What was paid in before the company took advances only."""
        kind = self.company.subscription_top_up_kind
        self.company.subscription_top_up_kind = "general"
        payment = super()._top_up(amount, wallet, **values)
        self.company.subscription_top_up_kind = kind
        return payment

    def _pay_in_advance(self, subscription, amount):
        move = subscription._make_advance_invoice(amount)
        self._pay_by_bank(move)
        return move

    def _get_vat(self, *moves):
        lines = self.env["account.move.line"].union(*(move.line_ids for move in moves))
        return -sum(lines.filtered("tax_line_id").mapped("balance"))

    def _get_booked(self):
        return -sum(
            self.env["account.move.line"]
            .search([("account_id", "=", self.advances.id), ("parent_state", "=", "posted")])
            .mapped("balance")
        )

    def test_the_account_is_the_one_of_the_chart(self):
        self.assertEqual(self.advances.with_company(self.company).code[:4], "1718")
        self.assertEqual(self.advances.account_type, "liability_current")

    @shows("LAW-42")
    def test_general_bears_vat_when_it_is_used(self):
        """LAW-42, general: 50 without tax, then 5.70 at the renewal."""
        self.company.subscription_top_up_kind = "general"
        subscription = self._sell("2026-02-28")
        payment = self._top_up(50.0)
        self.assertFalse(payment.move_id.line_ids.filtered("tax_line_id"))
        self.assertFalse(payment.move_id.line_ids.tax_ids)
        renewal = subscription._extend(self._package(30)).move_id
        self.assertEqual((renewal.amount_total, self._get_vat(renewal)), (35.7, 5.7))

    @shows("LAW-42")
    def test_dedicated_bears_vat_at_once_and_is_deducted_later(self):
        """LAW-42, dedicated: 5.70 now, 0 at the renewal."""
        subscription = self._sell("2026-02-28")
        advance = self._pay_in_advance(subscription, 35.7)
        self.assertEqual((advance.amount_untaxed, self._get_vat(advance)), (30.0, 5.7))
        self.assertEqual((self._get_booked(), subscription.advance_left), (30.0, 35.7))
        self.assertIn(advance.payment_state, ("paid", "in_payment"))
        extension = subscription._extend(self._package(30), total=35.7)
        renewal = extension.move_id
        self.assertEqual((renewal.amount_total, self._get_vat(renewal)), (0.0, 0.0))
        self.assertEqual((renewal.state, renewal.payment_state), ("posted", "paid"))
        deduction = renewal.invoice_line_ids.filtered("subscription_advance_id")
        self.assertEqual(deduction.account_id, self.advances)
        self.assertEqual((deduction.price_subtotal, deduction.price_total), (-30.0, -35.7))
        self.assertIn(advance.name, deduction.name)
        self.assertIn("5.70", deduction.name)
        subscription.invalidate_recordset(["advance_left"])
        self.assertEqual((self._get_booked(), subscription.advance_left), (0.0, 0.0))
        self.assertEqual(extension.amount_total, 35.7, "what the package costs")
        self.assertEqual(str(subscription.date_expiry), "2026-04-27")
        self.assertEqual(self.wallet.balance, 0.0)

    def test_the_balance_pays_what_the_advance_leaves(self):
        subscription = self._sell("2026-02-28")
        self._pay_in_advance(subscription, 11.9)
        self._top_up(20.0)
        offer = subscription._get_package_offers(self._package(30))[0]
        self.assertEqual((offer.total, offer.missing), (35.7, 3.8))
        self._top_up(3.8)
        renewal = subscription._extend(self._package(30)).move_id
        self.assertEqual((renewal.amount_total, renewal.amount_residual), (23.8, 0.0))
        self.assertEqual(self._get_vat(renewal), 3.8)
        self.assertEqual(self.wallet.balance, 0.0)

    def test_an_overdrawn_balance_is_no_obstacle_when_the_advance_is_enough(self):
        subscription = self._sell("2026-02-28")
        self._pay_in_advance(subscription, 35.7)
        self._top_up(10.0).move_id._reverse_moves([{"date": "2026-03-10"}]).action_post()
        self.wallet._settle(self._invoice(5.0))
        self.assertEqual(subscription._extend(self._package(30)).move_id.amount_total, 0.0)

    def test_what_has_not_been_paid_is_not_deducted(self):
        subscription = self._sell("2026-02-28")
        advance = subscription._make_advance_invoice(35.7)
        self.assertEqual(subscription.advance_left, 0.0)
        with self.assertRaisesRegex(UserError, "Top up the balance first"):
            subscription._extend(self._package(30))
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=advance.ids
        ).create({"amount": 11.9})._create_payments()
        subscription.invalidate_recordset(["advance_left"])
        self.assertEqual(subscription.advance_left, 11.9)

    def test_billing_runs_deduct_too_oldest_first_and_never_twice(self):
        plan = self._create_plan(
            "Monthly", [{"product_id": self.hosting.id}], top_up_kind="dedicated"
        )
        subscription = self._create_subscription(plan, date_start="2026-03-10")
        first = self._pay_in_advance(subscription, 23.8)
        second = self._pay_in_advance(subscription, 23.8)
        invoice = self._bill(subscription, "2026-03-10")
        again = self._bill(subscription, "2026-03-10")
        self.assertFalse(again)
        invoice.filtered(lambda move: move.state == "draft").action_post()
        used = invoice.invoice_line_ids.filtered("subscription_advance_id")
        self.assertEqual(used.mapped("price_subtotal"), [-20.0, -10.0])
        self.assertEqual(used.subscription_advance_id.move_id, first | second)
        self.assertEqual(invoice.amount_total, 0.0)
        with freeze_time("2026-04-10 09:00:00"):
            later = self._bill(subscription, "2026-04-10")
        self.assertEqual(later.amount_total, 23.8, "11.90 were left")

    def test_a_price_with_taxes_is_met_to_the_cent(self):
        plan = self._create_plan(
            "With VAT",
            [{"product_id": self.hosting.id, "price_unit": 9.99}],
            price_includes_tax=True,
            top_up_kind="dedicated",
        )
        subscription = self._create_subscription(plan, date_start="2026-03-10")
        advance = self._pay_in_advance(subscription, 9.99)
        self.assertEqual(advance.amount_total, 9.99)
        invoice = self._bill(subscription, "2026-03-10")
        self.assertEqual((invoice.amount_total, invoice.amount_tax), (0.0, 0.0))

    def test_what_is_left_at_the_end_is_given_back_by_a_credit_note(self):
        subscription = self._sell("2026-02-28")
        advance = self._pay_in_advance(subscription, 59.5)
        renewal = subscription._extend(self._package(30)).move_id
        self._run_cron("2026-04-27 06:00:00")
        self.assertEqual(subscription.state, "closed")
        credit = advance.reversal_move_ids
        self.assertEqual((credit.move_type, credit.state), ("out_refund", "posted"))
        self.assertEqual((credit.amount_untaxed, credit.amount_total), (20.0, 23.8))
        self.assertEqual(credit.amount_residual, 23.8, "to be paid back")
        self.assertEqual(self._get_vat(advance, renewal, credit), 5.7)
        self.assertEqual((self._get_booked(), subscription.advance_left), (0.0, 0.0))

    def test_an_advance_that_was_not_paid_is_claimed_no_more_after_the_end(self):
        subscription = self._sell("2026-02-28")
        advance = subscription._make_advance_invoice(35.7)
        self._run_cron("2026-03-28 06:00:00")
        self.assertEqual(subscription.state, "closed")
        self.assertEqual(advance.amount_residual, 0.0)
        self.assertEqual(advance.payment_state, "reversed")

    def test_days_not_used_are_credited_with_the_vat_of_the_service(self):
        subscription = self._sell("2026-02-28")
        advance = self._pay_in_advance(subscription, 35.7)
        renewal = subscription._extend(self._package(30)).move_id
        reason = self.env["subscription.close.reason"].search([], limit=1)
        subscription._terminate_extraordinarily("2026-04-14", reason, "The service was down")
        credit = self._bill(subscription, "2026-04-15")
        self.assertEqual((credit.move_type, credit.amount_untaxed), ("out_refund", 12.0))
        self.assertAlmostEqual(self._get_vat(advance, renewal, credit), 3.42)
        self.assertEqual(self._get_booked(), 0.0)

    def test_a_reversed_renewal_gives_the_advance_back(self):
        subscription = self._sell("2026-02-28")
        advance = self._pay_in_advance(subscription, 35.7)
        renewal = subscription._extend(self._package(30)).move_id
        renewal._reverse_moves([{"date": renewal.date}], cancel=True)
        item = advance.invoice_line_ids
        self.assertEqual((item._get_advance_left(), self._get_booked()), (30.0, 30.0))

    def test_the_document_says_that_it_is_an_advance(self):
        """Not so the invoice of the service, from which the advance is deducted."""
        subscription = self._sell("2026-02-28")
        advance = self._pay_in_advance(subscription, 35.7)
        renewal = subscription._extend(self._package(30)).move_id
        for move, name in ((advance, "Advance Invoice"), (renewal, "Invoice")):
            html, _type = self.env["ir.actions.report"]._render_qweb_html(
                "account.report_invoice", move.ids
            )
            self.assertEqual(move.type_name, name)
            self.assertEqual(b"Advance Invoice" in html, move == advance)

    @shows("LAW-37")
    def test_a_year_ahead_says_so_and_the_final_invoice_deducts_the_advance(self):
        address = {"street": "Weg 1", "zip": "10115", "city": "Berlin"}
        self.company.partner_id.write({**address, "country_id": self.env.ref("base.de").id})
        self.company.write({"german_documents": "always", "vat": "DE123456788"})

        def sell(price):
            component = {"product_id": self.hosting.id, "price_unit": price}
            plan = self._create_plan(
                f"Yearly {price}", [component], interval_count=12, top_up_kind="dedicated"
            )
            return self._create_subscription(plan, "2026-11-15")

        with freeze_time("2026-11-15 09:00:00"):
            ahead, built = sell(100.0), sell(300.0)
            invoice = self._bill(ahead, "2026-11-15")
            advance = self._pay_in_advance(built, 119.0)
            final = self._bill(built, "2026-11-15")
        for move in (invoice, final):
            if move.state == "draft":
                move.action_post()
        line = invoice.invoice_line_ids
        period = (line.subscription_period_start, line.subscription_period_end)
        self.assertEqual([str(day) for day in period], ["2026-11-15", "2027-11-14"])
        printed = self._print(invoice)
        for part in ("11/15/2026", "11/14/2027", "invoiced in advance, not yet rendered"):
            self.assertIn(part, printed)
        self.assertEqual((advance.amount_untaxed, self._get_vat(advance)), (100.0, 19.0))
        deduction = final.invoice_line_ids.filtered("subscription_advance_id")
        self.assertEqual(deduction.price_subtotal, -100.0)
        self.assertEqual(deduction.price_total - deduction.price_subtotal, -19.0)
        self.assertIn("19.00", deduction.name)
        self.assertIn("100.00", self._print(final))
        self.assertEqual((final.amount_untaxed, self._get_vat(final)), (200.0, 38.0))
        self.assertEqual(self._get_vat(advance, final), 57.0, "19 percent of 300, once")

    def _print(self, move):
        html, _type = self.env["ir.actions.report"]._render_qweb_html(
            "account.report_invoice", move.ids
        )
        return html.decode()

    def test_one_rate_or_no_advance(self):
        reduced = self.vat.copy({"name": "VAT 7%", "amount": 7.0})
        self.domain.taxes_id = reduced
        subscription = self._sell("2026-02-28")
        option = subscription.plan_id.component_ids.filtered("is_optional")
        values = option._prepare_subscription_line_values() | {"date_start": "2026-03-10"}
        subscription.line_ids = [Command.create(values)]
        with self.assertRaisesRegex(UserError, "do not all bear the same taxes"):
            subscription._make_advance_invoice(10.0)

    def test_it_is_refused_for_nothing_and_for_what_has_ended(self):
        subscription = self._sell("2026-02-28")
        with self.assertRaisesRegex(UserError, "above zero"):
            subscription._make_advance_invoice(0.0)
        self._run_cron("2026-03-28 06:00:00")
        with self.assertRaisesRegex(UserError, "does not run"):
            subscription._make_advance_invoice(10.0)

    def test_the_clerk_is_proposed_the_price_of_the_shortest_package(self):
        subscription = self._sell("2026-02-28")
        opened = subscription.action_open_advance_wizard()
        wizard = Form(self.env[opened["res_model"]].with_context(**opened["context"]))
        self.assertEqual(wizard.amount, 35.7)
        action = wizard.save().action_make_invoice()
        move = self.env["account.move"].browse(action["res_id"])
        self.assertEqual((move.state, move.amount_total), ("posted", 35.7))
        self.assertTrue(subscription.is_topped_up_by_advance)
        subscription.plan_id.top_up_kind = "general"
        subscription.invalidate_recordset(["is_topped_up_by_advance"])
        self.assertFalse(subscription.is_topped_up_by_advance)
        self.assertEqual(subscription.action_view_advances()["res_id"], move.id)

    def test_the_kind_is_set_in_the_settings_and_seen_on_plan_and_contract(self):
        with Form(self.env["res.config.settings"].sudo()) as form:
            self.assertEqual(form.subscription_top_up_kind, "dedicated")
            form.subscription_debit_window = 56
        subscription = self._sell("2026-02-28")
        self._pay_in_advance(subscription, 35.7)
        with Form(subscription) as form:
            self.assertEqual(form.advance_left, 35.7)
        with Form(subscription.plan_id) as form:
            form.top_up_kind = "general"
        self.assertEqual(subscription.plan_id.top_up_kind, "general")
