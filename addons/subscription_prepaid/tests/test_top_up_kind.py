from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import TODAY
from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestTopUpKind(PrepaidCommon, AccountPaymentCommon):
    """A company that takes advances only takes no untaxed money into balances (LAW-42)."""

    def _switch(self):
        self.company.subscription_top_up_kind = "dedicated"

    def _get_open(self):
        items = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.partner_a.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        return items.mapped("amount_residual")

    def test_people_cannot_top_up(self):
        for wallet in (
            self.wallet,
            self._get_wallet(kind="service", subscription=self._sell("2026-03-10")),
        ):
            self.company.subscription_top_up_kind = "general"
            self.assertEqual(wallet.action_top_up()["context"]["default_payment_type"], "inbound")
            self._switch()
            self.assertFalse(wallet.can_be_topped_up)
            with self.assertRaisesRegex(UserError, "advance payments for contracts only"):
                wallet.action_top_up()
            with self.assertRaisesRegex(UserError, "advance payments for contracts only"):
                self._top_up(50.0, wallet)
        self.assertTrue(self._get_wallet(kind="deposit").can_be_topped_up)

    def test_what_is_there_can_be_used_and_paid_out(self):
        self._top_up(50.0)
        self._switch()
        self.wallet._settle(self._invoice(30.0))
        self._top_up(20.0, payment_type="outbound")
        self.assertEqual(self.wallet.balance, 0.0)

    def test_a_transfer_that_names_the_balance_is_left_to_a_person(self):
        self._switch()
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.company_data["default_journal_bank"].id,
                "date": TODAY,
                "payment_ref": f"for {self.wallet.name}",
                "amount": 50.0,
            }
        )
        for _time in range(2):
            self.env["account.bank.statement.line"]._cron_match_wallets()
        self.assertEqual((self.wallet.balance, self._get_open()), (0.0, [-50.0]))
        self.assertEqual(line.partner_id, self.partner_a)
        self.assertEqual(len(self.wallet.activity_ids), 1)
        self.assertIn("50.00", self.wallet.activity_ids.summary)
        self.assertFalse(line.move_id.subscription_receipt)

    def test_automatic_top_ups_end(self):
        token = self._create_token(partner_id=self.partner_a.id)
        terms = {"threshold": 10.0, "amount": 20.0}
        agree = self.env["subscription.recharge"]._agree
        agreement = agree(self.wallet, self.partner_a, token, **terms)
        self._switch()
        self.assertEqual(agreement.state, "ended")
        self.assertIn("Advance payments", agreement.end_reason)
        self.assertIn("Advance payments", self.wallet.message_ids[0].body)
        with self.assertRaisesRegex(UserError, "advance payments for contracts only"):
            agree(self.wallet, self.partner_a, token, **terms)

    def test_what_was_being_paid_online_meanwhile_is_left_to_a_person(self):
        transaction = self._create_transaction(
            "direct",
            reference="under way",
            amount=50.0,
            currency_id=self.wallet.currency_id.id,
            partner_id=self.partner_a.id,
            subscription_wallet_id=self.wallet.id,
        )
        self._switch()
        transaction._set_done()
        with mute_logger("odoo.addons.payment.models.payment_transaction"):
            transaction._post_process()
        self.assertEqual((self.wallet.balance, self._get_open()), (0.0, [-50.0]))
        self.assertIn("50.00", self.wallet.activity_ids.summary)
