from decimal import Decimal

from lxml import html

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, freeze_time, new_test_user, tagged

from odoo.addons.subscription_base.tests.common import SubscriptionCommon, shows
from odoo.addons.subscription_base.tests.payment_common import SubscriptionPaymentCommon, done

from .common import TieOutCase


class InstalmentsCommon(TieOutCase, SubscriptionCommon):
    """A plan whose set-up of 120.00 is paid in 12 monthly instalments, without taxes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.hosting | cls.setup_fee).taxes_id = False
        cls.deferred = cls._create_deferred("Deferred set-up")

    @classmethod
    def _create_deferred(cls, name, fee=120.0, **terms):
        return cls._create_plan(
            name,
            [
                {"product_id": cls.hosting.id},
                {
                    "product_id": cls.setup_fee.id,
                    "charge_type": "setup",
                    "price_unit": fee,
                    "instalment_count": 12,
                    **terms,
                },
            ],
        )

    def _get_claim(self, subscription):
        """The invoice that is paid in instalments."""
        return subscription._get_instalment_invoices()

    @staticmethod
    def _get_rows(claim, *names):
        return [
            tuple(str(item[name]) if "date" in name else item[name] for name in names)
            for item in claim._get_instalments()
        ]

    def _pay(self, claim, amount):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=claim.ids
        ).create({"amount": amount})._create_payments()


@tagged("post_install", "-at_install")
class TestInstalments(InstalmentsCommon):
    @shows("SM-21")
    def test_set_up_of_120_is_deferred_into_12_times_10(self):
        subscription = self._create_subscription(self.deferred, "2026-01-31")
        moves = self._bill(subscription, "2026-01-31")
        claim = self._get_claim(subscription)
        self.assertEqual((len(moves), claim.amount_total), (2, 120.0))
        self.assertEqual(claim.invoice_line_ids.mapped("price_subtotal"), [120.0], "booked once")
        rows = self._get_rows(claim, "date_maturity", "amount_currency")
        self.assertEqual(
            [day for day, _amount in rows],
            [
                "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30",
                "2026-07-31", "2026-08-31", "2026-09-30", "2026-10-31", "2026-11-30", "2026-12-31",
            ],
        )  # fmt: skip
        self.assertEqual([amount for _day, amount in rows], [10.0] * 12)
        self._pay(claim, 10.0)
        self.assertEqual(subscription.instalment_residual, 110.0)
        self.assertEqual(str(subscription.instalment_next_date), "2026-02-28")
        items = self.env["account.move.line"].search(
            subscription.action_view_instalments()["domain"]
        )
        self.assertEqual(sum(items.mapped("amount_residual")), 110.0)
        booked = {line.id: (line.debit, line.credit) for line in claim.line_ids}
        with freeze_time("2026-04-10 10:00:00"):
            subscription._close("2026-04-09")
            self._bill(subscription, "2026-04-10")
        self.assertEqual(subscription.state, "closed")
        rows = self._get_rows(claim, "date_maturity", "reconciled")
        early = [("2026-01-31", True), ("2026-02-28", False), ("2026-03-31", False)]
        self.assertEqual(rows, early + [("2026-04-10", False)] * 9)
        self.assertEqual(str(claim.invoice_date_due), "2026-04-10")
        after = {line.id: (line.debit, line.credit) for line in claim.line_ids}
        self.assertEqual(after, booked, "what is booked stays as it is")
        self.assertIn("has ended", claim.message_ids[0].body)

    def test_as_configured_the_instalments_keep_their_dates(self):
        plan = self._create_deferred("Kept", instalment_end="keep")
        subscription = self._create_subscription(plan, "2026-01-01")
        self._bill(subscription, "2026-01-01")
        claim = self._get_claim(subscription)
        before = self._get_rows(claim, "date_maturity", "amount_currency")
        with freeze_time("2026-02-10 10:00:00"):
            subscription._close("2026-02-09")
            self._bill(subscription, "2026-02-10")
        self.assertEqual(subscription.state, "closed")
        self.assertEqual(self._get_rows(claim, "date_maturity", "amount_currency"), before)
        self.assertEqual(subscription.instalment_residual, 120.0)

    def test_by_days_with_taxes_and_what_rounding_leaves(self):
        self.setup_fee.taxes_id = self.tax_sale_a
        plan = self._create_deferred(
            "Weekly", 100.0, instalment_count=7, instalment_interval=7, instalment_unit="day"
        )
        subscription = self._create_subscription(plan, "2026-01-01")
        self._bill(subscription, "2026-01-01")
        claim = self._get_claim(subscription)
        rows = self._get_rows(claim, "date_maturity", "amount_currency")
        self.assertEqual(rows[1][0], "2026-01-08")
        self.assertEqual([amount for _day, amount in rows], [16.43] * 6 + [16.42])
        self.assertAlmostEqual(sum(amount for _day, amount in rows), claim.amount_total, 2)

    def test_what_is_too_small_is_paid_at_once(self):
        subscription = self._create_subscription(self._create_deferred("Small", 0.5), "2026-01-01")
        self._bill(subscription, "2026-01-01")
        claim = self._get_claim(subscription)
        self.assertEqual(self._get_rows(claim, "amount_currency"), [(0.5,)])
        self.assertFalse(claim._is_paid_in_instalments())

    def test_a_balance_pays_what_has_fallen_due_and_no_more(self):
        self.deferred.use_balance = True
        subscription = self._create_subscription(self.deferred, "2026-01-01")
        with freeze_time("2026-01-01 10:00:00"):
            self._bill(subscription, "2026-01-01")
            claim = self._get_claim(subscription)
            wallet = self.env["subscription.wallet"]._get(
                self.partner_a, self.company, self.company.currency_id
            )
            self.env["account.payment"].create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.partner_a.id,
                    "amount": 100.0,
                    "subscription_wallet_id": wallet.id,
                }
            ).action_post()
            wallet._settle(claim)
            self.assertEqual((claim.amount_residual, wallet.balance), (110.0, 90.0))
            self.assertFalse(wallet._settle(claim))
        with freeze_time("2026-02-02 10:00:00"):
            wallet._settle(claim)
        self.assertEqual((claim.amount_residual, wallet.balance), (100.0, 80.0))

    def test_payment_terms_are_made_once_for_a_rhythm(self):
        terms = self.env["account.payment.term"]
        first = terms._get_for_instalments(self.company, 3, 1, "month")
        self.assertEqual(first, terms._get_for_instalments(self.company, 3, 1, "month"))
        self.assertNotEqual(first, terms._get_for_instalments(self.company, 3, 2, "month"))
        self.assertNotEqual(first, terms._get_for_instalments(self.company, 3, 1, "day"))
        self.assertEqual(first.line_ids.mapped("value_amount"), [33.333333, 33.333333, 33.333334])

    def test_any_amount_adds_up_as_odoo_splits_it(self):
        currency, terms = self.company.currency_id, self.env["account.payment.term"]
        for count in (2, 7, 12, 37, 120):
            term = terms._get_for_instalments(self.company, count, 1, "month")
            for cents in range(count * count, count * count + 900, 97):
                total = float(Decimal(cents) / 100)
                rows = term._compute_terms(
                    date_ref=fields.Date.to_date("2026-01-31"),
                    currency=currency,
                    company=self.company,
                    tax_amount=0.0,
                    tax_amount_currency=0.0,
                    sign=1,
                    untaxed_amount=total,
                    untaxed_amount_currency=total,
                )["line_ids"]
                amounts = [row["foreign_amount"] for row in rows]
                self.assertAlmostEqual(sum(amounts), total, 2)
                self.assertGreater(min(amounts), 0.0)
                self.assertEqual(len({row["date"] for row in rows}), count)

    def test_only_what_is_charged_once_is_paid_in_instalments(self):
        with self.assertRaisesRegex(ValidationError, "again and again"):
            self._create_plan(
                "Rent by instalments", [{"product_id": self.hosting.id, "instalment_count": 3}]
            )

    def test_a_used_plan_keeps_its_instalments(self):
        component = self.deferred.component_ids.filtered("instalment_count")
        with Form(component, "subscription_base.subscription_plan_component_view_form") as form:
            form.instalment_count = 6
        subscription = self._create_subscription(self.deferred)
        line = subscription.line_ids.filtered("instalment_count")
        self.assertEqual((line.instalment_count, line.instalment_unit), (6, "month"))
        self._bill(subscription, "2026-01-01")
        with self.assertRaisesRegex(UserError, "charged already"):
            line.instalment_count = 3
        line.instalment_end = "keep"

    def test_one_of_several_contracts_of_a_customer_ends(self):
        """Instalments share no invoice with those of another contract."""
        self.deferred.invoice_grouping = "customer"
        first, second = (self._create_subscription(self.deferred, "2026-01-01") for _n in "ab")
        self._process_run(self._create_run("2026-01-01"))
        self.assertEqual(len(self._get_claim(first) | self._get_claim(second)), 2)
        with freeze_time("2026-02-10 10:00:00"):
            first._close("2026-02-09")
            self._bill(first, "2026-02-10")
        self.assertEqual(str(first._get_open_instalments()[-1:].date_maturity), "2026-02-10")
        self.assertEqual(str(second._get_open_instalments()[-1:].date_maturity), "2026-12-01")

    def test_the_service_does_not_wait_for_instalments(self):
        subscription = self._create_subscription(self.deferred, "2026-01-01", start=False)
        with freeze_time("2026-01-01 10:00:00"):
            self.assertEqual(subscription._preview_prepayment().total, 30.0)


@tagged("post_install", "-at_install")
class TestInstalmentsCollected(InstalmentsCommon, SubscriptionPaymentCommon):
    """Only what has fallen due is charged to a saved payment method, each instalment once."""

    def setUp(self):
        super().setUp()
        self.subscription = self._create_subscription(
            self.deferred, "2026-01-01", payment_token_id=self.token.id
        )

    def _collect(self, day, answer=done):
        """The amounts that the provider is asked for on a day for the claim."""
        with freeze_time(f"{day} 10:00:00"):
            asked = self._process(day, answer)
        claim = self._get_claim(self.subscription)
        return [tx.amount for tx in asked if tx.invoice_ids == claim]

    def test_each_instalment_is_collected_when_it_falls_due(self):
        self.assertEqual(self._collect("2026-01-01"), [10.0])
        self.assertEqual(self._collect("2026-01-01"), [], "not twice on a day")
        self.assertEqual(self._collect("2026-01-20"), [], "not before the next falls due")
        self.assertEqual(self._collect("2026-02-01"), [10.0])
        self.assertEqual(self._collect("2026-05-02"), [30.0], "what has been missed, together")
        claim = self._get_claim(self.subscription)
        self.assertEqual(claim.amount_residual, 70.0)
        self.assertEqual(self._get_rows(claim, "reconciled"), [(True,)] * 5 + [(False,)] * 7)

    def test_all_are_collected_and_no_more(self):
        plan = self._create_deferred("Three parts", 100.0, instalment_count=3)
        self.subscription = self._create_subscription(
            plan, "2026-01-01", payment_token_id=self.token.id
        )
        asked = [self._collect(f"2026-{month:02d}-03") for month in range(1, 6)]
        self.assertEqual(asked, [[33.33], [33.33], [33.34], [], []])
        self.assertEqual(self._get_claim(self.subscription).amount_residual, 0.0)

    def test_a_failed_one_is_asked_for_again_with_the_next_only(self):
        self.assertEqual(self._collect("2026-01-01", lambda tx: tx._set_error("No funds")), [10.0])
        self.assertEqual(self._collect("2026-01-15"), [])
        self.assertEqual(self._collect("2026-02-01"), [20.0])

    def test_nobody_is_asked_while_an_answer_is_pending(self):
        self.assertEqual(self._collect("2026-01-01", lambda tx: tx._set_pending()), [10.0])
        self.assertEqual(self._collect("2026-02-01"), [])

    def test_what_the_customer_has_paid_is_not_collected(self):
        self._collect("2026-01-01")
        self._pay(self._get_claim(self.subscription), 15.0)
        self.assertEqual(self._collect("2026-02-01"), [])
        self.assertEqual(self._collect("2026-03-01"), [5.0])

    def test_the_rest_is_collected_at_an_early_end(self):
        self._collect("2026-01-01")
        with freeze_time("2026-01-20 10:00:00"):
            self.subscription._close("2026-01-31")
        self.assertEqual(self._collect("2026-02-01"), [10.0], "closed after it was collected")
        self.assertEqual(self._collect("2026-02-02"), [100.0])

    def test_by_hand_only_what_is_due_is_collected(self):
        self._collect("2026-01-01")
        claim = self._get_claim(self.subscription)
        with freeze_time("2026-01-10 10:00:00"), self.assertRaisesRegex(UserError, "is open"):
            claim.action_collect()
        with freeze_time("2026-01-10 10:00:00"):
            self.assertEqual(claim._get_amount_to_collect(), 0.0)
        with freeze_time("2026-02-10 10:00:00"):
            self.assertEqual(claim._get_amount_to_collect(), 10.0)

    def test_charged_before_posting_it_is_the_first_instalment(self):
        self.deferred.collection_timing = "before"
        self.assertEqual(self._collect("2026-01-01"), [10.0])
        claim = self._get_claim(self.subscription)
        self.assertEqual((claim.state, claim.amount_residual), ("posted", 110.0))
        self.assertEqual(self._collect("2026-02-01"), [10.0])


@tagged("post_install", "-at_install")
class TestInstalmentsPortal(InstalmentsCommon, HttpCase):
    def test_the_customer_sees_what_is_left_and_what_is_due_next(self):
        user = new_test_user(
            self.env,
            "ada",
            "base.group_portal",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        subscription = self._create_subscription(
            self.deferred, "2026-01-01", partner_id=user.partner_id.id
        )
        self._bill(subscription, "2026-01-01")
        self._pay(self._get_claim(subscription), 15.0)
        self.env.flush_all()
        self.authenticate("ada", "ada")
        page = html.fromstring(self.url_open(f"/my/subscriptions/{subscription.id}").text)
        (part,) = page.xpath("//details[hasclass('o_subscription_instalments')]")
        text = " ".join(part.text_content().split())
        self.assertIn("Paid in 12 instalments, remaining balance $ 105.00", text)
        self.assertIn("01/01/2026: $ 10.00 paid", text)
        self.assertIn("02/01/2026: $ 10.00 still open: $ 5.00", text)
        entry = part.getparent().text_content()
        self.assertIn("due on 02/01/2026", " ".join(entry.split()))
