from contextlib import contextmanager
from datetime import date, datetime

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import SQL, mute_logger

from .common import SubscriptionCommon

DAYS = (datetime(2026, 1, 15, 12), datetime(2030, 1, 1, 12))


@tagged("post_install", "-at_install")
class TestFailureModesCalendar(SubscriptionCommon):
    """What goes wrong with dates in other subscription modules, through the records."""

    def test_failure_06_next_date_moved_by_hand(self):
        """The invoice bears the new date and the old period, then the date jumps back."""
        subscription = self._create_subscription(date_start="2025-11-22")
        self._bill(subscription, "2025-11-22")
        seller = new_test_user(self.env, "seller", groups="sales_team.group_sale_manager")
        seller.company_ids = seller.company_id = self.company
        with self.assertRaises(AccessError):
            subscription.with_user(seller).next_billing_date = "2026-01-05"
        subscription.sudo().next_billing_date = "2026-01-05"
        self.assertFalse(self._run_cron("2025-12-22"))
        invoice = self._run_cron("2026-01-05")
        self.assertEqual(invoice.invoice_date, date(2026, 1, 5))
        self.assertEqual(
            self._charges(subscription),
            [("2025-11-22", "2025-12-21", 30.0), ("2025-12-22", "2026-01-21", 30.0)],
        )
        self.assertEqual(subscription.next_billing_date, date(2026, 1, 22))

    def test_failure_09_lines_made_by_rpc_start_today_and_monthly(self):
        """Made through the API, lines have the defaults of the field, not of the contract."""
        quarterly = self._create_plan(
            "Quarterly", [{"product_id": self.hosting.id}], interval_count=3
        )
        values = {
            "partner_id": self.partner_a.id,
            "plan_id": quarterly.id,
            "date_start": "2027-01-01",
            "line_ids": [Command.create({"product_id": self.hosting.id, "price_unit": 90.0})],
        }
        with freeze_time("2026-01-15"):
            [created] = call_kw(self.env["subscription.subscription"], "create", [[values]], {})
            subscription = self.env["subscription.subscription"].browse(created)
            call_kw(subscription, "action_start", [subscription.ids], {})
            self.assertEqual(subscription.line_ids.date_start, date(2027, 1, 1))
            self.assertEqual(subscription.next_billing_date, date(2027, 1, 1))
        self.assertFalse(self._run_cron("2026-12-31"))
        self._run_cron("2027-01-01")
        self.assertEqual(self._charges(subscription), [("2027-01-01", "2027-03-31", 90.0)])

    def test_failure_10_defaults_stand_still_at_the_start_of_the_server(self):
        """``default=date.today()``: in 2030 new records still get the day of the start."""
        found = set()
        for name, model in self.env.items():
            for field in model._fields.values():
                own = field._modules and any("subscription" in part for part in field._modules)
                if own and field.type in ("date", "datetime") and field.default:
                    values = []
                    for moment in DAYS:
                        with freeze_time(moment):
                            values.append(model.default_get([field.name]).get(field.name))
                    found.add((name, field.name))
                    self.assertEqual([value.year for value in values], [2026, 2030], field)
        self.assertIn(("subscription.subscription", "date_start"), found)
        self.assertIn(("subscription.billing.run", "date"), found)

    def test_failure_11_zero_interval(self):
        """An interval of 0 is accepted, and found out when a period ends before it starts."""
        for interval in (0, -1):
            with self._refused():
                self.flat_plan.copy({"interval_count": interval})
            for record in (self.flat_plan, self.flat_plan.component_ids):
                with self._refused():
                    self.env.cr.execute(
                        SQL(
                            "UPDATE %s SET interval_count = %s WHERE id = %s",
                            SQL.identifier(record._table),
                            interval,
                            record.id,
                        )
                    )

    @contextmanager
    def _refused(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            yield

    def test_failure_14_yesterday_is_billed_at_half_past_midnight(self):
        """The job has no time zone: at 00:30 in Berlin it bills the day before, or none at all."""
        self.company.country_id = self.quick_ref("base.de")
        daily = self._create_plan("Daily", [{"product_id": self.hosting.id}], schedule_type="daily")
        for timezone in ("Europe/Berlin", False):
            self.company.partner_id.tz = timezone
            for nights in (
                ("2026-03-27 23:30", "2026-03-28 23:30", "2026-03-29 22:30", "2026-03-30 22:30"),
                ("2026-10-23 22:30", "2026-10-24 22:30", "2026-10-25 23:30", "2026-10-26 23:30"),
            ):
                with self.subTest(timezone=timezone, nights=nights), freeze_time(nights[0]):
                    start = self.env["subscription.billing.run"]._get_today(self.company)
                    self.assertEqual(start.day, int(nights[0][8:10]) + 1)
                    subscription = self._create_subscription(daily, start)
                    for number, night in enumerate(nights):
                        [invoice] = self._run_cron(night)
                        day = date.fromordinal(start.toordinal() + number)
                        self.assertEqual(invoice.invoice_date, day)
                        self.assertEqual(invoice.invoice_line_ids.subscription_period_start, day)
                        self.assertFalse(self._run_cron(night))
                    self.assertEqual(len(subscription.charge_ids), len(nights))
                    subscription._close(day)
