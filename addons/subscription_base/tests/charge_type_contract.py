"""What every charge type has to keep; run it against your own, see docs/charge-types.md."""

from datetime import date, timedelta
from itertools import accumulate
from types import NoneType

from odoo.exceptions import UserError
from odoo.tests import freeze_time

from .common import shows

DAY = timedelta(days=1)
REST = ("quantity", "amount")


class ChargeTypeContract:
    """A mixin for a test class on :class:`SubscriptionCommon`; set :attr:`charge_type`.

    Each test lets something happen to a subscription in two ways: known from the start, and learned
    after billing. Both must cost the same to the cent.
    """

    allow_inherited_tests_method = True  # Odoo leaves out tests of other modules otherwise
    charge_type = None
    #: Values of the component beside its charge type.
    component_values = {}
    price = 31.0
    first_day = date(2026, 1, 10)
    event_day = date(2026, 4, 20)
    last_day = date(2026, 8, 31)
    #: Whether a new price may apply from a day after the first one.
    changes_later = True

    # ------------------------------------------------------------------ to be adapted
    def _use(self, line):
        """Let the customer use what ``line`` charges for, until the day of the event."""

    def _prepare_components(self):
        """The component to be tested, and one that recurs at no charge, as every plan needs."""
        return [
            {"product_id": self.hosting.id, "price_unit": 0.0, "name": "Free of charge"},
            {
                "product_id": self.domain.id,
                "charge_type": self.charge_type,
                "price_unit": self.price,
                **self.component_values,
            },
        ]

    # ------------------------------------------------------------------ the scenes
    def _start(self):
        plan = self._create_plan(f"Contract of {self.charge_type}", self._prepare_components())
        with freeze_time(self.first_day):
            subscription = self._create_subscription(plan, self.first_day)
        self._use(self._get_line(subscription))
        return subscription

    def _get_line(self, subscription):
        return subscription.line_ids.filtered(lambda line: line.charge_type == self.charge_type)

    def _bill_until(self, subscription, last, steps=30):
        """Bill every ``steps`` days up to ``last``, and look at the ledger each time."""
        day = self.first_day
        days = []
        while day < last:
            days.append(day)
            day += steps * DAY
        for day in [*days, last]:
            with freeze_time(day):
                self._bill(subscription, day)
            self._check_ledger(subscription)

    def _check_ledger(self, subscription):
        for line in self._get_line(subscription):
            charges = line.charge_ids.sorted("id")
            sums = accumulate(charges.mapped("amount"))
            self.assertGreaterEqual(
                round(min(sums, default=0.0), 2), 0.0, "more has been credited than charged"
            )
            self.assertLessEqual(
                set(self._get_coverage(charges).values()), {0, 1}, "a day has been charged twice"
            )

    def _get_coverage(self, charges):
        """How often each day stands charged; a measured period stands as long as a rest does."""
        coverage = {}
        for (first, last), stated in charges.grouped(
            lambda charge: (charge.period_start, charge.period_end)
        ).items():
            count = sum(stated.filtered(lambda charge: not charge.measured).mapped("sign"))
            count += any(round(sum(stated.filtered("measured").mapped(name)), 6) for name in REST)
            for number in range((last - first).days + 1):
                day = first + number * DAY
                coverage[day] = coverage.get(day, 0) + count
        return coverage

    def _get_total(self, subscription):
        return round(sum(self._get_line(subscription).charge_ids.mapped("amount")), 2)

    def _compare(self, event):
        """Let ``event(subscription)`` happen before anything is billed, and after.

        :return: the two subscriptions, billed to the end.
        """
        known, learned = self._start(), self._start()
        with freeze_time(self.event_day):
            event(known)
        self._bill_until(learned, self.event_day + 20 * DAY)
        with freeze_time(self.event_day + 20 * DAY):
            event(learned)
        for subscription in (known, learned):
            self._bill_until(subscription, self.last_day)
        self.assertEqual(self._get_total(known), self._get_total(learned))
        self.assertEqual(known.next_billing_date, learned.next_billing_date)
        return known, learned

    def _get_change_day(self):
        return self.event_day if self.changes_later else self.first_day

    # ------------------------------------------------------------------ the contract
    def test_billing_again_adds_nothing(self):
        subscription = self._start()
        self._bill_until(subscription, self.last_day)
        count = len(subscription.charge_ids)
        self.assertGreater(self._get_total(subscription), 0.0)
        self._bill(subscription, self.last_day)
        self._bill(subscription, self.event_day)
        self.assertEqual(len(subscription.charge_ids), count)

    def test_the_charged_days_have_no_gap(self):
        subscription = self._start()
        self._bill_until(subscription, self.last_day)
        coverage = self._get_coverage(self._get_line(subscription).charge_ids)
        days = [day for day, count in coverage.items() if count]
        self.assertEqual(len(days), (max(days) - min(days)).days + 1)

    def test_when_it_is_billed_does_not_matter(self):
        often, once = self._start(), self._start()
        self._bill_until(often, self.last_day, steps=10)
        self._bill_until(once, self.last_day, steps=365)
        self.assertEqual(self._get_total(often), self._get_total(once))

    def test_what_it_says_about_service_and_terms_is_of_the_right_kind(self):
        """What it may answer is as docs/charge-types.md says, and the same when asked twice."""
        line = self._get_line(self._start())
        kinds = {
            "allows_service": bool,
            "interrupts_service": (str, bool, NoneType),
            "last_day": (date, NoneType),
            "term_end": (date, NoneType),
            "termination_date": (date, NoneType),
        }
        for name, kind in kinds.items():
            with self.subTest(name):
                answer = line._ask_charge_type(name, self.event_day)
                if answer is not None:
                    self.assertIsInstance(answer, kind)
                    self.assertIsNot(answer, True if name == "interrupts_service" else None)
                self.assertEqual(line._ask_charge_type(name, self.event_day), answer)

    @shows("SM-33")
    def test_abort(self):
        """Duty of every charge type: the contract ends early."""
        endless = self._start()
        self._bill_until(endless, self.last_day)
        known, learned = self._compare(lambda s: s._close(on=self.event_day))
        self.assertLessEqual(self._get_total(known), self._get_total(endless))
        for subscription in (known, learned):
            self.assertFalse(subscription.next_billing_date)
            self.assertEqual(subscription.state, "closed")
            divisible = self._get_line(subscription).charge_ids.filtered("divisible")
            coverage = self._get_coverage(divisible)
            self.assertFalse(
                [day for day, count in coverage.items() if count and day > self.event_day]
            )

    def test_pause(self):
        """Duty of every charge type: the contract rests for ten days."""
        unpaused = self._start()
        self._bill_until(unpaused, self.last_day)
        pause = {"date_start": self.event_day, "date_end": self.event_day + 9 * DAY}
        known, _learned = self._compare(lambda s: s._pause(**pause))
        self.assertLessEqual(self._get_total(known), self._get_total(unpaused))

    def test_price_change(self):
        """Duty of every charge type: a price that applies from a later day on."""
        subscription = self._start()
        self._bill_until(subscription, self.event_day)
        on = self.event_day + 40 * DAY
        line = self._get_line(subscription)
        if not self.changes_later:
            with self.assertRaises(UserError):
                line._change(on, price_unit=self.price * 2)
            return
        before = self._get_total(subscription)
        with freeze_time(self.event_day):
            line._change(on, price_unit=self.price * 2)
        self._bill(subscription, self.event_day)
        self.assertLessEqual(self._get_total(subscription), before, "charged before the day")
        self._bill_until(subscription, self.last_day)

    def test_back_dated_change(self):
        """Duty of every charge type: a price that applies from a day that has been charged."""

        def change(subscription):
            line = self._get_line(subscription)
            line._change(self._get_change_day(), price_unit=self.price * 2)

        self._compare(change)

    def test_there_and_back_costs_nothing(self):
        untouched, changed = self._start(), self._start()
        self._bill_until(untouched, self.last_day)
        self._bill_until(changed, self.event_day)
        on = self._get_change_day()
        with freeze_time(self.event_day):
            other = self._get_line(changed)._change(on, price_unit=self.price * 2)
            self._bill(changed, self.event_day)
            other._change(on, price_unit=self.price)
        self._bill_until(changed, self.last_day)
        self.assertEqual(self._get_total(untouched), self._get_total(changed))


class UsageContract(ChargeTypeContract):
    """The contract for charge types that depend on usage."""

    def _use(self, line):
        day, usages = self.first_day, []
        while day <= self.event_day:
            usages.append({"line_id": line.id, "date": day, "quantity": 3.0})
            day += 5 * DAY
        self.env["subscription.usage"].create(usages)
