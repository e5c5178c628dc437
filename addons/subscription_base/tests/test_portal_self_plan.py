from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import shows
from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalPlan(PortalCommon):
    def setUp(self):
        super().setUp()
        self._login()

    @shows("K3-20")
    def test_monthly_becomes_yearly_at_the_next_renewal(self):
        page = self._get("/do/interval").text
        self.assertIn("Team yearly", page)
        self.assertNotIn("Pro monthly", page)
        page, data = self._look("interval", plan=self.yearly.id)
        self.assertIn("Order with obligation to pay", self._text(page, "//form//button"))
        prices = self._text(page, "//table[contains(@class, 'o_subscription_prices')]")
        for shown in ("Starting 04/01/2026", "$ 46.00 monthly", "$ 460.00 yearly", "$ 38.33"):
            self.assertIn(shown, prices)
        self.assertIn("04/01/2026: $ 460.00", self._text(page, "//ul"))
        self.assertEqual(self._post("interval", data).status_code, 303)
        self.env.invalidate_all()
        self.assertEqual(self.subscription.plan_id, self.plan)
        self.assertEqual(self.subscription.next_plan_id, self.yearly)
        self.assertEqual(self.subscription.next_plan_date, date(2026, 4, 1))
        self.assertEqual(self._bill_on("2026-04-01").amount_total, 460.0)
        self.assertEqual(self.subscription.plan_id, self.yearly)
        self.assertFalse(self._bill_on("2026-05-01"))

    @shows("K3-14")
    def test_the_choice_shows_how_each_is_billed(self):
        page = self._get("/do/interval").text
        self.assertIn("billed", page)
        self.assertIn("yearly", page)
        self._do("interval", plan=self.yearly.id)
        self._bill_on("2026-04-01")
        self.assertEqual(self.subscription.frequency, "yearly")

    def test_another_plan_applies_from_the_next_period_on(self):
        page, data = self._look("plan", plan=self.pro.id)
        self.assertIn("04/01/2026: $ 115.00", self._text(page, "//ul"))
        self.assertIn("You can withdraw the change until 03/31/2026", self._text(page, "//main"))
        self._post("plan", data)
        event = self.subscription.event_ids.sorted("id")[-1]
        self.assertEqual((event.event_type, event.user_id), ("plan_planned", self.user))
        self.assertEqual(self._bill_on("2026-04-01").amount_total, 115.0)
        self.assertEqual(self.subscription.plan_id, self.pro)

    def test_a_planned_change_is_cancelled(self):
        self._do("plan", plan=self.pro.id)
        self.assertNotIn("plan", self.subscription._get_self_actions())
        page, _data = self._look("cancel_change")
        self.assertIn("04/01/2026: $ 46.00", self._text(page, "//ul"))
        self._do("cancel_change")
        self.assertEqual(self.subscription.migration_ids.mapped("state"), ["cancelled"])
        self.assertEqual(self._bill_on("2026-04-01").amount_total, 46.0)

    def test_an_individual_price_is_given_up_and_the_new_one_is_shown(self):
        with freeze_time("2026-03-05"):
            line = self.subscription.line_ids.filtered(lambda line: line.product_id == self.hosting)
            line._change(date(2026, 4, 1), price_unit=25.0)
        page, data = self._look("plan", day="2026-04-10", plan=self.pro.id)
        self.assertIn("05/01/2026: $ 115.00", self._text(page, "//ul"))
        self._post("plan", data, day="2026-04-10")
        self._bill_on("2026-04-10")
        self.assertEqual(self._bill_on("2026-05-01").amount_total, 115.0)

    def test_only_plans_on_offer_can_be_chosen(self):
        _page, data = self._look("plan", plan=self.flat_plan.id)
        self.assertFalse(data)
        _page, data = self._look("plan", plan=self.pro.id)
        data["plan"] = self.flat_plan.id
        before = self._get_state()
        self._post("plan", data)
        self.assertEqual(self._get_state(), before)

    def test_the_version_that_is_sold_is_offered(self):
        with freeze_time("2026-03-05"):
            version = self.pro._create_version("new")
            version.main_component_id.price_unit = 95.0
            version._publish()
        with freeze_time("2026-03-10"):
            self.assertEqual(self.subscription._get_self_plans("plan"), version)

    def test_plans_for_businesses_are_not_offered_to_consumers(self):
        self.pro.customer_kind = "business"
        self.assertEqual(self.subscription.customer_kind, "consumer")
        self.assertFalse(self.subscription._get_self_plans("plan"))
        self.plan.self_plan_ids = [Command.clear()]
        actions = self.subscription._get_self_actions()
        self.assertFalse({"plan", "interval"} & set(actions))
