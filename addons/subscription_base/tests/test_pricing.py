from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .common import SubscriptionCommon, shows

STAGED = [{"up_to": 10, "price_unit": 5.0}, {"price_unit": 4.0}]


def tiers(*values):
    return [Command.create(tier) for tier in values or STAGED]


class PricingCommon(SubscriptionCommon):
    @classmethod
    def _create_priced(cls, name="Seats", **values):
        """A plan of one component at a price rule."""
        component = {"product_id": cls.hosting.id, "price_unit": 0.0, **values}
        return cls._create_plan(name, [component])

    @classmethod
    def _create_tiered(cls, model="graduated", **values):
        values = {"tier_ids": tiers(), "default_quantity": 15} | values
        return cls._create_priced(model, pricing_model=model, **values)

    @classmethod
    def _create_metered(cls, **values):
        """A plan whose traffic is priced by ``values``; its base price is free."""
        return cls._create_plan(
            "Metered",
            [
                {"product_id": cls.hosting.id, "price_unit": 0.0},
                {"product_id": cls.traffic.id, "charge_type": "usage", **values},
            ],
        )

    @classmethod
    def _bill_usage(cls, plan, *quantities):
        subscription = cls._create_subscription(plan, date_start="2026-01-01")
        line = subscription.line_ids[-1]
        cls.env["subscription.usage"].create(
            [
                {"line_id": line.id, "date": "2026-01-10", "quantity": quantity}
                for quantity in quantities
            ]
        )
        return subscription, cls._bill(subscription, "2026-02-01")


