from datetime import date

from odoo.tests import freeze_time, tagged

from .common import shows
from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalEnd(PortalCommon):
    """Terminate, take it back, pause and resume."""

    def setUp(self):
        super().setUp()
        self._login()

    @shows("K3-19")
    def test_the_end_follows_the_rules_and_the_reason_is_kept(self):
        self.subscription.write({"notice_length": 1, "notice_unit": "month"})
        with self._on():
            last = self.subscription.get_next_termination_date()
        self.assertGreater(last, date(2026, 4, 8), "the notice has to be kept")
        shown = last.strftime("%m/%d/%Y")
        self.assertIn(shown, self._get("/do/terminate").text)
        reason = self.env.ref("subscription_base.close_reason_price")
        page, data = self._look("terminate", step="preview", reason=reason.id, text="Too much")
        self.assertIn("Terminate now", self._text(page, "//form//button"))
        self.assertIn(f"Last day {shown} Reason Too expensive", self._text(page, "//dl"))
        self.assertEqual(self._post("terminate", data).status_code, 303)
        self.env.invalidate_all()
        subscription = self.subscription
        self.assertEqual(subscription.date_end, last)
        self.assertEqual(subscription.close_reason_id, reason)
        self.assertEqual(subscription.termination_kind, "ordinary")
        event = subscription.event_ids.sorted("id")[-1]
        self.assertEqual((event.event_type, event.user_id), ("terminated", self.user))
        self.assertIn("Too much", event.description)
        self.assertIn("has been terminated", self._get(done="terminate").text)
        messages = self.env["subscription.message"].sudo()
        with freeze_time("2026-03-10 12:00:00"), self._commits_flush():
            messages._cron_send()
        confirmation = messages.search(
            [("subscription_id", "=", subscription.id), ("kind", "=", "terminated")]
        )
        self.assertEqual(confirmation.state, "sent")
        self.assertIn(shown, confirmation.mail_message_id.body)

    def test_no_reason_is_needed_and_a_foreign_one_not_taken(self):
        _page, data = self._look("terminate", step="preview", reason="0", text="x" * 600)
        self.assertEqual(self._post("terminate", data).status_code, 303)
        self.env.invalidate_all()
        self.assertFalse(self.subscription.close_reason_id)
        self.assertTrue(self.subscription.date_end)

    def test_a_termination_is_withdrawn(self):
        self._do("terminate", step="preview")
        self.assertNotIn("terminate", self.subscription._get_self_actions())
        page, _data = self._look("keep")
        self.assertIn("04/01/2026: $ 46.00", self._text(page, "//ul"))
        self._do("keep")
        self.assertFalse(self.subscription.date_end)
        self.assertEqual(self._bill_on("2026-04-01").amount_total, 46.0)
        self.assertNotIn("keep", self.subscription._get_self_actions())

    def test_a_pause_costs_what_was_shown(self):
        page, data = self._look("pause", date_start="2026-04-11", date_end="2026-04-20")
        self.assertIn("10 days", self._text(page, "//dl"))
        # ten of 30 days of 40.00 before the pause and after it, and taxes of 15 percent
        shown = self._text(page, "//ul[contains(@class, 'o_subscription_next_invoices')]")
        self.assertIn("04/01/2026: $ 15.33", shown)
        self.assertIn("04/21/2026: $ 15.33", shown)
        self.assertIn("Without the change: 04/01/2026: $ 46.00", self._text(page, "//main"))
        self.assertEqual(self._post("pause", data).status_code, 303)
        self.assertEqual(self._bill_on("2026-04-01").amount_total, 15.33)
        self.assertEqual(self._bill_on("2026-04-21").amount_total, 15.33)
        self.assertNotIn("pause", self.subscription._get_self_actions())

    def test_the_plan_limits_pauses(self):
        for start, end, reason in (
            ("2026-03-09", "2026-03-20", "past"),
            ("2026-03-20", "2026-03-19", "before it starts"),
            ("2026-03-11", "2026-04-10", "30 days at most"),
            ("no", "2026-03-20", "dates"),
        ):
            with self.subTest(reason):
                page, data = self._look("pause", date_start=start, date_end=end)
                self.assertFalse(data)
                self.assertIn(reason, self._text(page, "//*[@role='alert']"))
        self._do("pause", date_start="2026-03-11", date_end="2026-03-12")
        with freeze_time("2026-05-01"):
            self.assertIn("all pauses", self.subscription._get_self_obstacle("pause"))
        with freeze_time("2027-04-01"):
            self.assertFalse(self.subscription._get_self_obstacle("pause"))

    def test_a_pause_is_ended_early(self):
        self._do("pause", date_start="2026-03-10", date_end="2026-03-31")
        self.assertEqual(self.subscription.state, "paused")
        page, data = self._look("resume", day="2026-03-20")
        shown = self._text(page, "//ul[contains(@class, 'o_subscription_next_invoices')]")
        # ten days of 40.00 in March are given back
        self.assertIn("03/20/2026: $ -14.85", shown)
        self.assertEqual(self._post("resume", data, day="2026-03-20").status_code, 303)
        self.env.invalidate_all()
        self.assertEqual(self.subscription.state, "active")
        self.assertEqual(self.subscription.pause_ids.date_end, date(2026, 3, 19))
        self.assertEqual(self._bill_on("2026-03-20").amount_total, 14.85)

    def test_a_planned_pause_is_given_up(self):
        self._do("pause", date_start="2026-04-11", date_end="2026-04-20")
        page, data = self._look("resume")
        self.assertIn("is not paused", self._text(page, "//dl"))
        self._post("resume", data)
        self.env.invalidate_all()
        self.assertFalse(self.subscription.pause_ids)
        self.assertEqual(self._bill_on("2026-04-01").amount_total, 46.0)

    def test_a_suspension_is_not_the_customer_s_to_end(self):
        with freeze_time("2026-03-05"):
            self.subscription._pause("2026-03-05", kind="suspension")
            self.assertFalse({"pause", "resume"} & set(self.subscription._get_self_actions()))

    def test_an_order_that_does_not_bind_yet_is_cancelled_at_once(self):
        plan = self._create_plan(
            "Signed", [{"product_id": self.hosting.id}], affirm_trigger="signature"
        )
        with freeze_time("2026-03-05"):
            self.subscription = self._create_subscription(
                plan, "2026-03-05", partner_id=self.customer.id
            )
        self.assertTrue(self.subscription._filter_unaffirmed())
        self.url = f"/my/subscriptions/{self.subscription.id}"
        page, data = self._look("terminate", step="preview")
        self.assertIn("is cancelled at once", self._text(page, "//dl"))
        self.assertIn("Cancel the order now", self._text(page, "//form//button"))
        self.assertEqual(self._post("terminate", data).status_code, 303)
        self.env.invalidate_all()
        self.assertTrue(self.subscription._is_undone())
        self.assertIn("Cancelled", self._get().text)
