from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import shows
from .test_terms import TermsCommon

USER = "base.group_user,subscription_base.group_subscription_user"


@tagged("post_install", "-at_install")
class TestTermTypes(TermsCommon):
    @shows("RE-89")
    def test_it_runs_for_years_without_action(self):
        with freeze_time("2026-01-15 08:00:00"):
            subscription = self._create_subscription(date_start="2026-01-15")
        for _attempt in range(3):
            self._run("2029-01-14")
        self.assertEqual(subscription.state, "active")
        self.assertEqual(len(subscription.charge_ids), 36)

    @shows("RE-90")
    def test_a_fixed_number_of_cycles(self):
        plan = self._create_terms_plan(term_type="cycles", fixed_cycles=6)
        with freeze_time("2026-01-15 08:00:00"):
            subscription = self._create_subscription(plan, "2026-01-15")
        for month in range(1, 8):
            self._run(f"2026-{month:02}-15")
            expected = "closed" if month == 7 else "active"
            self.assertEqual(subscription.state, expected)
        self.assertEqual(subscription.invoice_count, 6)
        self.assertEqual(self._charges(subscription)[-1][:2], ("2026-06-15", "2026-07-14"))
        self.assertEqual(subscription.date_end, self._day("2026-07-14"))

    def test_three_cycles_make_three_invoices(self):
        plan = self._create_terms_plan(term_type="cycles", fixed_cycles=3)
        subscription = self._create_subscription(plan)
        self._bill(subscription, "2027-01-01")
        self.assertEqual(len(subscription.charge_ids), 3)

    @shows("RE-91")
    def test_it_ends_with_the_contract(self):
        plan = self._create_terms_plan(term_type="fixed_term", initial_term_length=12)
        with freeze_time("2026-02-01 08:00:00"):
            subscription = self._create_subscription(plan, "2026-02-01")
        self._run("2027-01-31")
        self.assertEqual(subscription.state, "active")
        self._run("2027-02-01")
        self.assertEqual(subscription.state, "closed")
        self.assertEqual(subscription.date_end, self._day("2027-01-31"))
        self.assertEqual(len(subscription.charge_ids), 12)
        self.assertNotIn("renewed", subscription.event_ids.mapped("event_type"))

    @shows("RE-93")
    def test_the_contract_term_binds(self):
        plan = self._create_terms_plan(**self._months("initial_term", 12))
        subscription = self._create_subscription(plan)
        with freeze_time("2026-03-10 08:00:00"):
            with self.assertRaisesRegex(UserError, "Contract term: 12 months"):
                subscription._terminate("2026-03-31")
            subscription._terminate()
        self.assertEqual(subscription.date_end, self._day("2026-12-31"))
        with freeze_time("2027-02-01 08:00:00"):
            self._bill(subscription, "2027-02-01")
        self.assertEqual(len(subscription.charge_ids), 12)
        self.assertEqual(subscription.state, "closed")

    @shows("RE-95")
    def test_the_renewal_term_may_differ(self):
        plan = self._create_terms_plan(
            **self._months("initial_term", 12), **self._months("renewal_term", 6)
        )
        with freeze_time("2026-01-01 08:00:00"):
            subscription = self._create_subscription(plan)
            self.assertEqual(subscription.date_term_end, self._day("2026-12-31"))
        self._run("2026-12-31")
        self.assertEqual(subscription.date_term_end, self._day("2026-12-31"))
        self._run("2027-01-01")
        self.assertEqual(subscription.date_term_end, self._day("2027-06-30"))
        self._run("2028-08-01")
        self.assertEqual(subscription.date_term_end, self._day("2028-12-31"))
        renewed = subscription.event_ids.filtered(lambda event: event.event_type == "renewed")
        self.assertEqual(len(renewed), 2)

    @shows("RE-97")
    def test_the_minimum_term_is_paid(self):
        plan = self._create_terms_plan(**self._months("minimum_term", 1))
        with freeze_time("2026-01-15 08:00:00"):
            subscription = self._create_subscription(plan, "2026-01-15")
            subscription._terminate()
        self.assertEqual(subscription.date_end, self._day("2026-02-14"))
        self._run("2026-02-15")
        self.assertEqual(self._charges(subscription), [("2026-01-15", "2026-02-14", 30.0)])
        self.assertEqual(subscription.state, "closed")

    @shows("RE-99")
    def test_notice_is_billed(self):
        for effect, last, amounts in (
            ("any_day", "2026-04-10", [30.0, 30.0, 30.0, 10.0]),
            ("period_end", "2026-04-30", [30.0] * 4),
        ):
            plan = self._create_terms_plan(
                schedule_type="month_fixed",
                fixed_day=1,
                termination_effect=effect,
                **self._months("notice", 1),
            )
            subscription = self._create_subscription(plan)
            self._bill(subscription, "2026-03-10")
            with freeze_time("2026-03-10 08:00:00"):
                subscription._terminate()
            self.assertEqual(subscription.date_end, self._day(last))
            self._bill(subscription, "2026-06-01")
            self.assertEqual([amount for *_period, amount in self._charges(subscription)], amounts)

    @shows("PA-07")
    def test_notice_of_a_plan_and_of_a_contract(self):
        plan = self._create_terms_plan(termination_effect="any_day", notice_length=14)
        subscription = self._create_subscription(plan)
        for values, last in (
            ({}, "2026-03-24"),
            ({"notice_length": 2, "notice_unit": "week"}, "2026-03-24"),
            ({"notice_length": 1, "notice_unit": "month"}, "2026-04-10"),
            ({"notice_length": 1, "notice_unit": "period"}, "2026-04-10"),
            ({"notice_length": 0}, "2026-03-10"),
            ({"termination_effect": "period_end"}, "2026-03-31"),
            ({"notice_length": 1, "notice_unit": "month"}, "2026-04-30"),
            ({"notice_start": "period_end", "notice_unit": "period"}, "2026-04-30"),
        ):
            subscription.write(values)
            found = subscription.get_next_termination_date("2026-03-10")
            self.assertEqual(found, self._day(last), values)


