"""The list of plans and its search: each check evaluates what stands in the search view."""

from lxml import etree

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import freeze_time, tagged
from odoo.tools.safe_eval import safe_eval

from .common import SubscriptionCommon, shows


class PlanListCommon(SubscriptionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.plan + cls.flat_plan).action_delete()
        cls.plans = cls.env["subscription.plan"].search([("company_id", "=", cls.company.id)])
        (cls.plan + cls.flat_plan).unlink()
        cls.mine = Domain("company_id", "=", cls.company.id)

    @classmethod
    def _make(cls, name, price=30.0, quantity=1.0, **values):
        component = {
            "product_id": cls.hosting.id,
            "price_unit": price,
            "default_quantity": quantity,
        }
        return cls._create_plan(name, [component], **values)

    def _arch(self, view_type):
        model = self.env["subscription.plan"]
        return etree.fromstring(model.get_view(view_type=view_type)["arch"])

    def _find(self, *filters, **typed):
        """What the list shows with these filters chosen and these texts typed.

        Filters of one group are alternatives, as in the search bar; all else is cumulative.

        :param typed: text by the label of the field, with underscores for blanks and hyphens.
        """
        domains = [self.mine]
        groups = [[]]
        for node in self._arch("search"):
            if node.tag == "separator":
                groups.append([])
            elif node.tag == "filter" and node.get("name") in filters:
                groups[-1].append(Domain(safe_eval(node.get("domain"))))
        self.assertEqual(sum(map(len, groups)), len(filters), "a filter is missing")
        domains += [Domain.OR(group) for group in groups if group]
        domains += [self._typed_domain(label, text) for label, text in typed.items()]
        return self.env["subscription.plan"].search(Domain.AND(domains))

    def _typed_domain(self, label, text):
        model = self.env["subscription.plan"]
        for node in self._arch("search").iter("field"):
            name = node.get("name")
            shown = node.get("string") or model._fields[name].string
            if shown.replace("-", " ").lower() == label.replace("_", " ").lower():
                if node.get("filter_domain"):
                    return Domain(safe_eval(node.get("filter_domain"), {"self": text}))
                operator = "ilike" if model._fields[name].type in ("char", "text") else "="
                return Domain(name, operator, text)
        self.fail(f"the search view has no field {label}")

    def _facet(self, name):
        """The text of a filter in the search bar."""
        [node] = self._arch("search").xpath(f"//filter[@name='{name}']")
        return node.get("string")


@tagged("post_install", "-at_install")
class TestPlanColumns(PlanListCommon):
    def _column(self, name):
        [node] = self._arch("list").xpath(f"//field[@name='{name}']")
        return node

    @shows("RE-05")
    def test_a_badge_shows_the_status(self):
        active, superseded, deleted = (self._make(name) for name in ("A", "B", "C"))
        superseded.state = "superseded"
        deleted.action_delete()
        column = self._column("state")
        self.assertEqual(column.get("widget"), "badge")
        for plan, decoration, label in (
            (active, "success", "Active"),
            (superseded, "warning", "Superseded"),
            (deleted, "danger", "Deleted"),
        ):
            condition = column.get(f"decoration-{decoration}")
            self.assertTrue(safe_eval(condition, {"state": plan.state}))
            labels = dict(plan._fields["state"]._description_selection(self.env))
            self.assertEqual(labels[plan.state], label)
            self.assertIn(plan, self._find(plan.state))
        for plan in (superseded, deleted):
            with self.assertRaises(UserError):
                self._create_subscription(plan)

    @shows("RE-06")
    def test_the_name_is_translatable(self):
        self.env["res.lang"]._activate_lang("de_DE")
        plan = self._make("Basic")
        plan.with_context(lang="de_DE").name = "Grundtarif"
        self.assertEqual((plan.name, plan.with_context(lang="de_DE").name), ("Basic", "Grundtarif"))
        self.assertIsNotNone(self._column("name"))

    @shows("RE-09")
    def test_the_list_is_sorted_by_creation_date(self):
        first, second = self._make("First"), self._make("Second")
        for plan, day in ((first, "2026-01-02"), (second, "2026-01-01")):
            self.env.cr.execute(
                "UPDATE subscription_plan SET create_date = %s WHERE id = %s", (day, plan.id)
            )
        self.env.invalidate_all()
        self.assertNotEqual(self._column("create_date").get("optional"), "hide")
        self.assertTrue(first.fields_get(["create_date"])["create_date"]["sortable"])
        self.assertEqual(first.search(self.mine, order="create_date"), second + first)

    @shows("RE-11")
    def test_the_amount_has_a_currency(self):
        self.env.ref("base.EUR").active = True
        plan = self._make("Euro", currency_id=self.env.ref("base.EUR").id)
        field = plan._fields["price"]
        self.assertEqual((field.type, field.get_currency_field(plan)), ("monetary", "currency_id"))
        self.assertIsNotNone(self._column("currency_id"))
        self.assertEqual(
            plan.currency_id.format(plan.price).replace("\N{NO-BREAK SPACE}", " "), "30.00 €"
        )

    @shows("RE-10")
    def test_the_trial_is_only_shown_where_there_is_one(self):
        self.assertFalse(self._make("Without").trial_text)
        plan = self._make("With", trial_length=14, trial_unit="day")
        self.assertEqual(plan.trial_text, "14 days")
        self.assertEqual(self._column("trial_text").get("string"), "Trial")
        self.assertEqual(self._find(trial="14 days"), plan)

    @shows("RE-14")
    def test_columns_can_be_hidden(self):
        optional = {
            node.get("name"): node.get("optional") for node in self._arch("list").iter("field")
        }
        for name in ("handle", "version", "price", "frequency", "create_date", "state"):
            self.assertEqual(optional[name], "show", name)
        self.assertEqual(optional["description"], "hide")


