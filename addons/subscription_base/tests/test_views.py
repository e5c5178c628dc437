from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common import SubscriptionCommon, shows

USER = "subscription_base.group_subscription_user"
MANAGER = "subscription_base.group_subscription_manager"
INVOICING = "account.group_account_invoice"
READER = "account.group_account_readonly"
SALES = "sales_team.group_sale_salesman"


class ViewsCommon(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._create_user("view_user", USER)
        cls.manager = cls._create_user("view_manager", MANAGER)
        cls.accountant = cls._create_user("view_accountant", INVOICING)
        cls.reader = cls._create_user("view_reader", READER)
        cls.salesperson = cls._create_user("view_salesperson", SALES)

    @classmethod
    def _create_user(cls, login, groups):
        return new_test_user(
            cls.env,
            login,
            f"base.group_user,{groups}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _fill_subscription(self, user, plan=None):
        """What a salesperson does: customer, plan, save."""
        form = Form(self.env["subscription.subscription"].with_user(user))
        form.partner_id = self.partner_a
        form.plan_id = plan or self.plan
        return form


@tagged("post_install", "-at_install")
class TestForms(ViewsCommon):
    @shows("RE-03")
    def test_the_menu_of_plans_is_read_for_sales_and_write_for_managers(self):
        menu = self.env.ref("subscription_base.subscription_plan_menu")
        self.assertEqual(menu.complete_name, "Subscriptions/Configuration/Product Catalogue/Plans")
        self.assertEqual(menu.action, self.env.ref("subscription_base.subscription_plan_action"))
        for user, writes in ((self.salesperson, False), (self.manager, True)):
            with self.subTest(user=user.login):
                visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
                self.assertLessEqual({menu.id, *_parents(menu)}, set(visible))
                plan = self.plan.with_user(user)
                self.assertTrue(plan.has_access("read"))
                for operation in ("write", "create", "unlink"):
                    self.assertEqual(plan.has_access(operation), writes)

    @shows("RE-04")
    def test_a_new_plan_appears_in_the_list(self):
        form = Form(self.env["subscription.plan"].with_user(self.manager))
        form.name = "Web space"
        plan = form.save()
        action = self.env.ref("subscription_base.subscription_plan_action")
        shown = _literal(action.context)
        arch = plan.get_views([(False, "search")])["views"]["search"]["arch"]
        domain = fields.Domain.OR(
            fields.Domain(_literal(node.get("domain")))
            for node in etree.fromstring(arch).iter("filter")
            if shown.get(f"search_default_{node.get('name')}")
        )
        self.assertTrue(action.view_mode.startswith("list"))
        listed = plan.search_read(domain, ["name", "handle"])
        self.assertIn({"id": plan.id, "name": "Web space", "handle": "web-space"}, listed)

    def test_a_manager_creates_a_plan(self):
        form = Form(self.env["subscription.plan"].with_user(self.manager))
        form.name = "Web space"
        form.schedule_type = "month_fixed"
        form.fixed_day = 15
        form.interval_count = 3
        self.assertEqual(form.frequency, "every 3 months on the 15th")
        with form.component_ids.new() as component:
            component.product_id = self.hosting
        with form.component_ids.new() as component:
            component.product_id = self.traffic
            component.charge_type = "usage"
        plan = form.save()
        self.assertEqual(plan.handle, "web-space")
        self.assertEqual(plan.price, 30.0)
        self.assertEqual(plan.component_ids.mapped("timing"), ["advance", "arrears"])
        plan.action_activate()
        self.assertEqual(plan.state, "active")
        self.assertIn(plan, self.hosting.product_tmpl_id.subscription_plan_ids)

    def test_choosing_a_plan_fills_the_lines(self):
        subscription = self._fill_subscription(self.user).save()
        self.assertEqual(subscription.user_id, self.user)
        self.assertEqual(
            subscription.line_ids.mapped("product_id"), self.hosting + self.setup_fee + self.traffic
        )
        self.assertEqual(subscription.line_ids.mapped("price_unit"), [30.0, 50.0, 0.05])
        self.assertEqual(subscription.recurring_amount, 30.0)

    def test_an_add_on_comes_at_the_terms_of_the_plan(self):
        form = self._fill_subscription(self.user)
        with form.line_ids.new() as line:
            line.product_id = self.domain
            self.assertEqual(line.price_unit, 6.0)
            line.quantity = 2
        subscription = form.save()
        add_on = subscription.line_ids[-1]
        self.assertTrue(add_on.component_id.is_optional)
        self.assertEqual(add_on.date_start, subscription.date_start)
        self.assertEqual(subscription.recurring_amount, 42.0)

    def test_another_product_comes_at_its_sales_price(self):
        form = self._fill_subscription(self.user)
        with form.line_ids.new() as line:
            line.product_id = self.product_a
        line = form.save().line_ids[-1]
        self.assertFalse(line.component_id)
        self.assertEqual(line.name, self.product_a.name)
        self.assertEqual(line.price_unit, self.product_a.lst_price)

    def test_a_new_subscription_is_called_new(self):
        new = self.env["subscription.subscription"].with_context(show_customer=True).new()
        self.assertEqual(new.display_name, "New")
        new.partner_id = self.partner_a
        self.assertEqual(new.display_name, "New - partner_a")

    def test_a_user_starts_and_closes_a_subscription(self):
        subscription = self._fill_subscription(self.user).save()
        subscription.action_start()
        self.assertEqual(subscription.state, "active")
        wizard = self._open_close_wizard(subscription)
        wizard.date_end = last_day = fields.Date.add(fields.Date.today(), days=40)
        wizard.close_reason_id = self.env.ref("subscription_base.close_reason_price")
        wizard.save().action_close()
        self.assertEqual(subscription.date_end, last_day)
        self.assertEqual(subscription.close_reason_id.name, "Too expensive")
        self.assertEqual(subscription.state, "active")

    def test_a_subscription_cannot_end_before_it_starts(self):
        form = self._fill_subscription(self.user)
        form.date_start = fields.Date.add(fields.Date.today(), days=10)
        subscription = form.save()
        subscription.action_start()
        wizard = self._open_close_wizard(subscription)
        self.assertEqual(wizard.date_end, subscription.date_start)
        wizard.date_end = fields.Date.today()
        wizard.close_reason_id = self.env.ref("subscription_base.close_reason_price")
        with self.assertRaises(UserError):
            wizard.save().action_close()

    def test_the_history_says_what_happened(self):
        subscription = self._fill_subscription(self.user).save()
        subscription._log_event("billing_failed", description="No account.")
        self.assertEqual(
            subscription.event_ids.mapped("summary"), ["Billing failed: No account.", "Created"]
        )

    def _open_close_wizard(self, subscription):
        action = subscription.action_open_close_wizard()
        model = self.env[action["res_model"]].with_user(self.user)
        return Form(model.with_context(**action["context"]))

    def test_a_charged_line_is_locked_in_the_form(self):
        subscription = self._fill_subscription(self.manager).save()
        subscription.action_start()
        subscription.action_bill_now()
        form = Form(subscription)
        with form.line_ids.edit(0) as line, self.assertRaises(AssertionError):
            line.price_unit = 1.0

    def test_an_accountant_bills_now(self):
        subscription = self._fill_subscription(self.user).save()
        subscription.action_start()
        action = subscription.with_user(self.accountant).action_bill_now()
        invoice = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(invoice.state, "posted")
        self.assertEqual(invoice.subscription_count, 1)
        line = invoice.with_user(self.accountant).invoice_line_ids[0]
        charge = self.env["subscription.charge"].browse(
            line.action_view_subscription_charge()["res_id"]
        )
        self.assertEqual(charge.subscription_id, subscription)
        with self.assertRaises(AccessError):
            subscription.with_user(self.user).action_bill_now()

    def test_an_accountant_starts_a_billing_run(self):
        run = Form(self.env["subscription.billing.run"].with_user(self.accountant)).save()
        run.action_run()
        self.assertEqual(run.state, "running")
        self.assertTrue(run.action_refresh())

    def test_a_billing_run_is_named_by_its_day_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("de_DE")
        run = self._create_run("2026-12-01")
        self.assertEqual(run.display_name, "Billing as of 12/01/2026")
        self.assertIn("01.12.2026", run.with_context(lang="de_DE").display_name)


@tagged("post_install", "-at_install")
class TestActions(ViewsCommon):
    """Every window of the module opens for everybody who may see it."""

    def setUp(self):
        super().setUp()
        subscription = self._fill_subscription(self.manager).save()
        subscription.action_start()
        subscription.action_bill_now()
        self.env["subscription.usage"].create(
            {"line_id": subscription.line_ids[2].id, "quantity": 5.0}
        )
        self.subscription = subscription

    def _get_actions(self):
        data = self.env["ir.model.data"].search(
            [("module", "=", "subscription_base"), ("model", "=", "ir.actions.act_window")]
        )
        return self.env["ir.actions.act_window"].browse(data.mapped("res_id"))

    def test_every_action_opens(self):
        users = (self.manager, self.user, self.salesperson, self.accountant, self.reader)
        actions = self._get_actions()
        self.assertGreaterEqual(len(actions), 12)
        for user in users:
            for action in actions:
                model = self.env[action.res_model].with_user(user)
                if model.has_access("read"):
                    with self.subTest(user=user.login, action=action.name):
                        self._open(action, model)

    def _open(self, action, model):
        views = action._get_action_dict()["views"]
        views += [(action.search_view_id.id, "search")]
        result = model.get_views(views)
        records = model.search([], limit=5)
        for view_type, view in result["views"].items():
            if view_type in ("list", "form", "kanban"):
                names = {node.get("name") for node in etree.fromstring(view["arch"]).iter("field")}
                records.read(sorted(names & set(model._fields)))

    def test_filters_and_groups_work(self):
        for action in self._get_actions().filtered(lambda a: a.res_model != "account.move"):
            model = self.env[action.res_model].with_user(self.manager)
            if not model.has_access("read"):
                continue
            arch = model.get_views([(False, "search")])["views"]["search"]["arch"]
            for node in etree.fromstring(arch).iter("filter"):
                with self.subTest(model=action.res_model, filter=node.get("name")):
                    if node.get("domain"):
                        domain = node.get("domain").replace("uid", str(self.manager.id))
                        model.search(fields.Domain(_literal(domain)))
                    if node.get("context"):
                        group = _literal(node.get("context"))["group_by"]
                        model.formatted_read_group([], [group], ["__count"])

    def test_the_buttons_open_something(self):
        subscription = self.subscription.with_user(self.salesperson)
        run = self.subscription.charge_ids.run_id.with_user(self.accountant)
        for action in (
            subscription.action_view_invoices(),
            subscription.action_view_charges(),
            subscription.action_view_usage(),
            subscription.plan_id.action_view_subscriptions(),
            subscription.partner_id.action_view_subscriptions(),
            run.action_view_invoices(),
            run.action_view_posted(),
            run.action_view_charges(),
            run.action_view_failed(),
        ):
            self.assertEqual(action["type"], "ir.actions.act_window")
            domain = action.get("domain") or []
            self.env[action["res_model"]].search(
                _literal(domain) if isinstance(domain, str) else domain
            )

    def test_buttons_count_what_the_user_may_open(self):
        subscription, run = self.subscription, self.subscription.charge_ids.run_id
        invoice = subscription._get_invoices()
        for user, seen in ((self.accountant, 1), (self.salesperson, 0), (self.user, 0)):
            with self.subTest(user=user.login):
                self.assertEqual(subscription.with_user(user).invoice_count, seen)
                self.assertEqual(run.with_user(user).invoice_count, seen)
                self.assertEqual(run.with_user(user).charge_count, 2)
                self.assertEqual(
                    run.with_user(user).latest_invoice_ids, invoice if seen else invoice.browse()
                )

    def test_sums_of_several_currencies_are_in_the_currency_of_the_company(self):
        other = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        plan = self._create_plan("Abroad", [{"product_id": self.hosting.id}], currency_id=other.id)
        price = plan.component_ids.price_unit
        self._create_subscription(plan)
        mine = [("company_id", "=", self.company.id)]
        for model, field in (
            ("subscription.subscription", "recurring_monthly"),
            ("subscription.event", "recurring_delta"),
        ):
            [(total,)] = self.env[model]._read_group(mine, aggregates=[f"{field}:sum_currency"])
            self.assertAlmostEqual(total, 30.0 + price / 2.0)

    @shows("RE-18", "RE-19", "RE-20", "RE-21", "RE-22")
    def test_plans_are_filtered_by_creation_date(self):
        """On each day of a week, from Monday 2 March 2026 on."""
        arch = self.env["subscription.plan"].get_views([(False, "search")])["views"]["search"]
        nodes = {node.get("name"): node for node in etree.fromstring(arch["arch"]).iter("filter")}
        for day in range(2, 9):
            yesterday = fields.Date.to_date(f"2026-03-{day - 1:02}")
            for name, first, last in (
                ("created_yesterday", f"{yesterday} 00:00:00", f"{yesterday} 23:59:59"),
                ("created_last_week", "2026-02-23 00:00:00", "2026-03-01 23:59:59"),
                ("created_last_month", "2026-02-01 00:00:00", "2026-02-28 23:59:59"),
                ("created_last_year", "2025-01-01 00:00:00", "2025-12-31 23:59:59"),
            ):
                with self.subTest(filter=name, day=day), freeze_time(f"2026-03-{day:02} 12:00"):
                    found = self._get_found(_literal(nodes[name].get("domain")), first, last)
                    self.assertEqual(found, [False, True, True, False])
        self.assertIn("Monday to Sunday", nodes["created_last_week"].get("help"))
        with freeze_time("2026-03-08 12:00"):
            recent = _literal(nodes["created_3_months"].get("domain"))
            self.assertEqual(
                self._get_found(recent, "2025-12-09 00:00:00", "2026-03-08 11:00:00")[1:3],
                [True, True],
            )
            self.assertFalse(self._is_found("2025-11-08 12:00:00", recent))

    def _get_found(self, domain, first, last):
        """Whether plans made just before ``first``, then, at ``last`` and just after are found."""
        first, last = fields.Datetime.to_datetime(first), fields.Datetime.to_datetime(last)
        second = timedelta(seconds=1)
        return [
            self._is_found(moment, domain)
            for moment in (first - second, first, last, last + second)
        ]

    def _is_found(self, moment, domain):
        self.env.cr.execute(
            "UPDATE subscription_plan SET create_date = %s WHERE id = %s", (moment, self.plan.id)
        )
        self.plan.invalidate_recordset(["create_date"])
        return self.plan in self.plan.with_context(tz="UTC").search(domain)


def _parents(menu):
    """The ids of the menus above ``menu``."""
    return [int(number) for number in menu.parent_path.split("/") if number]


def _literal(text):
    """The value of a Python expression in a view that names no record."""
    return safe_eval(text, {})
