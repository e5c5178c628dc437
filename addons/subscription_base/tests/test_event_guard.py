"""The life-cycle record is only added to, whoever tries, and however (LAW-49)."""

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..models.subscription_event_guard import keep_retired
from .common import SubscriptionCommon, shows
from .test_views import INVOICING, MANAGER


@tagged("post_install", "-at_install")
class TestEventGuard(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.subscription = cls._create_subscription()
        cls.event = cls.subscription.event_ids.filtered(lambda e: e.event_type == "started")
        cls.move = cls.env["account.move"].create({"move_type": "entry"})
        cls.env.cr.flush()

    def _execute(self, query):
        with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            ids = {"event": self.event.id, "subscription": self.subscription.id}
            ids["move"] = self.move.id
            self.env.cr.execute(query, ids)

    @shows("LAW-49")
    def test_the_database_refuses_changes(self):
        for query in (
            "UPDATE subscription_event SET description = 'x' WHERE id = %(event)s",
            "UPDATE subscription_event SET user_id = 1 WHERE id = %(event)s",
            "UPDATE subscription_event SET date = now() WHERE id = %(event)s",
            "UPDATE subscription_event SET changes = NULL WHERE id = %(event)s",
            "UPDATE subscription_event SET recurring_delta = 0 WHERE id = %(event)s",
            "UPDATE subscription_event SET subscription_state = 'closed' WHERE id = %(event)s",
            "UPDATE subscription_event SET currency_id = NULL WHERE id = %(event)s",
            "UPDATE subscription_event SET move_id = %(move)s WHERE id = %(event)s",
            "TRUNCATE subscription_event CASCADE",
            "DELETE FROM subscription_event WHERE id = %(event)s",
            "DELETE FROM subscription_event WHERE event_type = 'created'",
            "DELETE FROM subscription_subscription WHERE id = %(subscription)s",
        ):
            with self.subTest(query=query), self.assertRaises(psycopg2.errors.RestrictViolation):
                self._execute(query)

    @shows("LAW-49")
    def test_the_records_refuse_changes_of_everybody(self):
        seller = new_test_user(self.env, "guard_seller", "sales_team.group_sale_salesman")
        head = new_test_user(self.env, "guard_head", f"base.group_system,{MANAGER},{INVOICING}")
        (seller + head).write(
            {"company_ids": [Command.link(self.company.id)], "company_id": self.company.id}
        )
        values = {"subscription_id": self.subscription.id, "event_type": "closed"}
        for user in (seller, head):
            events = self.event.with_user(user)
            for name, args, kwargs in (
                ("write", [self.event.ids, {"description": "x"}], {}),
                ("web_save", [self.event.ids, {"description": "x"}], {"specification": {}}),
                ("unlink", [self.event.ids], {}),
                ("unlink", [self.event.ids], {"context": {"_force_unlink": True}}),
                ("create", [[values]], {}),
                ("copy", [self.event.ids], {}),
                ("load", [["subscription_id/.id", "event_type"], [["1", "closed"]]], {}),
            ):
                with self.subTest(user=user.login, method=name):
                    count = self.event.search_count([])
                    refused = False
                    try:
                        with self.env.cr.savepoint():
                            result = call_kw(events.browse(), name, args, kwargs)
                            refused = name == "load" and not result["ids"]
                    except (AccessError, UserError):
                        refused = True
                    self.assertTrue(refused)
                    self.assertEqual(self.event.search_count([]), count)
                    self.assertFalse(self.event.description)
            with self.assertRaises(UserError):  # of which an access error is one
                self.subscription.with_user(user).write({"event_ids": [Command.clear()]})
        for method, args in (("write", [{"description": "x"}]), ("unlink", [])):
            with self.assertRaises(UserError):
                getattr(self.event.sudo(), method)(*args)

    def test_a_draft_that_never_began_goes_with_its_creation(self):
        draft = self._create_subscription(start=False)
        created = draft.event_ids
        draft.unlink()
        self.env.cr.flush()
        self.assertFalse(created.exists())

    def test_who_did_something_is_kept_when_the_user_leaves(self):
        user = new_test_user(self.env, "leaver", "sales_team.group_sale_salesman", name="Leaver")
        user.company_ids = user.company_id = self.company
        self.subscription.with_user(user).client_order_ref = "PO 1"
        self.env.cr.flush()
        event = self.subscription.event_ids[0]
        with self.assertRaises(psycopg2.Error), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                user.unlink()
                self.env.flush_all()
        user.active = False
        self.assertEqual(event.user_id.display_name, "Leaver")

    def test_the_company_of_a_draft_may_change(self):
        """The stored company follows the subscription, past the trigger."""
        other = self.setup_other_company()["company"]
        self.env.user.company_ids = [Command.link(other.id)]
        draft = self._create_subscription(start=False)
        created = draft.event_ids
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE subscription_subscription SET company_id = %s WHERE id = %s",
            [other.id, draft.id],
        )
        draft.invalidate_recordset()
        self.env.add_to_compute(created._fields["company_id"], created)
        self.env.flush_all()
        self.assertEqual(created.company_id, other)

    def test_customers_are_merged(self):
        """Odoo's merge of contacts moves the subscriptions; their history stays and goes on."""
        double = self.env["res.partner"].create({"name": "Twice", "company_id": False})
        subscription = self._create_subscription(partner_id=double.id)
        events = subscription.event_ids
        self.env.cr.flush()
        self.env.user.group_ids += self.env.ref("base.group_system")
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {
                "partner_ids": [Command.set((double + self.partner_a).ids)],
                "dst_partner_id": self.partner_a.id,
            }
        )
        wizard.action_merge()
        self.env.invalidate_all()
        self.assertFalse(double.exists())
        self.assertEqual(subscription.partner_id, self.partner_a)
        self.assertEqual(subscription.partner_invoice_id, self.partner_a)
        self.assertLessEqual(events, subscription.event_ids)

    def test_types_of_a_module_that_goes_are_kept_in_words(self):
        """A module that adds types of events takes no evidence away when it is uninstalled."""
        self.subscription._log_event("suspended", description="Third reminder")
        event = self.subscription.event_ids[0]
        self.env.cr.flush()
        keep_retired(event)
        self.assertEqual(event.event_type, "changed")
        self.assertEqual(event.description, "Suspended: Third reminder")
        with self.assertRaises(psycopg2.errors.RestrictViolation):
            self._execute("UPDATE subscription_event SET description = 'x'")
