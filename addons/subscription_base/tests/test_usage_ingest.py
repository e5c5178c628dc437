from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .common import shows
from .test_usage import UsageCommon

API_GROUP = "subscription_base.group_subscription_usage_api"


class IngestCommon(UsageCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sender = new_test_user(
            cls.env,
            "usage_sender",
            API_GROUP,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _event(self, contract, key, quantity=1, **values):
        return {
            "subscription": contract.name,
            "meter": "calls",
            "timestamp": "2026-01-10T12:00:00Z",
            "quantity": quantity,
            "key": key,
            **values,
        }

    def _record(self, *events, user=None):
        return self.env["subscription.usage"].with_user(user or self.sender).record_usage([*events])


@tagged("post_install", "-at_install")
class TestUsageIngest(IngestCommon):
    @shows("PA-19")
    def test_each_key_is_counted_once(self):
        subscription = self._metered({})
        events = [self._event(subscription, f"call-{number}", 2) for number in range(5)]
        answer = self._record(*events, events[0])
        self.assertEqual(answer["accepted"], [f"call-{number}" for number in range(5)])
        self.assertEqual(answer["duplicates"], ["call-0"])
        self.assertEqual(self._record(*events)["accepted"], [])
        self.assertEqual(len(subscription.usage_ids), 5)
        usage = self._usage_lines(self._bill(subscription, "2026-02-01"))
        self.assertEqual((usage.quantity, usage.price_subtotal), (10.0, 1.0))

    def test_a_bad_event_stops_no_other(self):
        subscription, draft = self._metered({}), self._metered({})
        draft.sudo().state = "draft"
        users = self._create_meter("users", aggregation="unique")
        other = self._create_meter("other")
        subscription.line_ids.filtered("meter_id").copy(
            {"subscription_id": subscription.id, "meter_id": users.id, "dimension_values": False}
        )
        bad = [
            ("no object", "named values"),
            ({"meter": "calls"}, "key is missing"),
            (self._event(subscription, 7), "key is missing"),
            (self._event(subscription, "1", subscription="SUB-NONE"), "no running subscription"),
            (self._event(draft, "2"), "no running subscription"),
            (self._event(subscription, "3", subscription=None), "subscription is missing"),
            (self._event(subscription, "4", meter="none"), "no meter none"),
            (self._event(subscription, "5", meter=other.handle), "does not charge"),
            (self._event(subscription, "6", timestamp="yesterday"), "ISO 8601"),
            (self._event(subscription, "7", timestamp="2026-01-10T12:00:00"), "offset"),
            (self._event(subscription, "8", timestamp=None), "ISO 8601"),
            (self._event(subscription, "9", quantity="many"), "a number"),
            (self._event(subscription, "10", quantity=True), "a number"),
            (self._event(subscription, "11", quantity=float("nan")), "a number"),
            (self._event(subscription, "12", quantity=None), "a number"),
            (self._event(subscription, "13", dimension=3), "a text"),
            (self._event(subscription, "14", meter=users.handle), "unique_value"),
            (self._event(subscription, "15", replaces="nobody"), "to replace"),
        ]
        good = self._event(subscription, "good", 3)
        answer = self._record(*(event for event, _reason in bad), good)
        self.assertEqual(answer["accepted"], ["good"])
        self.assertEqual([error["index"] for error in answer["errors"]], [*range(len(bad))])
        for error, (_event, reason) in zip(answer["errors"], bad, strict=True):
            self.assertIn(reason, error["reason"])
        self.assertEqual(subscription.usage_ids.quantity, 3.0)

    def test_a_batch_is_limited(self):
        subscription = self._metered({})
        events = [self._event(subscription, str(number)) for number in range(1001)]
        with self.assertRaisesRegex(UserError, "at most 1000"):
            self._record(*events)
        with self.assertRaises(UserError):
            self.env["subscription.usage"].record_usage({"events": []})

    def test_the_day_is_the_company_s_whatever_the_offset(self):
        self.company.partner_id.tz = "Europe/Berlin"
        subscription = self._metered({})
        moments = {
            "2026-01-31T22:59:59Z": "2026-01-31",
            "2026-01-31T23:00:00Z": "2026-02-01",
            "2026-02-01T00:00:00+01:00": "2026-02-01",
            "2026-01-31T18:30:00-05:00": "2026-02-01",
            "2026-07-31T22:00:00.125Z": "2026-08-01",
            "2026-02-01": "2026-02-01",
        }
        self._record(*(self._event(subscription, at, timestamp=at) for at in moments))
        found = {event.key: str(event.date) for event in subscription.usage_ids}
        self.assertEqual(found, moments)
        by_day = subscription.usage_ids.filtered(lambda event: event.key == "2026-02-01")
        self.assertEqual(str(by_day.timestamp), "2026-01-31 23:00:00")
        for event in subscription.usage_ids:
            self.assertEqual(event._get_day(event.timestamp, self.company), event.date)

    def test_quantities_are_exact(self):
        subscription = self._metered({"price_unit": 1.0})
        self._record(*(self._event(subscription, str(number), 0.1) for number in range(3)))
        usage = self._usage_lines(self._bill(subscription, "2026-02-01"))
        self.assertEqual(usage.price_subtotal, 0.3)

    def test_counting_meters_need_no_quantity(self):
        users = self._create_meter("users", aggregation="unique")
        subscription = self._metered({"meter_id": users.id, "price_unit": 5.0})
        for number, user in enumerate(("ann", "bob", "ann")):
            event = self._event(subscription, str(number), meter="users", unique_value=user)
            del event["quantity"]
            self._record(event)
        usage = self._usage_lines(self._bill(subscription, "2026-02-01"))
        self.assertEqual((usage.quantity, usage.price_subtotal), (2.0, 10.0))

    def test_an_event_can_replace_one_that_was_sent_before(self):
        subscription = self._metered({})
        self._record(self._event(subscription, "wrong", 900))
        self._record(self._event(subscription, "right", 9, replaces="wrong"))
        usage = self._usage_lines(self._bill(subscription, "2026-02-01"))
        self.assertEqual(usage.quantity, 9.0)

    def test_only_what_may_be_concerned_is_looked_at_again(self):
        subscription = self._metered({})
        with freeze_time("2026-01-10 12:00:00"):
            self._bill(subscription, "2026-01-01")
            self.assertEqual(str(subscription.next_billing_date), "2026-02-01")
            marked = self._count_marked(subscription, "2026-01-10T11:00:00Z")
            self.assertEqual(marked, 0, "it is billed in three weeks anyway")
        with freeze_time("2026-02-01 08:00:00"):
            marked = self._count_marked(subscription, "2026-01-31T11:00:00Z")
            self.assertEqual(marked, 1, "a run may be billing January just now")
            self._bill(subscription, "2026-02-01")
            self.assertEqual(str(subscription.next_billing_date), "2026-03-01")
        with freeze_time("2026-02-10 12:00:00"):
            self.assertEqual(self._count_marked(subscription, "2026-02-09T11:00:00Z"), 0)
            self.assertEqual(self._count_marked(subscription, "2026-01-31T12:00:00Z"), 1, "late")
        self.assertEqual(str(subscription.next_billing_date), "2026-01-31")
        late = self._bill(subscription, "2026-02-10")
        self.assertEqual(late.amount_untaxed, 0.1)
        self.assertEqual(str(late.invoice_line_ids.subscription_period_end), "2026-01-31")
        self.assertEqual(str(subscription.next_billing_date), "2026-03-01")

    def _count_marked(self, subscription, moment):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT ctid FROM subscription_subscription WHERE id = %s", subscription.ids
        )
        before = self.env.cr.fetchone()
        answer = self._record(self._event(subscription, moment, timestamp=moment))
        self.assertEqual(answer["accepted"], [moment])
        self.env.cr.execute(
            "SELECT ctid FROM subscription_subscription WHERE id = %s", subscription.ids
        )
        return int(self.env.cr.fetchone() != before)

    def test_usage_after_the_end_is_billed(self):
        subscription = self._metered({})
        subscription._close(on="2026-01-31")
        self._bill(subscription, "2026-02-01")
        self.assertEqual(subscription.state, "closed")
        self.assertFalse(subscription.next_billing_date)
        self._record(self._event(subscription, "late", 30))
        run = self._create_run("2026-02-02")
        self.assertEqual(run._count_due(), 1)
        self.assertEqual(run._bill_subscriptions(subscription).amount_untaxed, 3.0)
        self.assertFalse(subscription.next_billing_date)

    def test_a_month_without_usage_does_not_end_the_calendar(self):
        fee = {"product_id": self.setup_fee.id, "charge_type": "one_time"}
        calls = {
            "product_id": self.calls.id,
            "charge_type": "usage",
            "timing": "arrears",
            "meter_id": self.meter.id,
        }
        subscription = self._create_subscription()
        subscription.line_ids.date_end = "2026-01-31"
        subscription.line_ids = [
            Command.create({**values, "price_unit": 1.0}) for values in (fee, calls)
        ]
        for day in ("2026-01-01", "2026-02-01", "2026-03-01"):
            self._bill(subscription, day)
        self.assertEqual(str(subscription.next_billing_date), "2026-04-01")


@tagged("post_install", "-at_install")
class TestUsageRights(IngestCommon):
    def test_a_sender_reaches_its_own_company_only(self):
        mine = self._metered({})
        other = self.setup_other_company()["company"]
        stranger = new_test_user(
            self.env,
            "usage_stranger",
            API_GROUP,
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        answer = self._record(self._event(mine, "a"), user=stranger)
        self.assertEqual(answer["accepted"], [])
        self.assertIn("no running subscription", answer["errors"][0]["reason"])
        self._record(self._event(mine, "a"))
        events = self.env["subscription.usage"].with_user(stranger)
        self.assertFalse(events.search([("subscription_id", "=", mine.id)]))
        self.assertTrue(events.with_user(self.sender).search([("subscription_id", "=", mine.id)]))

    def test_a_sender_sees_no_contracts(self):
        subscription = self._metered({})
        for record in (subscription, subscription.line_ids, subscription.plan_id):
            with self.assertRaises(AccessError):
                record.with_user(self.sender).read(["name"])
        self._record(self._event(subscription, "a"))
        event = subscription.usage_ids.with_user(self.sender)
        with self.assertRaises(AccessError):
            event.quantity = 5.0
        with self.assertRaises(AccessError):
            event.unlink()

    def test_others_may_not_send(self):
        subscription = self._metered({})
        plain = new_test_user(self.env, "usage_plain", "base.group_user")
        with self.assertRaises(AccessError):
            self._record(self._event(subscription, "a"), user=plain)

    def test_a_batch_that_fails_in_the_database_leaves_nothing(self):
        subscription = self._metered({})
        usage = type(self.env["subscription.usage"])
        with (
            patch.object(usage, "_mark_subscriptions", side_effect=ValueError),
            self.assertRaises(ValueError),
            self.env.cr.savepoint(),
        ):
            self._record(self._event(subscription, "a"))
        self.assertFalse(subscription.usage_ids)
