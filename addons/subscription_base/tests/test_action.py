from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import SubscriptionCommon, shows

DAY = "2026-01-01"
CODE = "record.write({'client_order_ref': (record.client_order_ref or '') + ' %s'})"
BOOM = "raise UserError('The panel is down')"
EXECUTE = "odoo.addons.subscription_base.models.subscription_action_execute"


class ActionCommon(SubscriptionCommon):
    """Plans whose actions leave their traces on the subscription."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = cls.env["ir.model"]._get("subscription.subscription")
        cls.runs = cls.env["subscription.action.run"]

    @classmethod
    def _create_server_action(cls, code):
        return (
            cls.env["ir.actions.server"]
            .sudo()
            .create({"name": "Trace", "model_id": cls.model.id, "state": "code", "code": code})
        )

    @classmethod
    def _create_action(cls, trigger="activation", plan=None, code=None, **values):
        """An action of a plan, or of the company where ``plan`` is ``False``."""
        if code or "action_type" not in values:
            server = cls._create_server_action(code or CODE % trigger)
            values |= {"action_type": "server", "server_action_id": server.id}
        return cls.env["subscription.plan.action"].create(
            {
                "name": f"Upon {trigger}",
                "trigger": trigger,
                "plan_id": cls.flat_plan.id if plan is None else plan and plan.id,
                "company_id": cls.company.id,
                **values,
            }
        )

    def _run_actions(self):
        """Let the job of the actions run."""
        self.env.flush_all()
        with self._commits_flush(), mute_logger(EXECUTE):
            self.runs._cron_execute()

    def _get_runs(self, subscription):
        return self.runs.search([("subscription_id", "=", subscription.id)], order="id")

    def _get_states(self, subscription):
        return [(run.trigger, run.state) for run in self._get_runs(subscription)]


@tagged("post_install", "-at_install")
class TestAction(ActionCommon):
    """What a plan says follows from the life of its subscriptions, once each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enterClassContext(freeze_time(DAY))

    @shows("SM-32", "SM-33")
    def test_each_turn_of_the_service_runs_its_action_once(self):
        triggers = ("activation", "suspension", "resumption", "pause", "end")
        for trigger in triggers:
            self._create_action(trigger)
        feature = self.env["subscription.feature"].create({"name": "Space", "handle": "space"})
        self.flat_plan.entitlement_ids = [Command.create({"feature_id": feature.id})]
        subscription = self._create_subscription()
        self.assertTrue(self._has_space())
        subscription._pause(DAY, kind="suspension", reason="Chargeback")
        self.assertEqual(subscription.state, "suspended")
        self.assertEqual(subscription.pause_ids.reason, "Chargeback")
        self.assertFalse(self._has_space())
        subscription._resume()
        self.assertTrue(self._has_space())
        subscription._pause("2026-02-01", "2026-02-28")
        subscription._close(on="2026-03-15")
        self._run_actions()
        expected = ["activation", "suspension", "resumption"]
        self.assertEqual(self._get_states(subscription), [(name, "done") for name in expected])
        for day, trigger in (("2026-02-01", "pause"), ("2026-03-01", "resumption")):
            with freeze_time(day):
                self._bill(subscription, day)
                self._run_actions()
            expected.append(trigger)
        with freeze_time("2026-03-16"):
            self._bill(subscription, "2026-03-16")
            charged = len(subscription.charge_ids)
            self._bill(subscription, "2026-03-16")
            self.assertEqual(len(subscription.charge_ids), charged, "no later instalments")
            self._run_actions()
            self._run_actions()
            self.assertFalse(self._has_space())
        expected.append("end")
        self.assertEqual((subscription.state, str(subscription.date_end)), ("closed", "2026-03-15"))
        self.assertFalse(subscription.next_billing_date)
        self.assertEqual(self._get_states(subscription), [(name, "done") for name in expected])
        self.assertEqual(subscription.client_order_ref.split(), expected)

    def _has_space(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.partner_a._has_entitlement("space")

    def test_a_service_begins_when_it_is_no_longer_pending_and_not_at_the_end_of_the_trial(self):
        self._create_action("activation")
        self._create_action("trial_over")
        subscription = self._create_subscription(
            date_start="2026-01-10", trial_length=10, trial_unit="day"
        )
        self.assertEqual((subscription.state, self._get_states(subscription)), ("pending", []))
        with freeze_time("2026-01-10"):
            self._bill(subscription, "2026-01-10")
            self.assertEqual(subscription.state, "trial")
            self.assertEqual(self._get_states(subscription), [("activation", "pending")])
        with freeze_time("2026-01-20"):
            self._bill(subscription, "2026-01-20")
            self.assertEqual(subscription.state, "active")
            self.assertEqual(self._get_states(subscription)[1:], [("trial_over", "pending")])

    def test_actions_of_the_company_are_run_on_every_plan_and_its_own_after_those_of_the_plan(self):
        self._create_action("change", False)
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self._create_action("change", False, company_id=other.id)
        self._create_action("change")
        self._create_action("event", False, event_type="created")
        subscription = self._create_subscription()
        subscription.line_ids._change("2026-01-15", quantity=3.0)
        self._run_actions()
        plans = [run.action_id.plan_id for run in self._get_runs(subscription)]
        nobody = self.env["subscription.plan"]
        self.assertEqual(plans, [nobody, self.flat_plan, nobody])
        self.assertNotIn(other, self._get_runs(subscription).action_id.company_id)

    def test_the_code_of_a_server_action_reads_the_event(self):
        self._create_action("any", code="record.write({'client_order_ref': event.event_type})")
        subscription = self._create_subscription(start=False)
        self._run_actions()
        self.assertEqual(subscription.client_order_ref, "created")

    def test_a_failing_action_takes_back_only_itself(self):
        bad = CODE % "bad" + "\nrecord.write({'date_start': False})"
        self._create_action("activation", code=bad, keep_order=False, sequence=1)
        self._create_action("activation", sequence=2)
        subscription = self._create_subscription()
        moves = self._bill(subscription, DAY)
        self._run_actions()
        failed, done = self._get_runs(subscription)
        self.assertEqual((failed.state, failed.attempts, done.state), ("pending", 1, "done"))
        self.assertTrue(failed.error)
        self.assertEqual(subscription.client_order_ref, " activation")
        self.assertEqual((moves.state, subscription.billing_error), ("posted", False))

    def test_it_is_tried_again_later_and_later_and_then_a_person_is_asked(self):
        action = self._create_action("activation", code=BOOM)
        subscription = self._create_subscription()
        moment = fields.Datetime.now()
        hours = (5 / 60, 0.5, 2, 12)
        for attempt, delay in enumerate(hours, 1):
            with freeze_time(moment):
                self._run_actions()
                self._run_actions()
            run = self._get_runs(subscription)
            self.assertEqual((run.state, run.attempts), ("pending", attempt))
            self.assertEqual(run.error, "The panel is down")
            self.assertEqual(run.next_try, moment + timedelta(hours=delay))
            moment = run.next_try
        self.assertFalse(subscription.activity_ids)
        with freeze_time(moment):
            self._run_actions()
        self.assertEqual((run.state, run.attempts), ("failed", 5))
        event = subscription.event_ids.sorted("id")[-1]
        self.assertEqual(event.event_type, "action_failed")
        self.assertIn("The panel is down", event.description)
        self.assertEqual(subscription.activity_ids.user_id, subscription.user_id)
        self.assertIn("The panel is down", str(subscription.activity_ids.note))
        self.assertEqual(subscription.failed_action_count, 1)
        self.assertEqual((action.failed_count, self.flat_plan.failed_action_count), (1, 1))
        self.assertEqual(self.runs.search(self._failed_filter()), run)
        with freeze_time(moment + timedelta(days=30)):
            self._run_actions()
            self.assertEqual(run.attempts, 5)
            action.server_action_id.sudo().code = CODE % "mended"
            run.action_retry()
            self._run_actions()
        self.assertEqual((run.state, run.error), ("done", False))
        self.assertEqual(subscription.client_order_ref, " mended")
        self.assertFalse(subscription.activity_ids)
        with self.assertRaisesRegex(UserError, "not done again"):
            run.action_retry()

    def _failed_filter(self):
        arch = self.runs.get_view(view_type="search")["arch"]
        self.assertIn(
            "name=\"failed\" string=\"Failed\" domain=\"[('state', '=', 'failed')]\"", arch
        )
        return [("state", "=", "failed")]

    def test_later_actions_wait_for_their_turn(self):
        """Switching on fails: what switches off must not overtake it; an e-mail may."""
        switch_on = self._create_action("activation", code=BOOM)
        self._create_action("suspension")
        self._create_action("suspension", action_type="email", email_to="ops@example.com")
        subscription, other = self._create_subscription(), self._create_subscription()
        (subscription + other)._pause(DAY, kind="suspension")
        self._get_runs(other)[0]._ignore("Switched on by hand")
        self._run_actions()
        first, waiting, mail = self._get_runs(subscription)
        self.assertEqual((first.state, waiting.state, mail.state), ("pending", "pending", "done"))
        self.assertEqual(waiting.blocked_by_id, first)
        self.assertEqual(waiting.attempts, 0)
        self.assertEqual(self._get_runs(other).mapped("state"), ["ignored", "done", "done"])
        switch_on.server_action_id.sudo().code = CODE % "on"
        with freeze_time("2026-01-01 00:05:00"):
            self._run_actions()
        self.assertEqual((first + waiting).mapped("state"), ["done", "done"])
        self.assertEqual(subscription.client_order_ref, " on suspension")
        self.assertFalse(waiting.blocked_by_id)

    def test_what_is_ignored_says_why_and_lets_the_others_go_on(self):
        self._create_action("activation", code=BOOM)
        self._create_action("suspension")
        subscription = self._create_subscription()
        subscription._pause(DAY, kind="suspension")
        first, waiting = self._get_runs(subscription)
        action = first.action_open_ignore_wizard()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        form.reason = "Done by hand"
        form.save().action_ignore()
        self._run_actions()
        self.assertEqual((first.state, first.ignored_reason), ("ignored", "Done by hand"))
        self.assertEqual(waiting.state, "done")
        self.assertIn("Done by hand", str(subscription.message_ids[:1].body))
        with self.assertRaisesRegex(UserError, "cannot be ignored"):
            waiting._ignore("Too late")

    def test_there_is_never_a_second_run_of_an_event_and_an_action(self):
        self._create_action("activation")
        run = self._get_runs(self._create_subscription())
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            run.sudo().copy({"event_id": run.event_id.id, "action_id": run.action_id.id})

    def test_actions_are_copied_to_new_versions_and_may_change_on_a_used_plan(self):
        action = self._create_action("activation")
        self._create_subscription()
        self.assertTrue(self.flat_plan.is_used)
        action.name = "Another name"
        self._create_action("end")
        version = self.flat_plan._create_version("new")
        self.assertEqual(
            version.action_ids.mapped("trigger"), self.flat_plan.action_ids.mapped("trigger")
        )
        self.assertEqual(version.action_ids[0].server_action_id, action.server_action_id)
        self.assertFalse(version.action_ids & self.flat_plan.action_ids)

    def test_what_has_been_started_is_archived_and_not_deleted(self):
        action = self._create_action("activation", code=BOOM)
        run = self._get_runs(self._create_subscription())
        with self.assertRaisesRegex(UserError, "Archive it"):
            action.unlink()
        action.action_archive()
        self.assertEqual(
            (run.state, run.ignored_reason), ("ignored", "The action has been archived.")
        )
        self.assertFalse(self._get_runs(self._create_subscription()))
        self._create_action("end").unlink()

    def test_a_trial_of_a_change_starts_nothing(self):
        self._create_action("any")
        subscription = self._create_subscription()
        before = self._get_runs(subscription)
        subscription._try_out(lambda s: s._pause(DAY, kind="suspension"))
        self.assertEqual(self._get_runs(subscription), before)

    def test_what_cannot_work_is_refused(self):
        partners = self.env["ir.model"]._get("res.partner")
        server = self._create_server_action(CODE)
        server.model_id = partners
        with self.assertRaisesRegex(ValidationError, "on subscriptions"):
            self._create_action(action_type="server", server_action_id=server.id)
        hook = self._create_server_action(CODE)
        hook.write({"state": "webhook", "webhook_url": "https://example.com"})
        with self.assertRaisesRegex(ValidationError, "without waiting for an answer"):
            self._create_action(action_type="server", server_action_id=hook.id)
        for values, message in (
            ({"action_type": "server"}, "Choose the server action"),
            ({"action_type": "webhook", "webhook_url": "ftp://example.com"}, "Enter the address"),
            ({"action_type": "webhook", "webhook_url": False}, "Enter the address"),
            ({"action_type": "email", "recipient_type": "partner"}, "Choose the partner"),
        ):
            with self.subTest(values), self.assertRaisesRegex(ValidationError, message):
                self._create_action(**values)

    def test_who_may_handle_runs(self):
        self._create_action("activation", code=BOOM)
        subscription = self._create_subscription()
        run = self._get_runs(subscription)
        logins = {"action_user": "subscription_base.group_subscription_user",
                  "action_reader": "account.group_account_readonly"}  # fmt: skip
        user, reader = (
            new_test_user(
                self.env, login, f"base.group_user,{group}", company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            for login, group in logins.items()
        )  # fmt: skip
        for who in (user, reader):
            for values in ({"state": "done"}, {"error": "x"}):
                with self.assertRaises(AccessError):
                    run.with_user(who).write(values)
        with self.assertRaises(AccessError):
            run.with_user(reader).action_retry()
        subscription._pause(DAY, kind="suspension")
        with self.assertRaises(AccessError):
            subscription.with_user(reader).action_resume()
        self.assertEqual(subscription.state, "suspended")
        subscription.with_user(user).action_resume()
        self.assertEqual(subscription.state, "active")
        run.with_user(user).action_retry()
        foreign = self.env["res.company"].create({"name": "Elsewhere"})
        user.write({"company_ids": [Command.set(foreign.ids)], "company_id": foreign.id})
        with self.assertRaises(AccessError):
            run.with_user(user).action_retry()
