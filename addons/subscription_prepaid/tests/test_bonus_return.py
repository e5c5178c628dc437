from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .bonus_common import BonusCommon


@tagged("post_install", "-at_install")
class TestBonusReturn(BonusCommon):
    """The bonus of what is credited goes back as bonus, never as money."""

    def test_the_bonus_of_a_draft_that_is_deleted_is_there_again(self):
        bonus = self._grant(10.0)
        draft = self._draft((30.0, self.vat))
        draft._use_bonus()
        self.assertEqual(bonus.amount_left, 0.0)
        draft.unlink()
        self.assertEqual(bonus.amount_left, 10.0)
        self.assertEqual(bonus.entry_ids.mapped("amount"), [10.0, -10.0, 10.0])

    def test_the_bonus_of_a_line_that_is_deleted_is_there_again(self):
        bonus = self._grant(10.0)
        draft = self._draft((30.0, self.vat))
        draft._use_bonus()
        draft.invoice_line_ids.filtered("is_subscription_bonus").unlink()
        self.assertEqual((draft.amount_total, bonus.amount_left), (35.7, 10.0))
        draft.action_post()

    def test_a_draft_that_is_cancelled_gives_it_back_until_it_is_posted_after_all(self):
        bonus = self._grant(10.0)
        draft = self._draft((30.0, self.vat))
        draft._use_bonus()
        draft.button_cancel()
        self.assertEqual(bonus.amount_left, 10.0)
        draft.button_draft()
        draft.action_post()
        self.assertEqual((draft.amount_total, bonus.amount_left), (25.7, 0.0))

    def test_a_bonus_line_that_was_changed_is_not_posted(self):
        self._grant(10.0)
        draft = self._draft((30.0, self.vat))
        draft._use_bonus()
        line = draft.invoice_line_ids.filtered("is_subscription_bonus")
        draft.write({"invoice_line_ids": [Command.update(line.id, {"price_unit": 20.0})]})
        with self.assertRaisesRegex(ValidationError, "Delete the bonus lines"):
            draft.action_post()

    def test_an_invoice_that_replaces_another_uses_the_bonus_anew(self):
        bonus = self._grant(10.0)
        invoice = self._run_today()
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        action = wizard.create({"journal_id": invoice.journal_id.id}).modify_moves()
        again = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(bonus.amount_left, 10.0)
        again.action_post()
        self.assertEqual((again.amount_total, bonus.amount_left), (25.7, 0.0))
        credit = self._reverse(again)
        credit.action_post()
        self.assertEqual((credit.amount_total, bonus.amount_left), (25.7, 10.0))

    def test_a_copy_of_an_invoice_has_no_bonus_behind_it(self):
        self._grant(10.0)
        copy = self._run_today().copy({"invoice_date": "2026-03-10"})
        with (
            self.assertRaisesRegex(ValidationError, "Delete the bonus lines"),
            self.env.cr.savepoint(),
        ):
            copy.action_post()
        copy.invoice_line_ids.filtered("is_subscription_bonus").unlink()
        copy.action_post()
        self.assertEqual(copy.amount_total, 35.7)

    def test_all_of_it_is_credited(self):
        bonus = self._grant(10.0)
        invoice = self._run_today()
        credit = self._reverse(invoice)
        credit.action_post()
        self.assertEqual(credit.amount_total, 25.7, "what was paid")
        self.assertEqual(bonus.amount_left, 10.0)
        back = bonus.entry_ids.sorted("id")[-1:]
        self.assertEqual((back.kind, back.amount), ("taken_back", 10.0))
        self.assertEqual((back.move_id, back.credit_move_id), (invoice, credit))

    def test_half_of_it_is_credited_in_money_and_half_in_bonus(self):
        bonus = self._grant(10.0)
        credit = self._reverse(self._run_today(), price_unit=15.0)
        credit.action_post()
        self.assertEqual((credit.amount_total, bonus.amount_left), (12.85, 5.0))
        again = self._reverse(credit.reversed_entry_id, price_unit=15.0)
        again.action_post()
        self.assertEqual((again.amount_total, bonus.amount_left), (12.85, 10.0))

    def test_leaving_the_bonus_line_out_pays_no_bonus_out(self):
        bonus = self._grant(10.0)
        credit = self._reverse(self._run_today())
        credit.invoice_line_ids.filtered("is_subscription_bonus").unlink()
        self.assertEqual(credit.amount_total, 35.7)
        credit.action_post()
        self.assertEqual((credit.amount_total, bonus.amount_left), (25.7, 10.0))

    def test_days_that_billing_credits(self):
        bonus = self._grant(10.0)
        invoice = self._run_today()
        self._pay_by_bank(invoice)
        self.contract.bonus_at_end = "keep"
        self.contract._close("2026-03-25")
        credit = self._run_today("2026-03-26") - invoice
        self.assertEqual(credit.move_type, "out_refund")
        charged = credit._get_charged_lines()
        share = sum(charged.mapped("price_total")) / 35.7
        self.assertAlmostEqual(bonus.amount_left, 10.0 * share, 1)
        self.assertAlmostEqual(
            credit.amount_total, sum(charged.mapped("price_total")) - bonus.amount_left, 2
        )
        self.assertEqual(bonus.entry_ids.credit_move_id, credit)

    def test_a_credit_note_that_is_taken_back_takes_the_bonus_back(self):
        bonus = self._grant(10.0)
        credit = self._reverse(self._run_today())
        credit.action_post()
        credit.button_draft()
        self.assertEqual(bonus.amount_left, 0.0)
        credit.action_post()
        self.assertEqual(bonus.amount_left, 10.0)
        bonus.action_take_back()
        with self.assertRaisesRegex(ValidationError, "are not there any more"):
            credit.button_draft()
