from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .common import shows
from .test_migration import MigrationCommon


@tagged("post_install", "-at_install")
class TestVersionEntitlements(MigrationCommon):
    """A used plan may entitle to more, but to less only in a new version."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users, cls.support = cls.env["subscription.feature"].create(
            [{"name": "Users"}, {"name": "Support"}]
        )
        cls.flat_plan.entitlement_ids = [
            Command.create({"feature_id": cls.users.id, "is_limited": True, "limit_quantity": 5.0})
        ]
        cls.subscription = cls._create_subscription(cls.flat_plan, "2026-04-15")

    @shows("LAW-34")
    def test_a_used_plan_entitles_to_more_but_not_to_less(self):
        limit = self.flat_plan.entitlement_ids
        for vals in (
            {"limit_quantity": 4.0},
            {"feature_id": self.support.id},
            {"phase": "trial"},
            {"duration": 3},
            {"product_id": self.domain.id},
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "New version"):
                limit.write(vals)
        with self.assertRaisesRegex(UserError, "New version"):
            limit.unlink()
        self.flat_plan.entitlement_ids = [Command.create({"feature_id": self.support.id})]
        with Form(self.flat_plan) as form, form.entitlement_ids.edit(0) as line:
            line.limit_quantity = 10.0
        limit.is_limited = False
        self.assertEqual(self.flat_plan.version, 1)

    def _lost(self, **vals):
        with freeze_time("2026-05-01"):
            version = self._prepare_version(self.flat_plan)
            version.entitlement_ids.write(vals)
            lost = self._get_publication(version).line_ids.lost_entitlements
            version.action_discard_version()
        return lost

    @shows("LAW-34")
    def test_less_of_an_entitlement_is_a_loss(self):
        for vals, lost in (
            ({"limit_quantity": 4.0}, "Users"),
            ({"limit_quantity": 6.0}, False),
            ({"is_limited": False}, False),
            ({"duration": 3}, "Users"),
            ({"phase": "trial"}, "Users"),
            ({"product_id": self.domain.id}, "Users"),
            ({"feature_id": self.support.id}, "Users"),
        ):
            with self.subTest(vals=vals):
                self.assertEqual(self._lost(**vals), lost)

    def test_what_the_customer_does_not_have_is_not_lost(self):
        self.flat_plan.entitlement_ids = [
            Command.create({"feature_id": self.support.id, "product_id": self.domain.id}),
            Command.create({"feature_id": self.support.id, "phase": "trial"}),
        ]
        with freeze_time("2026-05-01"):
            version = self._prepare_version(self.flat_plan)
            version.entitlement_ids[1:].unlink()
            self.assertFalse(self._get_publication(version).line_ids.lost_entitlements)
