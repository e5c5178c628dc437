import json
from ast import literal_eval
from datetime import date
from unittest.mock import patch

from lxml import etree

from odoo.service.model import call_kw
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger
from odoo.tools.json import json_default

from odoo.addons.subscription_base.models import subscription_billing_steps as steps

from .common import SubscriptionCommon
from .test_terms import TermsCommon

RUN_LOGGER = "odoo.addons.subscription_base.models.subscription_billing_steps"


class RunsCommon(SubscriptionCommon):
    def _create_many(self, count, **values):
        return self.env["subscription.subscription"].union(
            *(self._create_subscription(**values) for _number in range(count))
        )

    def _refuse(self, bad, refuse):
        """Let ``refuse(subscription)`` fail whenever an invoice of ``bad`` is prepared."""
        Subscription = type(bad)
        prepare = Subscription._prepare_invoice_values

        def prepare_or_refuse(record, charges, invoice_date):
            if record & bad:
                refuse(record)
            return prepare(record, charges, invoice_date)

        return patch.object(Subscription, "_prepare_invoice_values", prepare_or_refuse)


@tagged("post_install", "-at_install")
class TestFailureModesRuns(RunsCommon):
    """What goes wrong with many, at once and in several companies, in other modules."""

    def _count_queries(self, day):
        run = self._create_run(day)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.assertTrue(self._process_run(run))
        return self.env.cr.sql_log_count - before

    @mute_logger(RUN_LOGGER)
    def test_failure_30_one_bad_contract_blocks_all_or_makes_all_slow(self):
        """All is blocked, or done one by one: 15 queries a contract become 58 for one bad of 300.

        Here one bad contract costs some more batches; four times as many contracts, hardly more.
        """

        def refuse(subscription):
            raise RuntimeError("Bad.")

        extra, subscriptions = [], self.env["subscription.subscription"]
        for count, month in ((16, 1), (48, 4)):
            subscriptions += self._create_many(count)
            self._process_run(self._create_run(f"2026-{month:02}-01"))  # fills the caches
            good = self._count_queries(f"2026-{month + 1:02}-01")
            bad = subscriptions[9]
            with self._refuse(bad, refuse):
                extra.append(self._count_queries(f"2026-{month + 2:02}-01") - good)
            self.assertEqual(bad.billing_error, "Bad.")
            self.assertFalse((subscriptions - bad).filtered("billing_error"))
            self.assertEqual(bad.next_billing_date, date(2026, month + 2, 1))
            self.assertEqual(
                set((subscriptions - bad).mapped("next_billing_date")), {date(2026, month + 3, 1)}
            )
        self.assertGreater(extra[0], 0)
        self.assertLess(extra[1], 2 * extra[0])
        self.assertLess(good + extra[1], 15 * len(subscriptions))

    @mute_logger(RUN_LOGGER, "odoo.sql_db")
    def test_failure_31_sql_error_spoils_the_transaction(self):
        """After an SQL error all that follows fails, and the job reports success."""
        subscriptions = self._create_many(5)

        def refuse(subscription):
            subscription.env.cr.execute("SELECT 1 / 0")

        with self._refuse(subscriptions[2], refuse):
            run = self._create_run("2026-01-01")
            self._process_run(run)
        good = subscriptions - subscriptions[2]
        self.assertEqual(good._get_invoices().mapped("state"), ["posted"] * 4)
        self.assertEqual((run.state, run.failed_count), ("done", 1))
        self.assertEqual(subscriptions[2].billing_error, "division by zero\n")
        self.assertFalse(subscriptions[2].charge_ids)

    @mute_logger(RUN_LOGGER, "odoo.sql_db")
    def test_failure_31_start_is_not_isolated(self):
        """What is pending starts outside of the part in which errors are caught."""
        with freeze_time("2025-12-01"):
            pending = self._create_many(3, plan=self._create_arrears_plan())
        bad, Subscription = pending[1], type(pending)
        log_event = Subscription._log_event

        def log_or_refuse(records, event_type, **values):
            if event_type == "activated" and bad in records:
                records.env.cr.execute("SELECT 1 / 0")
            return log_event(records, event_type, **values)

        with patch.object(Subscription, "_log_event", log_or_refuse):
            self._run_cron("2026-01-01")
        self.assertEqual(pending.mapped("state"), ["active", "pending", "active"])

    def _create_arrears_plan(self):
        return self._create_plan("Later", [{"product_id": self.hosting.id, "timing": "arrears"}])

    @mute_logger(RUN_LOGGER)
    def test_failure_34_company_without_sale_journal(self):
        """Its error stops the others, or only the last company is billed."""
        other = self.setup_other_company()["company"]
        env = self.env(context={"allowed_company_ids": [other.id, self.company.id]})
        product = self._create_service("Elsewhere", 10.0, taxes_id=False)
        plan = env["subscription.plan"].create(
            {
                "name": "Elsewhere",
                "company_id": other.id,
                "component_ids": [(0, 0, {"product_id": product.id})],
            }
        )
        plan.action_activate()
        theirs = self._create_subscription(plan.with_env(self.env), company_id=other.id)
        mine = self._create_subscription()
        journals = self.env["account.journal"].search(
            [("company_id", "=", other.id), ("type", "=", "sale")]
        )
        self.assertTrue(journals)
        journals.active = False
        for day in ("2026-01-01", "2026-01-02"):
            self._run_cron(day)
            self.assertEqual(mine.invoice_count, 1)
            self.assertFalse(theirs.charge_ids)
            self.assertIn("No journal", theirs.billing_error)
        journals.active = True
        self._run_cron("2026-01-03")
        self.assertEqual((len(theirs.charge_ids), theirs.billing_error), (1, False))

    @mute_logger(RUN_LOGGER)
    def test_failure_35_run_is_done_before_its_work(self):
        """The run only hands the work on: it reports success and clears the errors at once."""
        subscriptions = self._create_many(3)

        def refuse(subscription):
            raise RuntimeError("Bad.")

        with self._refuse(subscriptions, refuse):
            self._process_run(self._create_run("2026-01-01"))
        run = self._create_run("2026-01-02")

        def out_of_time(cron, processed=0, **kwargs):
            cron.env.flush_all()
            return 0 if processed else float("inf")

        with (
            patch.object(steps, "CREATE_BATCH", 1),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", out_of_time),
        ):
            for left in (2, 1, 0):
                self.assertFalse(run._process())
                self.assertEqual((run.state, run.date_done), ("running", False))
                run.invalidate_recordset(["remaining_count"])
                self.assertEqual(run.remaining_count, left)
                self.assertEqual(len(subscriptions.filtered("billing_error")), left)
        self.assertTrue(self._process_run(run))
        self.assertEqual((run.state, run.posted_count), ("done", 3))
        self.assertEqual(subscriptions.mapped("invoice_count"), [1, 1, 1])

    def test_failure_36_search_misses_what_is_computed(self):
        """An open-ended line computes as running, and is not found as running."""
        with freeze_time("2026-01-01"):
            subscriptions = self._create_many(4, plan=self.plan)
            subscriptions[1]._pause("2026-01-01")
            subscriptions[2]._close("2025-12-31")
            self._create_subscription(self.plan, "2026-03-01")
            self._create_subscription(self.plan, start=False)
            draft = self._create_plan(
                "Draft", [{"product_id": self.hosting.id}], invoice_policy="draft"
            )
            self._bill(self._create_subscription(draft), "2026-01-01")
            self._bill(subscriptions[0], "2026-01-01")
            subscriptions[3].line_ids[0]._change("2026-02-01", price_unit=50.0)
            self._bill(subscriptions[3], "2026-02-01")
            self.env.flush_all()
            for model, name in (
                ("subscription.subscription", "state"),
                ("subscription.charge", "settlement_state"),
            ):
                self._assert_search_agrees(self.env[model], name)
        for day in ("2026-01-31", "2026-02-01"):
            with freeze_time(day):
                self._assert_running_filter_agrees()

    def _assert_running_filter_agrees(self):
        """The filter of the list of lines finds those that say that they run today."""
        lines = self.env["subscription.line"].search([("company_id", "=", self.company.id)])
        arch = etree.fromstring(lines.get_view(view_type="search")["arch"])
        [domain] = arch.xpath("//filter[@name='running']/@domain")
        running = lines.filtered(
            lambda line: (
                line.subscription_id.state not in ("draft", "pending", "closed")
                and line._is_current(date.today())
            )
        )
        self.assertEqual(lines & lines.search(literal_eval(domain)), running)
        self.assertIn(False, running.mapped("date_end"))
        self.assertTrue(lines - running)

    def _assert_search_agrees(self, model, name):
        records, found = model.search([]), model.browse()
        values = [value for value, _label in model.fields_get([name])[name]["selection"]]
        for value in (*values, False):
            matching = records.filtered(lambda record, value=value: record[name] == value)
            self.assertEqual(model.search([(name, "=", value)]), matching, (name, value))
            self.assertEqual(model.search([(name, "!=", value)]), records - matching)
            found |= matching
        self.assertEqual(len(found), len(records))
        self.assertGreater(len(set(records.mapped(name))), 1)

    def test_failure_37_dates_over_rpc_are_texts(self):
        """``stop('2026-01-01')`` crashes, because a text is no date."""
        with freeze_time("2026-01-10"):
            subscription = self._create_subscription()
            reason = self.env["subscription.close.reason"].search([], limit=1)
            for day, given in (("2026-01-31", {}), ("2026-02-28", {"reason_id": reason.id})):
                self._call(subscription, "terminate", date_end=day, **given)
                self.assertEqual(subscription.date_end, date.fromisoformat(day))
            self.assertEqual(subscription.close_reason_id, reason)
            last = self._call(subscription, "get_next_termination_date", on="2026-02-10")
            self.assertEqual(last, "2026-02-10")
            preview = self._call(self.flat_plan, "get_invoice_preview", date_start="2026-02-01")
            self.assertIn("2026-02-01", json.dumps(preview))

    def _call(self, record, method, **arguments):
        """Call a public method as JSON does."""
        arguments = json.loads(json.dumps(arguments))
        result = call_kw(record, method, [record.ids], arguments)
        return json.loads(json.dumps(result, default=json_default))