@tagged("post_install", "-at_install")
class TestPricing(PricingCommon):
    @shows("PA-03")
    def test_graduated_and_volume_tiers_are_billed_as_their_model_says(self):
        for model, amount in (("graduated", 70.0), ("volume", 60.0)):
            with self.subTest(model=model):
                subscription = self._create_subscription(self._create_tiered(model))
                self.assertEqual(subscription.recurring_amount, amount)
                invoice = self._bill(subscription, "2026-01-01")
                self.assertEqual(invoice.amount_untaxed, amount)

    def test_an_average_price_that_is_exact_is_printed(self):
        line = self._bill(
            self._create_subscription(self._create_tiered(default_quantity=20)), "2026-01-01"
        ).invoice_line_ids
        self.assertEqual((line.quantity, line.price_unit, line.price_subtotal), (20, 4.5, 90))
        self.assertIn("10 × $\N{NO-BREAK SPACE}5.00 + 10 × $\N{NO-BREAK SPACE}4.00", line.name)

    def test_an_average_price_that_is_not_exact_is_one_piece(self):
        subscription = self._create_subscription(self._create_tiered())
        line = self._bill(subscription, "2026-01-01").invoice_line_ids
        self.assertEqual((line.quantity, line.price_unit, line.price_subtotal), (1, 70, 70))
        self.assertIn("10 × $\N{NO-BREAK SPACE}5.00 + 5 × $\N{NO-BREAK SPACE}4.00", line.name)
        explanation = subscription.charge_ids.explanation.replace("\N{NO-BREAK SPACE}", " ")
        self.assertEqual(
            explanation, "Full period, quantity 15: $ 70.00 (10 × $ 5.00 + 5 × $ 4.00)"
        )

    def test_the_explanation_speaks_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("de_DE")
        subscription = self._create_subscription(self._create_tiered())
        self._bill(subscription, "2026-01-01")
        charge = subscription.charge_ids.with_context(lang="de_DE")
        self.assertIn("10 × 5,00", charge.explanation.replace("$\N{NO-BREAK SPACE}", ""))

    def test_a_new_version_changes_nothing_that_was_agreed(self):
        plan = self._create_tiered()
        subscription = self._create_subscription(plan)
        for change in ({"tier_ids": tiers({"up_to": 20})}, {"minimum_amount": 500.0}):
            with self.assertRaisesRegex(UserError, "New version"):
                plan.component_ids.write(change)
        with self.assertRaisesRegex(UserError, "New version"):
            plan.component_ids.tier_ids[0].price_unit = 50.0
        version = plan._create_version("new")
        version.component_ids.tier_ids[0].price_unit = 50.0
        self.assertEqual(subscription.recurring_amount, 70.0)
        self.assertEqual(self._bill(subscription, "2026-01-01").amount_untaxed, 70.0)

    def test_a_line_has_its_own_tiers(self):
        plan = self._create_tiered()
        subscription = self._create_subscription(plan)
        line = subscription.line_ids
        self.assertFalse(line._has_individual_price())
        line.tier_ids[0].price_unit = 6.0
        self.assertTrue(line._has_individual_price())
        self.assertEqual(plan.component_ids.tier_ids.mapped("price_unit"), [5.0, 4.0])

    def test_tiers_that_have_been_charged_are_locked(self):
        subscription = self._create_subscription(self._create_tiered())
        subscription.line_ids.tier_ids[1].price_unit = 3.0
        self.assertEqual(subscription.recurring_amount, 65.0)
        self._bill(subscription, "2026-01-01")
        for change in (
            lambda line: line.tier_ids[0].write({"price_unit": 1.0}),
            lambda line: line.tier_ids[0].unlink(),
            lambda line: line.write({"tier_ids": tiers({"up_to": 20})}),
            lambda line: line.write({"minimum_amount": 100.0}),
            lambda line: line.write({"pricing_model": "volume"}),
        ):
            with self.assertRaises(UserError):
                change(subscription.line_ids)

    def test_a_change_of_the_line_takes_the_tiers_along(self):
        subscription = self._create_subscription(self._create_tiered())
        self._bill(subscription, "2026-01-01")
        new = subscription.line_ids._change("2026-02-01", quantity=20)
        self.assertEqual(new.tier_ids.mapped("price_unit"), [5.0, 4.0])
        self.assertEqual(self._bill(subscription, "2026-02-01").amount_untaxed, 90.0)

    def test_tiers_must_be_complete(self):
        for wrong, message in (
            ([], "add at least one"),
            ([{"up_to": 10, "price_unit": 5.0}], "no price"),
            ([{"price_unit": 5.0}, {"price_unit": 4.0}], "same limit"),
            ([{"up_to": 10}, {"up_to": 10}, {"price_unit": 4.0}], "same limit"),
        ):
            with self.subTest(wrong=wrong), self.assertRaisesRegex(ValidationError, message):
                self._create_tiered(tier_ids=[Command.create(tier) for tier in wrong])

    def test_other_rules_must_make_sense(self):
        for wrong, message in (
            ({"pricing_model": "package"}, "package"),
            ({"pricing_model": "percentage", "percentage": 2.0}, "usage"),
            ({"minimum_amount": 20.0, "maximum_amount": 10.0}, "above its maximum"),
            ({"minimum_amount": -1.0}, "negative"),
            ({"free_every": 1}, "free periods"),
            ({"charge_type": "setup", "free_every": 3}, "free periods"),
        ):
            with self.subTest(wrong=wrong), self.assertRaisesRegex(ValidationError, message):
                self._create_priced(**wrong)

    def test_tiers_of_a_running_subscription_cannot_be_spoiled(self):
        subscription = self._create_subscription(self._create_tiered())
        with self.assertRaisesRegex(ValidationError, "no price"):
            subscription.line_ids.tier_ids[1].up_to = 20
            self.env.flush_all()

    def test_tiers_belong_to_their_company(self):
        subscription = self._create_subscription(self._create_tiered())
        other = self.setup_other_company()["company"]
        stranger = new_test_user(
            self.env,
            "tier_stranger",
            "base.group_user,subscription_base.group_subscription_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        for tier in (subscription.line_ids.tier_ids, subscription.plan_id.component_ids.tier_ids):
            self.assertTrue(tier)
            self.assertFalse(tier.with_user(stranger).search([("id", "in", tier.ids)]))
            with self.assertRaises(AccessError):
                tier.with_user(stranger)[0].read(["price_unit"])

    def test_a_salesperson_does_not_write_the_tiers_of_plans(self):
        seller = new_test_user(
            self.env,
            "tier_seller",
            "base.group_user,subscription_base.group_subscription_user",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        tier = self._create_tiered().component_ids.tier_ids[0].with_user(seller)
        self.assertEqual(tier.price_unit, 5.0)
        with self.assertRaises(AccessError):
            tier.price_unit = 1.0

    def test_copying_a_plan_copies_its_tiers(self):
        plan = self._create_tiered()
        copy = plan.copy()
        self.assertEqual(copy.component_ids.tier_ids.mapped("price_unit"), [5.0, 4.0])
        self.assertFalse(copy.component_ids.tier_ids & plan.component_ids.tier_ids)

    @shows("SM-10")
    def test_a_component_changes_from_one_price_to_tiers_without_other_edits(self):
        plan = self._create_plan("Seats", [{"product_id": self.hosting.id}])
        self.assertEqual(plan.price, 30.0)
        plan.component_ids.write({"pricing_model": "graduated", "tier_ids": tiers()})
        self.assertEqual(plan.price, 5.0)
        subscription = self._create_subscription(plan)
        subscription.line_ids.quantity = 15
        self.assertEqual(self._bill(subscription, "2026-01-01").amount_untaxed, 70.0)

    @shows("SM-08")
    def test_a_plan_holds_its_price_rules_in_its_components(self):
        plan = self._create_plan(
            "Phone",
            [
                {"product_id": self.hosting.id, "price_unit": 10.0},
                {"product_id": self.setup_fee.id, "charge_type": "setup", "price_unit": 29.0},
                {
                    "product_id": self.traffic.id,
                    "charge_type": "usage",
                    "pricing_model": "graduated",
                    "tier_ids": tiers(),
                },
            ],
        )
        shown = plan.component_ids.mapped(
            lambda c: (c.charge_type, c.timing, c.price_text.replace("\N{NO-BREAK SPACE}", " "))
        )
        self.assertEqual(
            shown,
            [
                ("recurring", "advance", "$ 10.00"),
                ("setup", "advance", "$ 29.00"),
                ("usage", "arrears", "1-10: $ 5.00, from 11: $ 4.00"),
            ],
        )

    @shows("RE-67")
    def test_the_price_of_a_plan(self):
        plan = self._create_plan("Thirty", [{"product_id": self.hosting.id, "price_unit": 30.0}])
        self.assertEqual(plan.price, 30.0)
        invoice = self._bill(self._create_subscription(plan), "2026-01-01")
        self.assertEqual(invoice.amount_untaxed, 30.0)

    @shows("PA-05")
    def test_an_allowance_is_deducted_before_charging(self):
        plan = self._create_metered(price_unit=0.10, included_qty=100)
        self.assertEqual(self._bill_usage(plan, 130)[1].amount_untaxed, 3.0)
        subscription, invoice = self._bill_usage(plan, 80)
        self.assertEqual(sum(invoice.mapped("amount_untaxed")), 0.0)
        self.env["subscription.usage"].create(
            {
                "line_id": subscription.line_ids[-1].id,
                "date": "2026-02-10",
                "quantity": 130,
            }
        )
        self.assertEqual(self._bill(subscription, "2026-03-01").amount_untaxed, 3.0)

    @shows("SM-14")
    def test_a_flat_rate_limited_by_volume(self):
        plan = self._create_metered(price_unit=0.01, included_qty=500)
        self.assertEqual(self._bill_usage(plan, 650)[1].amount_untaxed, 1.5)

    @shows("PA-41")
    def test_a_flat_rate_does_not_grow_with_use(self):
        plan = self._create_metered(price_unit=20.0, pricing_model="flat")
        subscription, invoice = self._bill_usage(plan, 10_000)
        self.assertEqual(invoice.amount_untaxed, 20.0)
        self.assertEqual(sum(subscription.line_ids.usage_ids.mapped("quantity")), 10_000)
        self.assertIn("10,000", subscription.charge_ids.filtered("measured").explanation)

    @shows("PA-25")
    def test_a_package_includes_users(self):
        plan = self._create_priced(included_qty=5, price_unit=4.0, default_quantity=7)
        invoice = self._bill(self._create_subscription(plan), "2026-01-01")
        self.assertEqual(invoice.amount_untaxed, 8.0)

    def test_started_packages(self):
        plan = self._create_metered(price_unit=3.0, pricing_model="package", package_size=1024)
        subscription, invoice = self._bill_usage(plan, 1000, 1500)
        self.assertEqual(invoice.amount_untaxed, 9.0)
        charge = subscription.charge_ids.filtered("measured")
        self.assertIn("each 1,024 started", charge.explanation)

    def test_minimum_and_maximum_of_a_period(self):
        plan = self._create_metered(price_unit=1.0, minimum_amount=50.0, maximum_amount=200.0)
        for quantity, amount in ((20, 50.0), (100, 100.0), (500, 200.0)):
            subscription, invoice = self._bill_usage(plan, quantity)
            self.assertEqual(invoice.amount_untaxed, amount)
            self.assertEqual(invoice.invoice_line_ids.price_subtotal, amount)
        self.assertIn("above the maximum", subscription.charge_ids.filtered("measured").explanation)

    def test_prices_in_the_currency_of_the_subscription(self):
        euro = self.setup_other_currency("EUR", rates=[("2025-01-01", 2.0)])
        subscription = self._create_subscription(
            self._create_tiered(minimum_amount=10.0), currency_id=euro.id
        )
        self.assertEqual(subscription.line_ids.tier_ids.mapped("price_unit"), [10.0, 8.0])
        self.assertEqual(subscription.line_ids.minimum_amount, 20.0)
        self.assertEqual(subscription.recurring_amount, 140.0)

    def test_a_percentage_of_each_transaction(self):
        plan = self._create_metered(
            pricing_model="percentage", percentage=2.9, price_unit=0.25, included_qty=100
        )
        subscription, invoice = self._bill_usage(plan, 150, 500)
        self.assertEqual(invoice.amount_untaxed, 16.45)
        charge = subscription.charge_ids.filtered("measured")
        self.assertEqual(charge.quantity, 550)
        self.assertIn("2.9\N{NO-BREAK SPACE}%", charge.explanation)

    def test_late_usage_is_a_difference_at_its_tiers(self):
        plan = self._create_metered(pricing_model="graduated", tier_ids=tiers())
        subscription, _invoice = self._bill_usage(plan, 8)
        line = subscription.line_ids[-1]
        self.env["subscription.usage"].create(
            {"line_id": line.id, "date": "2026-01-20", "quantity": 7}
        )
        invoice = self._bill(subscription, "2026-02-02")
        self.assertEqual(invoice.amount_untaxed, 30.0)
        first, late = line.charge_ids.filtered("measured").sorted("id")
        self.assertIn("8 × ", first.explanation)
        self.assertIn("1-10: ", late.explanation, "the rule, where the steps do not sum up")

    @shows("PA-06")
    @freeze_time("2027-01-05")
    def test_the_thirteenth_month_is_free_and_the_invoice_says_why(self):
        plan = self._create_plan(
            "Loyal",
            [
                {"product_id": self.hosting.id, "price_unit": 30.0, "free_every": 13},
                {"product_id": self.domain.id, "price_unit": 6.0},
            ],
        )
        subscription = self._create_subscription(plan)
        paid = self._bill(subscription, "2026-12-01")
        self.assertEqual(sum(paid.mapped("amount_untaxed")), 12 * 36)
        lines = self._bill(subscription, "2027-01-01").invoice_line_ids
        self.assertEqual(lines.mapped("price_subtotal"), [0.0, 6.0])
        self.assertIn("Free: one of 13 periods is free of charge", lines[0].name)
        self.assertEqual(
            subscription.charge_ids.filtered(lambda charge: not charge.amount).explanation,
            "Free: one of 13 periods is free of charge",
        )
        self.assertEqual(sum(self._bill(subscription, "2027-02-01").mapped("amount_untaxed")), 36)


@tagged("post_install", "-at_install")
class TestPriceText(PricingCommon):
    def _get_text(self, **values):
        component = self._create_metered(**values).component_ids[-1]
        return component.price_text.replace("\N{NO-BREAK SPACE}", " ")

    def test_rules_in_words(self):
        for values, text in (
            ({"price_unit": 0.001}, "$ 0.001"),
            (
                {"pricing_model": "graduated", "tier_ids": tiers()},
                "1-10: $ 5.00, from 11: $ 4.00",
            ),
            (
                {
                    "pricing_model": "volume",
                    "tier_ids": tiers(
                        {"up_to": 0.5, "flat_amount": 9.0}, {"price_unit": 2.0, "flat_amount": 1.0}
                    ),
                },
                "by the total quantity, up to 0.5: $ 9.00 flat, over 0.5: $ 2.00 + $ 1.00 flat",
            ),
            (
                {"pricing_model": "package", "price_unit": 3.0, "package_size": 1000},
                "$ 3.00 per started 1,000",
            ),
            (
                {
                    "pricing_model": "percentage",
                    "percentage": 2.9,
                    "price_unit": 0.25,
                    "transaction_maximum": 12.0,
                    "free_events": 3,
                },
                "2.9 % + $ 0.25 per transaction, at most $ 12.00 per transaction, "
                "the first 3 transactions free",
            ),
            (
                {
                    "pricing_model": "graduated_percentage",
                    "tier_ids": tiers({"up_to": 1000, "price_unit": 1.5}, {"price_unit": 1.0}),
                    "minimum_amount": 10.0,
                },
                "1-1,000: 1.5 %, from 1,001: 1 %, at least $ 10.00 per period",
            ),
        ):
            with self.subTest(text=text):
                self.assertEqual(self._get_text(**values), text)
