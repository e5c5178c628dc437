from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import SubscriptionCommon


@tagged("post_install", "-at_install")
class TestPlanMove(SubscriptionCommon):
    """Another plan applies to a subscription from a day on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.support = cls._create_service("Support", 12.0)
        cls.pro = cls._create_plan(
            "Hosting pro",
            [
                {"product_id": cls.hosting.id, "price_unit": 45.0},
                {"product_id": cls.setup_fee.id, "charge_type": "setup"},
                {"product_id": cls.support.id},
                {"product_id": cls._create_service("Backup", 3.0).id, "is_optional": True},
            ],
            schedule_type="month_fixed",
            fixed_day=1,
        )

    def _prices(self, subscription, day):
        day = subscription._fields["date_start"].to_date(day)
        lines = subscription.line_ids.filtered(
            lambda line: line._is_current(day) and line.charge_type != "setup"
        )
        return {line.product_id.name: (line.quantity, line.price_unit) for line in lines}

    @freeze_time("2026-05-01")
    def test_the_lines_of_the_old_plan_end_and_their_successors_begin(self):
        subscription = self._create_subscription(self.plan, "2026-03-01")
        subscription.line_ids[0].quantity = 5.0
        self._bill(subscription, "2026-04-01")
        subscription._move_to_plan(self.pro, "2026-05-01")
        self.assertEqual(
            self._prices(subscription, "2026-04-30"),
            {"Hosting": (5.0, 30.0), "Traffic": (1.0, 0.05)},
        )
        self.assertEqual(
            self._prices(subscription, "2026-05-01"),
            {"Hosting": (5.0, 45.0), "Support": (1.0, 12.0)},
        )
        self.assertEqual(subscription.plan_id, self.pro)
        recent = subscription.line_ids.filtered(lambda line: str(line.date_start) == "2026-05-01")
        self.assertEqual(recent.plan_id, self.pro)
        invoice = self._bill(subscription, "2026-05-01")
        self.assertEqual(invoice.amount_untaxed, 5 * 45.0 + 12.0)

    @freeze_time("2026-05-01")
    def test_a_move_is_recorded_with_what_it_is_worth(self):
        subscription = self._create_subscription(self.plan, "2026-03-01")
        subscription._move_to_plan(self.pro, "2026-05-01")
        event = subscription.event_ids.sorted()[0]
        self.assertEqual(event.event_type, "plan")
        self.assertEqual(event.recurring_delta, 27.0)
        self.assertIn("Hosting monthly \N{RIGHTWARDS ARROW} Hosting pro", event.description)

    @freeze_time("2026-05-01")
    def test_an_individual_price_stays_unless_it_is_given_up(self):
        for keep, price, discount in ((True, 25.0, 10.0), (False, 45.0, 0.0)):
            subscription = self._create_subscription(self.plan, "2026-03-01", start=False)
            subscription.line_ids[0].write({"price_unit": 25.0, "discount": 10.0})
            item = subscription.line_ids.create(
                {
                    "subscription_id": subscription.id,
                    "product_id": self.product_a.id,
                    "price_unit": 7.0,
                }
            )
            subscription.action_start()
            lines = subscription._move_to_plan(self.pro, "2026-05-01", keep_individual=keep)
            main = lines.filtered(lambda line: line.product_id == self.hosting)
            self.assertEqual((main.price_unit, main.discount), (price, discount))
            self.assertFalse(item.date_end)

    @freeze_time("2026-05-16")
    def test_a_move_within_a_period_is_settled_by_the_next_billing(self):
        subscription = self._create_subscription(self.flat_plan, "2026-05-01")
        self._bill(subscription, "2026-05-01")
        pro = self._create_plan("Flat pro", [{"product_id": self.hosting.id, "price_unit": 62.0}])
        subscription._move_to_plan(pro, "2026-05-16")
        self._bill(subscription, "2026-05-16")
        self.assertEqual(
            self._charges(subscription),
            [
                ("2026-05-01", "2026-05-31", 30.0),
                ("2026-05-16", "2026-05-31", -15.48),
                ("2026-05-16", "2026-05-31", 32.0),
            ],
        )

    @freeze_time("2026-05-01")
    def test_a_line_that_is_to_begin_later_begins_under_the_new_plan(self):
        subscription = self._create_subscription(self.plan, "2026-03-01")
        subscription.line_ids[0]._change("2026-07-01", quantity=3.0)
        subscription._move_to_plan(self.pro, "2026-05-01")
        self.assertEqual(self._prices(subscription, "2026-06-30")["Hosting"], (1.0, 45.0))
        self.assertEqual(self._prices(subscription, "2026-07-01")["Hosting"], (3.0, 45.0))

    @freeze_time("2026-05-01")
    def test_the_agreed_payment_term_stays(self):
        own, usual = self.pay_terms_a.copy(), self.pay_terms_b
        self.pro.payment_term_id = usual
        plain = self._create_subscription(self.plan, "2026-03-01")
        agreed = self._create_subscription(self.plan, "2026-03-01", payment_term_id=own.id)
        (plain | agreed)._move_to_plan(self.pro, "2026-05-01")
        self.assertEqual(agreed.payment_term_id, own)
        self.assertEqual(plain.payment_term_id, usual)

    @freeze_time("2026-05-01")
    def test_what_does_not_run_does_not_move(self):
        draft = self._create_subscription(self.plan, start=False)
        with self.assertRaisesRegex(UserError, "not running"):
            draft._move_to_plan(self.pro, "2026-05-01")
        ending = self._create_subscription(self.plan, "2026-03-01", date_end="2026-05-31")
        with self.assertRaisesRegex(UserError, "does not run on 06/01/2026"):
            ending._move_to_plan(self.pro, "2026-06-01")
        other = self.setup_other_company()["company"]
        elsewhere = self.env["subscription.plan"].create(
            {"name": "Elsewhere", "company_id": other.id}
        )
        with self.assertRaisesRegex(UserError, "another company"):
            ending._move_to_plan(elsewhere, "2026-05-01")

    def test_the_plan_of_a_charged_subscription_moves_by_its_method_only(self):
        subscription = self._create_subscription(self.plan)
        self._bill(subscription, "2026-01-01")
        pretending = subscription.with_context(subscription_plan_move=True)
        for record in (subscription, pretending, subscription.sudo()):
            with self.assertRaisesRegex(UserError, "charged already"):
                record.plan_id = self.pro
