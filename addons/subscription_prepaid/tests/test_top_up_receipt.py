from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import WalletCommon

LOGGER = "odoo.addons.subscription_prepaid.models.subscription_top_up_receipt"


@tagged("post_install", "-at_install")
class TestTopUpReceipt(WalletCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("de_DE")
        cls.partner_a.write({"email": "erika@example.com", "lang": "de_DE"})

    def _send(self):
        with self._commits_flush():
            self.env["account.move"].sudo()._cron_send_top_up_receipts()

    def _get_mails(self):
        return self.env["mail.mail"].sudo().search([("model", "=", "subscription.wallet.entry")])

    def _get_files(self, record):
        return (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", record._name), ("res_id", "=", record.id)])
        )

    def test_sent_once_with_the_receipt_which_stays_with_the_payment(self):
        payment = self._top_up(50.0)
        self.assertEqual(payment.move_id.subscription_receipt, "due")
        for _time in range(2):
            self._send()
        mail = self._get_mails()
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.recipient_ids, self.partner_a)
        self.assertIn("50", mail.subject)
        self.assertEqual(payment.move_id.subscription_receipt, "sent")
        files = self._get_files(payment)
        self.assertEqual(len(files), 1)
        self.assertIn(files, mail.attachment_ids)

    def test_it_states_amount_reference_and_balance_and_no_tax(self):
        self._top_up(14.3)
        payment = self._top_up(50.0)
        entry = payment.move_id._get_top_up()
        report = self.env["ir.actions.report"].sudo()
        html = str(
            report.with_context(lang="en_US")._render_qweb_html(
                "subscription_prepaid.report_top_up_receipt", entry.ids
            )[0]
        )
        self.assertIn(payment.move_id.name, html)
        self.assertIn(self.wallet.name, html)
        self.assertEqual((entry.amount, entry.running_balance), (50.0, 64.3))
        for amount in ("50", "64"):
            self.assertIn(amount, html)
        self.assertNotIn("o_tax_totals", html)
        self.company.external_report_layout_id = self.env.ref("web.external_layout_standard")
        action = payment.action_print_top_up_receipt()
        self.assertEqual(action["report_name"], "subscription_prepaid.report_top_up_receipt")

    def test_a_transfer_gets_one_too(self):
        journal = self.company_data["default_journal_bank"]
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": journal.id,
                "date": "2026-03-10",
                "payment_ref": f"Top-up {self.wallet.name}",
                "amount": 20.0,
            }
        )
        self.env["account.bank.statement.line"]._cron_match_wallets()
        self._send()
        self.assertEqual(self.wallet.balance, 20.0)
        self.assertEqual(len(self._get_mails()), 1)
        self.assertTrue(self._get_files(line.move_id))

    def test_no_address_no_mail_but_the_receipt_is_there(self):
        self.partner_a.email = False
        payment = self._top_up(50.0)
        self._send()
        self.assertFalse(self._get_mails())
        self.assertEqual(payment.move_id.subscription_receipt, "made")
        self.assertTrue(self._get_files(payment))

    def test_where_they_are_switched_off_and_for_payouts_there_is_none(self):
        self.company.subscription_top_up_receipts = False
        self._top_up(50.0)
        self.company.subscription_top_up_receipts = True
        payout = self._top_up(20.0, payment_type="outbound")
        self._send()
        self.assertFalse(self._get_mails())
        with self.assertRaisesRegex(UserError, "has not come into a balance"):
            payout.action_print_top_up_receipt()

    def test_one_that_fails_stops_no_other_and_is_left_to_a_person(self):
        first, second = self._top_up(10.0), self._top_up(20.0)
        original = type(first.move_id)._attach_top_up_receipt

        def fail(move, entry):
            if move == first.move_id:
                raise ValueError("no paper")
            return original(move, entry)

        with (
            patch.object(type(first.move_id), "_attach_top_up_receipt", fail),
            mute_logger(LOGGER),
        ):
            self._send()
        self.assertEqual(second.move_id.subscription_receipt, "sent")
        self.assertFalse(first.move_id.subscription_receipt)
        self.assertIn("no paper", str(self.wallet.activity_ids.note))