@tagged("post_install", "-at_install")
class TestPlanFilters(PlanListCommon):
    @shows("RE-13", "RE-15", "RE-17", "RE-24")
    def test_plans_are_found_by_creation_date(self):
        old, new = self._make("Old"), self._make("New")
        self._set_created(old, "2026-01-31 12:00:00")
        self._set_created(new, "2026-03-10 12:00:00")
        [node] = self._arch("search").xpath("//filter[@date='create_date']")
        self.assertEqual(node.get("name"), "create_date")
        with freeze_time("2026-03-15 12:00"):
            self.assertEqual(self._find(), old + new if old.name < new.name else new + old)
            self.assertFalse(self._find("created_last_month"))
            self.assertEqual(self._find("created_3_months"), new + old)
        self.assertEqual(self._facet("created_last_month"), "Created: last month")

    def _set_created(self, plan, moment):
        self.env.cr.execute(
            "UPDATE subscription_plan SET create_date = %s WHERE id = %s", (moment, plan.id)
        )
        self.env.invalidate_all()

    def test_days_are_those_of_the_user(self):
        plan = self._make("Late")
        self._set_created(plan, "2026-03-09 23:30:00")
        self.env = self.env(context={**self.env.context, "tz": "Europe/Berlin"})
        for day, found in (("2026-03-10 12:00", False), ("2026-03-11 12:00", True)):
            with freeze_time(day):
                self.assertEqual(bool(self._find("created_yesterday")), found)

    @shows("RE-23")
    def test_a_range_of_days_of_ones_own(self):
        plan = self._make("Spring")
        self.env = self.env(context={**self.env.context, "tz": "Europe/Berlin"})
        for moment, found in (
            ("2025-12-31 22:59:59", False),
            ("2025-12-31 23:00:00", True),
            ("2026-03-31 21:59:59", True),
            ("2026-03-31 22:00:00", False),
        ):
            self._set_created(plan, moment)
            for text in ("01/01/2026 - 03/31/2026", "2026-01-01..2026-03-31"):
                self.assertEqual(bool(self._find(created=text)), found, (moment, text))
        with self.assertRaisesRegex(UserError, "not a day"):
            self._find(created="spring")

    @shows("RE-25")
    def test_a_handle_finds_one_plan(self):
        basic = self._make("Basic", handle="basic-m")
        self._make("Basic yearly", handle="basic-m-12")
        self.assertEqual(self._find(handle="basic-m"), basic)

    @shows("RE-26", "RE-27")
    def test_plans_are_found_by_one_or_several_statuses(self):
        active, superseded, deleted = (self._make(name) for name in ("A", "B", "C"))
        superseded.state = "superseded"
        deleted.action_delete()
        for plan in (active, superseded, deleted):
            self.assertEqual(self._find(plan.state), plan)
        self.assertEqual(self._find("active", "superseded"), active + superseded)

    @shows("RE-28", "RE-29", "RE-30", "RE-31", "RE-32", "RE-33")
    def test_plans_are_found_by_their_schedule(self):
        types = ("manual", "daily", "weekly_fixed", "month_start", "month_fixed", "month_last")
        plans = {kind: self._make(kind, schedule_type=kind) for kind in types}
        for kind, plan in plans.items():
            self.assertEqual(self._find(kind), plan)
        both = plans["daily"] + plans["manual"]
        self.assertEqual(self._find("manual", "daily"), both)

    @shows("RE-35", "RE-36", "RE-37")
    def test_plans_are_found_by_what_a_partial_period_costs(self):
        plans = {
            mode: self._make(mode, schedule_type="month_fixed", partial_period=mode)
            for mode in ("prorated", "full", "zero", "no_bill")
        }
        for mode, plan in plans.items():
            self.assertEqual(self._find(mode), plan)

    @shows("RE-38", "RE-39", "RE-40", "RE-41")
    def test_plans_are_found_by_their_set_up_fee(self):
        self._make("None")
        plans = {
            mode: self._make(mode, setup_fee=50.0, setup_mode=mode)
            for mode in ("first", "separate", "separate_conditional")
        }
        for mode, plan in plans.items():
            self.assertEqual(self._find(f"setup_{mode}"), plan)
        self.assertEqual(
            self._find("setup_first", "setup_separate"), plans["first"] + plans["separate"]
        )

    @shows("RE-45", "RE-46", "RE-47")
    def test_plans_are_found_by_words(self):
        plan = self._make(
            "Hosting Gold",
            description="Fast servers in the green data centre",
            setup_fee=50.0,
        )
        plan.setup_name = "Move of the old site"
        self._make("Other")
        self.assertEqual(self._find(name="gold"), plan)
        self.assertEqual(self._find(description="servers in"), plan)
        self.assertEqual(self._find(set_up_fee_text="old"), plan)
        self.assertFalse(self._find(set_up_fee_text="new"))

    @shows("RE-48", "RE-49")
    def test_plans_are_found_by_amount(self):
        plans = {price: self._make(f"P{price:05.2f}", price) for price in (19.99, 20, 30, 40)}
        self._make("P40.01", 40.01)
        self.assertEqual(self._find(amount="30"), plans[30])
        self.assertEqual(self._find(amount="20-40"), plans[20] + plans[30] + plans[40])
        self.assertEqual(self._find(amount="-20"), plans[19.99] + plans[20])
        self.assertEqual(len(self._find(amount="20-")), 4)
        self.env["res.lang"]._activate_lang("de_DE")
        self.env = self.env(context={**self.env.context, "lang": "de_DE"})
        domain = Domain("price_range", "ilike", "19,99 \N{EN DASH} 1.000,00")
        self.assertEqual(len(self.env["subscription.plan"].search(self.mine & domain)), 5)

    def test_what_is_no_number_is_explained(self):
        for text in ("cheap", "1-2-3", "-"):
            with self.assertRaisesRegex(UserError, "20.00-40.00"):
                self._find(amount=text)

    @shows("RE-50", "RE-51")
    def test_plans_are_found_by_default_quantity(self):
        plans = {number: self._make(f"Q{number:02}", quantity=number) for number in (1, 2, 5, 10)}
        self._make("Q11", quantity=11)
        self.assertEqual(self._find(default_quantity="5"), plans[5])
        self.assertEqual(self._find(default_quantity="2-10"), plans[2] + plans[5] + plans[10])

    @shows("RE-54", "RE-55")
    def test_plans_are_found_by_interval_and_fixed_day(self):
        quarterly = self._make("Quarterly", interval_count=3)
        mid = self._make("Mid", schedule_type="month_fixed", fixed_day=15)
        self._make("Any start", fixed_day=15)
        self.assertEqual(self._find(interval=3), quarterly)
        self.assertEqual(self._find(day_of_the_month=15), mid)

    @shows("RE-42", "RE-43", "RE-52", "RE-53")
    def test_plans_are_found_by_their_terms(self):
        self._make("Plain")
        year = self._make(
            "Year", term_type="fixed_term", initial_term_length=12, initial_term_unit="month"
        )
        days = self._make(
            "Days", term_type="fixed_term", initial_term_length=30, initial_term_unit="day"
        )
        six = self._make("Six", term_type="cycles", fixed_cycles=6)
        trial = self._make("Trial", trial_length=14, trial_unit="day")
        month = self._make("Trial month", trial_length=1, trial_unit="month")
        self.assertEqual(self._find("term_months"), year)
        self.assertEqual(self._find("term_days"), days)
        self.assertEqual(self._find("trial_days"), trial)
        self.assertEqual(self._find("trial_months"), month)
        self.assertEqual(self._find(billing_cycles=6), six)
        self.assertEqual(self._find(trial_length=14), trial)

    @shows("RE-56", "RE-57")
    def test_plans_are_found_by_their_reminders(self):
        self._make("Plain")
        renewal = self._make("Renewal", renewal_reminder=True, renewal_reminder_days=7)
        self._make("Late", renewal_reminder=True, renewal_reminder_days=2)
        trial = self._make("Trial", trial_length=14, trial_reminder=True, trial_reminder_days=3)
        self.assertEqual(self._find(renewal_reminder_days=7), renewal)
        self.assertEqual(self._find(trial_reminder_days=3), trial)

    @shows("RE-16")
    def test_every_column_can_be_searched(self):
        plan = self._make("Fixed", schedule_type="month_fixed", interval_count=3)
        other = self._make("Other", schedule_type="daily")
        self._create_subscription(other)
        model = self.env["subscription.plan"]
        searched = {node.get("name") for node in self._arch("search").iter("field", "filter")}
        searched |= {"price", "create_date"} if "price_range" in searched else set()
        for node in self._arch("list").iter("field"):
            name = node.get("name")
            self.assertTrue(model.fields_get([name], ["searchable"])[name]["searchable"], name)
        self.assertEqual(self._find(billed="every 3 months"), plan)
        self.assertEqual(self._find(subscriptions=1), other)

    def test_a_search_is_kept_as_a_favourite(self):
        plan = self._make("Gold", 35.0)
        self._make("Silver", 15.0)
        self.env["ir.filters"].create(
            {
                "name": "20 to 40",
                "model_id": "subscription.plan",
                "domain": repr([("price_range", "ilike", "20-40")]),
                "user_ids": [fields.Command.link(self.env.uid)],
            }
        )
        [kept] = self.env["ir.filters"].get_filters("subscription.plan")
        found = plan.search(self.mine & Domain(safe_eval(kept["domain"])))
        self.assertEqual(found, plan)
