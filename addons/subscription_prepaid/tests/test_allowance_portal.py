from datetime import date

from lxml import html

from odoo.tests import HttpCase, tagged

from .allowance_common import AllowanceCommon


@tagged("post_install", "-at_install")
class TestAllowancePortal(AllowanceCommon, HttpCase):
    """The customer buys 100 messages for 8.00 and 19 % of taxes; today is 10 March 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls._create_portal_user("ada")
        cls.bob = cls._create_portal_user("bob")
        cls.wallet = cls._get_wallet(cls.ada.partner_id)
        vat = cls.env["account.tax"].create({"name": "19%", "amount": 19.0})
        cls.pack.product_id.taxes_id = vat

    def setUp(self):
        super().setUp()
        self.contract = self._metered(partner_id=self.ada.partner_id.id, date_start="2026-03-01")
        self.authenticate("ada", "ada")

    def _open(self, suffix="/packs", **query):
        self.env.flush_all()
        arguments = "&".join(f"{name}={value}" for name, value in query.items())
        return self.url_open(f"/my/subscriptions/{self.contract.id}{suffix}?{arguments}")

    def _confirm(self, page, **values):
        form = html.fromstring(page.text).xpath("//form[@method='post']")[0]
        self.env.flush_all()
        return self.url_open(
            f"/my/subscriptions/{self.contract.id}/packs",
            data={**dict(form.form_values()), **values},
        )

    def _get_sold(self):
        self.env.invalidate_all()
        return self.contract.allowance_ids

    def _text(self, page):
        return " ".join(html.fromstring(page.text).text_content().split())

    def test_offers_and_summary_write_nothing(self):
        text = self._text(self._open())
        for part in ("9.52", "taxes included", "100 messages", "valid for 3 months"):
            self.assertIn(part, text)
        summary = self._text(self._open(pack_id=self.pack.id))
        for part in ("9.52", "06/09/2026", "is lost", "You get an invoice", "obligation to pay"):
            self.assertIn(part, summary)
        self.assertFalse(self._get_sold())
        self.assertFalse(self.contract._get_invoices())

    def test_bought_on_an_invoice_it_can_be_used_at_once(self):
        self._use(self.contract, ("2026-03-10", 30))
        answer = self._confirm(self._open(pack_id=self.pack.id))
        self.assertIn("can be used at once", answer.text)
        self.assertIn("70 of 100 messages left", self._text(answer))
        allowance = self._get_sold()
        invoice = self.contract._get_invoices()
        self.assertEqual((invoice.state, invoice.amount_total), ("posted", 9.52))
        self.assertEqual(invoice.invoice_line_ids.product_id, self.pack.product_id, "nothing else")
        self.assertEqual(allowance.units_left, 70.0)
        page = self._open("")
        self.assertIn("70 of 100 messages left", self._text(page))
        usage = self._text(self._open("/usage"))
        self.assertIn("Covered by packs: 30", usage)
        rest = self._bill(self.contract, "2026-03-10")
        self.assertEqual(rest.invoice_line_ids.product_id, self.hosting)

    def test_where_the_balance_is_enough_it_pays(self):
        self._top_up(20.0, self.wallet)
        page = self._open(pack_id=self.pack.id)
        self.assertIn("paid from your balance", self._text(page))
        self._confirm(page)
        self.assertTrue(self._get_sold())
        self.assertEqual(self.contract._get_invoices().amount_residual, 0.0)
        self.assertEqual(self.wallet.balance, 10.48)

    def _grant(self, amount):
        return self.env["subscription.bonus"].create(
            {
                "partner_id": self.ada.partner_id.id,
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "amount": amount,
                "reason": "Sorry",
            }
        )

    def _pay_in_advance(self, amount):
        move = self.contract._make_advance_invoice(amount)
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({})._create_payments()

    def test_bonus_and_balance_pay_together(self):
        bonus = self._grant(5.0)
        self._top_up(4.52, self.wallet)
        page = self._open(pack_id=self.pack.id)
        self.assertIn("paid from your balance", self._text(page))
        self.assertIn("can be used at once", self._confirm(page).text)
        invoice = self.contract._get_invoices()
        self.assertEqual((invoice.amount_total, invoice.amount_residual), (4.52, 0.0))
        self.assertEqual((bonus.amount_left, self.wallet.balance), (0.0, 0.0))

    def test_a_bonus_that_is_not_enough_lowers_the_invoice(self):
        self._grant(5.0)
        page = self._open(pack_id=self.pack.id)
        self.assertIn("You get an invoice", self._text(page))
        self.assertIn("can be used at once", self._confirm(page).text)
        self.assertEqual(self.contract._get_invoices().amount_residual, 4.52)

    def test_service_credit_and_an_advance_pay_together(self):
        self.hosting.taxes_id = self.pack.product_id.taxes_id
        self._pay_in_advance(5.95)
        service = self._get_wallet(self.ada.partner_id, kind="service", subscription=self.contract)
        self._top_up(3.57, service)
        page = self._open(pack_id=self.pack.id)
        self.assertIn("paid from your balance", self._text(page))
        self.assertIn("can be used at once", self._confirm(page).text)
        [allowance] = self._get_sold()
        invoice = allowance.line_id.charge_ids.move_line_ids.move_id
        self.assertEqual((invoice.amount_total, invoice.amount_residual), (3.57, 0.0))
        self.assertEqual((self.contract.advance_left, service.balance), (0.0, 0.0))

    def test_an_advance_for_other_taxes_pays_for_no_pack(self):
        self.hosting.taxes_id = False
        self._pay_in_advance(20.0)
        [offer] = self.contract._get_pack_offers()
        self.assertEqual((offer.total, offer.missing), (9.52, 9.52))

    def test_a_double_click_buys_once_and_two_orders_twice(self):
        page = self._open(pack_id=self.pack.id)
        for _click in range(2):
            self.assertIn("can be used at once", self._confirm(page).text)
        self.assertEqual(len(self._get_sold()), 1)
        self._confirm(self._open(pack_id=self.pack.id))
        self.assertEqual(len(self._get_sold()), 2)
        self.assertEqual(len(self.contract._get_invoices()), 2)

    def test_what_was_not_shown_is_not_sold(self):
        page = self._open(pack_id=self.pack.id)
        self.assertEqual(self._confirm(page, csrf_token="wrong").status_code, 400)
        for wrong in (
            {"total": "1"}, {"total": "x"}, {"pack_id": "0"}, {"key": ""}, {"key": "k" * 65},
        ):  # fmt: skip
            self.assertEqual(self._confirm(page, **wrong).status_code, 200)
        self.pack.is_self_service = False
        self.assertIn("choose a pack", self._confirm(page).text)
        self.assertFalse(self._get_sold())
        self.assertFalse(self.contract._get_invoices())

    def test_a_balance_that_was_used_meanwhile_sells_nothing(self):
        self._top_up(10.0, self.wallet)
        page = self._open(pack_id=self.pack.id)
        self.wallet._settle(self._invoice(5.0, partner=self.ada.partner_id))
        self.assertIn("not enough", self._confirm(page).text)
        self.assertFalse(self._get_sold())

    def test_a_prepaid_contract_is_never_billed_for_a_pack(self):
        self.env.cr.execute(
            "UPDATE subscription_subscription SET is_prepaid = true WHERE id = %s",
            [self.contract.id],
        )
        self.env.invalidate_all()
        page = self._open()
        self.assertIn("Your balance lacks", self._text(page))
        self.assertIn("/my/balance", page.text)
        with self.assertRaisesRegex(Exception, "paid from the balance"), self.cr.savepoint():
            self.contract._buy_pack(self.pack, "forged", 9.52, "invoice")
        self.assertFalse(self._get_sold())

    def test_with_the_token_and_never_without(self):
        self.contract._add_pack(self.pack, date(2026, 3, 10))
        token = self.contract._portal_ensure_token()
        self.authenticate(None, None)
        self.assertIn("100 of 100 messages left", self._text(self._open(access_token=token)))
        self.assertNotIn("o_subscription_packs", self._open(access_token="wrong").text)
        page = self._open(access_token=token, pack_id=self.pack.id)
        answer = self._confirm(page)
        self.assertIn("can be used at once", answer.text)
        self.authenticate("bob", "bob")
        self.assertNotIn("o_subscription_packs", self._open().text)
        self.assertNotIn("o_subscription_allowance", self._open().text)
        forged = {"pack_id": self.pack.id, "key": "x", "total": "9.52", "payment": "invoice"}
        page = self._open("/packs", access_token="wrong")
        self.assertNotIn("obligation", page.text)
        before = len(self._get_sold())
        self.url_open(f"/my/subscriptions/{self.contract.id}/packs", data=forged)
        self.assertEqual(len(self._get_sold()), before)

    def test_the_invoice_of_the_pack_leaves_other_charges_to_the_run(self):
        self._use(self.contract, ("2026-03-05", 10))
        self._confirm(self._open(pack_id=self.pack.id))
        self.assertLessEqual(str(self.contract.next_billing_date), "2026-03-10")
