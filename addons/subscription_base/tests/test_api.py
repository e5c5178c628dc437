from unittest.mock import patch

from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import SubscriptionCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-04-16")
class TestApi(SubscriptionCommon):
    """Other systems create and change subscriptions with plain values."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.machine = new_test_user(
            cls.env,
            "shop",
            "subscription_base.group_subscription_user,base.group_partner_manager",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.api = cls.env["subscription.subscription"].with_user(cls.machine)
        cls.pro = cls._create_plan(
            "Pro",
            [{"product_id": cls.hosting.id, "price_unit": 60.0}],
            schedule_type="month_fixed",
            fixed_day=1,
        )
        cls.add_on = cls.plan.component_ids.filtered("is_optional")

    def _subscribe(self, **values):
        given = {"partner_id": self.partner_a.id, "plan": self.plan.handle} | values
        return self.api.browse(self.api.subscribe(**given))

    def test_a_subscription_is_created_and_runs(self):
        subscription = self._subscribe(
            date_start="2026-04-01",
            quantity=3,
            price_unit=25.0,
            options=[{"component_id": self.add_on.id, "quantity": 2}],
        )
        self.assertEqual(subscription.state, "active")
        self.assertEqual(subscription.recurring_amount, 3 * 25.0 + 2 * 6.0)
        self.assertEqual(subscription.event_ids.user_id, self.machine)
        invoice = self._bill(subscription.with_env(self.env), "2026-04-16")
        self.assertEqual(invoice.amount_untaxed, 87.0 + 50.0)

    def test_the_same_reference_creates_nothing_twice(self):
        first = self._subscribe(external_reference="shop-1")
        self.assertEqual(self._subscribe(external_reference="shop-1"), first)
        self.assertEqual(self.api.search_count([("external_reference", "=", "shop-1")]), 1)
        with self.assertRaisesRegex(UserError, f"belongs to {first.name}"):
            self._subscribe(external_reference="shop-1", partner_id=self.partner_b.id)
        self.assertNotEqual(self._subscribe(external_reference="shop-2"), first)
        self.assertNotEqual(self._subscribe(), self._subscribe())

    def test_the_same_reference_is_looked_for_in_the_company_of_the_plan(self):
        branch = self.env["res.company"].create({"name": "Elsewhere"})
        self.machine.company_ids += branch
        given = {"plan": self.plan.id, "external_reference": "shop-9"}
        first = self._subscribe(**given)
        self.assertEqual(first.company_id, self.company)
        elsewhere = self.api.with_context(allowed_company_ids=[branch.id, self.company.id])
        self.assertEqual(elsewhere.env.company, branch)
        self.assertEqual(elsewhere.subscribe(self.partner_a.id, **given), first.id)

    @mute_logger("odoo.sql_db")
    def test_a_reference_that_is_being_used_in_parallel_is_tried_again(self):
        """What the other call has created is found then, and its id returned."""
        first = self._subscribe(external_reference="shop-7")
        Subscription = type(self.api)
        with (
            patch.object(
                Subscription, "_find_by_external_reference", lambda model, *args: model.browse()
            ),
            self.assertRaises(ConcurrencyError),
        ):
            self._subscribe(external_reference="shop-7")
        self.assertEqual(self._subscribe(external_reference="shop-7"), first)

    def test_what_is_unknown_is_named(self):
        subscription = self._subscribe()
        for call, arguments, message in (
            (self.api.subscribe, {"partner_id": 0, "plan": "x"}, "no customer with the id 0"),
            (self._subscribe, {"plan": "nothing"}, "no active plan with the handle nothing"),
            (subscription.add_option, {"component_id": 0}, "no add-on with the id 0"),
            (
                subscription.change_quantity,
                {"quantity": 1, "line_id": -1},
                "no line with the id -1",
            ),
            (subscription.change_price, {}, "Give a price or a discount"),
            (subscription.preview, {"method": "unlink"}, "cannot be previewed"),
            (subscription.remove_option, {"line_id": subscription.line_ids[0].id}, "no add-on"),
        ):
            with self.subTest(message), self.assertRaisesRegex(UserError, message):
                call(**arguments)
        with self.assertRaisesRegex(UserError, "is not running"):
            self._subscribe(start=False).change_quantity(2)

    def test_quantity_price_and_add_ons(self):
        subscription = self._subscribe(date_start="2026-04-01")
        self._bill(subscription.with_env(self.env), "2026-04-01")
        line = subscription.line_ids.browse(subscription.change_quantity(2))
        self.assertEqual((line.quantity, str(line.date_start)), (2.0, "2026-04-16"))
        subscription.change_price(20.0, on="2026-05-01")
        option = subscription.add_option(self.add_on.id, 3, "2026-05-01", 5.0)
        invoice = self._bill(subscription.with_env(self.env), "2026-05-01")
        self.assertEqual(invoice.amount_untaxed, 15.0 + 2 * 20.0 + 3 * 5.0)
        subscription.remove_option(option, "2026-06-01")
        self.assertEqual(str(subscription.line_ids.browse(option).date_end), "2026-05-31")

    def test_a_plan_is_changed_later_or_at_once(self):
        subscription = self._subscribe(date_start="2026-04-01")
        planned = subscription.change_plan("pro")
        self.assertEqual(
            planned,
            {"state": "planned", "date": "2026-05-01", "plan": "pro", "recurring_amount": 60.0},
        )
        self.assertEqual(subscription.get_summary()["next_plan"], "pro")
        subscription.cancel_plan_change()
        self.assertFalse(subscription.get_summary()["next_plan"])
        self.assertEqual(subscription.change_plan("pro", "2026-04-16")["state"], "done")
        self.assertEqual(subscription.plan_id, self.pro)

    def test_pause_suspend_resume_and_terminate(self):
        subscription = self._subscribe(date_start="2026-04-01")
        self.assertTrue(subscription.pause("2026-04-16", reason="Holidays"))
        self.assertEqual(subscription.state, "paused")
        subscription.resume()
        subscription.suspend()
        self.assertEqual(subscription.state, "suspended")
        subscription.resume("2026-04-16")
        last = subscription.terminate("2026-05-31")
        self.assertEqual((last, str(subscription.date_end)), ("2026-05-31", "2026-05-31"))
        subscription.withdraw_termination()
        self.assertFalse(subscription.date_end)

    def test_a_preview_changes_nothing(self):
        subscription = self._subscribe(date_start="2026-04-01")
        self._bill(subscription.with_env(self.env), "2026-04-01")
        lines, events = subscription.line_ids, subscription.event_ids
        found = subscription.preview("change_quantity", {"quantity": 3})
        self.assertEqual(found["next_invoice"]["date"], "2026-04-16")
        self.assertEqual(found["next_invoice"]["untaxed"], 30.0)
        self.assertEqual(found["recurring_amount"], 90.0)
        plan = subscription.preview("change_plan", {"plan": "pro"})
        self.assertEqual(plan["recurring_amount"], 60.0)
        self.env.invalidate_all()
        self.assertEqual((subscription.line_ids, subscription.event_ids), (lines, events))

    def test_the_summary_is_plain(self):
        subscription = self._subscribe(date_start="2026-04-01", external_reference="A")
        summary = subscription.get_summary()
        self.assertEqual(
            (summary["state"], summary["plan"], summary["date_start"], summary["date_end"]),
            ("active", self.plan.handle, "2026-04-01", False),
        )
        self.assertEqual(summary["options"][0]["component_id"], self.add_on.id)
        self.assertEqual(summary["next_invoice"]["date"], "2026-04-16")
        self.assertIn("Hosting", [line["name"] for line in summary["lines"]])

    def test_who_may_only_read_changes_nothing(self):
        subscription = self._subscribe()
        reader = new_test_user(
            self.env, "reader", "account.group_account_readonly",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)],
        )  # fmt: skip
        read = subscription.with_user(reader)
        self.assertEqual(read.get_summary()["id"], subscription.id)
        calls = [
            lambda: read.subscribe(self.partner_a.id, self.plan.handle),
            lambda: read.change_quantity(2),
            lambda: read.change_price(2.0),
            lambda: read.change_plan("pro"),
            read.cancel_plan_change,
            lambda: read.add_option(self.add_on.id),
            lambda: read.remove_option(read.line_ids[0].id),
            read.pause,
            read.suspend,
            read.resume,
            read.terminate,
            read.withdraw_termination,
            lambda: read.preview("change_quantity", {"quantity": 2}),
        ]
        for call in calls:
            with self.assertRaises(AccessError):
                call()

    def test_another_company_is_out_of_reach(self):
        other = self._create_subscription()
        stranger = new_test_user(
            self.env, "stranger", "subscription_base.group_subscription_user",
            company_id=self.setup_other_company()["company"].id,
        )  # fmt: skip
        for call in ("get_summary", "pause", "terminate"):
            with self.assertRaises(AccessError):
                getattr(other.with_user(stranger), call)()
