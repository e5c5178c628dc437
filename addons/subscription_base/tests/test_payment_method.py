from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import shows
from .payment_common import SubscriptionPaymentCommon, done


@tagged("post_install", "-at_install")
class TestPaymentMethod(SubscriptionPaymentCommon):
    """One saved method for each subscription; without one, the customer pays the invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_token = cls._create_saved_method(payment_details="1111")
        cls.foreign_token = cls._create_saved_method(cls.partner_b)

    @shows("K3-21")
    def test_the_next_collection_uses_the_method_that_the_customer_chose(self):
        subscription = self._subscribe()
        self._process("2026-01-01", done)
        subscription._set_payment_method(self.other_token, by=self.partner_a)
        self.assertEqual(self._event_types(subscription)[-1], "payment_method_changed")
        self.assertIn("4242", self._payment_events(subscription)[-1].description)
        self.assertIn("1111", self._payment_events(subscription)[-1].description)
        self._process("2026-02-01", done)
        self.assertEqual(
            self._attempts(subscription).mapped("token_id"), self.token + self.other_token
        )

    def test_nobody_sets_the_method_of_another_customer(self):
        subscription = self._subscribe()
        for token, by in (
            (self.foreign_token, self.partner_a),
            (self.other_token, self.partner_b),
            (self.foreign_token, self.partner_b),
            (self.env["payment.token"], self.partner_b),
        ):
            with self.assertRaises(AccessError):
                subscription._set_payment_method(token, by=by)
        with self.assertRaises(ValidationError):
            subscription._set_payment_method(self.foreign_token)
        portal = self._create_user("customer", "base.group_portal")
        with self.assertRaises(AccessError):
            subscription.with_user(portal)._set_payment_method(self.other_token)
        self.assertEqual(subscription.payment_token_id, self.token)

    def test_a_method_that_cannot_be_charged_is_refused_with_the_reason(self):
        subscription = self._subscribe()
        self.other_token.expires_on = "2026-01-15"
        self.assertEqual(self.other_token.expires_on, date(2026, 1, 31))
        with freeze_time("2026-02-01 12:00:00"), self.assertRaisesRegex(UserError, "expired"):
            subscription._set_payment_method(self.other_token, by=self.partner_a)
        with freeze_time("2026-01-31 12:00:00"):
            subscription._set_payment_method(self.other_token, by=self.partner_a)
        self.token.active = False
        with self.assertRaisesRegex(UserError, "cannot be charged"):
            subscription._set_payment_method(self.token, by=self.partner_a)
        other = self.setup_other_company()["company"]
        provider = self.provider.copy({"company_id": other.id, "state": "test"})
        theirs = self._create_saved_method(provider_id=provider.id)
        with self.assertRaisesRegex(UserError, "another company"):
            subscription._set_payment_method(theirs, by=self.partner_a)

    @shows("K3-26")
    def test_payment_by_invoice_is_possible_where_the_plan_allows_it(self):
        subscription, none = self._subscribe(), self.env["payment.token"]
        self.flat_plan.collection_method = "saved"
        with self.assertRaisesRegex(UserError, "collected automatically"):
            subscription._set_payment_method(none, by=self.partner_a)
        self.flat_plan.collection_method = "any"
        subscription._set_payment_method(none, by=self.partner_a)
        self.assertFalse(self._process("2026-01-01", done))
        move = subscription._get_invoices()
        self.assertEqual((move.state, move.payment_state), ("posted", "not_paid"))
        self.assertFalse(move.subscription_fallback)
        self.assertEqual(move.invoice_payment_term_id, subscription.payment_term_id)

    def test_a_plan_that_is_paid_by_invoice_charges_nothing(self):
        subscription = self._subscribe()
        self.flat_plan.collection_method = "invoice"
        self.assertFalse(self._process("2026-01-01", done))
        self.assertFalse(subscription._get_invoices().subscription_fallback)
        with self.assertRaisesRegex(UserError, "by invoice"):
            subscription._set_payment_method(self.other_token)

    @shows("K3-27")
    def test_a_plan_allows_the_payment_methods_of_any_provider_or_some(self):
        wallet = self.env["payment.method"].create(
            {
                "name": "Wallet",
                "code": "wallet",
                "support_tokenization": True,
                "provider_ids": [Command.set(self.provider.ids)],
            }
        )
        self.flat_plan.payment_method_ids = wallet
        subscription = self._create_subscription()
        with self.assertRaisesRegex(UserError, "cannot be paid by"):
            subscription._set_payment_method(self.token)
        paid_by_wallet = self._create_saved_method(payment_method_id=wallet.id)
        subscription._set_payment_method(paid_by_wallet)
        [asked] = self._process("2026-01-01", done)
        self.assertEqual(asked.payment_method_id, wallet)
        with self.assertRaisesRegex(ValidationError, "cannot be paid by"):
            subscription.payment_token_id = self.token

    def test_an_order_requires_what_its_plan_requires(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner_a.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.hosting.id,
                            "subscription_plan_id": self.flat_plan.id,
                        }
                    )
                ],
            }
        )
        card = self.payment_method
        once = card.copy(
            {"code": "once", "support_tokenization": False, "provider_ids": self.provider.ids}
        )

        def offered():
            return self.env["payment.method"]._get_compatible_payment_methods(
                self.provider.ids, self.partner_a.id, sale_order_id=order.id
            )

        self.assertLessEqual(card + once, offered())
        self.assertFalse(self.provider._is_tokenization_required(sale_order_id=order.id))
        self.flat_plan.collection_method = "saved"
        self.assertTrue(self.provider._is_tokenization_required(sale_order_id=order.id))
        self.assertEqual((card + once) & offered(), card)
        self.flat_plan.payment_method_ids = once
        self.assertFalse(offered())
        self.assertFalse(self.provider._is_tokenization_required())

    def test_a_method_that_is_removed_tells_what_rests_on_it(self):
        subscription = self._subscribe()
        closed = self._subscribe()
        closed._close("2026-01-01")
        self._process("2026-01-01", done)
        [info] = [
            info for info in self.token.get_linked_records_info() if info["id"] == subscription.id
        ]
        self.assertEqual(info["name"], subscription.name)
        self.assertIn("/my/subscriptions", info["url"])
        self.token.active = False
        self.assertIn("removed", self._payment_events(subscription)[-1].description)
        self.assertIn("another payment method", subscription.activity_ids.summary)
        self.assertIn("removed", subscription.payment_warning)
        asked = self._process("2026-02-01", done)
        move = subscription._get_invoices().sorted("id")[-1]
        self.assertFalse(asked)
        self.assertTrue(move.sending_data and move.subscription_fallback)
        self.assertEqual(self._event_types(subscription)[-1], "payment_fallback")
        self._process("2026-02-02", done)
        self.assertEqual(self._event_types(subscription).count("payment_fallback"), 1)
        subscription._set_payment_method(self.other_token)
        self.assertFalse(subscription.activity_ids or subscription.payment_warning)
        with self._answers(done):
            move.action_collect()
        self.assertEqual(move.amount_residual, 0.0)

    def test_the_fallback_may_be_left_to_a_person(self):
        self.flat_plan.collection_fallback = "none"
        subscription = self._subscribe()
        self.token.active = False
        subscription.activity_ids.unlink()
        self._process("2026-01-01", done)
        move = subscription._get_invoices()
        self.assertFalse(move.sending_data)
        self.assertTrue(subscription.activity_ids)


@tagged("post_install", "-at_install")
class TestCardExpiry(SubscriptionPaymentCommon):
    @shows("PA-34")
    def test_the_customer_is_told_twice_and_the_card_is_not_charged_afterwards(self):
        self.partner_a.email = "customer@example.com"
        with freeze_time("2026-01-01 08:00:00"):
            subscription = self._subscribe()
            also = self._subscribe()
            self.token.expires_on = "2026-04-01"
        mails = []
        for moment in (
            "2026-03-30 12:00:00",
            "2026-03-31 12:00:00",
            "2026-04-22 12:00:00",
            "2026-04-23 12:00:00",
            "2026-04-30 12:00:00",
            "2026-05-01 12:00:00",
        ):
            before = self.env["mail.mail"].search([]).ids
            with freeze_time(moment):
                self._follow_up()
                self._follow_up()
            mails.append(self.env["mail.mail"].search([("id", "not in", before)]))
        self.assertEqual([len(mail) for mail in mails], [0, 1, 0, 1, 0, 0])
        self.assertIn("4242", mails[1].subject)
        self.assertIn("04/30/2026", mails[1].subject)
        self.assertEqual(mails[1].recipient_ids, self.partner_a)
        for text in (subscription.name, also.name, '/my/subscriptions"'):
            self.assertIn(text, mails[1].body_html)
        self.assertEqual(
            self._event_types(subscription), ["card_expiring", "card_expiring", "card_expired"]
        )
        self.assertEqual(self._payment_events(subscription)[-1].date_effective, date(2026, 4, 30))
        with freeze_time("2026-05-01 12:00:00"):
            self.assertFalse(self._process("2026-05-01", done))
            self.assertIn("expired", subscription.payment_warning)
        self.assertTrue(subscription._get_invoices().filtered("subscription_fallback"))
        self.assertTrue(subscription.activity_ids)

    def test_the_notice_leads_to_where_the_method_of_the_subscription_is_chosen(self):
        """A new saved method alone is charged for nothing."""
        subscription = self._subscribe()
        self.assertEqual(
            self.token._get_choice_path(), f"/my/subscriptions/{subscription.id}/do/payment"
        )
        self.company.allow_self_payment = False
        self.assertEqual(self.token._get_choice_path(), "/my/subscriptions")
        self.company.allow_self_payment = True
        self._subscribe()
        self.assertEqual(self.token._get_choice_path(), "/my/subscriptions")

    def test_the_days_are_the_company_s_own(self):
        self.company.subscription_card_first_notice = 60
        self.company.subscription_card_second_notice = 0
        with freeze_time("2026-01-01 08:00:00"):
            subscription = self._subscribe()
            self.token.expires_on = "2026-04-30"
        for moment, events in (("2026-02-28", 0), ("2026-03-01 12:00", 1), ("2026-04-29", 1)):
            with freeze_time(moment):
                self._follow_up()
            self.assertEqual(len(self._event_types(subscription)), events, moment)
