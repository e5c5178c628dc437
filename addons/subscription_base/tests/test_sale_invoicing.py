from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import HttpCase, freeze_time, tagged

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import shows
from .test_sale_order import SaleSubscriptionCommon


@freeze_time("2026-01-16")
@tagged("post_install", "-at_install")
class TestSaleInvoicing(SaleSubscriptionCommon):
    def _mixed_order(self):
        order = self._quote(
            self._hosting_line(),
            {"product_id": self.product_a.id, "price_unit": 100.0, "tax_ids": False},
        )
        order.action_confirm()
        return order

    def _down_payment(self, order, **values):
        wizard = self.env["sale.advance.payment.inv"].with_user(self.salesperson)
        return wizard.create(
            {"sale_order_ids": order.ids, "advance_payment_method": "percentage", **values}
        )._create_invoices(order)

    @shows("PA-42")
    def test_a_customer_with_a_pricelist_in_usd_and_the_language_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.plan.main_component_id.with_context(lang="fr_FR").name = "Hébergement"
        dollar, euro = self.env.ref("base.USD"), self.setup_other_currency("EUR")
        self.company.currency_id = euro
        pricelist = self.env["product.pricelist"].create(
            {"name": "Dollars", "currency_id": dollar.id}
        )
        self.partner_a.write({"lang": "fr_FR", "property_product_pricelist": pricelist.id})
        order = self._quote(self._hosting_line())
        order.action_confirm()
        order.subscription_ids.with_user(self.env.user).action_bill_now()
        move = order.subscription_ids._get_invoices()
        self.assertEqual(move.company_currency_id, euro)
        self.assertEqual(move.currency_id, dollar)
        line = move.invoice_line_ids.filtered(lambda line: line.product_id == self.hosting)
        self.assertEqual(line.name, "Hébergement\nService period 16/01/2026 - 31/01/2026")

    def test_a_down_payment_is_a_share_of_what_the_order_invoices(self):
        order = self._mixed_order()
        self.assertEqual(self._down_payment(order, amount=50).amount_untaxed, 50.0)
        final = order._create_invoices(final=True)
        self.assertEqual(final.amount_untaxed, 50.0)
        self.assertEqual(order.amount_untaxed, 180.0)
        self.assertEqual(order.invoice_status, "invoiced")

    def test_an_order_of_plans_alone_takes_no_down_payment(self):
        order = self._quote(self._hosting_line())
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "nothing to make a down payment"):
            self._down_payment(order, amount=50)
        self.assertFalse(order._generate_downpayment_invoices())

    def _discount(self, order, discount_type):
        return (
            self.env["sale.order.discount"]
            .create(
                {
                    "sale_order_id": order.id,
                    "discount_type": discount_type,
                    "discount_percentage": 0.1,
                }
            )
            .action_apply_discount()
        )

    def test_a_global_discount_leaves_the_subscription_alone(self):
        order = self._quote(
            self._hosting_line(),
            {"product_id": self.product_a.id, "price_unit": 100.0, "tax_ids": False},
        ).with_user(self.env.user)
        self._discount(order, "so_discount")
        self.assertEqual(order.amount_untaxed, 170.0)
        plans_only = self._quote(self._hosting_line()).with_user(self.env.user)
        with self.assertRaisesRegex(UserError, "On All Order Lines"):
            self._discount(plans_only, "so_discount")

    def test_a_discount_on_every_line_reaches_the_subscription(self):
        order = self._quote(self._hosting_line()).with_user(self.env.user)
        self._discount(order, "sol_discount")
        order.action_confirm()
        self.assertEqual(order.subscription_ids.recurring_amount, 27.0)


@tagged("post_install", "-at_install")
class TestSalePayment(SaleSubscriptionCommon, AccountPaymentCommon):
    def _pay(self, order, token, amount=None):
        transaction = self._create_transaction(
            "token",
            token_id=token.id,
            amount=amount or order.amount_total,
            currency_id=order.currency_id.id,
            partner_id=self.partner_a.id,
            sale_order_ids=[Command.set(order.ids)],
        )
        transaction._set_done()
        transaction._post_process()
        return transaction

    def setUp(self):
        super().setUp()
        self.order = self._quote(self._hosting_line(), require_payment=True, prepayment_percent=1.0)
        self.token = self._create_token(partner_id=self.partner_a.id)

    def test_paying_online_confirms_and_passes_on_the_saved_method(self):
        self.env["ir.config_parameter"].sudo().set_param("sale.automatic_invoice", "True")
        self._pay(self.order, self.token)
        self.assertEqual(self.order.state, "sale")
        self.assertEqual(self.order.subscription_ids.state, "active")
        self.assertEqual(self.order.subscription_ids.payment_token_id, self.token)
        self.assertFalse(self.order.invoice_ids)

    @freeze_time("2026-01-16")
    def test_what_is_due_first_is_what_confirms(self):
        due = self.order._get_prepayment_required_amount()
        self.assertLess(due, self.order.amount_total)
        self._pay(self.order, self.token, due)
        self.assertEqual(self.order.state, "sale")
        subscription = self.order.subscription_ids.with_user(self.env.user)
        subscription.action_bill_now()
        invoice = subscription._get_invoices()
        self.assertEqual(invoice.amount_total, due)
        self.assertEqual(invoice.payment_state, invoice._get_invoice_in_payment_state())

    def test_less_than_what_is_due_first_confirms_nothing(self):
        self._pay(self.order, self.token, self.order._get_prepayment_required_amount() - 0.01)
        self.assertEqual(self.order.state, "draft")

    def test_a_trial_is_confirmed_without_a_payment(self):
        plan = self._create_plan("Trial", [{"product_id": self.hosting.id}], trial_length=14)
        order = self._quote(
            self._hosting_line(subscription_plan_id=plan.id),
            require_payment=True,
            prepayment_percent=1.0,
        )
        self.assertEqual(order._get_prepayment_required_amount(), 0.0)
        self.assertFalse(order._has_to_be_paid())

    def test_what_was_paid_with_the_order_is_not_collected_again(self):
        payment = self._pay(self.order, self.token).payment_id
        subscription = self.order.subscription_ids.with_user(self.env.user)
        subscription.action_bill_now()
        invoice = subscription._get_invoices()
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertEqual(invoice._get_reconciled_payments(), payment)
        self.assertFalse(invoice.transaction_ids)


@tagged("post_install", "-at_install")
class TestSalePortal(SaleSubscriptionCommon, HttpCase):
    @shows("PA-22")
    def test_a_customer_chooses_an_add_on_and_signs(self):
        """The price of the add-on is on the page before it is signed."""
        order = self._quote(self._hosting_line(), require_signature=True, require_payment=False)
        order.action_quotation_sent()
        token = order._portal_ensure_token()
        add_on, main = order.order_line[-1], order.order_line[0]
        page = self.url_open(f"/my/orders/{order.id}?access_token={token}")
        self.assertIn("Then monthly, on the 1st of the month", page.text)
        self.assertIn(add_on.product_id.name, page.text)
        self.assertIn(self.company.currency_id.format(add_on.price_unit)[-4:], page.text)
        self.assertFalse(order.subscription_ids)
        for line, quantity in ((add_on, 2), (main, 5)):
            self.make_jsonrpc_request(
                f"/my/orders/{order.id}/update_line_dict",
                {"line_id": line.id, "access_token": token, "input_quantity": quantity},
            )
        self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept",
            {
                "access_token": token,
                "name": "Customer",
                "signature": "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7",
            },
        )
        order.invalidate_recordset()
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.subscription_ids.state, "active")
        self.assertEqual(order.subscription_ids.recurring_amount, 42.0)
