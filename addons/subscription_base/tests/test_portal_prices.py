from datetime import date

from lxml import html

from odoo.tests import freeze_time, tagged

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalPrices(PortalCommon, AccountPaymentCommon):
    """The prices of a page add up, and it says once whether they include taxes."""

    def setUp(self):
        super().setUp()
        self._login()

    def _get_page(self, suffix="", day="2026-03-10", **query):
        return html.fromstring(self._get(suffix, day, **query).text)

    def _get_lines(self, page):
        return self._text(page, "//table[contains(@class, 'o_subscription_lines')]")

    def test_a_consumer_sees_taxed_prices_that_add_up(self):
        page = self._get_page()
        lines = self._get_lines(page)
        for shown in ("Price, taxes included", "$ 34.50", "$ 11.50", "$ 5.75 each"):
            self.assertIn(shown, lines)
        facts = self._text(page, "//dl")
        self.assertIn("Price now, taxes included $ 46.00", facts)
        self.assertIn("Next invoice, taxes included $ 46.00", facts)
        self.assertNotIn("on top", self._text(page, "//main"))

    def test_a_business_sees_prices_to_which_taxes_are_added(self):
        self.subscription.customer_kind = "business"
        lines = self._get_lines(self._get_page())
        for shown in ("Price, without taxes", "$ 30.00", "$ 10.00", "$ 5.00 each"):
            self.assertIn(shown, lines)

    def test_without_a_tax_none_is_mentioned(self):
        (self.hosting | self.seat).taxes_id = False
        page = self._get_page()
        self.assertNotIn("taxes", self._get_lines(page) + self._text(page, "//dl"))

    def test_what_was_charged_once_says_when(self):
        plan = self._create_plan(
            "With set-up",
            [
                {"product_id": self.hosting.id},
                {"product_id": self.setup_fee.id, "charge_type": "setup"},
            ],
        )
        with freeze_time("2026-03-01"):
            other = self._create_subscription(plan, "2026-03-01", partner_id=self.customer.id)
            self._bill(other, "2026-03-01")
        self.url = f"/my/subscriptions/{other.id}"
        self.assertIn("charged on 03/01/2026", self._get_lines(self._get_page()))

    def test_nothing_is_charged_during_a_pause(self):
        with freeze_time("2026-03-10"):
            self.subscription._pause("2026-03-10", "2026-03-31")
        page = self._get_page(day="2026-03-20")
        facts = self._text(page, "//dl")
        self.assertIn("Nothing is charged during the pause", facts)
        self.assertRegex(facts, r"Price from 04/01/2026 ?, taxes included after the pause \$ 46")
        page, _data = self._look("resume", day="2026-03-20")
        prices = self._text(page, "//table[contains(@class, 'o_subscription_prices')]")
        self.assertIn("nothing is charged $ 46.00", prices)

    def test_the_rest_of_an_invoice_is_what_is_to_be_paid(self):
        (invoice,) = self.subscription._get_portal_moves()
        self._register_payment(invoice, amount=16.0)
        page = self._get_page()
        self.assertIn("Still to pay: $ 30.00", self._text(page, "//main"))
        row = self._text(page, "//ul[contains(@class, 'o_subscription_moves')]")
        self.assertIn("still open: $ 30.00", row)
        self.assertRegex(row, r"due on \d")

    def test_a_credit_note_is_taken_off_and_says_whether_it_is_settled(self):
        with freeze_time("2026-03-11"):
            self.subscription._close("2026-03-10")
            credit = self._bill(self.subscription, "2026-03-11")
        self.assertEqual(credit.move_type, "out_refund")
        (invoice,) = self.subscription._get_portal_moves() - credit
        text = self._text(self._get_page(day="2026-03-12"), "//main")
        rest = invoice.amount_total - credit.amount_total
        self.assertIn(f"Still to pay: $ {rest:.2f}", text)
        self.assertIn(f"still open: $ {rest:.2f}", text)
        self.assertIn("Credit note Settled", text)
        (credit | invoice).line_ids.remove_move_reconcile()
        text = self._text(self._get_page(day="2026-03-12"), "//main")
        self.assertIn(f"Still to pay: $ {rest:.2f}", text)
        self.assertIn("Credit note Not settled yet", text)

    def test_a_terminated_subscription_is_not_shown_as_running_on(self):
        self.assertEqual(self.subscription._get_portal_status()[1], "success")
        with freeze_time("2026-03-10"):
            self.subscription._terminate(date_notice=date(2026, 3, 10))
        self.assertEqual(self.subscription._get_portal_status()[1], "warning")

    def test_choices_state_their_price(self):
        page = self._get_page("/do/interval")
        form = self._text(page, "//form[contains(@action, '/do/interval')]")
        for shown in ("$ 460.00 yearly", "You save 16.67 %", "All prices include taxes"):
            self.assertIn(shown, form)
        self.assertTrue(page.xpath("//input[@type='radio'][@checked]"), "there is one choice only")
        form = self._text(self._get_page("/do/plan"), "//form[contains(@action, '/do/plan')]")
        self.assertIn("$ 115.00 monthly", form)
        form = self._text(self._get_page("/do/add"), "//form[contains(@action, '/do/add')]")
        self.assertIn("$ 13.80 monthly", form)
        self.assertIn("These prices include taxes", form)
        form = self._text(self._get_page("/do/quantity"), "//form[contains(@action, '/do/quan')]")
        self.assertIn("Seat: $ 5.75 each, taxes included, at least 1", form)

    def test_an_order_states_term_notice_and_what_follows(self):
        self.pro.write({"initial_term_length": 12, "notice_length": 1, "notice_unit": "month"})
        page, _data = self._look("plan", plan=self.pro.id)
        terms = self._text(page, "//*[contains(@class, 'o_subscription_terms')]")
        self.assertEqual(
            terms,
            "Terms of the new plan: Contract term: 12 months. Afterwards it continues for an "
            "indefinite time. Notice: 1 month.",
        )
        page, _data = self._look("plan", plan=self.yearly.id)

    def test_monthly_prices_have_no_monthly_average(self):
        page, _data = self._look("plan", plan=self.pro.id)
        self.assertNotIn("On average", self._text(page, "//main"))
        page, _data = self._look("interval", plan=self.yearly.id)
        self.assertIn("On average per month", self._text(page, "//main"))

    def test_a_planned_change_is_withdrawn_by_its_name_and_price(self):
        self._do("plan", plan=self.pro.id)
        page, _data = self._look("cancel_change")
        self.assertIn("Planned price, taxes included $ 115.00 monthly", self._text(page, "//dl"))
        buttons = self._text(page, "//form[@method='post']")
        self.assertIn("Withdraw the planned change Keep the change", buttons)

    def test_the_end_is_told_in_money(self):
        page, _data = self._look("terminate", step="preview")
        facts = self._text(page, "//dl")
        self.assertIn("Last day 03/31/2026", facts)
        self.assertIn("Invoices no further invoice follows", facts)
        self.assertIn("Still to pay $ 46.00", facts)

    def test_who_keeps_a_subscription_learns_which_end_falls_away(self):
        self._do("terminate", step="preview")
        page, _data = self._look("keep")
        text = self._text(page, "//main")
        self.assertIn("Falls away the end on 03/31/2026", text)
        self.assertIn("does not end on 03/31/2026 but goes on", text)
        self.assertEqual(len(page.xpath("//thead//th")), 2, "there is one price only")

    def test_a_removed_add_on_has_a_last_day(self):
        self._do("add", option=self._get_component(self.backup).id)
        page = self._get_page("/do/remove")
        self.assertIn("$ 13.80 monthly", self._text(page, "//form[contains(@action, '/do/rem')]"))
        (line,) = self.subscription._get_self_removable_lines()
        page, _data = self._look("remove", line=line.id)
        self.assertIn("Last day 03/31/2026", self._text(page, "//dl"))

    def test_the_old_address_is_shown_beside_the_new_one(self):
        office = self.env["res.partner"].create(
            {
                "parent_id": self.customer.id,
                "type": "invoice",
                "name": "Office",
                "city": "Hamburg",
                "email": "office@example.com",
            }
        )
        page, _data = self._look("address", partner_invoice_id=office.id)
        facts = self._text(page, "//dl")
        self.assertRegex(facts, r"until now .*Customer.* from now on .*Hamburg")
        self.assertIn("It applies from the next invoice.", self._text(page, "//main"))

    def test_chatter_is_translated(self):
        names = self.env["ir.http"]._get_translation_frontend_modules_name()
        self.assertIn("mail", names)
