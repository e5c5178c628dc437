from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.subscription_base.tests.common import shows

from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestPackage(PrepaidCommon):
    @shows("SD-01")
    def test_a_plan_becomes_prepaid_for_new_contracts_only(self):
        plan = self._create_plan("Hosting", [{"product_id": self.hosting.id}])
        old = self._create_subscription(plan, "2026-03-01")
        version = plan._create_version("new")
        version.is_prepaid = True
        version._publish()
        new = self._create_subscription(version, "2026-03-01")
        self.assertEqual((old.is_prepaid, new.is_prepaid), (False, True))
        self.assertEqual((old.date_expiry, str(new.date_expiry)), (False, "2026-04-01"))

    def test_the_terms_say_that_nothing_binds(self):
        text = "Paid in advance; ends when it expires, without notice."
        self.assertEqual(self.prepaid.terms_text, text)
        self.assertEqual(self._sell().terms_text, text)
        self.assertNotEqual(self.flat_plan.terms_text, text)

    @shows("SD-03", "SD-08")
    def test_any_number_of_packages_in_order_of_their_length(self):
        lengths = [(number, "day", 0.0) for number in range(25, 0, -1)]
        plan = self._create_prepaid_plan("Many", lengths)
        self.assertEqual(plan.package_ids.sorted().mapped("length_count"), [*range(1, 26)])
        self.assertEqual(plan.package_ids.sorted()[1].name, "2 days")

    @shows("SD-09")
    def test_the_bonus_is_a_lower_price(self):
        self.setup_fee.list_price = 0.0
        subscription = self._sell()
        found = [subscription._preview_extension(p)[0] for p in self.prepaid.package_ids.sorted()]
        self.assertEqual(found, [30.0, 85.5, 306.0])
        self.assertEqual(self._package(30).bonus, 0.0)
        for bonus in (-1.0, 100.5):
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self._package(30).bonus = bonus
                self.env.flush_all()

    @shows("SD-30")
    def test_terms_that_bind_are_refused(self):
        for values in (
            {"notice_length": 1},
            {"initial_term_length": 12},
            {"minimum_term_length": 3},
            {"term_type": "renewing", "fixed_cycles": 0},
            {"schedule_type": "month_fixed"},
        ):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self._create_prepaid_plan("Bound", **values)

    @shows("SD-30")
    def test_a_contract_and_an_import_keep_to_it(self):
        contract = self._create_subscription(self.prepaid, "2026-03-10", start=False)
        for values in (
            {"notice_length": 1, "notice_unit": "month"},
            {"minimum_term_length": 3, "minimum_term_unit": "month"},
            {"term_type": "renewing", "fixed_cycles": 0},
            {"fixed_cycles": 3},
        ):
            with self.assertRaisesRegex(ValidationError, "is prepaid"), self.cr.savepoint():
                contract.write(values)
            with self.assertRaisesRegex(ValidationError, "is prepaid"), self.cr.savepoint():
                self._create_subscription(self.prepaid, "2026-03-10", start=False, **values)
        contract.action_start()
        with self.assertRaisesRegex(ValidationError, "is prepaid"), self.cr.savepoint():
            contract.notice_length = 1

    @shows("SD-30")
    def test_a_quotation_keeps_to_it_whatever_comes_first(self):
        def quote(plan, **values):
            line = {"product_id": self.hosting.id, "subscription_plan_id": plan.id}
            order = {"partner_id": self.partner_a.id, "order_line": [Command.create(line)]}
            return self.env["sale.order"].create({**order, **values})

        agreed = {
            "has_individual_terms": True,
            "subscription_notice_length": 1,
            "subscription_notice_unit": "month",
        }
        with self.assertRaisesRegex(ValidationError, "is prepaid"), self.cr.savepoint():
            quote(self.prepaid, **agreed)
        order = quote(self.flat_plan, **agreed)
        line = {"product_id": self.hosting.id, "subscription_plan_id": self.prepaid.id}
        with self.assertRaisesRegex(ValidationError, "is prepaid"), self.cr.savepoint():
            order.order_line = [Command.create(line)]
        self._assert_hidden(quote(self.prepaid), "has_individual_terms")
        self.assertFalse(Form(order)._get_modifier("subscription_notice_length", "invisible"))

    @shows("SD-30")
    def test_the_forms_hide_it(self):
        names = ("term_type", "initial_term_length", "minimum_term_length", "notice_length")
        contract = self._create_subscription(self.prepaid, "2026-03-10", start=False)
        self._assert_hidden(self.prepaid, *names)
        self._assert_hidden(contract, *names)
        form = Form(self.flat_plan)
        self.assertFalse(form._get_modifier("notice_length", "invisible"))

    def _assert_hidden(self, record, *names):
        form = Form(record)
        for name in names:
            self.assertTrue(form._get_modifier(name, "invisible"), name)

    def test_drafts_follow_a_plan_that_becomes_prepaid(self):
        plan = self._create_plan("Later prepaid", [{"product_id": self.hosting.id}])
        draft = self._create_subscription(plan, "2026-03-10", start=False)
        plan.is_prepaid = True
        self.assertEqual(
            (draft.is_prepaid, draft.term_type, draft.fixed_cycles), (True, "cycles", 1)
        )

    def test_what_cannot_be_paid_in_advance_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "paid in advance"):
            self._create_plan(
                "Arrears", [{"product_id": self.hosting.id, "timing": "arrears"}], is_prepaid=True
            )

    def test_what_is_used_must_be_free_of_charge(self):
        metered = {"product_id": self.traffic.id, "charge_type": "usage", "included_qty": 100.0}
        with self.assertRaisesRegex(ValidationError, "after it was used"), self.cr.savepoint():
            self._create_plan(
                "Metered", [{"product_id": self.hosting.id}, metered], is_prepaid=True
            )
        plan = self._create_plan(
            "Counted",
            [{"product_id": self.hosting.id}, {**metered, "price_unit": 0.0}],
            is_prepaid=True,
        )
        component = plan.component_ids[-1]
        with self.assertRaisesRegex(ValidationError, "after it was used"), self.cr.savepoint():
            component.price_unit = 0.05
        with self.assertRaisesRegex(ValidationError, "after it was used"), self.cr.savepoint():
            component.create({**metered, "plan_id": self.prepaid.id})

    def test_a_component_of_its_own_schedule_goes_by_days_or_months_too(self):
        weekly = {"product_id": self.domain.id, "schedule_type": "month_last", "is_optional": True}
        with self.assertRaisesRegex(ValidationError, "as packages are counted"):
            self.prepaid.component_ids = [Command.create(weekly)]

    def test_only_prepaid_plans_have_packages(self):
        with self.assertRaisesRegex(ValidationError, "as prepaid first"):
            self.flat_plan.package_ids = [
                Command.create({"length_count": 30, "length_unit": "day"})
            ]

    def test_lengths_read_well(self):
        plan = self._create_prepaid_plan(
            "Words", [(1, "month", 0.0), (6, "month", 0.0), (12, "month", 0.0), (24, "month", 0.0)]
        )
        names = plan.package_ids.sorted().mapped("name")
        self.assertEqual(names, ["1 month", "6 months", "1 year", "2 years"])
