from odoo.fields import Command
from odoo.tests import tagged

from .common import SubscriptionCommon, shows


@tagged("post_install", "-at_install")
class TestInvoicing(SubscriptionCommon):
    """From charges to ordinary invoices that an accountant can follow."""

    def test_every_line_states_its_period_and_leads_to_its_charge(self):
        subscription = self._create_subscription(self.plan, "2026-01-16")
        move = self._bill(subscription, "2026-01-16")
        line = move.invoice_line_ids.filtered(lambda line: line.product_id == self.hosting)
        charge = line.subscription_charge_id
        self.assertEqual(line.subscription_period_start, charge.period_start)
        self.assertEqual(line.subscription_period_end, charge.period_end)
        self.assertEqual(str(move.delivery_date), "2026-01-31")
        self.assertEqual(charge.move_id, move)
        self.assertEqual(charge.subscription_id, subscription)
        self.assertEqual(charge.explanation, "16 of 31 days at $\N{NO-BREAK SPACE}30.00")
        self.assertEqual(line.action_view_subscription_charge()["res_id"], charge.id)

    @shows("LAW-36")
    def test_every_line_prints_its_own_period_of_service(self):
        """For what is billed in advance, and for usage in arrears on the same invoice."""
        self.env["res.lang"]._activate_lang("de_DE")
        self.partner_a.lang = "de_DE"
        subscription = self._create_subscription(self.plan, "2026-05-01")
        self.env["subscription.usage"].create(
            {"line_id": subscription.line_ids[2].id, "quantity": 150.0, "date": "2026-05-10"}
        )
        may, june = ("01.05.2026", "31.05.2026"), ("01.06.2026", "30.06.2026")
        for day, delivery, periods in (
            ("2026-05-01", "2026-05-31", {self.hosting: may}),
            ("2026-06-01", "2026-06-30", {self.traffic: may, self.hosting: june}),
        ):
            move = self._bill(subscription, day)
            self.assertEqual(move.state, "posted")
            self.assertEqual(str(move.delivery_date), delivery)
            html, _type = self.env["ir.actions.report"]._render_qweb_html(
                "account.report_invoice", move.ids
            )
            for product, (start, end) in periods.items():
                line = move.invoice_line_ids.filtered(lambda line, p=product: line.product_id == p)
                dates = (line.subscription_period_start, line.subscription_period_end)
                self.assertEqual([f"{day:%d.%m.%Y}" for day in dates], [start, end])
                self.assertIn(f"Leistungszeitraum {start}–{end}", line.name)
                self.assertIn(
                    f"{product.name}<br>\nLeistungszeitraum {start}–{end}<", html.decode()
                )

    @shows("PA-36")
    def test_two_tax_rates_on_an_invoice_and_reverse_charge_for_a_business_abroad(self):
        full, reduced, reverse = self.env["account.tax"].create(
            [
                {
                    "name": f"{rate} %",
                    "amount": rate,
                    "type_tax_use": "sale",
                    "tax_group_id": self.env["account.tax.group"].create({"name": f"{rate} %"}).id,
                }
                for rate in (19.0, 7.0, 0.0)
            ]
        )
        reverse.original_tax_ids = full + reduced
        self.hosting.taxes_id, self.setup_fee.taxes_id = full, reduced
        self.env["account.fiscal.position"].create(
            {
                "name": "EU business",
                "auto_apply": True,
                "vat_required": True,
                "country_id": self.env.ref("base.fr").id,
                "tax_ids": [Command.set(reverse.ids)],
            }
        )
        business = self.env["res.partner"].create(
            {
                "name": "Entreprise",
                "is_company": True,
                "country_id": self.env.ref("base.fr").id,
                "vat": "FR23334175221",
            }
        )
        self.partner_a.country_id = self.env.ref("base.fr")
        for partner, rows in (
            (self.partner_a, {"19.0 %": 5.7, "7.0 %": 3.5}),
            (business, {"0.0 %": 0.0}),
        ):
            subscription = self._create_subscription(self.plan, partner_id=partner.id)
            move = self._bill(subscription, "2026-01-01")
            [subtotal] = move.tax_totals["subtotals"]
            self.assertEqual(
                {row["group_name"]: row["tax_amount"] for row in subtotal["tax_groups"]}, rows
            )

    def test_taxes_follow_product_and_fiscal_position_at_invoice_date(self):
        self.setup_fee.taxes_id = self.tax_sale_b
        subscription = self._create_subscription(self.plan)
        move = self._bill(subscription, "2026-01-01")
        self.assertEqual(move.invoice_line_ids.tax_ids, self.tax_sale_a + self.tax_sale_b)
        exempt = self.env["account.tax"].create(
            {
                "name": "Reverse charge",
                "amount": 0.0,
                "type_tax_use": "sale",
                "original_tax_ids": [Command.set(self.tax_sale_a.ids)],
            }
        )
        position = self.env["account.fiscal.position"].create(
            {"name": "EU business", "tax_ids": [Command.set(exempt.ids)]}
        )
        self.partner_a.property_account_position_id = position
        move = self._bill(subscription, "2026-02-01")
        self.assertEqual(move.fiscal_position_id, position)
        self.assertEqual(move.invoice_line_ids.tax_ids, exempt)
        self.assertEqual(move.amount_tax, 0.0)

    def test_analytic_distribution_and_payment_terms_are_carried_over(self):
        plan = self.env["account.analytic.plan"].create({"name": "Products"})
        account = self.env["account.analytic.account"].create(
            {"name": "Hosting", "plan_id": plan.id}
        )
        subscription = self._create_subscription(
            payment_term_id=self.pay_terms_b.id,
            client_order_ref="PO-77",
        )
        subscription.line_ids.analytic_distribution = {str(account.id): 100.0}
        move = self._bill(subscription, "2026-01-01")
        self.assertEqual(move.invoice_line_ids.analytic_distribution, {str(account.id): 100.0})
        analytic = self.env["account.analytic.line"].search([("auto_account_id", "=", account.id)])
        self.assertEqual(analytic.mapped("amount"), [30.0])
        self.assertEqual(move.invoice_payment_term_id, self.pay_terms_b)
        self.assertEqual(len(move.line_ids.filtered("date_maturity")), 2)
        self.assertEqual(move.ref, "PO-77")

    def test_without_payment_terms_an_invoice_is_due_on_its_date(self):
        self.partner_a.property_payment_term_id = False
        subscription = self._create_subscription()
        move = self._bill(subscription, "2026-01-01")
        self.assertEqual(str(move.invoice_date_due), "2026-01-01")
        receivable = move.line_ids.filtered(lambda line: line.display_type == "payment_term")
        self.assertEqual(str(receivable.date_maturity), "2026-01-01")
        subscription._close(on="2026-01-10")
        credit = self._bill(subscription, "2026-01-10")
        self.assertEqual(str(credit.invoice_date_due), "2026-01-10")

    @shows("RE-68")
    def test_the_invoice_is_in_the_currency_of_the_plan(self):
        self.assertEqual(self.flat_plan.currency_id.name, "USD")
        self.company.currency_id = self.setup_other_currency("EUR", rates=[("2025-01-01", 2.0)])
        move = self._bill(self._create_subscription(), "2026-01-01")
        self.assertEqual(move.company_currency_id.name, "EUR")
        self.assertEqual(move.currency_id.name, "USD")
        self.assertEqual(move.amount_untaxed, 30.0)

    def test_another_currency_and_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.plan.component_ids[0].with_context(lang="de_DE").name = "Webspeicher"
        self.partner_a.lang = "de_DE"
        currency = self.setup_other_currency("EUR", rates=[("2025-01-01", 2.0)])
        subscription = self._create_subscription(self.plan, currency_id=currency.id)
        self.assertEqual(subscription.line_ids[0].price_unit, 60.0)
        move = self._bill(subscription, "2026-01-01")
        self.assertEqual(move.currency_id, currency)
        line = move.invoice_line_ids.filtered(lambda line: line.product_id == self.hosting)
        self.assertEqual(line.name, "Webspeicher\nLeistungszeitraum 01.01.2026–31.01.2026")
        self.assertEqual(line.price_subtotal, 60.0)
        self.assertEqual(line.balance, -30.0)

    def test_quantity_price_and_discount_are_shown_where_they_give_the_amount(self):
        subscription = self._create_subscription()
        subscription.line_ids.write({"quantity": 3.0, "discount": 10.0})
        line = self._bill(subscription, "2026-01-01").invoice_line_ids
        self.assertEqual((line.quantity, line.price_unit, line.discount), (3.0, 30.0, 10.0))
        self.assertEqual(line.price_subtotal, 81.0)

    def test_a_deleted_draft_is_invoiced_again(self):
        self.flat_plan.invoice_policy = "draft"
        subscription = self._create_subscription()
        draft = self._bill(subscription, "2026-01-01")
        self.assertEqual(draft.state, "draft")
        draft.unlink()
        self.assertEqual(subscription.charge_ids.invoice_state, "open")
        self.assertLessEqual(str(subscription.next_billing_date), "2026-01-02")
        again = self._bill(subscription, "2026-01-02")
        self.assertEqual(again.invoice_line_ids.subscription_charge_id, subscription.charge_ids)
        self.assertEqual(len(subscription.charge_ids), 1)

    def test_a_cancelled_invoice_is_invoiced_again(self):
        subscription = self._create_subscription()
        move = self._bill(subscription, "2026-01-01")
        move.button_draft()
        move.button_cancel()
        again = self._bill(subscription, "2026-01-02")
        self.assertEqual(again.amount_untaxed, 30.0)
        self.assertEqual(subscription.charge_ids.move_id, again)

    def test_a_credit_note_keeps_the_service_period(self):
        subscription = self._create_subscription()
        move = self._bill(subscription, "2026-01-01")
        credit = move._reverse_moves()
        self.assertEqual(
            credit.invoice_line_ids.subscription_period_end,
            move.invoice_line_ids.subscription_period_end,
        )
        self.assertEqual(credit.subscription_ids, subscription)

    def test_charges_invoices_and_revenue_tie_out(self):
        subscription = self._create_subscription(self.plan, "2026-01-16")
        other = self._create_subscription(
            self.flat_plan, currency_id=self.setup_other_currency("EUR").id
        )
        self._bill(subscription + other, "2026-03-01")
        subscription._close(on="2026-03-10")
        self._bill(subscription, "2026-03-10")
        rows = self.env["subscription.charge"]._get_tie_out(self.company)
        self.assertEqual([row["currency"] for row in rows], ["EUR", "USD"])
        for row in rows:
            self.assertEqual(row["difference"], 0.0)
            self.assertGreater(row["charges"], 0.0)
