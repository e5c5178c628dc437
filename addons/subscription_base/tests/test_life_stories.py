"""Random stories of contracts that bind late, are paid in advance, quoted, undone and served.

The steps and rules of ``test_stories.py`` hold as well; what does not bind charges nothing.
"""

from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .test_prepayment import PrepaymentCommon
from .test_stories import _DAY, Story, play

STARTS = [date(2026, 1, 31), date(2026, 3, 29), date(2026, 10, 25)]
KINDS = [
    ("order", "purchase", 0),
    ("signature", "purchase", 0),
    ("payment_full", "payment", 0),
    ("payment_part", "purchase", 0),
    ("delivery", "payment", 0),
    ("trial_end", "purchase", 10),
]
NOTHING_FOLLOWS = ("subscription.event", "subscription.message", "subscription.action.run")


class LifeStory(Story):
    """One subscription whose contract may not bind yet, or not any more."""

    @initialize(start=st.sampled_from(STARTS), kind=st.sampled_from(KINDS))
    def sell(self, start, kind):
        self.savepoint = self.case.env.cr.savepoint()
        self.savepoint.__enter__()
        self.today, self.paid = start, 0.0
        trigger, policy, trial = kind
        values = {
            "affirm_trigger": trigger,
            "release_policy": policy,
            "prepayment_days": 20,
            "trial_length": trial,
            "allow_self_pause": "allow",
        }
        self.other = self.case._create_plan(
            "Other", [{"product_id": self.case.hosting.id, "price_unit": 45.0}]
        )
        plan = self.case._create_plan(
            "Life",
            [
                {
                    "product_id": self.case.hosting.id,
                    "is_self_quantity": True,
                    "self_max_quantity": 9.0,
                },
                {"product_id": self.case.setup_fee.id, "charge_type": "setup"},
                {"product_id": self.case.domain.id, "is_optional": True, "is_self_service": True},
            ],
            entitlement_ids=[Command.create({"feature_id": self.case.feature.id})],
            self_plan_ids=[Command.set(self.other.ids)],
            **values,
        )
        with freeze_time(self.today):
            self.subscription = self.case._create_subscription(plan, self.today)

    def is_bound(self):
        return bool(self.subscription.affirmed_on)

    @rule(days=st.sampled_from([0, 1, 14, 31]))
    def bill(self, days):
        """The run bills what it may; also when a day is repeated."""
        self.today += days * _DAY
        self.attempt(self.run_the_jobs)

    def run_the_jobs(self):
        case, subscription = self.case, self.subscription
        with case._commits_flush():
            case.env["subscription.proforma"].sudo()._cron_follow()
        subscription._follow_calendar(self.today)
        subscription._follow_affirmation()
        migrations = subscription.migration_ids.filtered(lambda m: m.state == "planned")
        migrations.filtered(lambda m: m.date_switch <= self.today)._apply()
        if self.is_bound() and not subscription.waiting_for:
            case._bill(subscription, self.today)

    @rule(share=st.sampled_from([0.4, 1.0]))
    def pay_in_advance(self, share):
        proforma = self.subscription.proforma_ids.filtered(lambda p: p.state == "open")
        if proforma:
            amount = proforma.currency_id.round(proforma.amount_due * share)
            if amount > 0:
                self.attempt(lambda: self.transfer(proforma, amount))

    def transfer(self, proforma, amount):
        self.case._transfer(f"for {proforma.name}", amount, self.today)
        self.run_the_jobs()

    @rule()
    def the_customer_signs_or_is_delivered(self):
        trigger = self.subscription.affirm_trigger
        if trigger in ("signature", "delivery"):
            self.attempt(lambda: self.subscription._affirm_by_hand(trigger))

    @rule()
    def void(self):
        self.attempt(self.subscription.action_void)

    @rule(early=st.booleans())
    def withdraw(self, early):
        self.attempt(lambda: self.subscription._revoke(early_start=early))

    @rule(offset=st.integers(0, 45))
    def plan_another_plan(self, offset):
        on = self.today + offset * _DAY
        self.attempt(lambda: self.subscription._plan_change(self.other, on))

    @rule(
        step=st.sampled_from(
            [
                ("quantity", {"quantity": "3"}),
                ("quantity", {"quantity": "1"}),
                ("add", {}),
                ("remove", {}),
                ("plan", {}),
                ("cancel_change", {}),
                ("pause", {"days": 10}),
                ("resume", {}),
                ("terminate", {"step": "1"}),
                ("keep", {}),
            ]
        )
    )
    def help_oneself(self, step):
        action, values = step
        self.attempt(lambda: self.confirm(action, dict(values)))

    def confirm(self, action, values):
        subscription = self.subscription
        if action == "pause":
            values["date_start"] = str(self.today)
            values["date_end"] = str(self.today + timedelta(values.pop("days")))
        lines = {
            "quantity": subscription._get_self_quantity_lines,
            "remove": subscription._get_self_removable_lines,
        }.get(action)
        if lines:
            values["line"] = str(lines()[:1].id)
        values["option"] = str(subscription._get_self_options()[:1].id)
        values["plan"] = str(self.other.id)
        choice = subscription._choose_self(action, values)
        if choice is None:
            return
        before = self.count()
        _preview, key = subscription._preview_self(action, choice)
        self.case.assertEqual(self.count(), before, "looking leaves nothing behind")
        self.case.assertTrue(subscription._confirm_self(action, choice, key))
        refused = subscription._get_self_obstacle(action)
        self.case.assertTrue(refused or not subscription._confirm_self(action, choice, key))

    def count(self):
        return [self.case.env[name].search_count([]) for name in NOTHING_FOLLOWS]

    @rule(
        kind=st.sampled_from(["upsell", "change", "renewal"]),
        offset=st.integers(0, 40),
        other=st.booleans(),
    )
    def accept_a_quote(self, kind, offset, other):
        self.attempt(lambda: self.quote(kind, self.today + offset * _DAY, other))

    def quote(self, kind, on, other):
        plan = self.other if other and kind != "upsell" else None
        order = self.subscription._create_quote(kind, plan, on)
        for line in order.order_line.filtered(lambda line: not line.subscription_plan_id)[:1]:
            line.product_uom_qty = 2.0
        before = self.count()
        order._get_subscription_summary()
        self.case.assertEqual(self.count(), before, "looking leaves nothing behind")
        order.action_confirm()

    @invariant()
    def the_rules_hold(self):
        if not hasattr(self, "subscription"):
            return
        if self.is_bound() and not self.subscription.waiting_for:
            super().the_rules_hold()
        elif not self.is_bound():
            self.case.assertFalse(self.subscription.charge_ids)
            self.case.assertFalse(self.subscription._get_invoices())
            self.check_recurring()

    @invariant()
    def who_is_out_has_nothing(self):
        if not hasattr(self, "subscription"):
            return
        subscription = self.subscription
        is_out = subscription.state in ("draft", "closed") or subscription.waiting_for
        with freeze_time(self.today):
            has_access = subscription.partner_id._has_entitlement("life", self.today)
        if is_out and not (subscription.date_end and subscription.date_end >= self.today):
            self.case.assertFalse(has_access)

    @invariant()
    def each_is_said_once(self):
        if not hasattr(self, "subscription"):
            return
        types = self.subscription.event_ids.mapped("event_type")
        for once in ("created", "started", "affirmed", "voided", "revoked", "prepayment_paid"):
            self.case.assertLessEqual(types.count(once), 1, once)
        messages = self.case.env["subscription.message"].search(
            [("subscription_id", "=", self.subscription.id)]
        )
        keys = [(message.kind, message.key) for message in messages]
        self.case.assertEqual(len(keys), len(set(keys)))


@tagged("post_install", "-at_install")
class TestLifeStories(PrepaymentCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.feature = cls.env["subscription.feature"].create({"name": "Life", "handle": "life"})
        cls.company.allow_self_pause = True

    def test_the_rules_hold_after_each_step_of_any_life(self):
        play(self, LifeStory, sequences=50)
