"""What is changed is recorded: by whom, when, from where, before and after (PA-14)."""

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import freeze_time, new_test_user, tagged

from ..models.subscription_event_origin import RULE, RUN
from .common import SubscriptionCommon, shows


@tagged("post_install", "-at_install")
class TestAudit(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(cls.env, "audit_seller", "sales_team.group_sale_salesman")
        cls.seller.company_ids = cls.seller.company_id = cls.company
        cls.subscription = cls._create_subscription(date_start="2026-01-01")
        cls.line = cls.subscription.line_ids
        cls.env.cr.flush()

    def _new_events(self, before=None):
        """The events since ``before``, oldest first; what is noted so far is recorded."""
        self.env.cr.flush()
        before = self.before if before is None else before
        return (self.subscription.event_ids - before).sorted("id")

    def setUp(self):
        super().setUp()
        self.before = self.subscription.event_ids

    def _change_of(self, events, field):
        found = [change for event in events for change in event.changes if change["field"] == field]
        self.assertEqual(len(found), 1, f"{field} is told once")
        return found[0]["old"], found[0]["new"]

    @shows("PA-14")
    def test_a_change_of_any_field_is_recorded_with_user_and_time(self):
        other = self.env["res.partner"].create(
            {"name": "Accounts office", "parent_id": self.partner_a.id, "type": "invoice"}
        )
        former = self.subscription.partner_invoice_id
        with freeze_time("2026-03-04 05:06:07"):
            self.subscription.with_user(self.seller).write(
                {"partner_invoice_id": other.id, "client_order_ref": "PO 7", "notice_length": 2}
            )
            event = self._new_events()
        self.assertEqual(event.event_type, "amended")
        self.assertEqual(event.user_id, self.seller)
        self.assertEqual(str(event.date), "2026-03-04 05:06:07")
        self.assertEqual(str(event.date_effective), "2026-03-04")
        self.assertEqual(event.origin, "backend")
        self.assertEqual(
            self._change_of(event, "partner_invoice_id"),
            ([former.id, former.display_name], [other.id, other.display_name]),
        )
        self.assertEqual(self._change_of(event, "client_order_ref"), (None, "PO 7"))
        self.assertEqual(self._change_of(event, "notice_length"), (0, 2))
        self.assertIn("Customer Reference \N{EN DASH} \N{RIGHTWARDS ARROW} PO 7", event.summary)
        self.assertIn("<td>PO 7</td>", event.changes_html)

    @shows("PA-14")
    def test_what_an_event_tells_is_not_told_again(self):
        """State, price, quantity, plan, pause and end: one event each, with before and after."""
        plan = self._create_plan("Bigger", [{"product_id": self.hosting.id, "price_unit": 50.0}])
        steps = (
            (
                lambda: self.line._change("2026-03-04", price_unit=25.0),
                "price", "price_unit", (30.0, 25.0),
            ),
            (
                lambda: self.subscription.line_ids[-1]._change("2026-03-04", quantity=3.0),
                "quantity", "quantity", (1.0, 3.0),
            ),
            (self.subscription._pause, "paused", "state", ("active", "paused")),
            (self.subscription._resume, "resumed", "state", ("paused", "active")),
            (
                lambda: self.subscription._move_to_plan(plan, "2026-03-05", keep_individual=False),
                "plan", "price_unit", (25.0, 50.0),
            ),
            (
                lambda: self.subscription._terminate("2026-06-30"),
                "terminated", "date_end", (None, "2026-06-30"),
            ),
        )  # fmt: skip
        for step, event_type, field, values in steps:
            with self.subTest(event_type=event_type), freeze_time("2026-03-04"):
                before = self.subscription.event_ids
                step()
                event = self._new_events(before)
                self.assertEqual(event.mapped("event_type"), [event_type])
                self.assertIn(values, [(c["old"], c["new"]) for c in event.changes
                                       if c["field"] == field])  # fmt: skip

    @shows("PA-14")
    def test_the_start_and_the_end_name_the_state(self):
        with freeze_time("2026-03-04"):
            subscription = self._create_subscription(start=False)
            subscription.action_start()
            started = subscription.event_ids.filtered(lambda e: e.event_type == "started")
            self.assertEqual(self._change_of(started, "state"), ("draft", "active"))
            subscription._close("2026-03-03")
            self._bill(subscription, "2026-03-04")
            closed = subscription.event_ids.filtered(lambda e: e.event_type == "closed")
            self.env.cr.flush()
            self.assertEqual(self._change_of(closed, "state"), ("active", "closed"))
            self.assertNotIn("amended", subscription.event_ids.mapped("event_type"))
            self.assertEqual(str(closed.movement_date), "2026-03-04")

    def test_changes_that_move_no_revenue_are_recorded_too(self):
        with freeze_time("2026-03-04"):
            future = self._create_subscription(self.plan, "2026-01-01")
            usage = future.line_ids.filtered(lambda line: line.charge_type == "usage")
            self.env.cr.flush()
            before = future.event_ids
            usage.price_unit = 0.07
            self.env.cr.flush()
        event = future.event_ids - before
        self.assertEqual((event.event_type, event.recurring_delta), ("price", 0.0))
        self.assertEqual(self._change_of(event, "price_unit"), (0.05, 0.07))
        self.assertEqual(event.changes[0]["name"], usage.name)

    def test_a_line_that_is_removed_leaves_what_it_was(self):
        with freeze_time("2026-03-04"):
            self.line.copy({"subscription_id": self.subscription.id, "quantity": 2.0})
            added = self._new_events()
            self.assertEqual(added.event_type, "option_added")
            self.assertEqual(self._change_of(added, "quantity"), (None, 2.0))
            before = self.subscription.event_ids
            self.subscription.line_ids[-1].unlink()
            removed = self._new_events(before)
        self.assertEqual(removed.event_type, "option_removed")
        self.assertEqual(self._change_of(removed, "quantity"), (2.0, None))

    def test_what_is_undone_or_rolled_back_leaves_nothing(self):
        self.subscription.client_order_ref = "PO 1"
        self.subscription.client_order_ref = False
        self.assertFalse(self._new_events())
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.subscription.client_order_ref = "PO 2"
            raise ZeroDivisionError
        self.assertFalse(self._new_events())

    def test_a_preview_leaves_nothing(self):
        with freeze_time("2026-03-04"):
            self.subscription._try_out(
                lambda trial: trial.line_ids._change("2026-03-10", quantity=9.0)
            )
        self.assertFalse(self._new_events())
        self.subscription.new(origin=self.subscription).client_order_ref = "PO 3"
        self.assertFalse(self._new_events())

    def test_drafts_have_no_history(self):
        draft = self._create_subscription(start=False)
        draft.client_order_ref = "PO 4"
        draft.line_ids.price_unit = 20.0
        self.env.cr.flush()
        self.assertEqual(draft.event_ids.mapped("event_type"), ["created"])

    @shows("PA-14")
    def test_whatever_the_chatter_tells_of_is_recorded_with_both_values(self):
        for model in ("subscription.subscription", "subscription.line", "subscription.pause"):
            tracked = {
                name
                for name, field in self.env[model]._fields.items()
                if field.store and getattr(field, "tracking", False)
            }
            self.assertEqual(tracked - self.env[model]._get_audited_fields(), set(), model)

    def test_billing_records_no_changes(self):
        """What a run writes in bulk is in the ledger, so that the run pays nothing."""
        many = self.env["subscription.subscription"].union(
            *(self._create_subscription() for _each in range(3))
        )
        self.env.cr.flush()
        before = self.env["subscription.event"].search([])
        self._bill(many, "2026-01-01")
        self.env.cr.flush()
        self.assertEqual(self.env["subscription.event"].search([]), before)

    def test_nobody_ends_it_by_rpc_without_reason_or_notice(self):
        subscription = self.subscription.with_user(self.seller)
        for method, refusal in (("action_close", AttributeError), ("_close", AccessError)):
            with self.assertRaises(refusal):
                call_kw(subscription.browse(), method, [subscription.ids, "2026-03-04"], {})
        for day in ("2026-03-04", False):
            subscription.sudo().date_end = False if day else "2026-12-31"
            with self.assertRaisesRegex(AccessError, "cannot be set directly"):
                call_kw(subscription.browse(), "write", [subscription.ids, {"date_end": day}], {})
        self.assertEqual(str(subscription.date_end), "2026-12-31")

    @shows("SM-62")
    def test_a_user_ends_it_with_a_reason_by_the_wizard(self):
        wizard = self.env["subscription.close.wizard"].with_user(self.seller)
        reason = self.env.ref("subscription_base.close_reason_price")
        with freeze_time("2026-03-04"):
            with self.assertRaises(AccessError):  # what no terms allow, only managers decide
                wizard.create(
                    {
                        "subscription_ids": self.subscription.ids,
                        "close_reason_id": reason.id,
                        "kind": "extraordinary",
                    }
                ).action_close()
            wizard.create(
                {"subscription_ids": self.subscription.ids, "close_reason_id": reason.id}
            ).action_close()
            event = self._new_events()
        self.assertEqual((event.event_type, event.user_id), ("terminated", self.seller))
        self.assertIn(reason.name, event.description)
        self.assertEqual(
            self._change_of(event, "close_reason_id"), (None, [reason.id, reason.name])
        )

    @shows("SM-63")
    def test_a_rule_ends_it_as_the_system(self):
        """The same result as by a user, with the system as the actor and the rule by its name."""
        reason = self.env.ref("subscription_base.close_reason_price")
        by_user = self._create_subscription(date_start="2026-01-01")
        self.env.cr.flush()
        with freeze_time("2026-03-04"):
            by_user._terminate_extraordinarily("2026-03-04", reason)
            self.subscription.with_user(self.seller)._terminate_extraordinarily(
                "2026-03-04", reason, rule="Third dunning step"
            )
            event = self._new_events()
        self.assertEqual(event.mapped("event_type"), ["terminated"])
        self.assertEqual(event.user_id, self.env.ref("base.user_root"))
        self.assertEqual((event.origin, event.rule), ("system", "Third dunning step"))
        for name in ("state", "date_end", "termination_kind", "close_reason_id"):
            self.assertEqual(self.subscription[name], by_user[name])
        user_event = by_user.event_ids.sorted("id")[-1]
        self.assertEqual((user_event.user_id, user_event.rule), (self.env.user, False))

    def test_jobs_and_runs_name_themselves(self):
        with freeze_time("2026-03-04"):
            job = self.env.ref("subscription_base.ir_cron_billing")
            self.subscription.with_context(cron_id=job.id).client_order_ref = "by a job"
            event = self._new_events()
            self.assertEqual((event.origin, event.rule), ("system", job.name))
            self.subscription._pause("2026-03-10")
            before = self._new_events() | self.before | event
        with freeze_time("2026-03-11"):
            run = self._create_run("2026-03-11")
            self._process_run(run)
            paused = self._new_events(before)
        self.assertEqual(paused.event_type, "paused")
        self.assertEqual((paused.origin, paused.run_id), ("run", run))
        self.assertEqual(str(paused.movement_date), "2026-03-10")

    def test_callers_forge_neither_actor_nor_silence(self):
        """The context of a call is the caller's: it names no user and hides no change."""
        forged = {
            "default_user_id": self.env.ref("base.user_root").id,
            "default_date": "2020-01-01 00:00:00",
            "default_recurring_delta": 1000.0,
            "default_origin": "system",
            "subscription_recurring_silent": True,
            "subscription_rule": "No rule",
        }
        with freeze_time("2026-03-04"):
            self.line.with_user(self.seller).with_context(**forged).quantity = 2.0
            event = self._new_events()
        self.assertEqual((event.event_type, event.user_id), ("quantity", self.seller))
        self.assertEqual((event.origin, event.rule), ("backend", False))
        self.assertEqual((str(event.date)[:10], event.recurring_delta), ("2026-03-04", 30.0))
        self.assertGreater(min(len(RULE), len(RUN)), 40, "nobody guesses the keys")

    @shows("PA-14")
    def test_a_billing_run_says_who_began_it_and_stays(self):
        run = self._create_run("2026-02-01")
        with self.assertRaises(AccessError):
            run.state = "done"
        with self.assertRaises(AccessError):
            self.env["subscription.billing.run"].create({"date_done": "2026-01-01 00:00:00"})
        with freeze_time("2026-02-01 10:00:00"):
            run._bill_subscriptions(self.subscription)
        self.assertEqual((run.user_id, run.state), (self.env.user, "done"))
        self.assertEqual(str(run.date_begin), "2026-02-01 10:00:00")
        with self.assertRaises(AccessError):
            run.date_begin = False
        for context in ({}, {"_force_unlink": True}):
            with self.assertRaises(UserError):
                run.with_context(**context).unlink()

    def test_the_currency_of_what_runs_stays(self):
        euro = self.setup_other_currency("EUR")
        with self.assertRaisesRegex(UserError, "other currency"):
            self.subscription.currency_id = euro
        self.subscription.currency_id = self.subscription.currency_id
