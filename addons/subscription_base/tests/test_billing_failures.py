from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import SubscriptionCommon

RUN_LOGGER = "odoo.addons.subscription_base.models.subscription_billing_steps"


@tagged("post_install", "-at_install")
class TestBillingFailures(SubscriptionCommon):
    """One bad subscription stops nobody else's billing."""

    def _make_bad(self, subscription):
        """Let Odoo refuse the invoice of ``subscription``, until ``self.bad`` is emptied."""
        self.bad = subscription
        Subscription = type(subscription)
        prepare = Subscription._prepare_invoice_values

        def refuse(record, charges, invoice_date):
            if record in self.bad:
                raise RuntimeError("The income account of Bad is missing.")
            return prepare(record, charges, invoice_date)

        self.patch(Subscription, "_prepare_invoice_values", refuse)

    @mute_logger(RUN_LOGGER)
    def test_the_bad_one_is_marked_and_the_others_are_billed(self):
        subscriptions = self.env["subscription.subscription"]
        for _number in range(7):
            subscriptions += self._create_subscription()
        bad = subscriptions[3]
        self._make_bad(bad)
        run = self._create_run("2026-01-01")
        self.assertTrue(self._process_run(run))
        self.assertEqual((subscriptions - bad).mapped("invoice_count"), [1] * 6)
        self.assertEqual(run.failed_count, 1)
        self.assertEqual(run.state, "done")
        self.assertFalse(bad.charge_ids)
        self.assertEqual(bad.billing_error, "The income account of Bad is missing.")
        self.assertEqual(len(bad.activity_ids), 1)
        self.assertEqual(bad.activity_ids.user_id, bad.user_id)
        found = self.env["subscription.subscription"].search([("billing_error", "!=", False)])
        self.assertEqual(found, bad)

    @mute_logger(RUN_LOGGER)
    def test_a_later_run_tries_again_without_a_second_activity(self):
        bad = self._create_subscription()
        self._make_bad(bad)
        self._process_run(self._create_run("2026-01-01"))
        self._process_run(self._create_run("2026-01-02"))
        self.assertEqual(len(bad.activity_ids), 1)
        self.assertEqual(len(bad.event_ids.filtered("run_id")), 2)
        self.bad = self.bad.browse()
        self._process_run(self._create_run("2026-01-03"))
        self.assertEqual(bad.charge_ids.invoice_state, "posted")
        self.assertFalse(bad.billing_error)

    def test_a_run_takes_all_four_steps(self):
        self.flat_plan.invoice_policy = "send"
        subscription = self._create_subscription()
        run = self._create_run("2026-01-01")
        self._process_run(run)
        move = subscription._get_invoices()
        self.assertEqual(move.state, "posted")
        self.assertTrue(move.is_being_sent)
        self.assertEqual((run.invoice_count, run.posted_count, run.charge_count), (1, 1, 1))
        self.assertEqual(run.progress, 100.0)

    def test_a_second_run_finds_nothing(self):
        subscription = self._create_subscription()
        self._process_run(self._create_run("2026-01-01"))
        again = self._create_run("2026-01-01")
        self._process_run(again)
        self.assertEqual(again.due_count, 0)
        self.assertEqual(len(subscription.charge_ids), 1)

    def test_states_follow_the_calendar_though_nothing_is_due(self):
        ending = self._create_subscription()
        self._process_run(self._create_run("2026-01-01"))
        ending.sudo().date_end = "2026-01-31"
        arrears = self._create_plan(
            "Afterwards", [{"product_id": self.hosting.id, "timing": "arrears"}]
        )
        with freeze_time("2026-01-01"):
            coming = self._create_subscription(arrears, "2026-02-01")
        self._process_run(self._create_run("2026-01-31"))
        self.assertEqual((ending.state, coming.state), ("active", "pending"))
        self._process_run(self._create_run("2026-02-01"))
        self.assertEqual((ending.state, coming.state), ("closed", "active"))
        self.assertEqual(ending.recurring_monthly, 0.0)
        self.assertEqual(sum(ending.event_ids.mapped("recurring_delta")), 0.0)

    def test_a_begun_run_stays_as_evidence(self):
        run = self._create_run("2026-01-01")
        self._process_run(run)
        with self.assertRaises(UserError):
            run.unlink()
        self._create_run("2026-01-01").unlink()

    def test_a_run_bills_its_own_company_only(self):
        other = self.setup_other_company()["company"]
        subscription = self._create_subscription()
        run = self.env["subscription.billing.run"].create(
            {"company_id": other.id, "date": "2026-01-01"}
        )
        self._process_run(run)
        self.assertFalse(subscription.charge_ids)

    def test_a_future_day_is_not_billed_unless_the_company_allows_it(self):
        self._create_run("2026-02-01")
        self.company.subscription_bill_ahead = False
        with freeze_time("2026-01-31"):
            self._create_run("2026-01-31")
            with self.assertRaisesRegex(ValidationError, "still to come"):
                self._create_run("2026-02-01")
