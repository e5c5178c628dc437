from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.subscription_base.tests.common import shows

from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestExtension(PrepaidCommon):
    """Today is 10 March 2026; the contract expires on 28 March."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.charged_before = cls.env["account.move"].search([])

    def _extend(self, subscription, length, **values):
        return subscription._extend(self._package(length), **values)

    def _get_new_invoices(self, subscription):
        return subscription._get_invoices().filtered(lambda move: str(move.date) >= "2026-03-10")

    @shows("SD-04")
    def test_the_first_term_is_an_ordinary_invoice(self):
        plan = self._create_prepaid_plan("No set-up")
        plan.component_ids.filtered(lambda c: c.charge_type == "setup").unlink()
        subscription = self._create_subscription(plan, "2026-03-10")
        self.assertEqual(self.wallet.balance, 0.0)
        invoice = self._post(self._bill(subscription, "2026-03-10"))
        self.assertEqual((invoice.amount_total, invoice.amount_residual), (35.7, 35.7))
        self.assertEqual(str(subscription.date_expiry), "2026-04-10", "one cycle")
        self._pay_by_bank(invoice)
        self.assertEqual((invoice.amount_residual, self.wallet.balance), (0.0, 0.0))

    @shows("SD-28")
    def test_the_set_up_fee_is_charged_once_with_the_first_term(self):
        subscription = self._create_subscription(self.prepaid, "2026-03-10")
        invoice = self._post(self._bill(subscription, "2026-03-10"))
        self.assertEqual(sorted(invoice.invoice_line_ids.mapped("price_subtotal")), [10.0, 30.0])
        self._pay_by_bank(invoice)
        self._top_up(100.0)
        renewal = self._extend(subscription, 30).move_id
        self.assertEqual(renewal.invoice_line_ids.product_id, self.hosting, "no set-up line")
        self.assertEqual(renewal.amount_untaxed, 30.0)

    @shows("SD-05")
    def test_the_remaining_term(self):
        subscription = self._sell("2026-02-28")
        self.assertEqual(str(subscription.date_expiry), "2026-03-28")
        self.assertEqual(
            (subscription.days_left, subscription._get_expiry_text()), (18, "18 days left")
        )
        with freeze_time("2026-03-27 12:00:00"):
            subscription.invalidate_recordset(["days_left"])
            self.assertEqual(subscription._get_expiry_text(), "1 day left")

    @shows("SD-12", "SD-13", "SD-16")
    def test_invoice_payment_and_expiry_in_one_step(self):
        subscription = self._sell("2026-02-28")
        self._top_up(200.0)
        extension = self._extend(subscription, 90)
        invoice = extension.move_id
        self.assertEqual((invoice.amount_untaxed, invoice.amount_total), (85.5, 101.75))
        self.assertEqual(str(invoice.invoice_date), "2026-03-10")
        self.assertEqual(invoice.invoice_date_due, invoice.invoice_date)
        self.assertEqual((invoice.state, invoice.amount_residual), ("posted", 0.0))
        self.assertEqual(invoice.payment_state, invoice._get_invoice_in_payment_state())
        line = invoice.invoice_line_ids
        self.assertEqual(str(line.subscription_period_start), "2026-03-28")
        self.assertEqual(str(line.subscription_period_end), "2026-06-25")
        self.assertEqual((line.price_unit, line.discount), (90.0, 5.0), "the bonus is printed")
        self.assertEqual(self.wallet.balance, 98.25)
        self.assertEqual(str(subscription.date_expiry), "2026-06-26", "no day is lost")
        self.assertEqual(self._get_new_invoices(subscription), invoice)

    @shows("SD-12")
    def test_asked_for_twice_it_is_sold_once(self):
        subscription = self._sell("2026-02-28")
        self._top_up(500.0)
        shown = subscription.date_expiry
        first = self._extend(subscription, 90, date_from=shown)
        self.assertEqual(self._extend(subscription, 90, date_from=shown), first)
        self.assertEqual(len(self._get_new_invoices(subscription)), 1)
        self.assertEqual(len(subscription.extension_ids), 1)

    @shows("SD-13")
    def test_an_invoice_that_cannot_be_posted_extends_nothing(self):
        subscription = self._sell("2026-02-28")
        self._top_up(200.0)

        locked = "The journal is locked"

        def fail(moves, soft=True):
            raise ValidationError(locked)

        refused = self.assertRaisesRegex(ValidationError, locked)
        with (
            refused,
            self.cr.savepoint(),
            patch.object(type(subscription._get_invoices()), "_post", fail),
        ):
            self._extend(subscription, 90)
        self.env.invalidate_all()
        self.assertEqual(str(subscription.date_expiry), "2026-03-28")
        self.assertFalse(self._get_new_invoices(subscription))
        self.assertFalse(subscription.extension_ids)
        self.assertEqual(self.wallet.balance, 200.0)
        self._extend(subscription, 90)
        self.assertEqual(str(subscription.date_expiry), "2026-06-26")

    def test_another_package_is_not_the_one_that_was_sold(self):
        subscription = self._sell("2026-02-28")
        self._top_up(500.0)
        shown = subscription.date_expiry
        self._extend(subscription, 30, date_from=shown)
        with self.assertRaisesRegex(UserError, "extended by .* already"), self.cr.savepoint():
            self._extend(subscription, 90, date_from=shown)
        self.assertEqual(len(self._get_new_invoices(subscription)), 1)

    @shows("SD-14")
    def test_without_enough_balance_nothing_happens(self):
        subscription = self._sell("2026-02-28")
        self._top_up(100.0)
        before = subscription.date_expiry
        with self.assertRaisesRegex(UserError, "not enough"), self.cr.savepoint():
            self._extend(subscription, 90)
        self.env.invalidate_all()
        self.assertEqual(subscription.date_expiry, before)
        self.assertFalse(self._get_new_invoices(subscription))
        self.assertEqual(self.wallet.balance, 100.0)
        self._top_up(1.75)
        self._extend(subscription, 90)
        self.assertEqual(self.wallet.balance, 0.0)

    def test_another_price_than_was_shown_is_refused(self):
        subscription = self._sell("2026-02-28")
        self._top_up(500.0)
        with self.assertRaisesRegex(UserError, "The price is"), self.cr.savepoint():
            self._extend(subscription, 90, total=99.0)
        self._extend(subscription, 90, total=101.75)

    def test_another_expiry_than_was_shown_is_refused(self):
        subscription = self._sell("2026-02-28")
        self._top_up(500.0)
        with self.assertRaisesRegex(UserError, "expires on"), self.cr.savepoint():
            self._extend(subscription, 90, date_from="2026-03-27")

    @shows("SD-07")
    def test_each_time_any_package(self):
        subscription = self._sell("2026-02-28")
        self._top_up(1000.0)
        long = self._extend(subscription, 360).move_id
        short = self._extend(subscription, 30).move_id
        self.assertEqual((long.amount_untaxed, short.amount_untaxed), (306.0, 30.0))
        self.assertEqual(short.invoice_line_ids.discount, 0.0, "the bonus was that package's")
        self.assertEqual(str(subscription.date_expiry), "2027-04-22")

    @shows("SD-26")
    def test_a_yearly_variant_goes_by_its_own_price(self):
        self.hosting.list_price = 300.0
        yearly = self._create_prepaid_plan("Yearly", [(90, "day", 0.0)], interval_count=12)
        subscription = self._sell("2026-02-28", yearly)
        self._top_up(500.0)
        extension = subscription._extend(yearly.package_ids)
        self.assertEqual(extension.move_id.amount_untaxed, 75.0)
        self.assertEqual(str(subscription.date_expiry), "2027-05-29")

    @shows("SD-27")
    def test_options_go_on_with_the_base(self):
        plan = self._create_prepaid_plan(
            "30 days", [(90, "day", 0.0)], schedule_type="daily", interval_count=30
        )
        subscription = self._sell("2026-03-01", plan)
        subscription._add_option(plan.component_ids.filtered("is_optional"), "2026-03-01")
        self._pay_by_bank(self._post(self._bill(subscription, "2026-03-10")))
        self._top_up(500.0)
        invoice = subscription._extend(plan.package_ids).move_id
        self.assertEqual(invoice.amount_untaxed, 108.0)
        self.assertEqual(invoice.invoice_line_ids.mapped("price_subtotal"), [90.0, 18.0])
        periods = {
            (str(line.subscription_period_start), str(line.subscription_period_end))
            for line in invoice.invoice_line_ids
        }
        self.assertEqual(periods, {("2026-03-31", "2026-06-28")})

    def _post(self, move):
        if move.state == "draft":
            move.action_post()
        return move

    def test_a_discount_of_the_customers_own_stays_and_adds_to_the_bonus(self):
        subscription = self._create_subscription(
            self.prepaid,
            "2026-02-28",
            line_ids=[
                Command.create(
                    {
                        "component_id": self.prepaid.main_component_id.id,
                        "product_id": self.hosting.id,
                        "price_unit": 30.0,
                        "quantity": 2.0,
                        "discount": 10.0,
                    }
                )
            ],
        )
        self._pay_by_bank(self._post(self._bill(subscription, "2026-02-28")))
        self._top_up(1000.0)
        for length, price in ((90, 153.9), (30, 54.0)):
            self.assertEqual(self._extend(subscription, length).move_id.amount_untaxed, price)

    def _get_closings(self, subscription):
        self.env.invalidate_all()
        return subscription.event_ids.filtered(lambda event: event.event_type == "closed")

    @shows("SD-18")
    def test_it_is_closed_on_the_expiry_date_of_the_companys_own_calendar(self):
        """At 21:30 UTC on 30 March it is 23:30 in Berlin, and two hours later it is the 31st."""
        self.company.partner_id.tz = "Europe/Berlin"
        plan = self._create_prepaid_plan("30 days", schedule_type="daily", interval_count=30)
        subscription = self._sell("2026-03-01", plan)
        self.assertEqual(str(subscription.date_expiry), "2026-03-31")
        self._run_cron("2026-03-30 21:30:00")
        self.assertEqual((subscription.state, len(self._get_closings(subscription))), ("active", 0))
        self._run_cron("2026-03-30 23:30:00")
        self._run_cron("2026-03-30 23:45:00")
        self.assertEqual(subscription.state, "closed")
        self.assertEqual(str(subscription.date_end), "2026-03-30", "the last day of service")
        self.assertEqual(subscription.close_reason_id.name, "Prepaid expired")
        closing = self._get_closings(subscription)
        self.assertEqual(len(closing), 1)
        self.assertEqual(str(closing.date), "2026-03-30 23:30:00")
        day = fields.Datetime.context_timestamp(
            subscription.with_context(tz="Europe/Berlin"), closing.date
        )
        self.assertEqual(str(day.date()), "2026-03-31")

    @shows("SD-16")
    def test_what_is_added_in_between_is_paid_from_the_balance(self):
        subscription = self._sell("2026-02-28")
        self._top_up(100.0)
        other = self._create_subscription(self.prepaid, "2026-03-10")
        option = self.prepaid.component_ids.filtered("is_optional")
        subscription._add_option(option, "2026-03-14")
        invoices = self._run_cron("2026-03-14 06:00:00")
        added = invoices.filtered(lambda m: m.invoice_line_ids.subscription_id == subscription)
        self.assertEqual((added.amount_total, added.amount_residual), (3.57, 0.0), "14 of 28 days")
        first = invoices - added
        self.assertEqual(first.invoice_line_ids.subscription_id, other)
        self.assertEqual(first.amount_residual, 47.6, "a first term is paid as the customer likes")
        self.assertEqual(self.wallet.balance, 96.43)

    @shows("SD-15", "SD-17", "SD-18", "SD-02")
    def test_what_is_not_extended_ends_though_there_is_balance(self):
        subscription = self._sell("2026-02-28")
        term = self._create_subscription(date_start="2026-02-28")
        self._bill(term, "2026-02-28")
        self._top_up(500.0)
        self.assertFalse(self._run_cron("2026-03-27 23:00:00"))
        self.assertEqual(subscription.state, "active")
        renewed = self._run_cron("2026-03-28 06:00:00")
        self.assertEqual(renewed.invoice_line_ids.subscription_id, term)
        self.assertEqual(subscription.state, "closed")
        self.assertEqual(str(subscription.date_end), "2026-03-27")
        self.assertEqual(subscription.close_reason_id.name, "Prepaid expired")
        self.assertEqual(len(self._get_closings(subscription)), 1)
        self._run_cron("2026-03-29 06:00:00")
        self._run_cron("2026-05-29 06:00:00")
        self.assertEqual(len(self._get_closings(subscription)), 1)
        self.assertEqual(self.wallet.balance, 500.0)
        with self.assertRaisesRegex(UserError, "does not run"):
            self._extend(subscription, 30)

    def test_months_come_back_to_the_day_of_the_start(self):
        plan = self._create_prepaid_plan("Months", [(1, "month", 0.0)])
        subscription = self._sell("2026-01-31", plan)
        self.assertEqual(str(subscription.date_expiry), "2026-02-28")
        with freeze_time("2026-02-20 09:00:00"):
            self._top_up(500.0, date="2026-02-20")
            for expiry in ("2026-03-31", "2026-04-30", "2026-05-31"):
                subscription._extend(plan.package_ids)
                self.assertEqual(str(subscription.date_expiry), expiry)

    @shows("SM-67")
    def test_days_that_are_not_used_are_credited_at_an_extraordinary_end(self):
        subscription = self._sell("2026-02-28")
        self._top_up(200.0)
        extension = self._extend(subscription, 30)
        reason = self.env["subscription.close.reason"].search([], limit=1)
        subscription._terminate_extraordinarily("2026-04-14", reason, "The service was down")
        credit = self._bill(subscription, "2026-04-15")
        self.assertEqual(credit.move_type, "out_refund")
        self.assertEqual(credit.amount_untaxed, 12.0, "12 of 30 days")
        self.assertEqual(credit.reversed_entry_id, extension.move_id)
