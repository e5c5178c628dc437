from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.subscription_base.tests.common import shows

from .prepaid_common import PrepaidCommon


@tagged("post_install", "post_install_l10n", "-at_install")
class TestRefund(PrepaidCommon):
    """What is left of a balance is the customer's. A German company."""

    @classmethod
    @AccountTestInvoicingCommon.setup_country("de")
    def setUpClass(cls):
        super().setUpClass()
        shares = cls.vat.invoice_repartition_line_ids | cls.vat.refund_repartition_line_ids
        shares.filtered(
            lambda share: share.repartition_type == "tax"
        ).account_id = cls.company_data["default_account_tax_sale"]
        cls.company.account_sale_tax_id = cls.vat

    def _expire(self):
        self._run_cron("2026-03-28 06:00:00")
        self.wallet.invalidate_recordset()

    def _write_off(self, reason="No answer to three letters", day="2030-01-01"):
        with freeze_time(f"{day} 09:00:00"):
            self.wallet.invalidate_recordset()
            wizard = Form(
                self.env["subscription.write.off.wizard"].with_context(
                    default_wallet_id=self.wallet.id
                )
            )
            wizard.reason = reason
            action = wizard.save().action_write_off()
        return self.env["account.move"].browse(action["res_id"])

    @shows("LAW-43")
    def test_when_the_last_contract_ends_the_balance_is_proposed_to_be_paid_back(self):
        first, second = self._sell("2026-02-28"), self._sell("2026-03-10")
        self._top_up(14.3)
        self._expire()
        self.assertEqual((first.state, second.state), ("closed", "active"))
        self.assertFalse(self.wallet.refund_proposal_id, "one contract goes on")
        self._run_cron("2026-04-10 06:00:00")
        self.wallet.invalidate_recordset()
        self.assertEqual(second.state, "closed")
        proposal = self.wallet.refund_proposal_id
        self.assertEqual((proposal.state, proposal.amount), ("draft", 14.3))
        self.assertEqual((proposal.payment_type, proposal.partner_id), ("outbound", self.partner_a))
        self.assertIn("Pay out the balance of partner_a", self.wallet.activity_ids.summary)
        self.assertEqual(self.wallet.balance, 14.3, "nothing is paid before somebody says so")
        proposal.action_post()
        self.wallet.invalidate_recordset()
        self.assertEqual((self.wallet.balance, len(proposal.move_id.line_ids)), (0.0, 2))

    def test_it_is_proposed_once_and_not_for_nothing(self):
        self._sell("2026-02-28")
        self._expire()
        self.assertFalse(self.wallet.refund_proposal_id)
        self._top_up(14.3)
        self.assertEqual(len(self.wallet._propose_refund()), 1)
        self.assertFalse(self.wallet._propose_refund())

    def _book(self, *sides):
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-03-10",
                "line_ids": [
                    Command.create(
                        {
                            "name": "Pay-out",
                            "partner_id": self.partner_a.id,
                            "account_id": account.id,
                            "balance": balance,
                            "tax_ids": [Command.clear()],
                            **values,
                        }
                    )
                    for account, balance, values in sides
                ],
            }
        )
        move.action_post()
        return move

    @shows("LAW-43")
    def test_a_fee_for_paying_back_is_refused(self):
        """By an entry, and as the rest of a payment that is written off."""
        self._top_up(14.3)
        income = self.company_data["default_account_revenue"]
        bank = self.company_data["default_journal_bank"].default_account_id
        fee = self._create_service("Refund fee", 2.5)
        sides = [(self.account, 14.3, {}), (bank, -11.8, {})]
        with self.assertRaisesRegex(UserError, "paid back in full"), self.cr.savepoint():
            self._book(*sides, (income, -2.5, {"product_id": fee.id}))
        payment = {"payment_type": "outbound", "write_off_line_vals": []}
        payment["write_off_line_vals"] = [
            {"name": "Fee", "account_id": income.id, "amount_currency": -2.5, "balance": -2.5,
             "partner_id": self.partner_a.id, "currency_id": self.wallet.currency_id.id}
        ]  # fmt: skip
        with self.assertRaisesRegex(UserError, "paid back in full"), self.cr.savepoint():
            self._top_up(11.8, **payment)
        self.wallet.invalidate_recordset()
        self.assertEqual(self.wallet.balance, 14.3)
        self._book((self.account, 14.3, {}), (bank, -14.3, {}))
        self.wallet.invalidate_recordset()
        self.assertEqual(self.wallet.balance, 0.0)

    @shows("LAW-43")
    def test_a_balance_is_kept_after_the_limitation_only_and_bears_vat(self):
        self._top_up(11.9)
        self.assertEqual(str(self.wallet.date_limitation), "2029-12-31")
        with self.assertRaisesRegex(UserError, "claimed until 12/31/2029"):
            self._write_off(day="2029-12-31")
        receipt = self._write_off()
        self.assertEqual((receipt.move_type, receipt.state), ("out_receipt", "posted"))
        self.assertEqual((receipt.amount_untaxed, receipt.amount_tax), (10.0, 1.9))
        self.assertEqual(receipt.amount_residual, 0.0)
        income = receipt.line_ids.filtered(lambda line: line.account_type == "income")
        self.assertEqual(income.balance, -10.0)
        vat = receipt.line_ids.filtered("tax_line_id")
        self.assertEqual((vat.account_id, vat.balance),
                         (self.company_data["default_account_tax_sale"], -1.9))  # fmt: skip
        self.wallet.invalidate_recordset()
        self.assertEqual(self.wallet.balance, 0.0)
        self.assertIn("No answer to three letters", str(self.wallet.message_ids.mapped("body")))

    def test_it_is_kept_with_a_reason_and_once(self):
        self._top_up(11.9)
        with self.assertRaisesRegex(UserError, "say why"):
            self._write_off(reason=" ")
        self._write_off()
        with self.assertRaisesRegex(UserError, "nothing to keep|cannot be kept"):
            self._write_off(day="2034-01-01")

    def test_what_moves_begins_the_time_anew(self):
        self._top_up(11.9)
        with freeze_time("2027-02-01 09:00:00"):
            self._top_up(1.0, date="2027-02-01")
        self.wallet.invalidate_recordset()
        self.assertEqual(str(self.wallet.date_limitation), "2030-12-31")

    @shows("LAW-43")
    def test_money_that_was_paid_in_never_expires(self):
        """A bonus may expire; a balance, its entries and what was paid have no field for that."""
        money = ("subscription.wallet", "account.payment", "account.move.line")
        found = [
            (model, name)
            for model in money
            for name, field in self.env[model]._fields.items()
            if field.type in ("date", "datetime") and "expir" in name
        ]
        self.assertFalse(found)
