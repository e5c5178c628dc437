from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import SubscriptionCommon, shows


class DocumentCommon(SubscriptionCommon):
    """A German company with all that its invoices have to say, and its customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.germany = cls.env.ref("base.de")
        address = {"street": "Weg 1", "zip": "10115", "city": "Berlin"}
        cls.company.partner_id.write({**address, "country_id": cls.germany.id})
        cls.company.write({"german_documents": "always", "vat": "DE123456788"})
        cls.partner_a.write({**address, "country_id": False, "vat": False})

    def _print(self, move):
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "account.report_invoice", move.ids
        )
        return " ".join(html.decode().split())

    def _post(self, move):
        if move.state == "draft":
            move.action_post()
        return move

    def _invoice(self, day="2026-05-01", plan=None, **values):
        subscription = self._create_subscription(plan, day, **values)
        return self._post(self._bill(subscription, day))

    def _get_din_layout(self):
        return self.env.ref("l10n_din5008.external_layout_din5008")

    def _credit(self):
        """An invoice, and the credit note for the days after an early end."""
        move = self._invoice()
        subscription = move.subscription_ids
        subscription._close(fields.Date.to_date("2026-05-10"))
        refund = self._bill(subscription, "2026-05-11")
        self.assertEqual(refund.move_type, "out_refund")
        return move, self._post(refund)


@tagged("post_install", "-at_install")
class TestServicePeriod(DocumentCommon):
    @shows("LAW-36")
    def test_lines_and_header_state_the_service_period(self):
        move = self._invoice()
        [line] = move.invoice_line_ids
        self.assertEqual(
            (line.subscription_period_start, line.subscription_period_end),
            (fields.Date.to_date("2026-05-01"), fields.Date.to_date("2026-05-31")),
        )
        self.assertEqual(move.delivery_date, line.subscription_period_end)
        html = self._print(move)
        self.assertIn("Service period 05/01/2026 - 05/31/2026", html)
        self.assertIn("<strong>Service Period</strong>", html)
        self.assertNotIn("Delivery Date", html)
        german = move.with_context(lang="de_DE")
        self.env["res.lang"]._activate_lang("de_DE")
        text = german.subscription_ids._get_service_period_text(
            german.env, line.subscription_charge_id
        )
        self.assertEqual(text, "Leistungszeitraum 01.05.2026–31.05.2026")

    @shows("LAW-36")
    def test_usage_in_arrears_states_a_period_of_its_own(self):
        subscription = self._create_subscription(self.plan, "2026-05-01")
        self._bill(subscription, "2026-05-01")
        traffic = subscription.line_ids.filtered(lambda line: line.charge_type == "usage")
        self.env["subscription.usage"].create(
            {"line_id": traffic.id, "quantity": 300.0, "date": "2026-05-12 10:00:00"}
        )
        html = self._print(self._post(self._bill(subscription, "2026-06-01")))
        self.assertIn("Service period 05/01/2026 - 05/31/2026", html)
        self.assertIn("Service period 06/01/2026 - 06/30/2026", html)
        self.assertEqual(html.count("invoiced in advance, not yet rendered"), 1)

    def test_what_is_invoiced_ahead_says_so_in_german_companies(self):
        plan = self._create_plan("Ahead", [{"product_id": self.hosting.id}], invoice_lead_days=10)
        subscription = self._create_subscription(plan, "2026-06-01")
        move = self._bill(subscription, "2026-05-22")
        html = self._print(self._post(move))
        self.assertEqual(html.count("invoiced in advance, not yet rendered"), 1)
        self.company.german_documents = "never"
        self.assertNotIn("invoiced in advance", self._print(move))

    def test_other_invoices_are_printed_as_ever(self):
        move = self.init_invoice("out_invoice", partner=self.partner_a, products=self.product_a)
        html = self._print(move)
        self.assertNotIn("Service Period", html)


@tagged("post_install", "-at_install")
class TestCorrection(DocumentCommon):
    """German credit notes are invoice corrections wherever the customer reads of them."""

    @shows("LAW-40")
    def test_a_german_reader_gets_a_rechnungskorrektur(self):
        """LAW-40: never "Gutschrift"; the number and the date of the original are printed."""
        self.env["res.lang"]._activate_lang("de_DE")
        self.partner_a.lang = "de_DE"
        for layout in (self.company.external_report_layout_id, self._get_din_layout()):
            self.company.external_report_layout_id = layout
            move, refund = self._credit()
            html = self._print(refund)
            self.assertIn("Rechnungskorrektur", html)
            self.assertIn("Korrigiert", html)
            self.assertIn(move.name, html)
            self.assertIn("01.05.2026", html)
            self.assertNotIn("Gutschrift", html)

    def test_the_document_is_named_and_names_what_it_corrects(self):
        move, refund = self._credit()
        html = self._print(refund)
        self.assertIn("Invoice Correction", html)
        self.assertNotIn("Credit Note", html)
        self.assertIn("Corrects", html)
        self.assertIn(move.name, html)
        self.assertIn("05/01/2026", html)
        self.assertEqual(refund.type_name, "Invoice Correction")
        name = refund.name.replace("/", "_")
        self.assertEqual(refund._get_invoice_report_filename(), f"Invoice Correction {name}.pdf")

    def test_the_layout_by_din_5008_names_them_alike(self):
        self.company.external_report_layout_id = self._get_din_layout()
        move, refund = self._credit()
        html = self._print(refund)
        self.assertIn("Invoice Correction", html)
        self.assertNotIn("Credit Note", html)
        self.assertIn(f'"text-nowrap">{move.name}</div>', html)
        self.assertIn("<span>of</span> 05/01/2026</div>", html)
        self.assertIn(f"<td>Subscription</td> <td>{move.invoice_origin}</td>", html)
        self.assertNotIn("Source", html)
        html = self._print(move)
        self.assertIn("<td>Service Period</td> <td>05/01/2026 – 05/31/2026</td>", html)
        self.assertNotIn("<td>Delivery Date</td>", html)

    def test_each_corrected_invoice_is_named(self):
        first = self._invoice()
        subscription = first.subscription_ids
        second = self._post(self._bill(subscription, "2026-06-01"))
        subscription._close(fields.Date.to_date("2026-05-10"))
        refund = self._post(self._bill(subscription, "2026-06-02"))
        self.assertEqual(refund._get_corrected_invoices(), first + second)
        html = self._print(refund)
        for move in (first, second):
            self.assertIn(move.name, html)

    def test_a_reversal_by_hand_is_a_correction_and_sent_as_one(self):
        move = self.init_invoice("out_invoice", partner=self.partner_a, products=self.product_a)
        move.action_post()
        refund = move._reverse_moves([{"invoice_date": move.invoice_date}])
        refund.action_post()
        self.assertIn("Invoice Correction", self._print(refund))
        template = refund._get_mail_template()
        self.assertEqual(template, self.env.ref("subscription_base.mail_template_credit_note"))
        subject = template._render_field("subject", refund.ids)[refund.id]
        self.assertIn(f"Invoice Correction {refund.name}", subject)
        self.assertNotIn("Credit", template._render_field("body_html", refund.ids)[refund.id])

    def test_other_companies_write_credit_notes(self):
        _move, refund = self._credit()
        self.company.german_documents = "country"
        for country, title in ((self.env.ref("base.us"), "Credit Note"), (self.germany, "Invoice")):
            self.company.account_fiscal_country_id = country
            refund.invalidate_recordset()
            self.assertIn(title, refund.type_name)


@tagged("post_install", "-at_install")
class TestMandatoryContents(DocumentCommon):
    """What § 14 (4) UStG asks for is missed by name, before and after posting."""

    def _big(self, **values):
        return self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.partner_a.id,
                "invoice_date": "2026-05-01",
                "delivery_date": "2026-05-01",
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.hosting.id,
                            "price_unit": 1000.0,
                            "tax_ids": [Command.set(self.tax_sale_a.ids)],
                        }
                    )
                ],
                **values,
            }
        )

    def _missing(self, move):
        move.invalidate_recordset()
        return move.missing_contents or ""

    def test_a_complete_invoice_misses_nothing(self):
        self.assertFalse(self._missing(self._big()))
        move = self._invoice()
        self.assertFalse(self._missing(move))

    @shows("LAW-35")
    def test_each_item_is_missed_by_name(self):
        cases = (
            (self.company.partner_id, {"street": False}, "address of your company"),
            (self.company, {"vat": False}, "tax number of your company"),
            (self.partner_a, {"city": False}, "address of the customer"),
        )
        move = self._big()
        for record, values, text in cases:
            with self.subTest(text=text):
                before = {name: record[name] for name in values}
                record.write(values)
                self.assertIn(text, self._missing(move))
                record.write(before)
                self.assertFalse(self._missing(move))
        move.delivery_date = False
        self.assertIn("Time of the service: Hosting", self._missing(move))
        move.delivery_date = "2026-05-01"
        move.invoice_line_ids.quantity = 0
        self.assertIn("Quantity and kind of the service: Hosting", self._missing(move))

    def test_an_exemption_needs_its_reason(self):
        move = self._big()
        move.invoice_line_ids.tax_ids = False
        self.assertIn("Tax rate, or why no tax is due: Hosting", self._missing(move))
        move.narration = "<p>Steuerfrei nach § 4 Nr. 8 UStG</p>"
        self.assertFalse(self._missing(move))

    def test_a_business_abroad_is_named_by_its_number(self):
        self.partner_a.write({"country_id": self.env.ref("base.at").id})
        move = self._big(narration="<p>Reverse charge</p>")
        move.invoice_line_ids.tax_ids = False
        self.assertIn("identification number of the customer", self._missing(move))
        self.partner_a.vat = "ATU12345675"
        self.assertFalse(self._missing(move))

    def test_small_amounts_need_less(self):
        self.company.vat = False
        self.partner_a.street = False
        move = self._big(delivery_date=False)
        self.assertIn("tax number", self._missing(move))
        tax = 1 + self.tax_sale_a.amount / 100
        move.invoice_line_ids.price_unit = 250 / tax
        self.assertFalse(self._missing(move))
        move.invoice_line_ids.price_unit = 250.02 / tax
        self.assertIn("tax number", self._missing(move))

    def test_a_correction_needs_the_number_of_the_original(self):
        refund = self._big(move_type="out_refund")
        self.assertIn("Number of the invoice that is corrected", self._missing(refund))
        _move, credit = self._credit()
        self.assertFalse(self._missing(credit))

    @shows("LAW-35")
    def test_a_company_may_refuse_to_post_or_not_care(self):
        self.company.vat = False
        self._big().action_post()
        self.company.invoice_content_check = "block"
        move = self._big()
        with self.assertRaises(UserError) as caught:
            move.action_post()
        self.assertIn("tax number of your company", str(caught.exception))
        self.company.vat = "DE123456788"
        move.action_post()
        self.company.write({"vat": False, "invoice_content_check": "off"})
        self.assertFalse(self._missing(move))

    def test_billing_does_not_post_what_may_not_be_posted(self):
        self.partner_a.street = False
        self.company.write({"invoice_content_check": "block", "vat": False})
        plan = self._create_plan("Dear", [{"product_id": self.hosting.id, "price_unit": 900.0}])
        subscription = self._create_subscription(plan, "2026-05-01")
        self._process_run(self._create_run("2026-05-01"))
        self.assertEqual(subscription._get_invoices().state, "draft")
        self.assertIn("tax number of your company", subscription.billing_error)

    def test_other_countries_are_not_checked(self):
        self.company.write({"vat": False, "german_documents": "never"})
        self.assertFalse(self._missing(self._big()))
