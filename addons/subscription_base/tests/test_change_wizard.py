from lxml import html

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .test_change import ChangeCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-04-16")
class TestChangeWizard(ChangeCommon):
    """Every change is entered in one place and shows what it bills before it is made."""

    def setUp(self):
        super().setUp()
        self.seller = new_test_user(
            self.env,
            "seller",
            groups="sales_team.group_sale_salesman",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.subscription = self._create_subscription(
            self.plan, "2026-01-01", user_id=self.seller.id
        )
        self._bill(self.subscription, "2026-04-01")
        self.line = self._hosting_line(self.subscription)

    def _wizard(self, change_type, line=True, **values):
        action = self.subscription.with_user(self.seller).action_open_change_wizard()
        form = Form(
            self.env["subscription.change.wizard"]
            .with_user(self.seller)
            .with_context(**action["context"])
        )
        form.change_type = change_type
        if line:
            form.line_id = self.line
        for name, value in values.items():
            setattr(form, name, value)
        return form.save()

    def _apply(self, *args, **values):
        wizard = self._wizard(*args, **values)
        wizard.action_preview()
        wizard.action_apply()
        return wizard

    def _bill_today(self):
        return self._bill(self.subscription, "2026-04-16").amount_untaxed

    def test_quantity(self):
        self._apply("quantity", quantity=3.0)
        self.assertEqual(self._bill_today(), 30.0)
        self.assertEqual(self._last_event(self.subscription), ("quantity", 60.0))
        self.assertEqual(self.subscription.event_ids.sorted("id")[-1].user_id, self.seller)

    def test_the_preview_says_what_changes_and_what_follows(self):
        wizard = self._wizard("quantity", quantity=3.0)
        wizard.action_preview()
        preview = html.fromstring(str(wizard.preview)).text_content()
        texts = " ".join(preview.split())
        self.assertIn(f"{self.line.name}: Quantity 1 3", texts)
        self.assertIn("Extra invoice for the change, now", texts)
        self.assertRegex(texts, r"Then .*05/01/2026: .*90\.00")
        rows = {
            "price": {"price_unit": 50.0, "discount": 20.0},
            "product": {"product_id": self._create_service("Root server", 90.0)},
            "remove": {},
            "pause": {"date_until": "2026-05-15"},
        }
        for change_type, values in rows.items():
            wizard = self._wizard(change_type, line=change_type != "pause", **values)
            self.assertEqual(
                len(wizard._get_change_rows()), 2 if change_type == "price" else 1, change_type
            )
            wizard.action_preview()

    def test_price_and_discount(self):
        self._apply("price", price_unit=50.0, discount=20.0)
        self.assertEqual(self._bill_today(), 5.0)

    def test_another_product(self):
        self._apply("product", product_id=self._create_service("Root server", 90.0))
        self.assertEqual(self._bill_today(), 30.0)
        self.assertEqual(self._last_event(self.subscription), ("product", 60.0))

    def test_an_add_on_and_its_removal(self):
        add_on = self.plan.component_ids[-1]
        self._apply("add", line=False, component_id=add_on, quantity=2.0)
        self.assertEqual(self._bill_today(), 6.0)
        self.line = self.subscription.line_ids[-1]
        self._apply("remove", timing="period_end")
        self.assertFalse(self._bill(self.subscription, "2026-04-16"))
        self.assertEqual(str(self.line.date_end), "2026-04-30")

    def test_another_plan(self):
        plan = self._create_plan(
            "Pro", [{"product_id": self.hosting.id, "price_unit": 60.0}],
            schedule_type="month_fixed", fixed_day=1,
        )  # fmt: skip
        self._apply("plan", line=False, plan_id=plan)
        self.assertEqual(self.subscription.plan_id, plan)
        self.assertEqual(self._bill_today(), 15.0)
        self._assert_recurring_is_logged(self.subscription)

    def test_at_the_end_of_the_period(self):
        wizard = self._apply("price", timing="period_end", price_unit=20.0)
        self.assertEqual(str(wizard.date), "2026-05-01")
        self.assertFalse(self._bill(self.subscription, "2026-04-16"))
        self.assertEqual(self._bill(self.subscription, "2026-05-01").amount_untaxed, 20.0)

    def test_a_correction_in_the_past(self):
        self._apply("price", timing="date", date="2026-03-01", price_unit=20.0)
        self.assertEqual(self._bill_today(), 20.0)
        [credit] = self.subscription._get_invoices().filtered(lambda m: m.move_type == "out_refund")
        self.assertEqual(credit.amount_untaxed, 20.0)

    def test_the_policy_comes_from_the_plan_and_can_be_decided_otherwise(self):
        self.plan.write({"change_credit": False, "change_charge": "none"})
        wizard = self._wizard("price", price_unit=60.0)
        self.assertEqual((wizard.credit, wizard.charge), (False, "none"))
        wizard.charge = "full"
        wizard.action_apply()
        self.assertEqual(self._bill_today(), 60.0)

    def test_pause_and_resume(self):
        self._apply("pause", line=False, timing="date", date="2026-04-11", reason="Holidays")
        self.assertEqual(self.subscription.state, "paused")
        self.assertEqual(self.subscription.pause_ids.reason, "Holidays")
        self._apply("resume", line=False, timing="date", date="2026-04-16")
        self.assertEqual(self.subscription.state, "active")
        [credit] = self._bill(self.subscription, "2026-04-16")
        self.assertEqual((credit.move_type, credit.amount_untaxed), ("out_refund", 5.0))

    def test_the_preview_shows_the_next_invoice_and_changes_nothing(self):
        events, lines = self.subscription.event_ids, self.subscription.line_ids
        wizard = self._wizard("price", price_unit=60.0)
        wizard.action_preview()
        for amount in ("15.00", "30.00", "60.00"):
            self.assertIn(amount, wizard.preview)
        self.env.invalidate_all()
        self.assertEqual(self.subscription.event_ids, events)
        self.assertEqual(self.subscription.line_ids, lines)
        self.assertFalse(self.line.date_end)
        self.assertEqual(self.subscription.recurring_monthly, 30.0)
        wizard.action_edit()
        self.assertEqual(wizard.step, "edit")

    def test_what_is_missing_is_named(self):
        with self.assertRaisesRegex(UserError, "New Plan"):
            self.env["subscription.change.wizard"].create(
                {"subscription_id": self.subscription.id, "change_type": "plan"}
            ).action_preview()

    def test_a_line_opens_the_wizard_for_itself(self):
        action = self.line.action_open_change_wizard()
        self.assertEqual(action["context"]["default_line_id"], self.line.id)

    def test_a_reader_changes_nothing(self):
        reader = new_test_user(self.env, "reader", groups="account.group_account_readonly")
        with self.assertRaises(AccessError):
            self.env["subscription.change.wizard"].with_user(reader).create(
                {"subscription_id": self.subscription.id}
            )
