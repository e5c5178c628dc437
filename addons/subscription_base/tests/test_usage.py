import random
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal

from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..billing import Period
from .common import SubscriptionCommon, shows


class UsageCommon(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calls = cls._create_service("Calls", 0.1)
        cls.meter = cls._create_meter("calls", dimension="Destination")

    @classmethod
    def _create_meter(cls, handle, **values):
        return cls.env["subscription.meter"].create(
            {"name": handle.title(), "handle": handle, **values}
        )

    def _metered(self, *components, date_start="2026-01-01", **values):
        """A subscription that charges a base fee of 10 and what the components say."""
        usage = [
            {"product_id": self.calls.id, "charge_type": "usage", "meter_id": self.meter.id, **one}
            for one in components or ({},)
        ]
        base = {"product_id": self.hosting.id, "price_unit": 10.0}
        plan = self._create_plan("Metered", [base, *usage], **values)
        return self._create_subscription(plan, date_start)

    def _use(self, subscription, *events, meter=None):
        """Record events: ``(day or time, quantity[, dimension[, unique value]])``."""
        vals_list = []
        for when, quantity, *more in events:
            dimension, value = [*more, False, False][:2]
            vals_list.append(
                {
                    "subscription_id": subscription.id,
                    "meter_id": (meter or self.meter).id,
                    "timestamp" if ":" in when else "date": when,
                    "quantity": quantity,
                    "dimension": dimension,
                    "unique_value": value,
                }
            )
        return self.env["subscription.usage"].create(vals_list)

    def _usage_lines(self, moves):
        return moves.invoice_line_ids.filtered(lambda line: line.product_id == self.calls)


@tagged("post_install", "-at_install")
class TestUsage(UsageCommon):
    @shows("PA-01")
    def test_a_fixed_and_a_metered_subscription(self):
        fixed = self._create_subscription(self._create_plan("Fix", [self._fee(20.0)]))
        dynamic = self._create_subscription(
            self._create_plan("Dynamic", [self._fee(20.0), self._per_call(0.1)])
        )
        self._use(dynamic, ("2026-01-10", 70), ("2026-02-10", 35))
        self._bill(fixed + dynamic, "2026-01-01")
        amounts = defaultdict(list)
        for day in ("2026-02-01", "2026-03-01"):
            for move in self._bill(fixed + dynamic, day):
                amounts[move.subscription_ids].append(move.amount_untaxed)
        self.assertEqual(amounts[fixed], [20.0, 20.0])
        self.assertEqual(amounts[dynamic], [27.0, 23.5])

    def _fee(self, price):
        return {"product_id": self.hosting.id, "price_unit": price}

    def _per_call(self, price, **values):
        return {
            "product_id": self.calls.id,
            "charge_type": "usage",
            "meter_id": self.meter.id,
            "price_unit": price,
            **values,
        }

    @shows("PA-04")
    def test_services_that_were_performed_are_billed_in_the_next_month(self):
        subscription = self._metered({"price_unit": 85.0}, date_start="2026-05-01")
        self._bill(subscription, "2026-05-01")
        self._use(subscription, ("2026-05-08", 5), ("2026-05-31", 7))
        june = self._usage_lines(self._bill(subscription, "2026-06-01"))
        self.assertEqual((june.quantity, june.price_subtotal), (12.0, 1020.0))
        self.assertEqual(str(june.subscription_period_start), "2026-05-01")
        self.assertEqual(str(june.subscription_period_end), "2026-05-31")

    @shows("SM-03")
    def test_no_usage_no_charge_unless_it_is_to_be_stated(self):
        silent, stating = (
            self._metered({"price_unit": 1.5, "charge_zero_usage": stated})
            for stated in (False, True)
        )
        self._use(silent, ("2026-02-05", 7))
        self._bill(silent + stating, "2026-03-01")
        measured = silent.charge_ids.filtered("measured")
        self.assertEqual(self._charges_of(measured), [("2026-02-01", 10.5)])
        measured = stating.charge_ids.filtered("measured")
        self.assertEqual(self._charges_of(measured), [("2026-01-01", 0.0), ("2026-02-01", 0.0)])

    def _charges_of(self, charges):
        return [(str(c.period_start), c.amount) for c in charges.sorted("period_start")]

    @shows("SM-15")
    def test_a_flat_rate_for_one_destination_and_a_charge_for_the_other(self):
        subscription = self._metered(
            {"name": "Flat DE", "dimension_values": "DE landline", "price_unit": 0.0},
            {"name": "Mobile", "dimension_values": "mobile, mobile roaming", "price_unit": 0.2},
        )
        self._use(
            subscription,
            ("2026-01-05", 300, "DE landline"),
            ("2026-01-06", 40, "mobile"),
            ("2026-01-07", 10, "mobile roaming"),
            ("2026-01-08", 99, "satellite"),
        )
        self._bill(subscription, "2026-02-01")
        flat, mobile = subscription.line_ids.filtered("meter_id")
        self.assertEqual(sum(flat.charge_ids.mapped("amount")), 0.0)
        self.assertEqual(mobile.charge_ids.mapped("amount"), [10.0])
        self.assertEqual(
            subscription.usage_ids.sorted("date").mapped("line_id"), flat + mobile + mobile[:0]
        )
        uncounted = subscription.usage_ids.filtered(lambda event: event.dimension == "satellite")
        self.assertFalse(uncounted.line_id)

    def test_each_destination_has_an_allowance_of_its_own(self):
        subscription = self._metered(
            {"dimension_values": "DE", "included_qty": 100.0},
            {"dimension_values": "DE", "dimension_excluded": True, "included_qty": 10.0},
        )
        self._use(
            subscription,
            ("2026-01-05", 130, "DE"), ("2026-01-06", 12, "AT"), ("2026-01-06", 3, False),
        )  # fmt: skip
        self._bill(subscription, "2026-02-01")
        self.assertEqual(
            [line.charge_ids.amount for line in subscription.line_ids.filtered("meter_id")],
            [3.0, 0.5],
        )

    @shows("SM-42")
    def test_usage_is_billed_on_the_day_that_reaches_the_threshold(self):
        subscription, rare = (
            self._metered({"threshold_amount": 50.0}, date_start="2026-05-01") for _ in range(2)
        )
        self._bill(subscription + rare, "2026-05-01")
        self._use(rare, ("2026-05-03", 300))
        self._use(subscription, ("2026-05-03", 300))
        self._bill(subscription + rare, "2026-05-03")
        self.assertEqual(str(subscription.next_billing_date), "2026-06-01")
        self._use(subscription, ("2026-05-12", 201))
        self.assertEqual(str(subscription.next_billing_date), "2026-05-12")
        crossed = self._bill(subscription + rare, "2026-05-12")
        self.assertEqual(crossed.subscription_ids, subscription)
        self.assertEqual(crossed.amount_untaxed, 50.1)
        self.assertEqual(str(self._usage_lines(crossed).subscription_period_start), "2026-05-01")
        self._use(subscription, ("2026-05-20", 30))
        june = self._usage_lines(self._bill(subscription + rare, "2026-06-01"))
        self.assertEqual(sorted(june.mapped("price_subtotal")), [3.0, 30.0])

    def test_an_unused_allowance_rolls_over(self):
        subscription = self._metered({"included_qty": 100.0, "rollover_periods": 1})
        self._use(subscription, ("2026-01-15", 80), ("2026-02-15", 130), ("2026-03-15", 130))
        self._bill(subscription, "2026-04-01")
        measured = subscription.charge_ids.filtered("measured").sorted("period_start")
        self.assertEqual(measured.mapped("amount"), [0.0, 1.0, 3.0])

    def test_at_most_so_much_of_an_allowance_rolls_over(self):
        terms = {"included_qty": 100.0, "rollover_periods": 3, "rollover_maximum": 150.0}
        subscription = self._metered(terms)
        self._use(subscription, ("2026-04-15", 260))
        self._bill(subscription, "2026-05-01")
        measured = subscription.charge_ids.filtered("measured")
        self.assertEqual(measured.mapped("amount"), [1.0], "150 and 100 are free, not 400")
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            subscription.plan_id.component_ids[1].copy({"rollover_maximum": -1.0})

    def test_usage_follows_a_line_that_is_changed_for_the_past(self):
        subscription = self._metered({"price_unit": 0.1})
        line = subscription.line_ids.filtered("meter_id")
        events = self._use(subscription, ("2026-01-10", 100), ("2026-01-20", 100))
        dearer = line._change("2026-01-16", price_unit=0.3)
        self.assertEqual(events.mapped("line_id"), line + dearer)
        self._bill(subscription, "2026-02-01")
        self.assertEqual(line.charge_ids.amount + dearer.charge_ids.amount, 40.0)

    def test_two_lines_never_count_the_same_event(self):
        subscription = self._metered({"price_unit": 0.1})
        twin = subscription.line_ids.filtered("meter_id").copy(
            {"subscription_id": subscription.id, "date_start": "2026-01-11"}
        )
        self._use(subscription, ("2026-01-10", 100), ("2026-01-11", 50))
        self._bill(subscription, "2026-02-01")
        self.assertEqual(twin.charge_ids.amount, 5.0)
        self.assertEqual(sum(subscription.charge_ids.filtered("measured").mapped("amount")), 15.0)

    def test_usage_for_a_line_that_another_one_counts_is_refused(self):
        subscription = self._metered({})
        line = subscription.line_ids.filtered("meter_id")
        line.copy({"subscription_id": subscription.id})
        with self.assertRaisesRegex(UserError, "of their own"):
            self.env["subscription.usage"].create(
                {"line_id": line.id, "date": "2026-01-10", "quantity": 1.0}
            )

    def test_a_line_without_a_meter_gets_the_one_of_its_product(self):
        plan = self._create_plan(
            "By product", [self._fee(1.0), {"product_id": self.traffic.id, "charge_type": "usage"}]
        )
        meter = plan.component_ids[-1].meter_id
        self.assertEqual((meter.handle, meter.product_id), ("traffic", self.traffic))
        self.assertEqual(self.plan.component_ids.meter_id, meter, "one meter a product")
        line = self._create_subscription(plan).line_ids[-1]
        self.assertEqual(line.meter_id, meter)
        with self.assertRaises(UserError):
            self.env["subscription.usage"].create(
                {"line_id": line.subscription_id.line_ids[0].id, "quantity": 1.0}
            )


@tagged("post_install", "-at_install")
class TestUsageEvents(UsageCommon):
    def test_the_day_is_the_company_s(self):
        self.company.partner_id.tz = "Europe/Berlin"
        subscription = self._metered({})
        events = self._use(
            subscription,
            ("2026-01-31 22:59:59", 1), ("2026-01-31 23:00:00", 2), ("2026-07-31 22:00:00", 4),
        )  # fmt: skip
        self.assertEqual(
            [str(event.date) for event in events], ["2026-01-31", "2026-02-01", "2026-08-01"]
        )
        by_day = self._use(subscription, ("2026-02-01", 1))
        self.assertEqual(str(by_day.timestamp), "2026-01-31 23:00:00")

    def test_without_a_time_it_is_now(self):
        subscription = self._metered({})
        with freeze_time("2026-01-31 12:00:00"):
            event = self.env["subscription.usage"].create(
                {"line_id": subscription.line_ids[-1].id, "quantity": 1.0}
            )
        self.assertEqual(str(event.timestamp), "2026-01-31 12:00:00")
        self.assertEqual(str(event.date), "2026-01-31")

    def test_billed_usage_is_evidence(self):
        subscription = self._metered({})
        billed, later = self._use(subscription, ("2026-01-10", 100), ("2026-02-10", 5))
        self._bill(subscription, "2026-02-01")
        for change in (lambda: billed.write({"quantity": 1.0}), billed.unlink):
            with self.assertRaisesRegex(UserError, "evidence"):
                change()
        later.quantity = 6.0
        later.unlink()

    def test_a_negative_event_takes_back_what_was_billed(self):
        subscription = self._metered({})
        self._use(subscription, ("2026-01-10", 100))
        self._bill(subscription, "2026-02-01")
        self._use(subscription, ("2026-01-10", -40))
        credit = self._bill(subscription, "2026-02-02")
        self.assertEqual((credit.move_type, credit.amount_untaxed), ("out_refund", 4.0))
        self.assertEqual(str(credit.invoice_line_ids.subscription_period_start), "2026-01-01")

    def test_an_event_that_replaces_another_one(self):
        peak = self._create_meter("peak", aggregation="max")
        subscription = self._metered({"meter_id": peak.id, "price_unit": 1.0})
        wrong, _right = self._use(subscription, ("2026-01-10", 900), ("2026-01-11", 7), meter=peak)
        self._bill(subscription, "2026-02-01")
        self.env["subscription.usage"].create(
            {
                "subscription_id": subscription.id,
                "meter_id": peak.id,
                "date": "2026-01-10",
                "quantity": 9.0,
                "replaces_id": wrong.id,
            }
        )
        credit = self._bill(subscription, "2026-02-02")
        self.assertEqual((credit.move_type, credit.amount_untaxed), ("out_refund", 891.0))

    def test_a_meter_that_has_counted_keeps_its_way_of_counting(self):
        self._use(self._metered({}), ("2026-01-10", 1))
        with self.assertRaisesRegex(UserError, "new meter"):
            self.meter.aggregation = "max"
        self.meter.name = "Minutes"

    def test_bad_meters_are_refused(self):
        for values in ({"handle": "Calls now"}, {"handle": "x", "digits": 5}):
            with self.assertRaises(ValidationError):
                self._create_meter(values.pop("handle"), **values)
        plain = self._create_meter("plain")
        with self.assertRaisesRegex(ValidationError, "no dimension"):
            self._metered({"meter_id": plain.id, "dimension_values": "DE"})

    def test_a_unique_meter_needs_values(self):
        users = self._create_meter("users", aggregation="unique")
        subscription = self._metered({"meter_id": users.id})
        with self.assertRaisesRegex(ValidationError, "name the value"):
            self._use(subscription, ("2026-01-10", 1), meter=users)

    def test_every_aggregation_agrees_with_a_naive_count(self):
        rng = random.Random(7)
        meters = {
            aggregation: self._create_meter(f"m-{aggregation}", aggregation=aggregation)
            for aggregation in ("sum", "count", "max", "last", "unique")
        }
        subscription = self._metered(*({"meter_id": meter.id} for meter in meters.values()))
        events = [
            (
                datetime(2026, 1, 1) + timedelta(seconds=rng.randrange(90 * 86400)),
                rng.choice((-3, -0.5, 0, 0.25, 1, 2, 7.5)),
                rng.choice("abcde"),
            )
            for _ in range(200)
        ]
        for meter in meters.values():
            self._use(
                subscription,
                *((str(moment), quantity, False, value) for moment, quantity, value in events),
                meter=meter,
            )
        usage = subscription.line_ids._read_usage()
        for _ in range(30):
            start = datetime(2026, 1, 1).date() + timedelta(rng.randrange(80))
            period = Period(start, start + timedelta(rng.randrange(1, 40)))
            for aggregation, meter in meters.items():
                line = subscription.line_ids.filtered(lambda x, meter=meter: x.meter_id == meter)
                with self.subTest(aggregation=aggregation, period=period):
                    self.assertEqual(
                        usage(line.id, period).quantity,
                        Decimal(str(self._naive(aggregation, events, period))),
                    )

    def _naive(self, aggregation, events, period):
        inside = sorted(
            (event for event in events if period.start <= event[0].date() < period.end),
            key=lambda event: event[0],
        )
        match aggregation:
            case "sum":
                return sum(quantity for _, quantity, _ in inside)
            case "count":
                return sum((quantity > 0) - (quantity < 0) for _, quantity, _ in inside)
            case "max":
                return max((quantity for _, quantity, _ in inside), default=0)
            case "last":
                return inside[-1][1] if inside else 0
            case _:
                return len({value for _, quantity, value in inside if quantity > 0})

    def test_a_month_in_a_company_is_not_another_company_s(self):
        other = self.setup_other_company()["company"]
        meter = self.env["subscription.meter"].create(
            {"name": "Calls", "handle": "calls", "company_id": other.id}
        )
        subscription = self._metered({})
        with self.assertRaises(UserError):
            self._use(subscription, ("2026-01-10", 1), meter=meter)
        subscription.line_ids = [
            Command.update(subscription.line_ids[-1].id, {"dimension_values": "DE"})
        ]
        event = self.env["subscription.usage"].create(
            {"line_id": subscription.line_ids[-1].id, "date": "2026-01-10", "quantity": 1.0}
        )
        self.assertEqual(event.dimension, "DE", "the only value that the line counts")
