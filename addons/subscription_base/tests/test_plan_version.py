from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common import SubscriptionCommon, shows


class VersionCommon(SubscriptionCommon):
    def _prepare_version(self, plan, audience="all", **prices):
        """A draft of the next version, with other prices of its products."""
        action = plan.action_new_version()
        wizard = Form(self.env[action["res_model"]].with_context(**action["context"]))
        wizard.audience = audience
        action = wizard.save().action_create_version()
        version = self.env[action["res_model"]].browse(action["res_id"])
        for component in version.component_ids:
            if component.product_id.name in prices:
                component.price_unit = prices[component.product_id.name]
        return version

    def _get_publication(self, version):
        """The dialog that shows what publishing would do."""
        action = version.action_publish_version()
        return self.env[action["res_model"]].browse(action["res_id"])

    def _publish(self, plan, audience="all", **prices):
        version = self._prepare_version(plan, audience, **prices)
        self._get_publication(version).action_publish()
        return version


@tagged("post_install", "-at_install")
class TestPlanVersion(VersionCommon):
    """What has been sold stays as it was; a change makes a new version."""

    @shows("RE-120")
    def test_a_used_plan_keeps_its_commercial_terms(self):
        subscription = self._create_subscription(self.plan)
        main, _setup, traffic, add_on = self.plan.component_ids
        for record, vals in (
            (self.plan, {"fixed_day": 2}),
            (self.plan, {"schedule_type": "month_last"}),
            (self.plan, {"interval_count": 3}),
            (self.plan, {"partial_period": "full"}),
            (self.plan, {"payment_term_id": self.pay_terms_b.id}),
            (self.plan, {"handle": "other"}),
            (self.plan, {"component_ids": [Command.update(main.id, {"price_unit": 35.0})]}),
            (main, {"price_unit": 35.0}),
            (main, {"product_id": self.product_a.id}),
            (main, {"timing": "arrears"}),
            (main, {"pricing_model": "flat"}),
            (main, {"default_quantity": 2.0}),
            (main, {"is_optional": True}),
            (traffic, {"included_qty": 50.0}),
            (add_on, {"price_unit": 7.0}),
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "New version"):
                record.write(vals)
        with self.assertRaisesRegex(UserError, "New version"):
            main.unlink()
        with self.assertRaisesRegex(UserError, "New version"):
            self.plan.component_ids = [Command.create({"product_id": self.product_a.id})]
        self.assertEqual(subscription.line_ids[0].price_unit, 30.0)

    @shows("RE-120")
    def test_an_import_cannot_change_a_used_plan(self):
        self._create_subscription(self.plan)
        main = self.plan.component_ids[0]
        for model, header, row in (
            ("subscription.plan.component", [".id", "price_unit"], [str(main.id), "35"]),
            ("subscription.plan", [".id", "interval_count"], [str(self.plan.id), "3"]),
        ):
            result = self.env[model].load(header, [row])
            self.assertFalse(result["ids"])
            self.assertIn("New version", result["messages"][0]["message"])

    def test_a_proposal_does_not_lock_its_plan(self):
        self._create_subscription(self.plan, start=False)
        self.plan.component_ids[0].price_unit = 35.0
        self.assertFalse(self.plan.is_used)

    @shows("RE-115", "RE-116")
    def test_name_and_description_change_in_place(self):
        self._create_subscription(self.plan)
        self.plan.write({"name": "Web hosting", "description": "10 GB"})
        self.plan.component_ids[0].name = "Web space"
        self.assertEqual(self.plan.version, 1)
        self.assertEqual(self.plan.name, "Web hosting")

    @shows("RE-117")
    def test_a_new_tax_applies_to_the_next_invoices(self):
        subscription = self._create_subscription(self.plan)
        before = self._bill(subscription, "2026-01-01")
        tax = self.tax_sale_a.copy({"name": "19 %", "amount": 19.0})
        self.hosting.taxes_id = tax
        after = self._bill(subscription, "2026-02-01")
        self.assertEqual(self.plan.version, 1)
        self.assertEqual(before.invoice_line_ids.tax_ids, self.tax_sale_a)
        self.assertEqual(before.amount_tax, 12.0)
        self.assertEqual((after.invoice_line_ids.tax_ids, after.amount_tax), (tax, 5.7))

    @shows("RE-119")
    def test_a_new_set_up_fee_is_for_new_subscriptions(self):
        old = self._create_subscription(self.plan, "2026-02-01")
        self.plan.component_ids[1].price_unit = 65.0
        new = self._create_subscription(self.plan, "2026-02-01")
        self.assertEqual(self._bill(old, "2026-02-01").amount_untaxed, 30.0 + 50.0)
        self.assertEqual(self._bill(new, "2026-02-01").amount_untaxed, 30.0 + 65.0)
        self.assertEqual(self.plan.version, 1)

    def test_an_add_on_may_come_and_go_while_nobody_has_it(self):
        self._create_subscription(self.plan)
        self.plan.component_ids = [
            Command.create({"product_id": self.product_a.id, "is_optional": True})
        ]
        self.plan.component_ids[-1].unlink()

    @shows("RE-120")
    def test_the_form_shows_what_is_locked(self):
        self._create_subscription(self.plan)
        form = Form(self.plan)
        form.description = "10 GB"
        with self.assertRaisesRegex(AssertionError, "readonly"):
            form.partial_period = "full"
        for number, locked in ((0, True), (1, False)):
            with form.component_ids.edit(number) as component:
                if locked:
                    with self.assertRaisesRegex(AssertionError, "readonly"):
                        component.price_unit = 1.0
                else:
                    component.price_unit = 1.0

    @shows("RE-121")
    def test_somebody_has_to_say_whom_the_version_is_for(self):
        action = self.plan.action_new_version()
        wizard = Form(self.env[action["res_model"]].with_context(**action["context"]))
        self.assertFalse(wizard.audience)
        with self.assertRaisesRegex(AssertionError, "required"):
            wizard.save()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env[action["res_model"]].create({"plan_id": self.plan.id})

    @shows("RE-122")
    def test_the_action_is_on_the_page_and_in_its_menu(self):
        arch = self.plan.get_views([(False, "form")])["views"]["form"]["arch"]
        self.assertIn('name="action_new_version"', arch)
        toolbar = self.plan.get_views([(False, "form")], {"toolbar": True})["views"]["form"]
        [action] = [a for a in toolbar["toolbar"]["action"] if a["name"] == "New Version"]
        server = self.env["ir.actions.server"].browse(action["id"])
        opened = server.with_context(active_model=self.plan._name, active_id=self.plan.id).run()
        self.assertEqual(opened["res_model"], "subscription.plan.version.wizard")
        listed = self.env.ref("subscription_base.subscription_plan_view_list").arch
        self.assertNotIn("editable", listed)

    @shows("RE-08", "RE-125")
    def test_the_draft_shows_the_old_values_and_can_be_changed(self):
        self._create_subscription(self.plan)
        version = self._prepare_version(self.plan)
        self.assertEqual((version.version, version.state), (2, "draft"))
        self.assertEqual(version.handle, self.plan.handle)
        self.assertEqual(version.display_name, "Hosting monthly (version 2)")
        old = self.plan.with_context(show_version=True)
        self.assertEqual(old.display_name, "Hosting monthly (version 1)")
        self.assertEqual(version.previous_version_id, self.plan)
        for name in ("schedule_type", "fixed_day", "partial_period"):
            self.assertEqual(version[name], self.plan[name])
        self.assertEqual(
            version.component_ids.mapped("price_unit"), self.plan.component_ids.mapped("price_unit")
        )
        self.assertEqual(version.component_ids.predecessor_id, self.plan.component_ids)
        form = Form(version)
        form.fixed_day = 5
        with form.component_ids.edit(0) as component:
            component.price_unit = 35.0
        form.save()
        self.assertEqual((version.price, self.plan.price), (35.0, 30.0))
        self.assertEqual((version.fixed_day, self.plan.fixed_day), (5, 1))

    @shows("RE-126")
    def test_cancelling_the_confirmation_changes_nothing(self):
        self._create_subscription(self.plan)
        self._create_subscription(self.plan)
        version = self._prepare_version(self.plan, Hosting=35.0)
        dialog = self._get_publication(version)
        self.assertEqual(dialog.affected_count, 2)
        self.assertEqual((dialog.monthly_before, dialog.monthly_after), (60.0, 70.0))
        self.assertEqual((version.state, self.plan.state), ("draft", "active"))
        self.assertFalse(self.env["subscription.migration"].search([]))
        self.assertFalse(self.plan.subscription_ids.line_ids.filtered("date_end"))
        dialog.action_publish()
        self.assertEqual((version.state, self.plan.state), ("active", "superseded"))

    @shows("RE-123", "RE-127", "RE-128")
    def test_new_subscribers_only(self):
        existing = self._create_subscription(self.flat_plan, "2026-01-01")
        version = self._publish(self.flat_plan, "new", Hosting=35.0)
        self.assertEqual((self.flat_plan.state, version.state), ("superseded", "active"))
        new = self._create_subscription(version, "2026-02-01")
        self.assertEqual(self._bill(existing, "2026-01-01").amount_untaxed, 30.0)
        self.assertEqual(self._bill(existing, "2026-02-01").amount_untaxed, 30.0)
        self.assertEqual(self._bill(new, "2026-02-01").amount_untaxed, 35.0)
        with self.assertRaisesRegex(UserError, "no longer sold"):
            self._create_subscription(self.flat_plan)
        order = self.env["sale.order"].create({"partner_id": self.partner_a.id})
        order.order_line = [Command.create({"product_id": self.hosting.id})]
        self.assertNotEqual(order.order_line.subscription_plan_id, self.flat_plan)

    @shows("RE-128")
    def test_one_version_is_active(self):
        version = self._publish(self.plan, "new")
        active = self.env["subscription.plan"].search(
            [("handle", "=", self.plan.handle), ("state", "=", "active")]
        )
        self.assertEqual(active, version)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.plan.state = "active"
            self.env.flush_all()

    def test_a_version_is_published_not_activated(self):
        version = self._prepare_version(self.plan)
        with self.assertRaisesRegex(UserError, "publish it"):
            version.action_activate()
        with self.assertRaisesRegex(UserError, "being prepared"):
            self.plan.action_new_version()
        with self.assertRaisesRegex(UserError, "not active"):
            version.action_new_version()

    def test_a_draft_version_can_be_discarded(self):
        version = self._prepare_version(self.plan)
        action = version.action_discard_version()
        self.assertEqual(action["res_id"], self.plan.id)
        self.assertFalse(version.exists())
        self.assertEqual(self.plan.state, "active")
        with self.assertRaisesRegex(UserError, "has not been published"):
            self.plan.action_discard_version()

    def test_versions_are_listed_and_the_handle_stands_for_the_active_one(self):
        version = self._publish(self.plan, "new")
        draft = self._prepare_version(version, "new")
        self.assertEqual((draft.version_count, draft.version), (3, 3))
        listed = self.plan.search(draft.action_view_versions()["domain"])
        self.assertEqual(listed, draft | version | self.plan)
        found = self.plan.name_search(self.plan.handle)
        self.assertEqual(found[0][0], version.id)

    def test_a_salesperson_makes_no_version(self):
        user = new_test_user(self.env, "seller", groups="sales_team.group_sale_salesman")
        user.company_ids = user.company_id = self.company
        with self.assertRaises(AccessError):
            self.plan.with_user(user)._create_version("new")
        version = self._prepare_version(self.plan)
        with self.assertRaises(AccessError):
            version.with_user(user).action_publish_version()
        with self.assertRaises(AccessError):
            version.with_user(user)._publish()

    @freeze_time("2026-05-01")
    def test_a_price_does_not_follow_silently(self):
        """Failure mode 25: neither the list price nor the plan reaches what runs."""
        subscription = self._create_subscription(self.flat_plan, "2026-04-01")
        self._bill(subscription, "2026-04-01")
        self.hosting.list_price = 99.0
        self._publish(self.flat_plan, "new", Hosting=99.0)
        self.assertEqual(self._bill(subscription, "2026-05-01").amount_untaxed, 30.0)

    @freeze_time("2026-05-01")
    def test_expired_lines_are_not_revised(self):
        """Failure mode 25: what is over stays as it was charged."""
        self.partner_a.is_company = True
        subscription = self._create_subscription(self.flat_plan, "2026-03-01")
        subscription.line_ids._change("2026-04-01", quantity=2.0)
        self._bill(subscription, "2026-05-01")
        expired = subscription.line_ids.filtered("date_end")
        self.company.subscription_change_notice = 0
        self._publish(self.flat_plan, Hosting=35.0)
        with freeze_time("2026-06-01"):
            self._bill(subscription, "2026-06-01")
        self.assertEqual(expired.price_unit, 30.0)
        self.assertEqual(
            [amount for *_dates, amount in self._charges(subscription)], [30.0, 60.0, 60.0, 70.0]
        )
