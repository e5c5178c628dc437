from collections import defaultdict

from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user

from odoo.addons.subscription_base.tests.common import SubscriptionCommon

TODAY = "2026-03-10"


class TieOutCase:
    """After each test the balances must agree with the books."""

    def tearDown(self):
        self._check_tie_out()
        super().tearDown()

    def _check_tie_out(self):
        """Each balance is what is open on the account, and their sum is what is booked there."""
        Wallet = self.env["subscription.wallet"].sudo()
        Wallet.invalidate_model()
        wallets, sums = Wallet.search([]), defaultdict(float)
        for wallet in wallets:
            rows = wallet.entry_ids
            self.assertEqual(wallet.difference, 0.0, wallet.display_name)
            self.assertAlmostEqual(sum(rows.mapped("amount")), wallet.balance, 2)
            self.assertAlmostEqual(sum(rows.mapped("open_amount")), wallet.balance, 2)
            sums[wallet.account_id, wallet.currency_id] += wallet.balance
        booked = self.env["account.move.line"]._read_group(
            [
                ("account_id", "in", self.company._get_wallet_accounts().ids),
                ("parent_state", "=", "posted"),
            ],
            ["account_id", "currency_id"],
            ["amount_currency:sum"],
        )
        for account, currency, amount in booked:
            self.assertAlmostEqual(sums[account, currency], -amount, 2, currency.name)


class WalletCommon(TieOutCase, SubscriptionCommon):
    """A customer who pays in advance."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.frozen = freeze_time(f"{TODAY} 09:00:00")
        cls.frozen.start()
        cls.addClassCleanup(cls.frozen.stop)
        cls.company._ensure_wallet_accounts()
        cls.account = cls.company.subscription_credit_account_id
        cls.wallet = cls._get_wallet()

    @classmethod
    def _create_portal_user(cls, login):
        return new_test_user(
            cls.env,
            login,
            "base.group_portal",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _get_wallet(cls, partner=None, currency=None, **kind):
        wallets = cls.env["subscription.wallet"]
        wallet = wallets._get(
            partner or cls.partner_a, cls.company, currency or cls.company.currency_id, **kind
        )
        return wallet.with_env(cls.env)

    def _top_up(self, amount, wallet=None, **values):
        """A payment of the customer into the balance."""
        wallet = wallet or self.wallet
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": wallet.partner_id.id,
                "amount": amount,
                "currency_id": wallet.currency_id.id,
                "date": TODAY,
                "memo": "Top-up",
                "subscription_wallet_id": wallet.id,
                **values,
            }
        )
        payment.action_post()
        return payment

    def _invoice(self, amount, partner=None, **values):
        """A posted invoice of ``amount``, without taxes unless said otherwise."""
        return self.init_invoice(
            "out_invoice",
            partner=partner or self.partner_a,
            invoice_date=TODAY,
            amounts=[amount],
            post=True,
            **values,
        )
