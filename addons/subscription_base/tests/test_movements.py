"""The events of a subscription add up to its recurring revenue at any time, whatever happens."""

import random
from datetime import date, timedelta

import psycopg2

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import SubscriptionCommon

SEEDS = range(10)
STEPS = 10
GAINS = {"new", "expansion", "reactivation"}
_DAY = timedelta(days=1)


class Story:
    """A random life of one subscription; :attr:`told` says what happened, for a failure."""

    def __init__(self, case, seed):
        self.case, self.random, self.told = case, random.Random(seed), []
        self.today = date(2026, 1, 31)
        plan = self.random.choice((case.plan, case.trial_plan, case.bonus_plan))
        currency = self.random.choice((case.company.currency_id, case.euro))
        with freeze_time(self.today):
            self.subscription = case._create_subscription(
                plan,
                self.today + self.random.choice((-40, 0, 20)) * _DAY,
                currency_id=currency.id,
                customer_kind="business",
            )

    def day(self):
        return self.today + self.random.randint(-20, 40) * _DAY

    def line(self):
        lines = self.subscription.line_ids.filtered(lambda line: line.charge_type == "recurring")
        return lines[self.random.randrange(len(lines))]

    def change_the_price(self):
        self.line()._change(self.day(), price_unit=float(self.random.randint(0, 90)))

    def change_the_quantity(self):
        self.line()._change(self.day(), quantity=float(self.random.randint(0, 4)))

    def write_the_discount(self):
        self.line().discount = self.random.choice((0.0, 10.0, 33.33))

    def write_the_end(self):
        self.line().date_end = self.random.choice((False, self.day()))

    def add_an_option(self):
        options = self.subscription.plan_id.component_ids.filtered("is_optional")
        if options:
            self.subscription._add_option(options[0], self.day())

    def remove_a_line(self):
        self.line()._end(self.day())

    def pause(self):
        start = self.day()
        self.subscription._pause(
            start,
            self.random.choice((False, start + 30 * _DAY)),
            self.random.choice(("pause", "suspension")),
            is_charged=self.random.choice((True, False)),
        )

    def resume(self):
        self.subscription._resume(self.day())

    def move_to_another_plan(self):
        plan = self.random.choice((self.case.plan, self.case.bonus_plan, self.case.flat_plan))
        self.subscription._move_to_plan(plan, self.day(), self.random.choice((True, False)))

    def migrate(self):
        migration = self.case.env["subscription.migration"].create(
            {
                "subscription_id": self.subscription.id,
                "plan_from_id": self.subscription.plan_id.id,
                "plan_to_id": self.case.flat_plan.id,
                "date_switch": self.today,
            }
        )
        migration._apply()

    def bill(self):
        self.case._bill(self.subscription, self.today)

    def close(self):
        self.subscription._close(self.day())

    def withdraw(self):
        self.subscription._withdraw()

    def start_again(self):
        self.subscription.action_start()

    def wait(self):
        self.today += self.random.choice((1, 14, 31, 62)) * _DAY

    def live(self):
        steps = [
            self.change_the_price, self.change_the_quantity, self.write_the_discount,
            self.write_the_end, self.add_an_option, self.remove_a_line, self.pause, self.resume,
            self.move_to_another_plan, self.migrate, self.bill, self.close, self.withdraw,
            self.start_again, self.wait, self.wait, self.wait,
        ]  # fmt: skip
        env = self.case.env
        for _step in range(STEPS):
            step = self.random.choice(steps)
            self.told.append((str(self.today), step.__name__))
            with freeze_time(self.today):
                try:
                    with env.cr.savepoint(), mute_logger("odoo.sql_db"):
                        step()
                except (UserError, ValidationError, psycopg2.errors.CheckViolation):
                    self.told[-1] += ("refused",)
            with freeze_time(self.today):
                self.subscription._follow_calendar(self.today)
                env.cr.flush()
                self.check()

    def check(self):
        case, subscription = self.case, self.subscription
        revenue = subscription.recurring_monthly
        if subscription.state in ("draft", "closed"):
            revenue = 0.0
        total, had_any = 0.0, False
        for event in subscription.event_ids.sorted("id"):
            before, total = total, subscription.currency_id.round(total + event.recurring_delta)
            case.assertEqual(bool(event.movement), bool(event.recurring_delta))
            if event.movement:
                case.assertEqual(event.recurring_delta > 0, event.movement in GAINS)
                case.assertEqual(event.movement == "new", not had_any)
                case.assertLessEqual(event.movement_date, self.today)
                case.assertEqual(event.currency_id, subscription.currency_id)
                had_any = True
            if event.movement == "churn":
                case.assertEqual(total, 0.0)
            if event.movement == "reactivation":
                case.assertEqual(before, 0.0)
        case.assertAlmostEqual(total, revenue, 2)