@tagged("post_install", "-at_install")
class TestTermination(TermsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env.ref("subscription_base.close_reason_unpaid")
        cls.user = new_test_user(
            cls.env, "terms_user", USER, company_id=cls.company.id, company_ids=cls.company.ids
        )

    def _open_wizard(self, subscription, user=None):
        action = subscription.action_open_close_wizard()
        model = self.env[action["res_model"]].with_user(user or self.env.user)
        form = Form(model.with_context(**action["context"]))
        form.close_reason_id = self.reason
        return form

    @shows("SM-57", "SM-59")
    def test_what_is_billed_in_advance_moves_the_next_termination_date(self):
        subscription = self._create_subscription()
        self._bill(subscription, "2026-05-01")
        with freeze_time("2026-05-12 08:00:00"):
            subscription.invalidate_recordset()
            self.assertEqual(subscription.next_termination_date, self._day("2026-05-31"))
            wizard = self._open_wizard(subscription, self.user)
            self.assertEqual(wizard.date_end, self._day("2026-05-31"))
        self._bill(subscription, "2026-06-01")
        last = subscription.get_next_termination_date("2026-06-02")
        self.assertEqual(last, self._day("2026-06-30"))
        with freeze_time("2026-06-02 08:00:00"):
            self._open_wizard(subscription).save().action_close()
        self.assertEqual(subscription.date_end, self._day("2026-06-30"))
        self.assertEqual(subscription.termination_kind, "ordinary")

    @shows("SM-58")
    def test_usage_in_arrears_is_terminated_at_once(self):
        traffic = {"product_id": self.traffic.id, "charge_type": "usage"}
        plan = self._create_plan(
            "Usage", [{"product_id": self.hosting.id, "price_unit": 0.0}, traffic]
        )
        subscription = self._create_subscription(plan, "2026-05-01")
        subscription.line_ids.filtered(lambda line: line.charge_type == "recurring").unlink()
        self.env["subscription.usage"].create(
            {"line_id": subscription.line_ids.id, "date": "2026-05-03", "quantity": 100}
        )
        with freeze_time("2026-05-12 08:00:00"):
            wizard = self._open_wizard(subscription)
            self.assertEqual(wizard.date_end, self._day("2026-05-12"))
            self.assertEqual(wizard.amount_billed, 5.0)
            wizard.save().action_close()
        invoice = self._run("2026-05-13")
        self.assertEqual(invoice.amount_untaxed, 5.0)
        self.assertEqual(subscription.state, "closed")

    @shows("SM-60")
    def test_arrears_are_billed_up_to_the_last_day(self):
        plan = self._create_plan(
            "Arrears", [{"product_id": self.hosting.id, "price_unit": 31.0, "timing": "arrears"}]
        )
        subscription = self._create_subscription(plan, "2026-05-01")
        with freeze_time("2026-05-12 08:00:00"):
            subscription._terminate()
        self._bill(subscription, "2026-05-13")
        self.assertEqual(self._charges(subscription), [("2026-05-01", "2026-05-12", 12.0)])

    @shows("SM-33")
    def test_a_terminated_subscription_is_closed_and_bills_nothing_more(self):
        subscription = self._create_subscription()
        self._bill(subscription, "2026-05-01")
        with freeze_time("2026-05-12 08:00:00"):
            self._open_wizard(subscription).save().action_close()
        self._run("2026-06-01")
        self.assertEqual(subscription.state, "closed")
        self.assertEqual(subscription.date_end, self._day("2026-05-31"))
        self.assertFalse(self._run("2026-12-01"))
        self.assertEqual(len(subscription.charge_ids), 5)

    @shows("SM-35")
    def test_term_end_and_next_termination_are_shown(self):
        plan = self._create_terms_plan(**self._months("initial_term", 12))
        with freeze_time("2026-06-01 08:00:00"):
            subscription = self._create_subscription(plan)
            form = Form(subscription)
            self.assertEqual(form.date_term_end, "2026-12-31")
            self.assertEqual(form.next_termination_date, "2026-12-31")

    @shows("SM-61")
    def test_an_extraordinary_termination_is_always_possible(self):
        plan = self._create_terms_plan(**self._months("initial_term", 24))
        subscription = self._create_subscription(plan)
        self._bill(subscription, "2026-06-01")
        with freeze_time("2026-06-10 08:00:00"):
            last = subscription.get_next_termination_date()
            self.assertEqual(last, self._day("2027-12-31"))
            wizard = self._open_wizard(subscription)
            wizard.kind = "extraordinary"
            wizard.date_end = self._day("2026-06-15")
            self.assertEqual(wizard.amount_credited, 15.0)
            wizard.save().action_close()
        self.assertEqual(subscription.date_end, self._day("2026-06-15"))
        self._run("2026-06-16")
        self.assertEqual(subscription.state, "closed")

    @shows("SM-62")
    def test_only_managers_terminate_extraordinarily_and_with_a_reason(self):
        subscription = self._create_subscription()
        with self.assertRaisesRegex(UserError, "needs a reason"):
            subscription._terminate_extraordinarily("2026-06-15", None)
        with self.assertRaisesRegex(AccessError, "Only managers"):
            subscription.with_user(self.user)._terminate_extraordinarily("2026-06-15", self.reason)
        wizard = self._open_wizard(subscription)
        wizard.kind = "extraordinary"
        wizard.close_reason_id = self.env["subscription.close.reason"]
        with self.assertRaises(AssertionError):
            wizard.save()
        wizard.close_reason_id = self.reason
        wizard.description = "Fraud"
        wizard.save().action_close()
        event = subscription.event_ids.filtered(lambda event: event.event_type == "terminated")
        self.assertIn("Extraordinary, Payment default, Fraud", event.description)
        self.assertEqual(event.user_id, self.env.user)

    @shows("SM-63")
    def test_a_rule_terminates_as_the_system(self):
        subscription = self._create_subscription(
            self._create_terms_plan(**self._months("initial_term", 24))
        )
        subscription.with_user(self.user)._terminate_extraordinarily(
            "2026-06-15", self.reason, rule="Two months unpaid"
        )
        self.assertEqual(subscription.date_end, self._day("2026-06-15"))
        event = subscription.event_ids.filtered(lambda event: event.event_type == "terminated")
        self.assertEqual(event.user_id, self.env.ref("base.user_root"))
        self.assertIn("Two months unpaid", event.description)

    def test_a_termination_is_withdrawn(self):
        plan = self._create_terms_plan(termination_effect="any_day")
        with freeze_time("2026-05-01 08:00:00"):
            subscription = self._create_subscription(plan, "2026-05-01")
        self._bill(subscription, "2026-05-01")
        with freeze_time("2026-05-10 08:00:00"):
            subscription._terminate("2026-05-20")
            self._bill(subscription, "2026-05-10")
            self.assertEqual(sum(subscription.charge_ids.mapped("amount")), 19.35)
            subscription.action_withdraw_termination()
            self._bill(subscription, "2026-05-10")
        self.assertFalse(subscription.date_end)
        self.assertEqual(sum(subscription.charge_ids.mapped("amount")), 30.0)
        with self.assertRaisesRegex(UserError, "no end"):
            subscription.action_withdraw_termination()

    def test_to_the_end_of_the_billing_period(self):
        plan = self._create_terms_plan(termination_effect="any_day")
        subscription = self._create_subscription(plan)
        with freeze_time("2026-05-12 08:00:00"):
            wizard = self._open_wizard(subscription)
            self.assertEqual(wizard.date_end, self._day("2026-05-12"))
            wizard.end_choice = "period"
            self.assertEqual(wizard.date_end, self._day("2026-05-31"))
            wizard.date_end = self._day("2026-05-01")
            with self.assertRaisesRegex(UserError, "at the earliest"):
                wizard.save().action_close()

    def test_several_end_as_their_own_terms_say(self):
        bound = self._create_subscription(
            self._create_terms_plan(**self._months("initial_term", 12))
        )
        free = self._create_subscription(self._create_terms_plan(termination_effect="any_day"))
        with freeze_time("2026-05-12 08:00:00"):
            self._open_wizard(bound + free).save().action_close()
        self.assertEqual(bound.date_end, self._day("2026-12-31"))
        self.assertEqual(free.date_end, self._day("2026-05-12"))

    def test_dates_that_methods_manage_are_not_written_by_hand(self):
        subscription = self._create_subscription()
        for name in ("date_trial_end", "date_term_end"):
            with self.assertRaises(AccessError):
                subscription.write({name: "2026-05-12"})
        with self.assertRaises(AccessError):
            subscription.write({"termination_kind": "ordinary"})
