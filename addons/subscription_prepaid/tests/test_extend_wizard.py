from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestExtendWizard(PrepaidCommon):
    """Today is 10 March 2026; the contract expires on 28 March."""

    def _open(self, subscription):
        action = subscription.action_open_extend_wizard()
        return Form(self.env[action["res_model"]].browse(action["res_id"]))

    def test_a_package_is_chosen_after_its_price_was_shown(self):
        subscription = self._sell()
        self._top_up(200.0)
        form = self._open(subscription)
        self.assertEqual((str(form.date_expiry), form.amount_total), ("2026-03-28", 0.0))
        form.package_id = self._package(90)
        self.assertEqual((str(form.date_to), form.amount_total), ("2026-06-26", 101.75))
        self.assertEqual((form.wallet_balance, form.amount_missing), (200.0, 0.0))
        form.save().action_extend()
        self.assertEqual(str(subscription.date_expiry), "2026-06-26")
        self.assertEqual(self.wallet.balance, 98.25)

    def test_it_says_what_the_balance_lacks(self):
        subscription = self._sell()
        self._top_up(100.0)
        form = self._open(subscription)
        form.package_id = self._package(90)
        self.assertEqual(form.amount_missing, 1.75)
        with self.assertRaisesRegex(UserError, "not enough"):
            form.save().action_extend()

    def test_it_does_not_open_for_what_cannot_be_extended(self):
        draft = self._create_subscription(self.prepaid, "2026-03-10", start=False)
        with self.assertRaisesRegex(UserError, "does not run"):
            draft.action_open_extend_wizard()
