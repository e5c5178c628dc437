from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.subscription_base.models.subscription_conflict import Busy

from .test_invoicing_options import InvoicingOptionsCommon


@tagged("post_install", "-at_install")
class TestClaiming(InvoicingOptionsCommon):
    """Two processes never make two invoices for one customer."""

    def test_a_customer_whom_another_process_bills_is_left_alone(self):
        plan = self._create_flat(invoice_grouping="customer")
        mine = self._create_subscription(plan)
        theirs = self._create_subscription(plan, partner_id=self.partner_b.id)
        run = self._create_run("2026-01-01")
        Run = type(run)
        taken = self.partner_b.id
        with patch.object(Run, "_lock_customer", lambda run, partner_id: partner_id != taken):
            self.assertEqual(run._claim_create([]), mine)
            with self.assertRaises(Busy):
                run._claim_create(mine.ids)
        self.assertEqual(run._claim_create(mine.ids), theirs)
