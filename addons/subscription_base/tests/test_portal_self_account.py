from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import shows
from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalAccount(PortalCommon, AccountPaymentCommon):
    """The payment method and the addresses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tokens = {
            partner: cls.env["payment.token"].create(
                {
                    "payment_details": details,
                    "provider_id": cls.provider.id,
                    "partner_id": partner.id,
                    "provider_ref": "saved",
                    "payment_method_id": cls.payment_method_id,
                }
            )
            for partner, details in (
                (cls.customer, "1111"),
                (cls.user.partner_id, "2222"),
                (cls.partner_b, "9999"),
            )
        }

    def setUp(self):
        super().setUp()
        self._login()

    @shows("K3-21")
    def test_the_next_collection_uses_the_method_that_was_chosen(self):
        self.subscription.payment_token_id = self.tokens[self.customer]
        chosen = self.tokens[self.user.partner_id]
        self.env.flush_all()
        page = self._get("/do/payment").text
        self.assertIn("2222", page)
        self.assertNotIn("9999", page)
        page, _data = self._look("payment", token=chosen.id)
        facts = self._text(page, "//dl")
        self.assertIn("1111", facts)
        self.assertIn("2222", facts)
        self._do("payment", token=chosen.id)
        self.assertEqual(self.subscription.payment_token_id, chosen)
        charged = []

        def answer(transaction):
            charged.append(transaction.token_id)
            transaction._set_done()

        Transaction = type(self.env["payment.transaction"])
        with (
            freeze_time("2026-04-01"),
            self._commits_flush(),
            patch.object(Transaction, "_send_payment_request", answer),
        ):
            self._create_run("2026-04-01")._process()
        self.assertTrue(charged)
        self.assertEqual(set(charged), {chosen})

    def test_a_foreign_method_is_not_taken(self):
        _page, data = self._look("payment", token=self.tokens[self.partner_b].id)
        self.assertFalse(data)
        _page, data = self._look("payment", token=self.tokens[self.customer].id)
        before = self._get_state()
        self._post("payment", data | {"token": self.tokens[self.partner_b].id})
        self.assertEqual(self._get_state(), before)

    def test_the_invoice_address_is_changed_to_one_s_own(self):
        accounting = self.env["res.partner"].create(
            {"name": "Accounting", "type": "invoice", "parent_id": self.customer.id}
        )
        _page, data = self._look("address", partner_invoice_id=self.partner_b.id)
        self.assertFalse(data, "the address of somebody else is no choice")
        page, _data = self._look("address", partner_invoice_id=accounting.id)
        self.assertIn("Accounting", self._text(page, "//dl"))
        self._do("address", partner_invoice_id=accounting.id)
        self.assertEqual(self.subscription.partner_invoice_id, accounting)
        with self._on("2026-04-01"):
            invoice = self._bill(self.subscription, "2026-04-01")
        self.assertEqual(invoice.partner_id, accounting)
        messages = self.subscription.message_ids.filtered(
            lambda message: message.author_id == self.user.partner_id
        )
        self.assertIn("Accounting", "".join(messages.mapped("body")))

    @shows("PA-12")
    def test_an_open_invoice_is_paid_online(self):
        self.env["ir.config_parameter"].set_param("account_payment.enable_portal_payment", "True")
        (move,) = self.subscription._get_portal_moves()
        self.env.flush_all()
        page = self._get().text
        link = move.get_portal_url().replace("&", "&amp;")
        self.assertIn(f'href="{link}"', page)
        self.assertIn("Overdue", page)
        self.assertEqual(self.url_open(move.get_portal_url()).status_code, 200)
        transaction = self._create_transaction(
            "redirect",
            provider_id=self.provider.id,
            amount=move.amount_residual,
            currency_id=move.currency_id.id,
            partner_id=self.customer.id,
            invoice_ids=[Command.set(move.ids)],
            state="done",
        )
        transaction._post_process()
        self.assertEqual(move.payment_state, move._get_invoice_in_payment_state())
        self.env.flush_all()
        self.assertNotIn("Overdue", self._get().text)
