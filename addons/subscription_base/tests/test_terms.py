from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .common import SubscriptionCommon, shows


class TermsCommon(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.write({"is_company": True, "lang": "en_US"})
        cls.consumer = cls.env["res.partner"].create({"name": "Erika", "email": "e@example.com"})

    @classmethod
    def _create_terms_plan(cls, name="Terms", **terms):
        return cls._create_plan(name, [{"product_id": cls.hosting.id}], **terms)

    @classmethod
    def _months(cls, name, length):
        return {f"{name}_length": length, f"{name}_unit": "month"}

    def _day(self, text):
        return fields.Date.to_date(text)

    def _run(self, day):
        """What the nightly job does on ``day``."""
        with freeze_time(f"{day} 03:00:00"):
            run = self._create_run(day)
            self.env.invalidate_all()
            return run._bill_subscriptions(
                self.env["subscription.subscription"].search(
                    [("company_id", "=", self.company.id), ("state", "not in", ("draft", "closed"))]
                )
            )

    def _follow(self, subscription, day):
        with freeze_time(f"{day} 03:00:00"):
            subscription._follow_calendar(self._day(day))


@tagged("post_install", "-at_install")
class TestPlanTerms(TermsCommon):
    @shows("RE-92")
    def test_ending_with_the_contract_needs_a_contract_term(self):
        with self.assertRaisesRegex(ValidationError, "set how long"):
            self._create_terms_plan(term_type="fixed_term")
        self._create_terms_plan(term_type="fixed_term", initial_term_length=12)

    @shows("RE-94", "RE-96", "RE-98", "RE-100")
    def test_which_terms_there_are_for_each_type(self):
        form = Form(self.env["subscription.plan"])
        shown = {
            "renewing": ("initial_term_length", "renewal_term_length"),
            "cycles": ("fixed_cycles",),
            "fixed_term": ("initial_term_length",),
        }
        depending = {name for names in shown.values() for name in names}
        for term_type, names in shown.items():
            form.term_type = term_type
            for name in depending:
                self.assertEqual(self._is_shown(form, name), name in names, (term_type, name))
            for name in ("minimum_term_length", "notice_length"):
                self.assertTrue(self._is_shown(form, name))
        for values in (
            {"term_type": "cycles", "fixed_cycles": 3, "initial_term_length": 12},
            {"term_type": "cycles", "fixed_cycles": 3, "renewal_term_length": 12},
            {"term_type": "cycles"},
            {"term_type": "renewing", "fixed_cycles": 3},
            {"term_type": "renewing", "renewal_term_length": 3},
            {"term_type": "fixed_term", "initial_term_length": 6, "renewal_term_length": 6},
            {"notice_length": -1},
        ):
            with self.subTest(**values), self.assertRaises(ValidationError):
                self._create_terms_plan("Refused", **values)
        for values in (
            {"term_type": "cycles", "fixed_cycles": 3},
            {"term_type": "renewing", "initial_term_length": 6, "renewal_term_length": 3},
            {"term_type": "fixed_term", "initial_term_length": 6},
        ):
            common = self._months("minimum_term", 2) | self._months("notice", 1)
            self._create_terms_plan("Accepted", **values, **common)

    def _is_shown(self, form, name):
        return not form._get_modifier(name, "invisible")

    def test_changing_the_type_clears_what_it_has_no_use_for(self):
        form = Form(self._create_terms_plan(initial_term_length=12, renewal_term_length=6))
        form.term_type = "cycles"
        form.fixed_cycles = 4
        plan = form.save()
        self.assertEqual((plan.initial_term_length, plan.renewal_term_length), (0, 0))

    @shows("RE-10", "RE-104")
    def test_the_trial_is_shown_only_when_there_is_one(self):
        plan = self._create_terms_plan(trial_length=14)
        self.assertEqual(plan.trial_text, "14 days")
        self.assertFalse(self.flat_plan.trial_text)
        arch = plan.get_views([(False, "list")])["views"]["list"]["arch"]
        self.assertIn('name="trial_text"', arch)
        with self.assertRaises(ValidationError):
            plan.trial_length = -1

    @shows("LAW-01")
    def test_a_consumer_is_bound_for_two_years_at_most(self):
        for name in ("initial_term", "minimum_term"):
            with self.assertRaisesRegex(ValidationError, "24 months"):
                self._create_terms_plan(customer_kind="consumer", **self._months(name, 36))
            self._create_terms_plan(customer_kind="consumer", **self._months(name, 24))
            plan = self._create_terms_plan(customer_kind="business", **self._months(name, 36))
            self._create_subscription(plan)
            open_plan = self._create_terms_plan(**self._months(name, 36))
            with self.assertRaisesRegex(ValidationError, "24 months"):
                self._create_subscription(open_plan, partner_id=self.consumer.id)

    @shows("LAW-02")
    def test_a_renewal_term_does_not_bind_a_consumer(self):
        terms = self._months("initial_term", 12) | self._months("renewal_term", 12)
        plan = self._create_terms_plan(customer_kind="consumer", **terms)
        self.assertIn("does not bind consumers", plan.terms_warning)
        self.assertFalse(self._create_terms_plan(**terms).terms_warning)
        subscription = self._create_subscription(
            plan, partner_id=self.consumer.id, notice_length=1, notice_unit="month"
        )
        self.assertIn("does not bind consumers", subscription.terms_warning)
        last = subscription.get_next_termination_date("2027-03-10")
        self.assertEqual(last, self._day("2027-04-10"))

    @shows("LAW-02")
    def test_a_consumer_gets_the_unused_part_of_a_year_back(self):
        terms = self._months("initial_term", 12) | self._months("renewal_term", 12)
        plan = self._create_plan(
            "Yearly",
            [{"product_id": self.hosting.id, "price_unit": 365.0}],
            interval_count=12,
            **terms,
        )
        subscription = self._create_subscription(plan, partner_id=self.consumer.id)
        self._bill(subscription, "2027-01-01")
        with freeze_time("2027-03-10 08:00:00"):
            subscription._terminate()
        self.assertEqual(subscription.date_end, self._day("2027-04-10"))
        credit = self._bill(subscription, "2027-03-10")
        self.assertEqual(credit.move_type, "out_refund")
        self.assertEqual(credit.amount_untaxed, 265.0)

    @shows("LAW-03")
    def test_a_consumer_gives_a_months_notice_at_most(self):
        with self.assertRaisesRegex(ValidationError, "one month's notice"):
            self._create_terms_plan(customer_kind="consumer", **self._months("notice", 3))
        for length, unit in ((1, "month"), (4, "week"), (30, "day")):
            plan = self._create_terms_plan(
                customer_kind="consumer",
                notice_length=length,
                notice_unit=unit,
                **self._months("initial_term", 12),
            )
        subscription = self._create_subscription(
            plan, partner_id=self.consumer.id, notice_length=1, notice_unit="month"
        )
        last = subscription.get_next_termination_date("2026-11-30")
        self.assertEqual(last, self._day("2026-12-31"))

    @shows("LAW-04")
    def test_an_old_consumer_contract_keeps_its_rules(self):
        terms = self._months("initial_term", 24) | self._months("renewal_term", 12)
        plan = self._create_terms_plan(**terms)
        values = {
            "date_start": "2021-06-01",
            "partner_id": self.consumer.id,
            "notice_length": 3,
            "notice_unit": "month",
        }
        with self.assertRaises(ValidationError):
            self._create_subscription(plan, **values)
        old = self._create_subscription(plan, date_concluded="2021-06-01", **values)
        self.assertTrue(old.is_legacy_contract)
        self.assertFalse(old.terms_warning)
        self.assertEqual(old.get_next_termination_date("2023-06-10"), self._day("2024-05-31"))
        new = self._create_subscription(plan, partner_id=self.consumer.id)
        self.assertFalse(new.is_legacy_contract)

    def test_the_kind_of_customer_is_that_at_conclusion(self):
        subscription = self._create_subscription(partner_id=self.consumer.id)
        self.assertEqual(subscription.customer_kind, "consumer")
        self.consumer.write({"vat": "DE123456788"})
        self.assertEqual(subscription.customer_kind, "consumer")
        self.assertEqual(self._create_subscription().customer_kind, "business")
        merchant = self._create_subscription(partner_id=self.consumer.id)
        self.assertEqual(merchant.customer_kind, "business")
        business = self._create_terms_plan(customer_kind="business")
        with self.assertRaisesRegex(ValidationError, "sold to businesses only"):
            self._create_subscription(
                business, partner_id=self.env["res.partner"].create({"name": "Max"}).id
            )

    @shows("RE-58")
    def test_a_subscription_copies_the_terms_of_its_plan(self):
        plan = self._create_terms_plan(
            **self._months("initial_term", 12), **self._months("notice", 1)
        )
        subscription = self._create_subscription(plan)
        self.assertEqual(subscription.line_ids.price_unit, 30.0)
        self.assertEqual(subscription.initial_term_length, 12)
        self.assertEqual(subscription.notice_text, "1 month")
        for record, values in (
            (plan, {"initial_term_length": 24, "notice_length": 3}),
            (plan.component_ids, {"price_unit": 99.0}),
        ):
            with self.assertRaisesRegex(UserError, "New version"), self.env.cr.savepoint():
                record.write(values)
        self.env.invalidate_all()
        self.assertEqual(subscription.initial_term_length, 12)
        self.assertEqual(subscription.notice_length, 1)
        self.assertEqual(subscription.line_ids.price_unit, 30.0)

    @shows("RE-101")
    def test_terms_are_overridden_for_one_subscription(self):
        plan = self._create_terms_plan(**self._months("initial_term", 12))
        form = Form(self.env["subscription.subscription"])
        form.partner_id = self.partner_a
        form.plan_id = plan
        self.assertEqual(form.initial_term_length, 12)
        form.initial_term_length = 24
        subscription = form.save()
        self.assertEqual(subscription.initial_term_length, 24)
        self.assertEqual(plan.initial_term_length, 12)
        self.cr.flush()
        tracked = subscription.with_context(tracking_disable=False, mail_notrack=False)
        tracked.initial_term_length = 36
        self.cr.flush()
        values = subscription.sudo().message_ids.tracking_value_ids.filtered(
            lambda value: value.field_id.name == "initial_term_length"
        )
        self.assertEqual((values.old_value_integer, values.new_value_integer), (24, 36))

    @shows("RE-102")
    @freeze_time("2026-01-18 08:00:00")
    def test_the_timeline_follows_the_fields(self):
        form = Form(self.env["subscription.plan"])
        self.assertEqual([i["kind"] for i in form.terms_timeline], ["start", "open"])
        form.trial_length = 14
        form.initial_term_length = 12
        form.renewal_term_length = 6
        form.minimum_term_length = 3
        form.notice_length = 1
        form.notice_unit = "month"
        dates = [(item["kind"], item.get("day")) for item in form.terms_timeline]
        self.assertEqual(
            dates,
            [
                ("start", "2026-01-18"),
                ("trial_end", "2026-01-31"),
                ("minimum_end", "2026-04-30"),
                ("notice_deadline", "2026-12-31"),
                ("term_end", "2027-01-31"),
                ("renewal_end", "2027-07-31"),
                ("renewal_end", "2028-01-31"),
                ("open", None),
            ],
        )
        form.term_type = "cycles"
        form.fixed_cycles = 3
        form.minimum_term_length = 0
        items = form.terms_timeline
        self.assertEqual(items[-1]["label"], "Ends after 3 cycles")
        self.assertEqual(items[-1]["day"], "2026-04-30")


@tagged("post_install", "-at_install")
class TestTrial(TermsCommon):
    @shows("RE-103")
    @freeze_time("2026-05-01 08:00:00")
    def test_a_trial_is_free(self):
        plan = self._create_terms_plan(trial_length=14)
        subscription = self._create_subscription(plan, "2026-05-01")
        self.assertEqual(subscription.state, "trial")
        self.assertEqual(subscription.date_trial_end, self._day("2026-05-14"))
        self.assertEqual(subscription.next_billing_date, self._day("2026-05-15"))
        self.assertEqual(subscription.recurring_monthly, 0.0)
        self.assertFalse(self._run("2026-05-14"))
        self.assertEqual(subscription.state, "trial")
        invoice = self._run("2026-05-15")
        self.assertEqual(invoice.amount_untaxed, 30.0)
        self.assertEqual(subscription.state, "active")
        self.assertEqual(subscription.recurring_monthly, 30.0)
        self.assertEqual(
            subscription.event_ids.sorted("id").mapped("event_type"),
            ["created", "started", "affirmed", "activated"],
        )
        self.assertEqual(sum(subscription.event_ids.mapped("recurring_delta")), 30.0)

    @shows("RE-105")
    def test_a_trial_with_a_fixed_day(self):
        plan = self._create_plan(
            "Fixed",
            [{"product_id": self.hosting.id, "price_unit": 31.0}],
            schedule_type="month_fixed",
            fixed_day=1,
            trial_length=7,
        )
        subscription = self._create_subscription(plan, "2026-03-14")
        self._bill(subscription, "2026-03-31")
        self.assertEqual(self._charges(subscription), [("2026-03-21", "2026-03-31", 11.0)])
        monthly = self._create_terms_plan(trial_length=1, trial_unit="month")
        subscription = self._create_subscription(monthly, "2026-01-31")
        self._bill(subscription, "2026-02-28")
        self.assertEqual(self._charges(subscription), [("2026-02-28", "2026-03-27", 30.0)])

    def test_fees_and_usage_are_charged_in_a_trial(self):
        self.plan.write({"trial_length": 14, "setup_mode": "separate"})
        subscription = self._create_subscription(self.plan, "2026-05-01")
        self.assertEqual(subscription.next_billing_date, self._day("2026-05-01"))
        self.assertEqual(self._bill(subscription, "2026-05-01").amount_untaxed, 50.0)
        usage = subscription.line_ids.filtered(lambda line: line.charge_type == "usage")
        self.env["subscription.usage"].create(
            {"line_id": usage.id, "date": "2026-05-03", "quantity": 300}
        )
        invoice = self._bill(subscription, "2026-06-01")
        self.assertEqual(invoice.amount_untaxed, 16.45 + 30.0 + 10.0)

    @freeze_time("2026-05-01 08:00:00")
    def test_a_trial_is_left_without_a_charge(self):
        plan = self._create_terms_plan(
            trial_length=14, **self._months("initial_term", 12), **self._months("notice", 1)
        )
        subscription = self._create_subscription(plan, "2026-05-01")
        subscription._terminate()
        self.assertEqual(subscription.date_end, self._day("2026-05-14"))
        self.assertFalse(self._run("2026-05-15"))
        self.assertEqual(subscription.state, "closed")
        self.assertFalse(subscription.charge_ids)

    def test_a_trial_that_is_over_cannot_be_changed(self):
        subscription = self._create_subscription(self._create_terms_plan(trial_length=14))
        subscription._follow_calendar(self._day("2026-02-01"))
        with self.assertRaisesRegex(UserError, "is over"):
            subscription.trial_length = 30
