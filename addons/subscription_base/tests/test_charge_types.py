from unittest.mock import patch

from odoo.tests import tagged

from .charge_type_contract import ChargeTypeContract, UsageContract
from .common import SubscriptionCommon, shows


@tagged("post_install", "-at_install")
class TestRecurring(ChargeTypeContract, SubscriptionCommon):
    charge_type = "recurring"

    def _prepare_components(self):
        return super()._prepare_components()[1:]


@tagged("post_install", "-at_install")
class TestRecurringInArrears(TestRecurring):
    component_values = {"timing": "arrears"}


@tagged("post_install", "-at_install")
class TestRecurringOnItsOwnSchedule(TestRecurring):
    component_values = {"schedule_type": "month_start", "interval_count": 3}


@tagged("post_install", "-at_install")
class TestSetup(ChargeTypeContract, SubscriptionCommon):
    charge_type = "setup"
    changes_later = False


@tagged("post_install", "-at_install")
class TestOneTime(ChargeTypeContract, SubscriptionCommon):
    charge_type = "one_time"
    changes_later = False


@tagged("post_install", "-at_install")
class TestUsage(UsageContract, SubscriptionCommon):
    charge_type = "usage"
    price = 0.31


@tagged("post_install", "-at_install")
class TestRegistration(SubscriptionCommon):
    """A charge type that leaves a duty out is not accepted."""

    @shows("SM-37", "SM-64")
    def test_a_type_without_abort_is_refused_when_the_registry_is_loaded(self):
        components = self.env["subscription.plan.component"]
        components._register_hook()
        line_class = type(self.env["subscription.line"])
        for duty in ("rate", "abort", "pause", "change_price", "change_back_dated"):
            name = f"_{duty}_recurring"
            with self.subTest(name), patch.object(line_class, name, None):
                with self.assertRaisesRegex(NotImplementedError, f"{name}.*charge-types"):
                    components._register_hook()
                with self.assertRaisesRegex(NotImplementedError, name):
                    components.init()

    @shows("SM-10")
    def test_another_charge_type_or_price_model_needs_no_other_edit(self):
        plan = self._create_plan("Exchangeable", [{"product_id": self.hosting.id}])
        fixed = self._create_subscription(plan)
        self.assertEqual(self._bill(fixed, "2026-01-01").amount_untaxed, 30.0)
        other = plan.copy()
        other.component_ids.pricing_model = "flat"
        other.action_activate()
        subscription = self._create_subscription(other)
        subscription.line_ids.quantity = 5.0
        self.assertEqual(self._bill(subscription, "2026-01-01").amount_untaxed, 30.0)
