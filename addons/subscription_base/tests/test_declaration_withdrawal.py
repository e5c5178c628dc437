from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import shows
from .declaration_common import NOW, DeclarationCommon


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestDeclarationWithdrawal(DeclarationCommon):
    """In time a withdrawal takes effect at once; afterwards it is filed for a person."""

    def _conclude(self, day):
        with freeze_time(f"{day} 08:00:00"):
            return self._create_subscription(
                date_start=day, partner_id=self.erika.id, date_instructed=day
            )

    def _withdraw(self, subscription, **values):
        return self._receive(
            kind="withdrawal", termination_kind=False, contract=subscription.name, **values
        )

    @shows("LAW-15")
    def test_in_time_it_takes_effect_at_once(self):
        subscription = self._conclude("2026-11-13")
        declaration = self._withdraw(subscription)
        self.assertEqual((declaration.state, declaration.outcome), ("done", "revoked"))
        self.assertEqual(subscription.termination_kind, "withdrawal")
        withdrawal = subscription.withdrawal_ids
        self.assertEqual((withdrawal.channel, withdrawal.declared_by), ("page", "Erika Mustermann"))
        self.assertEqual(withdrawal.received_at, declaration.received_at)
        self.assertIn("I withdraw from the contract named below.", withdrawal.content)
        self.assertTrue(withdrawal.confirmed_on)
        body = self._get_mails(declaration).body_html
        self.assertIn("You have withdrawn from your contract", body)
        self.assertIn("14:03:05", body)

    @shows("LAW-15")
    def test_after_the_period_it_is_filed_and_confirmed(self):
        subscription = self._conclude("2026-11-12")
        declaration = self._withdraw(subscription)
        self.assertEqual(
            (declaration.state, declaration.subscription_id), ("matched", subscription)
        )
        self.assertIn("withdrawal period", declaration.problem)
        self.assertEqual(subscription.state, "active")
        self.assertIn("14:03:05", self._get_mails(declaration).body_html)
        self.assertTrue(declaration.activity_ids)
        with self.assertRaisesRegex(UserError, "withdrawal period"):
            declaration.action_carry_out()
        declaration.action_accept_late()
        self.assertEqual(declaration.outcome, "revoked")
        self.assertTrue(subscription.withdrawal_ids.is_late)

    def test_a_stranger_does_not_withdraw(self):
        subscription = self._conclude("2026-11-13")
        declaration = self._withdraw(subscription, declarant="Mallory", email="m@example.com")
        self.assertEqual(declaration.state, "new")
        self.assertEqual(subscription.state, "active")
