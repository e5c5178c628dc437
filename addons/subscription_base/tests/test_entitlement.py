from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import SubscriptionCommon, shows


@tagged("post_install", "-at_install")
class TestEntitlement(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.features = cls.env["subscription.feature"].create(
            [{"name": "Basic access"}, {"name": "Premium support"}, {"name": "Users"}]
        )
        cls.basic, cls.premium, cls.users = cls.features

    def _create_entitling_plan(self, *entitlements, **values):
        return self._create_plan(
            "Entitling",
            [{"product_id": self.hosting.id}, {"product_id": self.domain.id, "is_optional": True}],
            entitlement_ids=[Command.create(entitlement) for entitlement in entitlements],
            **values,
        )

    def _features_on(self, day, partner=None):
        with freeze_time(day):
            entitlements = (partner or self.partner_a)._get_entitlements()
            return sorted(entitlements.feature_id.mapped("handle"))

    @shows("RE-114")
    def test_an_active_subscription_entitles_its_customer(self):
        plan = self._create_entitling_plan({"feature_id": self.basic.id})
        with freeze_time("2026-01-01"):
            subscription = self._create_subscription(plan, date_end="2026-12-31")
            self.assertTrue(self.partner_a._has_entitlement("basic-access"))
            self.assertFalse(self.partner_a._has_entitlement("premium-support"))
            self.assertFalse(self.partner_b._has_entitlement("basic-access"))
            [entitlement] = self.env["subscription.entitlement"].search(
                [("subscription_id", "=", subscription.id)]
            )
            self.assertEqual(str(entitlement.date_from), "2026-01-01")
            self.assertEqual(str(entitlement.date_to), "2026-12-31")
            self.assertEqual(entitlement.partner_id, self.partner_a)
            self.assertFalse(self.partner_a._has_entitlement("basic-access", "2025-12-31"))
            self.assertFalse(self.partner_a._has_entitlement("basic-access", "2027-01-01"))
            for state, granted in (
                ("suspended", False), ("active", True), ("paused", False), ("closed", False),
            ):  # fmt: skip
                subscription.sudo().state = state
                self.assertEqual(self.partner_a._has_entitlement("basic-access"), granted, state)

    def test_a_draft_and_a_start_to_come_entitle_to_nothing(self):
        plan = self._create_entitling_plan({"feature_id": self.basic.id})
        with freeze_time("2026-01-01"):
            draft = self._create_subscription(plan, start=False)
            self.assertFalse(self.partner_a._has_entitlement("basic-access"))
            draft.date_start = "2026-02-01"
            draft.action_start()
            self.assertFalse(self.partner_a._has_entitlement("basic-access"))

    @shows("PA-08")
    def test_a_trial_has_limited_features(self):
        plan = self._create_entitling_plan(
            {"feature_id": self.basic.id},
            {"feature_id": self.premium.id, "phase": "paid"},
            trial_length=14,
            trial_unit="day",
        )
        with freeze_time("2026-05-01"):
            subscription = self._create_subscription(plan, "2026-05-01")
            self.assertEqual(subscription.state, "trial")
        for day, features in (
            ("2026-05-01", ["basic-access"]),
            ("2026-05-14", ["basic-access"]),
            ("2026-05-15", ["basic-access", "premium-support"]),
        ):
            self.assertEqual(self._features_on(day), features)

    def test_a_feature_of_the_trial_ends_with_it(self):
        plan = self._create_entitling_plan(
            {"feature_id": self.premium.id, "phase": "trial"}, trial_length=14, trial_unit="day"
        )
        with freeze_time("2026-05-01"):
            self._create_subscription(plan, "2026-05-01")
        self.assertEqual(self._features_on("2026-05-14"), ["premium-support"])
        self.assertEqual(self._features_on("2026-05-15"), [])
        without = self._create_entitling_plan({"feature_id": self.premium.id, "phase": "trial"})
        with freeze_time("2026-05-01"):
            self._create_subscription(without, "2026-05-01", partner_id=self.partner_b.id)
        self.assertEqual(self._features_on("2026-05-01", self.partner_b), [])

    def test_a_feature_for_a_time(self):
        plan = self._create_entitling_plan({"feature_id": self.premium.id, "duration": 1})
        with freeze_time("2026-01-31"):
            self._create_subscription(plan, "2026-01-31")
        self.assertEqual(self._features_on("2026-02-27"), ["premium-support"])
        self.assertEqual(self._features_on("2026-02-28"), [])

    def test_an_add_on_brings_its_feature_along(self):
        plan = self._create_entitling_plan(
            {"feature_id": self.premium.id, "product_id": self.domain.id}
        )
        with freeze_time("2026-01-01"):
            subscription = self._create_subscription(plan)
            self.assertFalse(self.partner_a._has_entitlement("premium-support"))
            add_on = plan.component_ids.filtered("is_optional")
            values = add_on._prepare_subscription_line_values()
            subscription.line_ids = [Command.create(values | {"date_start": "2026-02-01"})]
        self.assertEqual(self._features_on("2026-01-31"), [])
        self.assertEqual(self._features_on("2026-02-01"), ["premium-support"])

    def test_limits_of_several_subscriptions_add_up(self):
        plan = self._create_entitling_plan(
            {"feature_id": self.users.id, "is_limited": True, "limit_quantity": 5.0}
        )
        with freeze_time("2026-01-01"):
            self.assertEqual(self.partner_a._get_entitlement_limit("users"), 0.0)
            self._create_subscription(plan)
            contact = self.env["res.partner"].create(
                {"name": "Contact", "parent_id": self.partner_a.id}
            )
            self._create_subscription(plan, partner_id=contact.id)
            self.assertEqual(self.partner_a._get_entitlement_limit("users"), 10.0)
            self.assertEqual(contact._get_entitlement_limit("users"), 10.0)
            unlimited = self._create_entitling_plan({"feature_id": self.users.id})
            self._create_subscription(unlimited)
            self.assertEqual(self.partner_a._get_entitlement_limit("users"), float("inf"))

    def test_entitlements_of_a_used_plan_stay(self):
        plan = self._create_entitling_plan({"feature_id": self.basic.id})
        self._create_subscription(plan)
        with self.assertRaises(UserError):
            plan.entitlement_ids.feature_id = self.premium
        with self.assertRaises(UserError):
            plan.entitlement_ids.unlink()
        self.assertEqual(plan.copy().entitlement_ids.feature_id, self.basic)

    def test_buttons_and_rights(self):
        plan = self._create_entitling_plan({"feature_id": self.basic.id})
        subscription = self._create_subscription(plan)
        user = new_test_user(
            self.env,
            "entitlement_user",
            "base.group_user,subscription_base.group_subscription_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        for record in (subscription.with_user(user), self.partner_a.with_user(user)):
            self.assertEqual(record.entitlement_count, 1)
            action = record.action_view_entitlements()
            found = self.env["subscription.entitlement"].with_user(user).search(action["domain"])
            self.assertEqual(found.feature_id, self.basic)
            Form(record)
        with self.assertRaises(AccessError):
            self.basic.with_user(user).name = "Other"
        entitlement = self.env["subscription.entitlement"].search(
            [("subscription_id", "=", subscription.id)]
        )
        entitlement.invalidate_recordset()
        self.assertEqual(entitlement.display_name, "Basic access")
