from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from .allowance_common import AllowanceCommon


@tagged("post_install", "-at_install")
class TestAllowance(AllowanceCommon):
    """Today is 10 March 2026. Messages cost 0.10; the subscription began on 1 January."""

    def test_usage_draws_on_the_pack_before_it_is_charged(self):
        subscription = self._metered()
        allowance = subscription._add_pack(self.pack, date(2026, 1, 10))
        self._use(subscription, ("2026-01-05", 40), ("2026-01-15", 70), ("2026-02-05", 50))
        move = self._bill(subscription, "2026-02-01")
        lines = self._lines(move, self.messages)
        self.assertEqual(lines.mapped("price_subtotal"), [4.0], "70 of the 110 are covered")
        self.assertEqual(
            (allowance.units_used, allowance.units_left, allowance.percent_used), (100.0, 0.0, 100)
        )
        later = self._bill(subscription, "2026-03-01")
        self.assertEqual(self._lines(later, self.messages).mapped("price_subtotal"), [2.0])
        self.assertFalse(self._bill(subscription, "2026-03-01"))

    def test_the_invoice_states_units_and_validity(self):
        subscription = self._metered()
        self.partner_a.lang = "en_US"
        subscription._add_pack(self.pack, date(2026, 3, 10), 2)
        line = self._lines(self._bill(subscription, "2026-03-10"), self.pack.product_id)
        self.assertEqual((line.quantity, line.price_unit), (2.0, 8.0))
        self.assertIn("200 messages, valid from 03/10/2026 to 06/09/2026", line.name)

    def test_what_the_plan_includes_is_used_first(self):
        subscription = self._metered(included_qty=50.0)
        allowance = subscription._add_pack(self.pack, date(2026, 1, 1))
        self._use(subscription, ("2026-01-15", 120), ("2026-02-15", 90))
        self._bill(subscription, "2026-03-01")
        self.assertEqual(self._charged(subscription), [0.0, 1.0], "70 and 30 of 40 are covered")
        self.assertEqual(allowance.state, "used")

    def test_late_usage_takes_what_later_usage_had(self):
        subscription = self._metered()
        subscription._add_pack(self.pack, date(2026, 1, 1))
        self._use(subscription, ("2026-01-15", 60), ("2026-02-15", 60))
        self._bill(subscription, "2026-03-01")
        self.assertEqual(self._charged(subscription), [0.0, 2.0])
        self._use(subscription, ("2026-01-20", 30))
        self.assertLessEqual(str(subscription.next_billing_date), "2026-03-02")
        move = self._bill(subscription, "2026-03-02")
        self.assertEqual(self._lines(move, self.messages).price_subtotal, 3.0)

    def test_a_pack_for_days_that_were_billed_credits_them(self):
        subscription = self._metered()
        self._use(subscription, ("2026-01-15", 60))
        self._bill(subscription, "2026-03-01")
        subscription._add_pack(self.pack, date(2026, 1, 1))
        self.assertLessEqual(str(subscription.next_billing_date), "2026-03-01")
        move = self._bill(subscription, "2026-03-10")
        self.assertEqual(self._lines(move, self.messages).mapped("price_subtotal"), [-6.0])
        self.assertEqual(self._lines(move, self.pack.product_id).price_subtotal, 8.0)

    def test_a_pack_is_taken_back(self):
        subscription = self._metered()
        allowance = subscription._add_pack(self.pack, date(2026, 1, 1))
        self._use(subscription, ("2026-01-15", 60))
        self._bill(subscription, "2026-03-01")
        allowance.action_take_back()
        self.assertEqual(allowance.state, "revoked")
        credit = self._bill(subscription, "2026-03-10")
        self.assertEqual((credit.move_type, credit.amount_untaxed), ("out_refund", 2.0))
        self.assertEqual(self._lines(credit, self.pack.product_id).price_subtotal, 8.0)
        self.assertEqual(sum(self._charged(subscription)), 6.0, "usage is charged like any other")
        with self.assertRaisesRegex(UserError, "evidence"):
            allowance.sudo().unlink()

    def test_what_expires_is_lost_or_goes_over(self):
        subscription = self._metered()
        first = subscription._add_pack(self.pack, date(2026, 1, 1))
        self.assertEqual(str(first.date_end), "2026-03-31")
        self._use(subscription, ("2026-01-15", 60))
        with freeze_time("2026-04-01 09:00:00"):
            self.assertEqual((first.state, first.units_lost), ("expired", 40.0))
        self.pack.write({"rollover": "next", "rollover_maximum": 30.0})
        second = subscription._add_pack(self.pack, date(2026, 3, 1))
        first.write({"rollover": "next", "rollover_maximum": 30.0})
        self.env.invalidate_all()
        with freeze_time("2026-04-01 09:00:00"):
            self.assertEqual((first.units_left, first.units_lost), (30.0, 10.0))
            self.assertEqual(first.date_usable, second.date_end)

    def test_the_terms_are_those_of_the_sale(self):
        subscription = self._metered()
        allowance = subscription._add_pack(self.pack, date(2026, 3, 1))
        self.pack.write({"units": 1.0, "validity_length": 1, "priority": 3})
        self.assertEqual((allowance.units, allowance.priority), (100.0, 50))
        self.assertEqual(str(allowance.date_end), "2026-05-31")

    def test_more_time_is_given_by_hand(self):
        subscription = self._metered()
        allowance = subscription._add_pack(self.pack, date(2026, 1, 1))
        self._use(subscription, ("2026-04-15", 60))
        self.assertEqual(self._preview(subscription, "2026-05-01"), 6.0)
        allowance.date_end = "2026-04-30"
        self.assertEqual(self._preview(subscription, "2026-05-01"), 0.0)

    def test_the_statement_tells_what_drew_on_it(self):
        subscription = self._metered()
        allowance = subscription._add_pack(self.pack, date(2026, 1, 1))
        self._use(subscription, ("2026-01-15", 60), ("2026-01-15", 5), ("2026-02-01", 3))
        draws = subscription._get_draws()[allowance.id]
        self.assertEqual(
            [(str(draw.day), draw.units) for draw in draws],
            [("2026-02-01", 3.0), ("2026-01-15", 65.0)],
        )
        self.assertIn("65", allowance.statement)

    def test_other_systems_are_told_what_is_covered(self):
        subscription = self._metered()
        subscription._add_pack(self.pack, date(2026, 3, 1))
        self._use(subscription, ("2026-03-05", 130))
        answer = self.env["subscription.usage"].get_usage(subscription.name)["lines"][0]
        told = {name: float(answer[name]) for name in ("quantity", "covered", "charged", "amount")}
        self.assertEqual(told, {"quantity": 130, "covered": 100, "charged": 30, "amount": 3})

    def test_a_pack_for_some_destinations_only(self):
        self.meter.dimension = "Destination"
        subscription = self._metered({"dimension_values": "de"}, {"dimension_values": "us"})
        self.pack.dimension_values = "de, at"
        allowance = subscription._add_pack(self.pack, date(2026, 1, 1))
        self._use(subscription, ("2026-01-15", 60, "de"), ("2026-01-15", 50, "us"))
        self.assertEqual(allowance.units_used, 60.0)

    def test_an_add_on_of_the_plan_brings_its_units(self):
        component = {
            "product_id": self.pack.product_id.id,
            "charge_type": "one_time",
            "price_unit": 7.0,
        }
        subscription = self._metered({}, component, date_start="2026-03-01")
        allowance = subscription.allowance_ids
        self.assertEqual((allowance.units, str(allowance.date_start)), (100.0, "2026-03-01"))
        self.assertEqual(str(allowance.date_end), "2026-05-31")

    def test_without_packs_nothing_more_is_asked(self):
        subscriptions = self._metered() + self._metered()
        self.env.flush_all()
        self.env.invalidate_all()
        subscriptions._get_billing_inputs()
        with self.assertQueryCount(0):
            self.assertFalse(subscriptions.allowance_ids)

    def test_by_hand(self):
        subscription = self._metered()
        action = subscription.action_open_pack_wizard()
        form = Form(self.env["subscription.pack.wizard"].browse(action["res_id"]))
        form.pack_id = self.pack
        self.assertEqual((form.price_unit, form.units), (8.0, 100.0))
        form.quantity = 3
        self.assertEqual((form.units, str(form.date_end)), (300.0, "2026-06-09"))
        form.price_unit = 5.0
        form.save().action_add()
        self.assertEqual(subscription.allowance_ids.units, 300.0)
        self.assertEqual(subscription.allowance_ids.line_id.price_unit, 5.0)
        event = subscription.event_ids.filtered(lambda one: one.event_type == "pack_added")
        self.assertEqual(len(event), 1)
        with Form(subscription) as view:
            self.assertEqual(len(view.allowance_ids), 1)
        with Form(subscription.allowance_ids) as view:
            view.date_end = "2026-12-31"
        self.assertEqual(str(subscription.allowance_ids.date_end), "2026-12-31")

    def test_what_makes_no_sense_is_refused(self):
        subscription = self._metered()
        other = self._create_pack(self._create_meter("other"), units=5.0)
        with self.assertRaisesRegex(UserError, "No usage of"):
            subscription._add_pack(other, date(2026, 3, 10))
        with self.assertRaisesRegex(UserError, "does not run on"):
            subscription._add_pack(self.pack, date(2025, 3, 10))
        gauge = self._create_meter("gauge", aggregation="max")
        with self.assertRaisesRegex(ValidationError, "do not add up"):
            self._create_pack(gauge)
        with self.assertRaisesRegex(ValidationError, "no dimension"):
            self.pack.dimension_values = "de"
        with self.assertRaisesRegex(ValidationError, "not a service"):
            self._create_pack(self.meter, product_id=self.product_a.id)
        wizard = self.env["subscription.pack.wizard"].create(
            {"subscription_id": subscription.id, "pack_id": self.pack.id, "quantity": 0.0}
        )
        with self.assertRaisesRegex(UserError, "more than 0"):
            wizard.action_add()

    def test_volumes_in_percent_do_not_draw(self):
        subscription = self._metered(
            {"pricing_model": "percentage", "percentage": 1.0, "price_unit": 0.0}
        )
        self.assertFalse(subscription._get_packs_to_sell())