@tagged("post_install", "-at_install")
class TestMovements(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency("EUR")
        cls.trial_plan = cls._create_plan(
            "Trial",
            [{"product_id": cls.hosting.id}, {"product_id": cls.domain.id, "is_optional": True}],
            trial_length=14,
            trial_unit="day",
        )
        cls.bonus_plan = cls._create_plan(
            "Bonus", [{"product_id": cls.hosting.id, "price_unit": 39.0, "free_every": 13}]
        )

    def test_events_add_up_to_the_recurring_revenue(self):
        happened = set()
        for seed in SEEDS:
            story = Story(self, seed)
            with self.subTest(seed=seed, told=story.told):
                story.live()
            happened |= {step[1] for step in story.told if len(step) == 2}
        self.assertGreater(len(happened), 12, "most steps were possible at least once")

    def test_each_movement(self):
        with freeze_time("2026-01-10"):
            subscription = self._create_subscription(date_start="2026-01-05")
            line = subscription.line_ids._change("2026-01-20", price_unit=40.0)
        self._follow(subscription, "2026-01-21")
        with freeze_time("2026-01-22"):
            line._change("2026-01-22", quantity=0.5)
            subscription._pause("2026-01-22", "2026-01-31", is_charged=False)
        self._follow(subscription, "2026-02-03")
        with freeze_time("2026-02-03"):
            subscription._close("2026-02-02")
            self._bill(subscription, "2026-02-03")
        self.assertEqual(
            [
                (event.event_type, event.movement, event.recurring_delta, str(event.movement_date))
                for event in subscription.event_ids.filtered("movement").sorted("id")
            ],
            [
                ("started", "new", 30.0, "2026-01-05"),
                ("price", "expansion", 10.0, "2026-01-20"),
                ("quantity", "contraction", -20.0, "2026-01-22"),
                ("paused", "contraction", -20.0, "2026-01-22"),
                ("resumed", "expansion", 20.0, "2026-02-01"),
                ("closed", "churn", -20.0, "2026-02-03"),
            ],
        )

    def test_what_begins_again_is_reactivated(self):
        subscription = self._create_subscription()
        subscription._withdraw()
        subscription.action_start()
        self.assertEqual(
            subscription.event_ids.filtered("movement").sorted("id").mapped("movement"),
            ["new", "churn", "reactivation"],
        )

    def test_free_periods_are_taken_off_on_average(self):
        subscription = self._create_subscription(self.bonus_plan)
        self.assertEqual(subscription.recurring_amount, 39.0)
        self.assertEqual(subscription.recurring_monthly, 36.0)
        subscription.line_ids.free_every = 0
        self.assertEqual(subscription.recurring_monthly, 39.0)
        self.assertEqual(sum(subscription.event_ids.mapped("recurring_delta")), 39.0)

    def _follow(self, subscription, day):
        with freeze_time(day):
            subscription._follow_calendar(date.fromisoformat(day))
