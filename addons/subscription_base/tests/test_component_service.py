from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import shows
from .test_action import ActionCommon


@tagged("post_install", "-at_install")
class TestComponentService(ActionCommon):
    """Components allow, interrupt and end the service, and have a say in when it may end."""

    @contextmanager
    def _component(self, **methods):
        """Let recurring components answer what is asked of them."""
        Line = type(self.env["subscription.line"])
        with patch.multiple(
            Line,
            create=True,
            **{f"_{name}_recurring": staticmethod(answer) for name, answer in methods.items()},
        ):
            yield

    def _entitle(self):
        feature = self.env["subscription.feature"].create({"name": "Space", "handle": "space"})
        self.flat_plan.entitlement_ids = [Command.create({"feature_id": feature.id})]

    def _has_space(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.partner_a._has_entitlement("space")

    @shows("SM-23")
    def test_a_component_allows_the_service(self):
        """The service waits until the component says that it may begin; then it is active."""
        self._entitle()
        self._create_action("activation")
        paid_on = date(2026, 1, 5)
        with self._component(allows_service=lambda today: today >= paid_on):
            with freeze_time("2026-01-01"):
                subscription = self._create_subscription()
                self.assertEqual(subscription.waiting_for, "component")
                self.assertEqual(subscription.state, "pending")
            for day in ("2026-01-02", "2026-01-04"):
                self.assertFalse(self._run_cron(f"{day} 08:00:00"), "nothing is billed meanwhile")
                self.assertEqual(subscription.state, "pending")
            with freeze_time("2026-01-04"):
                self.assertFalse(self._has_space())
            self._run_cron("2026-01-05 08:00:00")
            self.assertEqual((subscription.state, subscription.waiting_for), ("active", False))
        with freeze_time("2026-01-05 09:00:00"):
            self.assertTrue(self._has_space())
            self._run_actions()
        self.assertEqual(self._get_states(subscription), [("activation", "done")])

    @shows("SM-24")
    def test_a_component_interrupts_the_service(self):
        """Credit is used up: the service is suspended with the reason, and goes on by itself."""
        self._entitle()
        for trigger in ("suspension", "resumption"):
            self._create_action(trigger)
        used_up = []
        with self._component(interrupts_service=lambda today: used_up and used_up[0]):
            with freeze_time("2026-01-01"):
                subscription = self._create_subscription()
            used_up.append("The credit is used up")
            self._run_cron("2026-01-10 08:00:00")
            self.assertEqual(subscription.state, "suspended")
            self.assertIn("The credit is used up", subscription.pause_ids.reason)
            self.assertIn("Hosting", subscription.pause_ids.reason)
            event = subscription.event_ids.sorted("id")[-1]
            self.assertEqual(event.event_type, "suspended")
            self.assertEqual(event.user_id.id, SUPERUSER_ID)
            with freeze_time("2026-01-10 09:00:00"):
                self.assertFalse(self._has_space())
                self._run_actions()
            self._run_cron("2026-01-11 08:00:00")
            self.assertEqual(len(subscription.pause_ids), 1)
            used_up.clear()
            self._run_cron("2026-01-12 08:00:00")
            self.assertEqual(subscription.state, "active")
        with freeze_time("2026-01-12 09:00:00"):
            self.assertTrue(self._has_space())
            self._run_actions()
        self.assertEqual(
            self._get_states(subscription), [("suspension", "done"), ("resumption", "done")]
        )

    def test_what_a_person_has_suspended_no_component_lets_go_on(self):
        with self._component(interrupts_service=lambda today: False):
            with freeze_time("2026-01-01"):
                subscription = self._create_subscription()
                subscription._pause("2026-01-01", kind="suspension", reason="Fraud")
            self._run_cron("2026-01-10 08:00:00")
        self.assertEqual(subscription.state, "suspended")
        self.assertEqual(subscription.pause_ids.cause, "person")

    def test_a_charge_type_may_ask_for_it_at_once(self):
        answers = {"allowed": False, "interruption": False}
        with (
            freeze_time("2026-01-01"),
            self._component(
                allows_service=lambda today: answers["allowed"],
                interrupts_service=lambda today: answers["interruption"],
            ),
        ):
            subscription = self._create_subscription()
            for answer, state in (
                ({"allowed": True}, "active"),
                ({"interruption": "Over"}, "suspended"),
                ({"interruption": False}, "active"),
                ({"allowed": False}, "active"),
            ):
                answers |= answer
                subscription._follow_components()
                self.assertEqual(subscription.state, state)

    @shows("SM-25")
    def test_a_component_ends_the_service_as_the_system_and_by_its_rule(self):
        self._entitle()
        self._create_action("end")
        last = date(2026, 2, 28)
        with self._component(last_day=lambda today: last):
            with freeze_time("2026-01-01"):
                subscription = self._create_subscription()
            for day in ("01-01", "02-01", "03-01"):
                with freeze_time(f"2026-{day}"):
                    self._bill(subscription, f"2026-{day}")
            with freeze_time("2026-03-01"):
                self.assertEqual(subscription.state, "closed")
                self.assertEqual(subscription.date_end, last)
                self.assertIn("Recurring", subscription.end_rule)
                self.assertFalse(self._has_space())
        for kind in ("end_set", "closed"):
            event = subscription.event_ids.filtered(lambda e, kind=kind: e.event_type == kind)
            self.assertEqual(event.user_id.id, SUPERUSER_ID)
            self.assertEqual(event.description, f"Rule: {subscription.end_rule}")
        self.assertEqual(sum(subscription.charge_ids.mapped("amount")), 60.0)
        self._run_actions()
        self.assertEqual(self._get_states(subscription), [("end", "done")])

    def test_what_a_person_decides_later_is_no_rule_any_more(self):
        with freeze_time("2026-01-10"):
            subscription = self._create_subscription()
            subscription._end_by_rule(date(2026, 1, 20), "Instalments")
            self.assertEqual(subscription.end_rule, "Instalments")
            subscription._close(on="2026-01-15")
            self.assertFalse(subscription.end_rule)

    def test_what_nobody_does_is_written_in_the_language_of_the_company(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.company.partner_id.lang = "de_DE"
        with freeze_time("2026-01-10"):
            by_rule, by_job, by_hand = (self._create_subscription() for _number in range(3))
            by_rule.with_context(lang="en_US")._end_by_rule(date(2026, 1, 20), "Instalments")
            by_job._terminate()
            by_hand.with_context(lang="en_US")._terminate()
        by_rule, by_job, by_hand = (
            subscription.event_ids.sorted("id")[-1].description
            for subscription in (by_rule, by_job, by_hand)
        )
        self.assertEqual(by_rule, "Regel: Instalments")
        self.assertRegex(by_job, r"letzter Tag \d+\.\d+\.2026")
        self.assertRegex(by_hand, r"last day \d+/\d+/2026")

    @shows("SM-35", "SM-57")
    def test_a_component_sets_the_term_and_the_next_termination(self):
        """The provider says: the term lasts to 31 December, and so it ends then at the earliest."""
        end = date(2026, 12, 31)
        with (
            freeze_time("2026-05-10"),
            self._component(term_end=lambda on: end, termination_date=lambda on: end),
        ):
            subscription = self._create_subscription(date_start="2026-05-01")
            self.assertEqual(subscription.date_term_end, end)
            self.assertEqual(subscription.next_termination_date, end)
            self.assertEqual(subscription.get_next_termination_date("2026-06-01"), end)
            wizard = self.env["subscription.close.wizard"].create(
                {
                    "subscription_ids": [Command.set(subscription.ids)],
                    "close_reason_id": self.env.ref("subscription_base.close_reason_unused").id,
                }
            )
            self.assertEqual(wizard.date_earliest, end)
            subscription._terminate()
            self.assertEqual(subscription.date_end, end)
        with freeze_time("2026-05-10"):
            free = self._create_subscription(date_start="2026-05-01")
            self.assertFalse(free.date_term_end)
            self.assertLess(free.next_termination_date, end)

    def test_a_line_that_is_over_has_no_say(self):
        end = date(2026, 12, 31)
        with freeze_time("2026-05-10"), self._component(termination_date=lambda on: end):
            subscription = self._create_subscription(date_start="2026-05-01")
            subscription.line_ids.date_end = "2026-05-05"
            self.assertLess(subscription.get_next_termination_date(), end)

    def test_without_components_that_have_a_say_a_run_takes_no_step_more(self):
        run = self._create_run("2026-01-01")
        with patch.object(
            type(self.env["subscription.line"]), "_get_service_types", lambda self: ()
        ):
            self.assertNotIn("components", run._get_steps())
        with self._component(allows_service=lambda today: True):
            steps = run._get_steps()
            self.assertEqual(steps.index("components") + 1, steps.index("follow"))
