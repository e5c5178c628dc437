from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from odoo.addons.subscription_base.models.bulk.writer import Writer
from odoo.addons.subscription_base.tests.common import shows

from .bonus_common import BonusCommon
from .common import TODAY


@tagged("post_install", "-at_install")
class TestBonus(BonusCommon):
    """Bonus credit makes invoices cheaper; it is a memo, and no journal entry."""

    @shows("PA-06", "LAW-42")
    def test_a_bonus_of_ten_makes_the_next_invoice_ten_cheaper(self):
        """The tax base is lowered by 10/1.19; every 13th month free is shown in base."""
        before = self.env["account.move"].search_count([])
        bonus = self._grant(10.0)
        self.assertEqual(self.env["account.move"].search_count([]), before, "no journal entry")
        invoice = self._run_today()
        self.assertEqual(
            (invoice.amount_untaxed, invoice.amount_tax, invoice.amount_total), (21.6, 4.1, 25.7)
        )
        line = invoice.invoice_line_ids.filtered("is_subscription_bonus")
        self.assertEqual((line.price_subtotal, line.price_total), (-8.4, -10.0))
        self.assertEqual((line.tax_ids, line.quantity), (self.vat, -1.0))
        self.assertIn("Recommended a friend", line.name)
        self.assertEqual(bonus.amount_left, 0.0)
        use = bonus.entry_ids.filtered(lambda entry: entry.kind == "used")
        self.assertEqual((use.amount, use.move_id), (-10.0, invoice))
        self.assertEqual(self._run_today("2026-04-10").amount_total, 35.7)

    def test_never_below_zero_and_the_rest_stays(self):
        self._grant(50.0)
        invoice = self._run_today()
        self.assertEqual((invoice.amount_total, invoice.state), (0.0, "posted"))
        self.assertEqual(self.bonus_wallet.balance, 14.3)
        self.assertEqual(self._run_today("2026-04-10").amount_total, 21.4)

    def test_it_is_split_over_the_taxes_to_the_cent(self):
        reduced = self.vat.copy({"name": "VAT 7%", "amount": 7.0})
        none = self.env["account.tax"]
        draft = self._draft((30.0, self.vat), (10.0, reduced), (5.01, none))
        gross = {line.tax_ids: line.price_total for line in draft.invoice_line_ids}
        total = draft.amount_total
        self._grant(10.01)
        draft._use_bonus()
        self.assertAlmostEqual(draft.amount_total, total - 10.01, 2)
        for line in draft.invoice_line_ids.filtered("is_subscription_bonus"):
            self.assertAlmostEqual(line.price_total, -10.01 * gross[line.tax_ids] / total, 1)
        draft.action_post()
        self.assertEqual(len(draft.invoice_line_ids), 6)

    def test_exact_however_taxes_are_rounded(self):
        for method in ("round_per_line", "round_globally"):
            self.company.tax_calculation_rounding_method = method
            for cents in range(1, 3570, 173):
                draft = self._draft((10.03, self.vat), (19.97, self.vat))
                total = draft.amount_total
                bonus = self._grant(cents / 100)
                draft._use_bonus()
                self.assertAlmostEqual(draft.amount_total, total - cents / 100, 2)
                self.assertEqual(bonus.amount_left, 0.0)

    def test_where_a_rebate_is_booked(self):
        account = self.company_data["default_account_revenue"].copy({"code": "8790X"})
        income = self._draft((30.0, self.vat)).invoice_line_ids.account_id
        self._grant(10.0)
        for taxes, expected in (
            (self.env["account.tax"], account),
            (self.vat, account),
            (self.vat.copy({"name": "Other"}), income),
        ):
            account.tax_ids = taxes
            self.company.subscription_bonus_account_id = account
            draft = self._draft((30.0, self.vat))
            draft._use_bonus()
            line = draft.invoice_line_ids.filtered("is_subscription_bonus")
            self.assertEqual((line.account_id, line.tax_ids), (expected, self.vat))
            draft.unlink()

    def test_a_german_company_has_its_account(self):
        company = self.env.ref("base.main_company").sudo()
        company._find_bonus_account()
        account = company.subscription_bonus_account_id.with_company(company)
        self.assertEqual(account.code, "8790")

    def test_what_expires_first_then_the_oldest_and_each_use_names_its_bonus(self):
        late = self._grant(5.0, reason="Late", date_expiry="2026-12-01")
        old, new = self._grant(4.0, reason="Old"), self._grant(4.0, reason="New")
        soon = self._grant(5.0, reason="Soon", date_expiry="2026-03-11")
        self._grant(99.0, reason="Not yet", date_from="2026-03-11")
        self._grant(99.0, reason="Over", date_from="2026-03-01", date_expiry=TODAY)
        draft = self._draft((16.0, self.env["account.tax"]))
        draft._use_bonus()
        self.assertEqual(draft.amount_total, 0.0)
        self.assertEqual([b.amount_left for b in (soon, late, old, new)], [0.0, 0.0, 0.0, 2.0])
        uses = self.bonus_wallet.entry_ids.filtered(lambda entry: entry.amount < 0)
        self.assertEqual(set(uses.mapped("source")), {"Soon", "Late", "Old", "New"})
        self.assertEqual(uses.invoice_id, draft)

    def test_one_for_a_contract_makes_only_that_cheaper(self):
        other = self._create_subscription(date_start=TODAY)
        self._grant(10.0, subscription_id=other.id)
        draft = self._draft((30.0, self.vat))
        draft._use_bonus()
        self.assertEqual(draft.amount_total, 35.7)
        (self.contract + other).invoice_grouping = "customer"
        invoice = self._run_today()
        self.assertEqual(invoice.amount_total, 61.4)
        line = invoice.invoice_line_ids.filtered("is_subscription_bonus")
        self.assertEqual(line.subscription_id, other)

    def test_the_order_of_use_can_be_another_one(self):
        self.flat_plan.use_balance = True
        self._grant(10.0)
        self._top_up(30.0)
        self.flat_plan.burn_order = "credit,service"
        self.assertEqual(self._draft((30.0, self.vat)).amount_total, 35.7)
        draft = self._draft((30.0, self.vat))
        draft._use_bonus()
        self.assertEqual(draft.amount_total, 35.7, "no bonus")
        self.flat_plan.burn_order = "credit,bonus,service"
        draft._use_bonus()
        self.assertEqual(draft.amount_total, 30.0, "only what the credit is not enough for")
        self.assertEqual(self.bonus_wallet.balance, 4.3)

    def test_bonus_before_credit_by_default(self):
        self.flat_plan.use_balance = True
        self._grant(10.0)
        self._top_up(100.0)
        invoice = self._run_today()
        self.assertEqual((invoice.amount_total, invoice.amount_residual), (25.7, 0.0))
        self.assertEqual((self.bonus_wallet.balance, self.wallet.balance), (0.0, 74.3))

    def test_a_package_gets_cheaper_too(self):
        subscription = self._sell()
        self._grant(10.0)
        self._top_up(25.7)
        package = self._package(30)
        offer = subscription._get_package_offers(package)[0]
        self.assertEqual((offer.total, offer.missing), (35.7, 0.0))
        extension = subscription._extend(package, total=offer.total)
        self.assertEqual(extension.move_id.amount_total, 25.7)
        self.assertEqual(extension.move_id.amount_residual, 0.0)
        self.assertEqual((self.wallet.balance, self.bonus_wallet.balance), (0.0, 0.0))

    def test_a_package_is_paid_from_service_credit_bonus_and_credit(self):
        subscription = self._sell()
        service = self._get_wallet(kind="service", subscription=subscription)
        self._grant(10.0)
        self._top_up(5.0, service)
        self._top_up(20.0)
        package = self._package(30)
        self.assertEqual(subscription._get_package_offers(package)[0].missing, 0.7)
        with self.assertRaisesRegex(UserError, "not enough"), self.env.cr.savepoint():
            subscription._extend(package)
        self.assertEqual((service.balance, self.bonus_wallet.balance), (5.0, 10.0))
        self._top_up(0.7)
        subscription._extend(package)
        self.assertEqual((service.balance, self.wallet.balance), (0.0, 0.0))

    def test_without_a_bonus_invoices_are_made_the_fast_way_only(self):
        self._grant(10.0, partner_id=self.partner_b.id)
        with (
            patch.object(Writer, "insert", autospec=True, side_effect=Writer.insert) as insert,
            patch.object(type(self.env["account.move"]), "_use_bonuses", autospec=True) as use,
        ):
            self._run_today()
        self.assertTrue(insert.called)
        self.assertFalse(use.called)

    def test_who_uses_up_a_bonus_is_not_paid_out(self):
        self._grant(10.0)
        with self.assertRaisesRegex(ValidationError, "nobody pays it in"):
            self._top_up(10.0, self.bonus_wallet, payment_type="outbound")

    def test_a_bonus_ends_with_the_last_contract(self):
        other = self._create_subscription(date_start=TODAY)
        self._run_today()
        bonus = self._grant(10.0)
        self._close(self.contract)
        self.contract._clean_up()
        self.assertEqual(bonus.amount_left, 10.0, "the customer has another contract")
        self._close(other)
        entries = self.env["account.move"].search_count([])
        other._clean_up()
        expiry = bonus.entry_ids.filtered(lambda entry: entry.kind == "expired")
        self.assertEqual(expiry.mapped("amount"), [-10.0])
        self.assertEqual(self.bonus_wallet.balance, 0.0)
        self.assertEqual(self.env["account.move"].search_count([]), entries, "nothing is booked")

    def test_it_expires_on_its_day(self):
        later = self._grant(10.0, date_expiry="2026-03-11")
        over = self._grant(7.0, date_from="2026-03-01", date_expiry=TODAY)
        over._cron_expire()
        self.assertEqual((over.amount_left, later.amount_left), (0.0, 10.0))
        over._cron_expire()
        self.assertEqual(over.entry_ids.sorted("id").mapped("amount"), [7.0, -7.0])
        self.assertEqual(self.bonus_wallet.balance, 10.0)

    def test_what_is_recorded_stays(self):
        bonus = self._grant(10.0)
        clerk = bonus.with_user(self.env.user)
        for change in (
            lambda: clerk.write({"amount": 99.0}),
            bonus.sudo().unlink,
            lambda: bonus.entry_ids.sudo().write({"amount": 99.0}),
            bonus.entry_ids.sudo().unlink,
        ):
            with self.assertRaisesRegex(UserError, "stays|only added to"):
                change()
        clerk.reason = "Recommended two friends"
        clerk.action_take_back()
        self.assertEqual(bonus.amount_left, 0.0)
        self.assertEqual(len(bonus.entry_ids), 2)

    def test_a_bonus_is_given_to_a_customer_for_a_contract_of_theirs(self):
        with self.assertRaisesRegex(ValidationError, "is not invoiced to"):
            self._grant(10.0, partner_id=self.partner_b.id, subscription_id=self.contract.id)
        child = self.env["res.partner"].create({"name": "Ann", "parent_id": self.partner_a.id})
        with self.assertRaisesRegex(ValidationError, "choose the customer itself"):
            self._grant(10.0, partner_id=child.id)

    def test_given_in_the_form(self):
        form = Form(self.env["subscription.bonus"])
        form.partner_id = self.partner_a
        form.amount = 10.0
        form.reason = "Sorry"
        bonus = form.save()
        self.assertEqual((bonus.amount_left, bonus.wallet_id), (10.0, self.bonus_wallet))
        self.assertEqual(self.bonus_wallet.entry_ids.description, "Bonus: Sorry")
        with Form(self.bonus_wallet) as wallet:
            self.assertEqual(wallet.balance, 10.0)
