from lxml.html import fromstring

from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import is_html_empty

from .test_sale_order import SaleSubscriptionCommon


@freeze_time("2026-01-16")
@tagged("post_install", "-at_install")
class TestSaleSummary(SaleSubscriptionCommon):
    """Prices carry 15 % tax on top."""

    def _get_rows(self, order):
        return [
            (row.label, row.details, row.untaxed, row.total)
            for row in order._get_subscription_summary()
        ]

    def test_the_first_part_and_the_fee_are_due_now_and_then_the_full_price(self):
        order = self._quote(self._hosting_line(price_unit=9.9))
        self.assertEqual(
            self._get_rows(order),
            [
                ("Due now", ["01/16/2026 - 01/31/2026", "Connection"], 55.11, 63.38),
                ("Then monthly, on the 1st of the month", ["from 02/01/2026"], 9.9, 11.39),
            ],
        )
        self.assertIn("55.11", order.subscription_summary)

    def test_what_is_due_now_is_what_the_first_bill_charges(self):
        order = self._quote(self._hosting_line(product_uom_qty=3, discount=12.5))
        due = order._get_subscription_summary()[0]
        order.action_confirm()
        subscription = order.subscription_ids.with_user(self.env.user)
        subscription.action_bill_now()
        invoice = subscription._get_invoices()
        self.assertEqual((due.untaxed, due.total), (invoice.amount_untaxed, invoice.amount_total))

    def test_a_trial_defers_what_is_due_and_the_terms_are_told(self):
        self.plan.write(
            {
                "trial_length": 14,
                "setup_mode": "separate",
                "initial_term_length": 12,
                "notice_length": 1,
                "notice_unit": "month",
            }
        )
        order = self._quote(self._hosting_line())
        labels = [label for label, *_rest in self._get_rows(order)]
        self.assertEqual(labels[:2], ["Due now", "Due on 01/30/2026"])
        self.assertEqual(
            order._get_subscription_terms(),
            [
                "Trial: 14 days, free of charge. Contract term: 12 months. "
                "Afterwards it continues for an indefinite time. Notice: 1 month."
            ],
        )
        self.assertIn("Contract term: 12 months.", order.subscription_summary)
        order.action_confirm()
        subscription = order.subscription_ids
        self.assertEqual(subscription.state, "trial")
        self.assertEqual((subscription.initial_term_length, subscription.notice_length), (12, 1))

    def test_products_sold_once_are_due_now_too(self):
        order = self._quote(
            self._hosting_line(), {"product_id": self.product_a.id, "price_unit": 100.0}
        )
        label, details, untaxed, total = self._get_rows(order)[0]
        self.assertEqual((label, untaxed, total), ("Due now", 165.48, 190.3))
        self.assertEqual(details[-1], "product_a, Connection")

    def test_a_later_start_separates_the_first_bill_from_the_purchase(self):
        order = self._quote(
            self._hosting_line(),
            {"product_id": self.product_a.id, "price_unit": 100.0},
            subscription_start_date="2026-02-01",
        )
        self.assertEqual(
            [row[:3] for row in self._get_rows(order)],
            [
                ("Due now", ["product_a"], 100.0),
                ("Due on 02/01/2026", ["02/01/2026 - 02/28/2026", "Connection"], 80.0),
                ("Then monthly, on the 1st of the month", ["from 03/01/2026"], 30.0),
            ],
        )

    def test_each_interval_has_a_row_of_its_own(self):
        yearly = self._create_plan(
            "Hosting yearly",
            [{"product_id": self.hosting.id, "price_unit": 300.0}],
            interval_count=12,
        )
        order = self._quote(
            self._hosting_line(),
            {"product_id": self.hosting.id, "subscription_plan_id": self.plan.id},
            {"product_id": self.hosting.id, "subscription_plan_id": yearly.id},
        )
        self.assertEqual(
            [row[::2] for row in self._get_rows(order)],
            [
                ("Due now", 430.96),
                ("Then monthly, on the 1st of the month", 60.0),
                ("Then yearly", 300.0),
            ],
        )

    def test_prices_that_include_the_tax_are_shown_without_it(self):
        included = self.tax_sale_a.copy({"name": "incl", "price_include_override": "tax_included"})
        self.hosting.taxes_id = [Command.set(included.ids)]
        order = self._quote(
            {
                "product_id": self.hosting.id,
                "subscription_plan_id": self.flat_plan.id,
                "price_unit": 23.0,
            }
        )
        self.assertEqual([row[2:] for row in self._get_rows(order)], [(20.0, 23.0), (20.0, 23.0)])

    def test_what_is_billed_afterwards_is_not_due_now(self):
        arrears = self._create_plan(
            "Afterwards", [{"product_id": self.product_b.id, "timing": "arrears"}]
        )
        order = self._quote({"product_id": self.product_b.id, "subscription_plan_id": arrears.id})
        due, then = order._get_subscription_summary()
        self.assertEqual((due.label, due.untaxed), ("Due now", 0.0))
        self.assertEqual(then.details, ["from 02/16/2026"])

    def test_the_form_shows_the_summary_before_saving(self):
        form = Form(self.env["sale.order"].with_user(self.salesperson))
        form.partner_id = self.partner_a
        with form.order_line.new() as line:
            line.product_id = self.hosting
            line.subscription_plan_id = self.plan
        self.assertIn("65.48", form.subscription_summary)
        form.save()

    def test_customer_documents_show_interval_and_summary(self):
        order = self._quote(self._hosting_line())
        html, _format = self.env["ir.actions.report"]._render_qweb_html(
            "sale.report_saleorder", order.ids
        )
        page = self.env["ir.qweb"]._render(
            "sale.sale_order_portal_content",
            {"sale_order": order, "report_type": "html", "is_html_empty": is_html_empty},
        )
        for text in (html.decode(), str(page)):
            self.assertIn("monthly on the 1st", text)
            self.assertIn("per unit used", text)
            self.assertIn("by usage", text)
            self.assertIn("65.48", text)
            self.assertIn("Then monthly, on the 1st of the month", text)

    def test_the_interval_stays_where_a_small_screen_hides_the_unit_price(self):
        order = self._quote(self._hosting_line())
        page = self.env["ir.qweb"]._render(
            "sale.sale_order_portal_content",
            {"sale_order": order, "report_type": "html", "is_html_empty": is_html_empty},
        )
        small = fromstring(str(page)).xpath(
            "//td[@name='td_product_subtotal']/div[contains(@class, 'd-sm-none')]"
        )
        self.assertEqual(
            [" ".join(cell.text_content().split()) for cell in small],
            ["monthly on the 1st", "once", "per unit used", "monthly on the 1st"],
        )

    def test_the_plan_is_not_repeated_where_it_is_called_like_its_product(self):
        self.plan.name = "Hosting"
        order = self._quote(self._hosting_line())
        self.assertEqual(order.order_line[0].name, "Hosting\nBilled monthly on the 1st")
        self.assertEqual(order.order_line.mapped("is_usage"), [False, False, True, False])
