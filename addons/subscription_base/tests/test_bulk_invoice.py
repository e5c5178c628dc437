"""Invoices of the bulk writer equal those of plain Odoo."""

import random

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from .test_bulk_invoice_common import BulkInvoiceCommon


@tagged("post_install", "-at_install")
class TestBulkInvoice(BulkInvoiceCommon):
    def line(self, price=10.0, **values):
        return {"product_id": self.service.id, "quantity": 1, "price_unit": price, **values}

    def test_drafts(self):
        self.assert_same(self.invoice(30.0), self.invoice(12.5, 7.25), post=False)

    def test_posted(self):
        self.assert_same(self.invoice(30.0), self.invoice(12.5, 7.25))

    def test_create_and_post_in_two_steps(self):
        moves = self.moves._create_bulk([self.invoice(30.0), self.invoice(40.0)])
        self.assertEqual(set(moves.mapped("state")), {"draft"})
        self.assertEqual(moves._post_bulk(), moves)
        self.assertEqual(moves.mapped("sequence_number"), [1, 2])

    def test_only_what_plain_odoo_needs_is_given(self):
        self.assert_same(self.invoice({"product_id": self.service.id}), post=True)

    def test_line_without_product(self):
        account = self.company_data["default_account_revenue"].id
        line = {"name": "By hand", "account_id": account, "price_unit": 5, "quantity": 3}
        self.assert_same(self.invoice({**line, "tax_ids": [Command.set(self.tax.ids)]}))
        self.assert_same(self.invoice({**line, "tax_ids": []}))
        self.assert_same(self.invoice(line))

    def test_taxes(self):
        for taxes in (
            self.tax_low,
            self.tax_zero,
            self.tax_included,
            self.tax | self.tax_low,
            self.tax_fixed | self.tax,
            self.tax.browse(),
        ):
            with self.subTest(taxes=taxes.mapped("name")):
                self.assert_same(
                    self.invoice(
                        self.line(100 / 3, quantity=7, tax_ids=[Command.set(taxes.ids)]),
                        self.line(0.3333, quantity=3, tax_ids=[Command.set(taxes.ids)]),
                        self.line(19.99),
                    )
                )

    def test_rounding_per_line(self):
        self.company.tax_calculation_rounding_method = "round_per_line"
        self.assert_same(self.invoice(0.335, 0.335, 1.005, 33.333333))

    def test_group_of_taxes(self):
        group = self.env["account.tax"].create(
            {
                "name": "Group",
                "amount_type": "group",
                "children_tax_ids": [Command.set((self.tax | self.tax_low).ids)],
            }
        )
        self.assert_same(self.invoice(self.line(99.99, tax_ids=[Command.set(group.ids)])))

    def test_fiscal_position(self):
        position = self.fiscal_pos_a
        self.assert_same(self.invoice(30.0, fiscal_position_id=position.id))
        self.partner.property_account_position_id = position
        self.assert_same(self.invoice({"product_id": self.product_a.id}, 30.0))

    def test_payment_terms(self):
        for term in (self.pay_terms_a, self.pay_terms_b, self.instalments):
            with self.subTest(term=term.name):
                self.assert_same(
                    self.invoice(33.33, invoice_payment_term_id=term.id),
                    self.invoice(0.01, invoice_payment_term_id=term.id, ref="Order 7"),
                    self.invoice(
                        5, invoice_payment_term_id=term.id, payment_reference="RF1", ref="RF1"
                    ),
                )
        self.partner.property_payment_term_id = self.instalments
        self.assert_same(self.invoice(99.99), post=False)

    def test_due_date_is_given(self):
        self.assert_same(
            self.invoice(30.0, invoice_date_due="2026-04-20"),
            self.invoice(30.0, invoice_date_due="2026-04-20", invoice_payment_term_id=False),
            self.invoice(30.0, invoice_payment_term_id=False),
        )

    def test_refund(self):
        self.assert_same(
            self.invoice(30.0, move_type="out_refund"),
            self.invoice(12.5, move_type="out_refund", ref="Correction"),
            self.invoice(20.0, invoice_payment_term_id=self.instalments.id, move_type="out_refund"),
            self.invoice(30.0),
        )

    def test_negative_line(self):
        self.assert_same(self.invoice(30.0, -10.0, self.line(5, quantity=-2)))

    def test_total_is_zero(self):
        self.assert_same(self.invoice(0.0), self.invoice(30.0, -30.0))

    def test_discount(self):
        self.assert_same(self.invoice(self.line(33.33, discount=12.5), self.line(9, discount=100)))

    def test_foreign_currency(self):
        for term in (self.pay_terms_a, self.instalments):
            self.assert_same(
                self.invoice(
                    33.33,
                    self.line(0.333, quantity=3),
                    currency_id=self.usd.id,
                    invoice_payment_term_id=term.id,
                ),
                self.invoice(
                    1.0, currency_id=self.usd.id, invoice_date="2026-03-29", move_type="out_refund"
                ),
            )

    def test_analytic_distribution(self):
        plan = self.env["account.analytic.plan"].create({"name": "Plan"})
        first, second = self.env["account.analytic.account"].create(
            [{"name": name, "plan_id": plan.id} for name in ("First", "Second")]
        )
        distribution = {str(first.id): 33.333, str(second.id): 66.667}
        self.tax.analytic = True
        self.assert_same(
            self.invoice(self.line(100, analytic_distribution=distribution)),
            self.invoice(
                self.line(10, analytic_distribution={str(first.id): 100}),
                self.line(20, analytic_distribution={str(second.id): 100}),
            ),
        )
        self.env["account.analytic.distribution.model"].create(
            {"partner_id": self.partner.id, "analytic_distribution": {str(second.id): 100}}
        )
        self.assert_same(
            self.invoice(30.0), self.invoice(self.line(1, analytic_distribution=False))
        )

    def test_addresses(self):
        contact, delivery = self.env["res.partner"].create(
            [
                {"name": "Contact", "parent_id": self.partner.id},
                {"name": "Dock", "parent_id": self.partner.id, "type": "delivery"},
            ]
        )
        self.assert_same(
            self.invoice(30.0, partner_id=contact.id),
            self.invoice(30.0, partner_id=contact.id, partner_shipping_id=delivery.id),
            self.invoice(30.0, partner_id=self.partner_b.id),
        )

    def test_narration_and_origin(self):
        self.assert_same(
            self.invoice(30.0, narration="<p>Thanks<script/></p>", invoice_origin="SUB1")
        )
        self.env["ir.config_parameter"].set_param("account.use_invoice_terms", True)
        self.company.invoice_terms = "Pay."
        self.assert_same(self.invoice(30.0))

    def test_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("de_DE")
        german = self.service.with_context(lang="de_DE")
        german.write({"name": "Netzplatz", "description_sale": "je Monat"})
        self.partner.lang = "de_DE"
        line = {"product_id": self.service.id, "price_unit": 5}
        self.assert_same(
            self.invoice(line, invoice_payment_term_id=self.instalments.id),
            self.invoice(line, partner_id=self.partner_b.id),
        )
        self.env = self.env(context={**self.env.context, "lang": "de_DE"})
        self.moves = self.moves.with_env(self.env).with_context(tracking_disable=True)
        self.assert_same(self.invoice(line, invoice_payment_term_id=self.instalments.id))

    def test_branch(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.env.cr.precommit.run()  # loads the branch's chart of accounts
        self.moves = self.moves.sudo().with_company(branch)
        self.assert_same(
            self.invoice(30.0, company_id=branch.id), self.invoice(5.0, company_id=branch.id)
        )

    def test_account_with_taxes(self):
        account = self.company_data["default_account_revenue"]
        account.tax_ids = self.tax_low
        self.assert_same(
            self.invoice({"name": "By hand", "account_id": account.id, "price_unit": 5}),
            self.invoice({"product_id": self.service.id, "account_id": account.id}),
        )

    def test_reference_by_the_journal(self):
        for model in ("odoo", "euro", "number"):
            for kind in ("invoice", "partner"):
                self.company_data["default_journal_sale"].write(
                    {"invoice_reference_model": model, "invoice_reference_type": kind}
                )
                fast = self.moves._create_bulk([self.invoice(30.0)], post=True)
                self.assertEqual(fast.payment_reference, fast._get_invoice_computed_reference())
                self.assertEqual(
                    fast.line_ids.filtered("date_maturity").mapped("name"),
                    [fast.payment_reference],
                )

    def test_separate_numbers_of_refunds(self):
        self.company_data["default_journal_sale"].refund_sequence = True
        self.assert_same(
            self.invoice(1),
            self.invoice(2, move_type="out_refund"),
            self.invoice(3),
            self.invoice(4, move_type="out_refund"),
        )

    def test_bank_account_of_the_company(self):
        self.env["res.partner.bank"].create(
            [
                {"acc_number": "1", "partner_id": self.company.partner_id.id},
                {
                    "acc_number": "2",
                    "partner_id": self.company.partner_id.id,
                    "currency_id": self.usd.id,
                },
                {"acc_number": "3", "partner_id": self.partner.id, "allow_out_payment": True},
            ]
        )
        self.assert_same(
            self.invoice(1),
            self.invoice(2, currency_id=self.usd.id),
            self.invoice(3, move_type="out_refund"),
        )

    def test_order_of_numbers(self):
        self.assert_same(
            self.invoice(1, ref="b"),
            self.invoice(2, ref="a"),
            self.invoice(3, invoice_date="2026-02-01"),
            self.invoice(4, invoice_date="2025-12-31"),
            self.invoice(5),
        )

    def test_sequence_by_month(self):
        self.init_invoice("out_invoice", self.partner, "2026-01-01", True, amounts=[1])
        move = self.moves.search([("company_id", "=", self.company.id)], limit=1)
        move.name = "RE/2026/01/0007"
        self.assert_same(
            self.invoice(1, invoice_date="2026-01-02"), self.invoice(2), self.invoice(3)
        )

    def test_random_invoices(self):
        generator = random.Random(19)
        taxes = (self.tax, self.tax_low, self.tax_zero, self.tax_included, self.tax_fixed)
        terms = (self.pay_terms_a, self.pay_terms_b, self.instalments)
        for _round in range(3):
            self.assert_same(
                *(
                    self.invoice(
                        *(
                            self.line(
                                round(generator.uniform(-5, 300), generator.randint(0, 6)),
                                quantity=round(generator.uniform(0.1, 40), generator.randint(0, 3)),
                                discount=generator.choice((0, 0, 5, 33.33)),
                                tax_ids=[
                                    Command.set([tax.id for tax in generator.sample(taxes, 2)])
                                ],
                            )
                            for _line in range(generator.randint(2, 6))
                        ),
                        self.line(1000),
                        invoice_payment_term_id=generator.choice(terms).id,
                        currency_id=generator.choice((self.usd, self.company.currency_id)).id,
                        move_type=generator.choice(("out_invoice", "out_invoice", "out_refund")),
                    )
                    for _invoice in range(8)
                )
            )


@tagged("post_install", "post_install_l10n", "-at_install")
class TestBulkInvoiceGermany(BulkInvoiceCommon):
    @classmethod
    @AccountTestInvoicingCommon.setup_country("de")
    def setUpClass(cls):
        super().setUpClass()

    def test_service_month(self):
        self.partner.country_id = self.env.ref("base.de")
        self.assert_same(self.invoice(9.99, 10.99), self.invoice(30.0, move_type="out_refund"))

    def test_delivery_date_is_given(self):
        self.assert_same(self.invoice(9.99, delivery_date="2026-03-15"))

    def test_reverse_charge(self):
        self.partner.write({"country_id": self.env.ref("base.fr").id, "vat": "FR23334175221"})
        self.assert_same(self.invoice({"product_id": self.service.id}))

    def test_restrictive_audit_trail(self):
        self.company.restrictive_audit_trail = True
        self.assert_same(self.invoice(9.99))
