from datetime import date

from odoo.tests import freeze_time, tagged

from .common import shows
from .prepayment_common import PrepaymentCommon
from .test_action import ActionCommon


@tagged("post_install", "-at_install")
class TestReleaseActions(PrepaymentCommon, ActionCommon):
    """From the order to the entitlement and the action that provides it, by policy of the plan."""

    def _get_outcome(self, subscription, moment):
        """Whether the customer has access, and what was started, once all jobs have run."""
        with freeze_time(moment):
            self.env.cr.flush()
            self._run_actions()
            return self._has_access(subscription, moment[:10]), self._get_states(subscription)

    @shows("K3-28", "K3-29", "K3-08")
    def test_at_purchase_the_service_is_on_though_nothing_is_paid(self):
        self._create_action("activation", self.flat_plan)
        subscription, _proforma = self._start("2026-05-01 09:00:00", self.flat_plan)
        self.assertEqual(
            self._get_outcome(subscription, "2026-05-01 09:01:00"),
            (True, [("activation", "done")]),
        )
        with freeze_time("2026-05-01"):
            move = self._bill(subscription, "2026-05-01")
        self.assertEqual((move.payment_state, move.subscription_date_paid), ("not_paid", False))

    @shows("K3-28", "K3-30", "SM-31")
    def test_after_payment_the_service_is_on_with_the_money_in_the_same_run_of_the_job(self):
        for trigger in ("activation", "payment_received"):
            self._create_action(trigger, self.plan_prepaid)
        subscription, proforma = self._start("2026-05-01 09:00:00")
        self.assertEqual(self._get_outcome(subscription, "2026-05-01 09:01:00"), (False, []))
        self._transfer(proforma.name, proforma.amount_total, "2026-05-04")
        self._follow("2026-05-05 10:00:00")
        self.assertEqual(subscription.state, "active")
        has_access, states = self._get_outcome(subscription, "2026-05-05 10:01:00")
        self.assertTrue(has_access)
        self.assertCountEqual(states, [("activation", "done"), ("payment_received", "done")])
        self.assertEqual(set(subscription.charge_ids.mapped("date_paid")), {date(2026, 5, 4)})
        self._follow("2026-05-06 10:00:00")
        self.assertEqual(len(self._get_runs(subscription)), 2)
