import runpy
from pathlib import Path

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import TODAY, WalletCommon

MIGRATION = Path(__file__).parents[1] / "migrations/19.0.1.2.0/post-name_balances.py"


@tagged("post_install", "-at_install")
class TestWalletKind(WalletCommon):
    """Each kind of balances has its account, and each item on it says of which balance it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second = (cls._create_subscription(date_start=TODAY) for _number in range(2))
        cls.service = cls._get_wallet(kind="service", subscription=cls.first)
        cls.other = cls._get_wallet(kind="service", subscription=cls.second)
        cls.deposit = cls._get_wallet(kind="deposit")

    def _book(self, account, amount, partner=None, **values):
        sides = [
            (self.company_data["default_account_revenue"], amount, {}),
            (account, -amount, values),
        ]
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": TODAY,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": side.id,
                            "partner_id": (partner or self.partner_a).id,
                            "balance": balance,
                            "name": "By hand",
                            **more,
                        }
                    )
                    for side, balance, more in sides
                ],
            }
        )
        move.action_post()
        return move

    def test_a_payment_is_booked_on_the_account_of_its_kind_and_names_the_balance(self):
        for wallet, name in (
            (self.wallet, "subscription_credit_account_id"),
            (self.service, "subscription_service_account_id"),
            (self.deposit, "subscription_deposit_account_id"),
        ):
            payment = self._top_up(20.0, wallet)
            credit = payment.move_id.line_ids.filtered("credit")
            self.assertEqual(credit.account_id, self.company[name])
            self.assertEqual(credit.subscription_wallet_id, wallet)
            self.assertFalse((payment.move_id.line_ids - credit).subscription_wallet_id)
            self.assertEqual(wallet.balance, 20.0)
            self.assertEqual(wallet.entry_ids.move_line_id, credit)

    def test_several_balances_of_a_customer_on_one_account_are_kept_apart(self):
        self._top_up(20.0, self.service)
        self._top_up(5.0, self.other)
        self.assertEqual((self.service.balance, self.other.balance), (20.0, 5.0))
        with self.assertRaisesRegex(UserError, "the balance is"):
            self._top_up(5.01, self.other, payment_type="outbound")
        self._top_up(5.0, self.other, payment_type="outbound")
        self.assertEqual((self.service.balance, self.other.balance), (20.0, 0.0))
        paid_out = self.other.entry_ids.move_line_id
        paid_out.remove_move_reconcile()
        with self.assertRaisesRegex(UserError, "several balances"):
            (paid_out + self.service.entry_ids.move_line_id).reconcile()
        paid_out.reconcile()

    def test_a_payment_that_is_given_another_balance_moves_to_its_account(self):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner_a.id,
                "amount": 20.0,
                "date": TODAY,
                "subscription_wallet_id": self.service.id,
            }
        )
        payment.subscription_wallet_id = self.other
        payment.action_post()
        self.assertEqual((self.service.balance, self.other.balance), (0.0, 20.0))
        payment.action_draft()
        payment.subscription_wallet_id = self.deposit
        payment.action_post()
        self.assertEqual((self.other.balance, self.deposit.balance), (0.0, 20.0))

    def test_an_item_that_names_no_balance_is_refused(self):
        for account in (self.service.account_id, self.deposit.account_id):
            with self.assertRaisesRegex(ValidationError, "name the balance"):
                self._book(account, 10.0)
        self._book(self.service.account_id, 10.0, subscription_wallet_id=self.service.id)
        self.assertEqual(self.service.balance, 10.0)

    def test_an_item_that_names_somebody_elses_balance_is_refused(self):
        for values in (
            {"account": self.deposit.account_id, "subscription_wallet_id": self.service.id},
            {
                "account": self.service.account_id,
                "subscription_wallet_id": self.service.id,
                "partner": self.partner_b,
            },
        ):
            with self.assertRaisesRegex(ValidationError, "must be those of the balance"):
                self._book(amount=10.0, **values)

    def test_a_reversal_is_of_the_same_balance(self):
        payment = self._top_up(20.0, self.service)
        reversal = payment.move_id._reverse_moves([{"date": payment.date}])
        reversal.action_post()
        self.assertEqual(self.service.balance, 0.0)
        self.assertEqual(len(self.service.entry_ids), 2)

    def test_a_posted_item_cannot_leave_its_balance(self):
        item = self._top_up(20.0, self.service).move_id.line_ids.filtered("credit")
        with (
            self.assertRaisesRegex(ValidationError, "name the balance"),
            self.env.cr.savepoint(),
        ):
            item.subscription_wallet_id = False

    def test_a_transfer_that_names_it_is_booked_into_it(self):
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": TODAY,
                "payment_ref": self.service.name,
                "amount": 20.0,
            }
        )
        line._cron_match_wallets()
        self.assertEqual(line.is_reconciled, True)
        self.assertEqual(self.service.balance, 20.0)

    def test_service_credit_is_for_a_contract_of_its_customer(self):
        Wallet = self.env["subscription.wallet"].sudo()
        owner = {"partner_id": self.partner_a.id, "kind": "service"}
        with self.assertRaisesRegex(ValidationError, "choose the subscription"):
            Wallet.create(owner)
        with self.assertRaisesRegex(ValidationError, "is not invoiced to"):
            Wallet.create(
                owner | {"partner_id": self.partner_b.id, "subscription_id": self.first.id}
            )
        with self.assertRaisesRegex(ValidationError, "belong to one subscription"):
            Wallet.create(owner | {"kind": "bonus", "subscription_id": self.first.id})

    def test_what_a_balance_is_stays_once_it_is_in_the_books(self):
        self.service.sudo().subscription_id = self._create_subscription(date_start=TODAY)
        self._top_up(20.0, self.service)
        with self.assertRaisesRegex(UserError, "stays there"):
            self.service.sudo().subscription_id = self.first

    def test_bonus_credit_is_no_money(self):
        bonus = self._get_wallet(kind="bonus")
        self.assertFalse(bonus.account_id)
        with self.assertRaisesRegex(ValidationError, "nobody pays it in"):
            self._top_up(10.0, bonus)

    def test_only_what_pays_for_invoices_is_the_balance_of_a_customer(self):
        self._top_up(1.0)
        self._top_up(2.0, self.service)
        self._top_up(4.0, self.deposit)
        self.assertEqual(self.partner_a.subscription_balance, 3.0)

    def test_what_was_booked_before_there_were_kinds_names_its_balance(self):
        self._top_up(20.0)
        items = self.wallet.entry_ids.move_line_id
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET subscription_wallet_id = NULL WHERE id = ANY(%s)",
            [items.ids],
        )
        self.env.invalidate_all()
        self.assertEqual(self.wallet.balance, 0.0)
        runpy.run_path(MIGRATION)["migrate"](self.env.cr, "19.0.1.1.0")
        self.assertEqual(self.wallet.balance, 20.0)

    def test_made_by_hand(self):
        form = Form(self.env["subscription.wallet"].sudo())
        form.kind = "deposit"
        form.partner_id = self.partner_b
        form.subscription_id = self.env["subscription.subscription"]
        self.assertEqual(form.save().kind, "deposit")
