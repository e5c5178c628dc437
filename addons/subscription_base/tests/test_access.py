from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .test_views import INVOICING, MANAGER, ViewsCommon


@tagged("post_install", "-at_install")
class TestAccess(ViewsCommon):
    def test_a_user_cannot_write_plans(self):
        plan = self.plan.with_user(self.user)
        self.assertEqual(plan.name, "Hosting monthly")
        with self.assertRaises(AccessError):
            plan.name = "Mine"
        with self.assertRaises(AccessError):
            plan.component_ids[0].price_unit = 1.0
        with self.assertRaises(AccessError):
            plan.create({"name": "Mine"})

    def test_nobody_writes_charges(self):
        subscription = self._fill_subscription(self.manager).save()
        subscription.action_start()
        subscription.action_bill_now()
        for user in (self.user, self.manager, self.accountant):
            charge = subscription.charge_ids[0].with_user(user)
            self.assertTrue(charge.explanation)
            with self.assertRaises(UserError):
                charge.write({"amount": 1.0})
            with self.assertRaises(UserError):
                charge.unlink()
            with self.assertRaises(UserError):
                subscription.event_ids[0].with_user(user).write({"description": "Nothing"})

    def test_an_accountant_reads_subscriptions_bills_and_comments(self):
        subscription = self._fill_subscription(self.manager).save()
        subscription.action_start()
        seen = subscription.with_user(self.accountant)
        for values in ({"note": "Mine"}, {"user_id": self.accountant.id}, {"active": False}):
            with self.assertRaises(AccessError):
                seen.write(values)
        with self.assertRaises(AccessError):
            seen.line_ids.write({"price_unit": 1.0})
        draft = self._fill_subscription(self.manager).save()
        with self.assertRaises(AccessError):
            draft.with_user(self.accountant).action_start()
        subscription._terminate("2099-12-31")
        for action in ("action_withdraw_termination", "action_resume", "_close", "_pause"):
            with self.assertRaises(AccessError):
                getattr(seen, action)()
        self.assertTrue(seen.message_post(body="Paid in cash, as agreed"))
        activity = seen.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.accountant.id, summary="Look"
        )
        activity.action_feedback(feedback="Done")
        seen.action_bill_now()
        self.assertTrue(subscription.charge_ids.move_id)

    def test_companies_are_isolated(self):
        subscription = self._fill_subscription(self.manager).save()
        subscription.action_start()
        self.env["subscription.usage"].create(
            {"line_id": subscription.line_ids[2].id, "quantity": 5.0}
        )
        subscription.action_bill_now()
        other = self.setup_other_company()["company"]
        stranger = new_test_user(
            self.env,
            "view_stranger",
            f"base.group_user,{MANAGER},{INVOICING}",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for records in (
            subscription.plan_id,
            subscription.plan_id.component_ids,
            subscription,
            subscription.line_ids,
            subscription.charge_ids,
            subscription.line_ids.usage_ids,
            subscription.event_ids,
            subscription.charge_ids.run_id,
        ):
            with self.subTest(model=records._name):
                self.assertTrue(records)
                self.assertTrue(records.with_user(self.manager).has_access("read"))
                self.assertFalse(records.with_user(stranger)._filtered_access("read"))
                self.assertFalse(records.with_user(stranger).search([("id", "in", records.ids)]))
