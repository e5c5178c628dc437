import re
from pathlib import Path

from lxml import etree

from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import SubscriptionCommon, shows

DOCS = Path(__file__).parents[3] / "docs"
MODELS = (
    "subscription.plan",
    "subscription.subscription",
    "subscription.billing.run",
    "sale.order",
)
GROUPS = (
    "base.group_user,subscription_base.group_subscription_manager,sales_team.group_sale_salesman,"
    "account.group_account_invoice,product.group_product_manager"
)


@tagged("post_install", "-at_install")
class TestTutorial(SubscriptionCommon):
    """docs/tutorial.md: what it names is there, and its steps come to what it says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tutorial = (DOCS / "tutorial.md").read_text()
        cls.newcomer = new_test_user(
            cls.env,
            "newcomer",
            GROUPS,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.env = cls.env(user=cls.newcomer)

    @shows("PA-44")
    def test_the_menus_buttons_and_pictures_are_there(self):
        menus = self.env["ir.ui.menu"].search([])
        paths = [path.replace(" > ", "/") for path in re.findall(r"\*\*(.+?)\*\*", self.tutorial)]
        self.assertGreaterEqual(len(paths), 6)
        self.assertLessEqual(set(paths), set(menus.mapped("complete_name")))
        labels = {"New", "make demo", "make serve"}
        for model in MODELS:
            arch = etree.fromstring(self.env[model].get_view(view_type="form")["arch"])
            labels |= set(arch.xpath("//button/@string | //page/@string"))
            labels |= set(arch.xpath("//button//field/@string"))
            gear_menu = self.env["ir.actions.actions"].sudo().get_bindings(model)
            labels |= {action["name"] for actions in gear_menu.values() for action in actions}
        named = set(re.findall(r"`(.+?)`", self.tutorial))
        self.assertGreaterEqual(len(named), 10)
        self.assertLessEqual(named, labels)
        for link in re.findall(r"\]\((.+?)\)", self.tutorial):
            self.assertTrue((DOCS / link).exists(), link)
        self.assertIn("docs/tutorial.md", (DOCS.parent / "README.md").read_text())

    @shows("PA-44")
    def test_a_new_user_completes_a_first_subscription(self):
        with freeze_time("2026-11-22 10:00:00"):
            line, activation, calls = (
                self._fill_product(*values)
                for values in (("Telephone Line", 10), ("Activation", 29), ("Call Minutes", 0.05))
            )
            plan = self._fill_plan(line, activation, calls)
            order = self._fill_quotation(line, plan)
            subscription = order.subscription_ids
            subscription.action_bill_now()
            first = subscription._get_invoices()
            self._record_calls(subscription, 140)
        self.assertEqual(self._lines(first), {activation: 29.0, line: 3.0})
        with freeze_time("2026-12-01 10:00:00"):
            for _again in range(2):
                run = Form(self.env["subscription.billing.run"]).save()
                run.action_run()
                self._process_run(run.sudo())
            second = subscription._get_invoices() - first
        self.assertEqual(self._lines(second), {calls: 2.0, line: 10.0})

    def _fill_product(self, name, price):
        form = Form(self.env["product.template"])
        form.name, form.type, form.list_price = name, "service", price
        return form.save().product_variant_id

    def _fill_plan(self, line, activation, calls):
        form = Form(self.env["subscription.plan"])
        form.name, form.schedule_type = "Telephone Line", "month_fixed"
        for product, charge_type in ((line, "recurring"), (activation, "setup"), (calls, "usage")):
            with form.component_ids.new() as component:
                component.product_id, component.charge_type = product, charge_type
                if product == calls:
                    component.included_qty = 100
        plan = form.save()
        self.assertEqual((plan.interval_count, plan.fixed_day), (1, 1))
        plan.action_activate()
        return plan

    def _fill_quotation(self, product, plan):
        form = Form(self.env["sale.order"])
        form.partner_id = self.partner_a
        with form.order_line.new() as line:
            line.product_id, line.subscription_plan_id = product, plan
        order = form.save()
        self.assertEqual(len(order.order_line), 3)
        order.action_confirm()
        return order

    def _record_calls(self, subscription, quantity):
        form = Form(self.env["subscription.usage"])
        form.subscription_id, form.quantity = subscription, quantity
        form.meter_id = self.env["subscription.meter"].search([("name", "=", "Call Minutes")])
        form.save()

    def _lines(self, move):
        return {line.product_id: line.price_subtotal for line in move.invoice_line_ids}
