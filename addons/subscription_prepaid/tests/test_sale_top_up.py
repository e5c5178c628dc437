from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import WalletCommon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestSaleTopUp(WalletCommon, AccountPaymentCommon):
    """A German company quotes a top-up of 50.00."""

    @classmethod
    @AccountTestInvoicingCommon.setup_country("de")
    def setUpClass(cls):
        super().setUpClass()
        cls.top_up = cls._create_service("Top-up", 50.0, is_balance_top_up=True)
        cls.partner_a.email = "erika@example.com"

    def _order(self, *products):
        return self.env["sale.order"].create(
            {
                "partner_id": self.partner_a.id,
                "require_payment": False,
                "order_line": [
                    Command.create({"product_id": p.id}) for p in products or self.top_up
                ],
            }
        )

    def test_the_order_asks_for_the_money_and_bears_no_tax(self):
        order = self._order()
        self.assertEqual((order.amount_total, order.amount_tax), (50.0, 0.0))
        order.action_confirm()
        message = order.message_ids.filtered(lambda m: self.partner_a in m.partner_ids)
        self.assertIn(self.wallet.name, message.body)
        self.assertIn("/my/balance?amount=50.00", message.body)
        self.assertEqual(order.invoice_status, "no")
        with self.assertRaises(UserError):
            order._create_invoices()
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": "2026-03-10",
                "payment_ref": self.wallet.name,
                "amount": 50.0,
            }
        )
        self.env["account.bank.statement.line"]._cron_match_wallets()
        self.wallet.invalidate_recordset()
        self.assertEqual(self.wallet.balance, 50.0)
        items = self.wallet.entry_ids.move_id.line_ids
        self.assertFalse(items.tax_ids | items.tax_line_id)
        self.assertNotIn("income", items.mapped("account_type"))

    def test_paid_online_with_the_order_it_goes_into_the_balance(self):
        order = self._order()
        transaction = self._create_transaction(
            "redirect",
            amount=50.0,
            partner_id=self.partner_a.id,
            currency_id=order.currency_id.id,
            sale_order_ids=[Command.set(order.ids)],
            state="done",
        )
        transaction._post_process()
        self.wallet.invalidate_recordset()
        self.assertEqual((order.state, self.wallet.balance), ("sale", 50.0))
        self.assertFalse(order.message_ids.filtered(lambda m: "/my/balance" in m.body))
        refund = transaction._create_child_transaction(transaction.amount, is_refund=True)
        refund._set_done()
        refund._post_process()
        self.wallet.invalidate_recordset()
        self.assertEqual(self.wallet.balance, 0.0, "given back")

    def test_what_else_is_ordered_is_invoiced_as_usual(self):
        consulting = self._create_service("Consulting", 100.0, invoice_policy="order")
        order = self._order(self.top_up, consulting)
        order.action_confirm()
        invoice = order._create_invoices()
        self.assertEqual(invoice.invoice_line_ids.product_id, consulting)

    def test_the_amount_is_free_and_above_zero(self):
        order = self._order()
        order.order_line.price_unit = 0.0
        with self.assertRaisesRegex(UserError, "above zero"):
            order.action_confirm()
        order.order_line.price_unit = 77.77
        order.action_confirm()
        self.assertEqual(order.amount_total, 77.77)

    def test_taxes_and_goods_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "VAT is due when the balance is used"):
            self._order().order_line.tax_ids = self.tax_sale_a
        with self.assertRaisesRegex(ValidationError, "must be a service"), self.cr.savepoint():
            self.top_up.product_tmpl_id.type = "consu"

    def test_a_company_that_takes_advances_only_refuses_it(self):
        self.company.subscription_top_up_kind = "dedicated"
        with self.assertRaisesRegex(UserError, "advance invoice"):
            self._order().action_confirm()

    def test_the_product_form_offers_it_for_services(self):
        form = Form(self.env["product.template"])
        form.name = "Another top-up"
        form.type = "service"
        form.is_balance_top_up = True
        self.assertTrue(form.save().is_balance_top_up)