@tagged("post_install", "-at_install")
class TestMissedRenewals(TermsCommon, RunsCommon):
    @mute_logger(RUN_LOGGER)
    def test_failure_33_one_renewal_a_run_and_one_error_stops_all(self):
        """What ended in 2025 and is looked at in 2028 ends in 2026; one error aborts the rest."""
        plan = self._create_terms_plan(
            **self._months("initial_term", 12), **self._months("renewal_term", 12)
        )
        with freeze_time("2025-01-01 08:00:00"):
            subscriptions = self._create_many(3, plan=plan, date_start="2025-01-01")
        self.assertEqual(set(subscriptions.mapped("date_term_end")), {self._day("2025-12-31")})
        bad, Subscription = subscriptions[1], type(subscriptions)
        describe = Subscription._get_renewal_description

        def describe_or_refuse(record):
            if record == bad:
                raise RuntimeError("Bad.")
            return describe(record)

        with patch.object(Subscription, "_get_renewal_description", describe_or_refuse):
            self._run_cron("2028-06-01")
        good = subscriptions - bad
        self.assertEqual(good.mapped("date_term_end"), [self._day("2028-12-31")] * 2)
        self.assertEqual(bad.date_term_end, self._day("2025-12-31"))
        self.assertEqual(bad.billing_error, "Bad.")
        self._run_cron("2028-06-02")
        self.assertEqual(bad.date_term_end, self._day("2028-12-31"))
