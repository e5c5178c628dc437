from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.subscription_base.tests.common import shows

from .prepaid_common import PrepaidCommon


@tagged("post_install", "-at_install")
class TestGuardianConsent(PrepaidCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.subscription_prepaid_only = True

    @shows("LAW-44")
    def test_term_plans_are_blocked_and_prepaid_ones_wait_for_a_consent_that_is_asked_for(self):
        with self.assertRaisesRegex(ValidationError, "prepaid plans only"), self.cr.savepoint():
            self._create_subscription(self.flat_plan)
        self.assertEqual(self._sell().state, "active", "nobody asks for a consent")

        self.company.subscription_guardian_consent = True
        contract = self._create_subscription(self.prepaid, "2026-03-10")
        self.assertEqual((contract.state, contract.waiting_for), ("pending", "guardian"))
        self.assertFalse(self._run_cron("2026-03-10"), "nothing is owed")
        self.partner_a.write(
            {"subscription_guardian": "Grace", "subscription_guardian_date": "2026-03-10"}
        )
        self.assertEqual((contract.state, contract.waiting_for), ("active", False))
        self.assertTrue(self._run_cron("2026-03-10"))

    def test_who_can_be_bound_needs_no_consent(self):
        self.company.subscription_guardian_consent = True
        self.partner_a.subscription_prepaid_only = False
        contract = self._create_subscription(self.prepaid, "2026-03-10")
        self.assertEqual(contract.state, "active")
