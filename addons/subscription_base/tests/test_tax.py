from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import SubscriptionCommon, shows


class TaxCommon(SubscriptionCommon):
    """A company whose sales taxes are 19 % and 7 %, with report tags."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.env["account.account.tag"].create(
            {"name": "Base", "applicability": "taxes", "country_id": cls.company.country_id.id}
        )
        cls.full, cls.reduced = (cls._create_tax(f"{rate} %", rate) for rate in (19.0, 7.0))
        cls.hosting.taxes_id = cls.full
        cls.setup_fee.taxes_id = cls.full

    @classmethod
    def _create_tax(cls, name, rate, **values):
        tax = cls.env["account.tax"].create(
            {
                "name": name,
                "amount": rate,
                "type_tax_use": "sale",
                "tax_group_id": cls.env["account.tax.group"].create({"name": name}).id,
                **values,
            }
        )
        cls._set_tags(tax, cls.tag)
        return tax

    @staticmethod
    def _set_tags(tax, tags):
        for lines in (tax.invoice_repartition_line_ids, tax.refund_repartition_line_ids):
            lines.tag_ids = tags
        tax.invalidate_recordset()

    @classmethod
    def _create_gross_plan(cls, price, **values):
        return cls._create_plan(
            f"Gross {price}",
            [{"product_id": cls.hosting.id, "price_unit": price}],
            price_includes_tax=True,
            **values,
        )

    @classmethod
    def _create_reverse_charge(cls):
        tax = cls._create_tax("Reverse charge", 0.0)
        tax.original_tax_ids = cls.full
        return cls.env["account.fiscal.position"].create(
            {"name": "Reverse charge", "tax_ids": [Command.set(tax.ids)]}
        )

    def _amounts(self, move):
        return move.amount_untaxed, move.amount_tax, move.amount_total


@tagged("post_install", "-at_install")
class TestTaxOfPlan(TaxCommon):
    @shows("RE-69")
    def test_a_predefined_tax_comes_onto_the_invoice_line(self):
        self.hosting.taxes_id = self.reduced
        plan = self._create_plan("Own tax", [{"product_id": self.hosting.id}])
        self.assertEqual(self._bill(self._create_subscription(plan), "2026-01-01").amount_tax, 2.1)
        component = plan.component_ids
        component.tax_ids = self.full
        move = self._bill(self._create_subscription(plan), "2026-01-01")
        self.assertEqual(move.invoice_line_ids.tax_ids, self.full)
        self.assertEqual(self._amounts(move), (30.0, 5.7, 35.7))

    @shows("RE-70")
    def test_a_percentage_finds_the_tax_of_the_company(self):
        self._create_tax("7 % abroad", 7.0, fiscal_position_ids=[Command.set(
            self.env["account.fiscal.position"].create({"name": "Abroad"}).ids)])  # fmt: skip
        untagged = self._create_tax("12 % without tags", 12.0)
        self._set_tags(untagged, False)
        component = self.flat_plan.component_ids
        self.assertEqual(component.tax_percent, 19.0)
        component.tax_percent = 7
        self.assertEqual(component.tax_ids, self.reduced)
        self.assertEqual(component.tax_ids.repartition_line_ids.tag_ids, self.tag)
        move = self._bill(self._create_subscription(), "2026-01-01")
        self.assertEqual(move.amount_tax, 2.1)
        taxes = self.env["account.tax"].search_count([])
        for rate in (8, 12):
            with self.assertRaisesRegex(UserError, f"no sales tax of {rate} %"):
                component.tax_percent = rate
        self.assertEqual(self.env["account.tax"].search_count([]), taxes)

    def test_a_percentage_is_entered_in_the_form_of_the_plan(self):
        with Form(self.flat_plan.copy()) as form, form.component_ids.edit(0) as component:
            component.tax_percent = 7.0
        self.assertEqual(form.record.component_ids.tax_ids, self.reduced)

    def test_a_net_plan_refuses_a_tax_that_is_part_of_the_price(self):
        included = self._create_tax("Included", 19.0, price_include_override="tax_included")
        with self.assertRaisesRegex(ValidationError, "without taxes"):
            self.flat_plan.component_ids.tax_ids = included
        plan = self._create_gross_plan(35.7)
        plan.component_ids.tax_ids = included
        with self.assertRaisesRegex(ValidationError, "without taxes"):
            plan.price_includes_tax = False

    def test_the_company_decides_what_new_plans_do(self):
        self.assertFalse(self.flat_plan.price_includes_tax)
        self.company.account_price_include = "tax_included"
        self.assertTrue(self.env["subscription.plan"].new({}).price_includes_tax)


@tagged("post_install", "-at_install")
class TestPricesWithTaxes(TaxCommon):
    @shows("RE-71")
    def test_a_price_with_taxes_is_what_the_customer_pays(self):
        plan = self._create_gross_plan(35.7)
        self.assertEqual((plan.price, plan.price_untaxed, plan.price_taxed), (35.7, 30.0, 35.7))
        subscription = self._create_subscription(plan)
        move = self._bill(subscription, "2026-01-01")
        self.assertEqual(self._amounts(move), (30.0, 5.7, 35.7))
        self.assertEqual(self._charges(subscription), [("2026-01-01", "2026-01-31", 35.7)])
        self.assertEqual(move.invoice_line_ids.tax_ids.repartition_line_ids.tag_ids, self.tag)
        with Form(plan.copy()) as form:
            form.price_includes_tax = False
            self.assertEqual((form.price_untaxed, form.price_taxed), (35.7, 42.48))

    def test_recurring_revenue_is_without_taxes(self):
        subscription = self._create_subscription(self._create_gross_plan(35.7))
        self.assertEqual(subscription.recurring_monthly, 30.0)

    def test_no_cent_is_lost_where_no_net_price_yields_the_gross_price(self):
        """8.39 + 19 % is 9.98, 8.40 + 19 % is 10.00: no net price yields 9.99."""
        for method in ("round_per_line", "round_globally"):
            self.company.tax_calculation_rounding_method = method
            subscription = self._create_subscription(
                self._create_gross_plan(9.99), line_ids=[
                    Command.create({"product_id": self.hosting.id, "price_unit": 9.99})
                    for _number in range(7)
                ])  # fmt: skip
            move = self._bill(subscription, "2026-01-01")
            self.assertEqual(move.amount_total, 69.93)
            self.assertEqual(sum(subscription.charge_ids.mapped("amount")), 69.93)

    def test_failure_27_price_with_taxes_under_reverse_charge(self):
        """119 is billed without tax instead of 100."""
        subscription = self._create_subscription(
            self._create_gross_plan(119.0), fiscal_position_id=self._create_reverse_charge().id
        )
        move = self._bill(subscription, "2026-01-01")
        self.assertEqual(self._amounts(move), (100.0, 0.0, 100.0))
        self.assertEqual(move.invoice_line_ids.tax_ids.name, "Reverse charge")
        line = self.env["subscription.charge"]._get_tie_out(self.company)[0]
        self.assertEqual(line["difference"], 0.0)

    @shows("RE-117")
    def test_failure_27_rate_that_is_frozen_with_the_contract(self):
        """Another rate reaches the next invoices, and no posted one."""
        gross = self._create_subscription(self._create_gross_plan(107.0))
        net = self._create_subscription(self.flat_plan)
        first = self._bill(gross, "2026-01-01"), self._bill(net, "2026-01-01")
        for plan in (gross.plan_id, net.plan_id):
            plan.component_ids.tax_ids = self.reduced
            self.assertEqual(plan.version, 1)
        self.assertEqual(self._amounts(self._bill(gross, "2026-02-01")), (100.0, 7.0, 107.0))
        self.assertEqual(self._amounts(self._bill(net, "2026-02-01")), (30.0, 2.1, 32.1))
        self.assertEqual(self._amounts(first[0]), (89.92, 17.08, 107.0))
        self.assertEqual(self._amounts(first[1]), (30.0, 5.7, 35.7))

    def test_ledger_and_books_tie_out(self):
        subscription = self._create_subscription(self._create_gross_plan(9.99))
        other = self._create_subscription(self.flat_plan)
        for day in ("2026-01-01", "2026-02-01"):
            moves = self._bill(subscription + other, day)
            moves.filtered(lambda move: move.state == "draft").action_post()
        [row] = self.env["subscription.charge"]._get_tie_out(self.company)
        self.assertEqual(row["difference"], 0.0)
        self.assertEqual(row["charges"], 79.98)

    def test_a_quotation_says_what_the_invoice_says(self):
        plan = self._create_gross_plan(119.0)
        for position, net, tax, kept in (
            (self.env["account.fiscal.position"], 100.0, 19.0, True),
            (self._create_reverse_charge(), 100.0, 0.0, False),
        ):
            order = self.env["sale.order"].create(
                {
                    "partner_id": self.partner_a.id,
                    "fiscal_position_id": position.id,
                    "order_line": [
                        Command.create(
                            {"product_id": self.hosting.id, "subscription_plan_id": plan.id}
                        )
                    ],
                }
            )
            self.assertEqual((order.amount_untaxed, order.amount_tax), (net, tax))
            order.action_confirm()
            subscription = order.subscription_ids
            self.assertEqual(subscription.line_ids.price_includes_tax, kept)
            move = self._bill(subscription, subscription.date_start)
            self.assertEqual((move.amount_untaxed, move.amount_tax), (net, tax))

    def test_a_line_on_a_draft_cannot_leave_its_charge(self):
        move = self._bill(
            self._create_subscription(self._create_gross_plan(35.7, invoice_policy="draft")),
            "2026-01-01",
        )
        with self.assertRaisesRegex(ValidationError, "states a charge"):
            move.invoice_line_ids.price_unit = 36.0
