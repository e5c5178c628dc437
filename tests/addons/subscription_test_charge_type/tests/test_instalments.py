from odoo.tests import freeze_time, tagged

from odoo.addons.subscription_base.tests.charge_type_contract import ChargeTypeContract
from odoo.addons.subscription_base.tests.common import SubscriptionCommon


class InstalmentsCommon(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.instalments = cls._create_plan(
            "Instalments", [{"product_id": cls.hosting.id, "charge_type": "instalments"}]
        )


@tagged("post_install", "-at_install")
class TestContract(ChargeTypeContract, SubscriptionCommon):
    charge_type = "instalments"

    def _prepare_components(self):
        return super()._prepare_components()[1:]


@tagged("post_install", "-at_install")
class TestInstalments(InstalmentsCommon):
    def test_two_contracts_have_instalments_of_their_own(self):
        """SM-16, SM-38: start 17 March, first instalment 30 days later, with its contract."""
        one = self._create_subscription(self.instalments, "2026-03-17")
        two = self._create_subscription(self.instalments, "2026-03-20")
        self.assertEqual(str(one.next_billing_date), "2026-04-16")
        self.assertEqual(str(two.next_billing_date), "2026-04-19")
        moves = self._bill(one + two, "2026-04-19")
        self.assertEqual(moves.mapped("amount_untaxed"), [30.0, 30.0])
        self.assertEqual(set(moves.mapped("invoice_origin")), {one.name, two.name})
        self.assertEqual(str(one.charge_ids.due_date), "2026-04-16")

    def test_six_instalments_end_the_subscription(self):
        """SM-25: after the sixth instalment the service is terminated."""
        with freeze_time("2026-03-17"):
            subscription = self._create_subscription(self.instalments, "2026-03-17")
        for day in ("04-16", "05-16", "06-15", "07-15", "08-14"):
            self._run_cron(f"2026-{day} 10:00:00")
            self.assertFalse(subscription.date_end)
        self._run_cron("2026-09-13 10:00:00")
        self.assertEqual(len(subscription.charge_ids), 6)
        self.assertEqual(sum(subscription.charge_ids.mapped("amount")), 180.0)
        self.assertEqual(str(subscription.date_end), "2026-09-12")
        self.assertEqual(subscription.state, "closed")
        closed = subscription.event_ids.filtered(lambda event: event.event_type == "closed")
        self.assertTrue(closed.user_id._is_superuser())
        self.assertEqual(closed.description, "Rule: Instalments (Hosting)")
        self._run_cron("2026-12-31 10:00:00")
        self.assertEqual(len(subscription.charge_ids), 6, "no later instalments")

    def test_the_scheduler_comes_at_the_moment_that_the_type_has_set(self):
        """SM-18: next run 17 April, 10:00; the scheduler calls it then."""
        cron = self.env.ref("subscription_base.ir_cron_billing")
        with freeze_time("2026-03-18 08:00:00"):
            subscription = self._create_subscription(self.instalments, "2026-03-18")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertIn("2026-04-17 10:00:00", [str(at) for at in triggers.mapped("call_at")])
        self.assertEqual(str(subscription.next_run_at), "2026-04-17 10:00:00")
        self._run_cron("2026-04-16 10:00:00")
        self._run_cron("2026-04-17 09:59:00")
        self.assertFalse(subscription.charge_ids)
        self._run_cron("2026-04-17 10:00:00")
        self.assertEqual(len(subscription.charge_ids), 1)
        self.assertEqual(str(subscription.next_run_at), "2026-05-17 10:00:00")

    @freeze_time("2026-03-17")
    def test_the_type_knows_when_the_subscription_may_end(self):
        subscription = self._create_subscription(self.instalments, "2026-03-17")
        day = subscription.get_next_termination_date(subscription.date_start)
        self.assertEqual(str(day), "2026-09-12")
        self.assertEqual(str(subscription.date_term_end), "2026-09-12")

    def test_the_service_begins_with_the_deposit_and_rests_after_a_return(self):
        """SM-23, SM-24: the component allows the service, and interrupts it."""
        with freeze_time("2026-03-17"):
            subscription = self._create_subscription(self.instalments, "2026-03-17", start=False)
            subscription.line_ids.has_deposit = False
            subscription.action_start()
        self.assertEqual((subscription.state, subscription.waiting_for), ("pending", "component"))
        subscription.line_ids.has_deposit = True
        self._run_cron("2026-03-18 10:00:00")
        self.assertEqual((subscription.state, subscription.waiting_for), ("active", False))
        subscription.line_ids.is_returned = True
        self._run_cron("2026-03-20 10:00:00")
        self.assertEqual(subscription.state, "suspended")
        self.assertEqual(
            subscription.pause_ids.reason, "Instalments (Hosting): an instalment was returned"
        )
        subscription.line_ids.is_returned = False
        self._run_cron("2026-03-22 10:00:00")
        self.assertEqual(subscription.state, "active")
