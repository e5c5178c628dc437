from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.subscription_base.tests.common import shows
from odoo.addons.subscription_base.tests.test_sale_order import SaleSubscriptionCommon


@tagged("post_install", "-at_install")
@freeze_time("2026-04-01")
class TestOpportunity(SaleSubscriptionCommon):
    """From the opportunity to the subscription, and back."""

    def setUp(self):
        super().setUp()
        self.lead = (
            self.env["crm.lead"]
            .with_user(self.salesperson)
            .create(
                {
                    "name": "Hosting for Acme",
                    "type": "opportunity",
                    "partner_id": self.partner_a.id,
                    "user_id": self.salesperson.id,
                    "company_id": self.company.id,
                }
            )
        )

    def _quote_opportunity(self):
        """A quotation as the button of the opportunity makes it."""
        context = self.lead.action_new_quotation()["context"]
        return (
            self.env["sale.order"]
            .with_user(self.salesperson)
            .with_context(**context)
            .create({"order_line": [Command.create(self._hosting_line(product_uom_qty=2.0))]})
        )

    @shows("PA-27")
    def test_the_subscription_is_linked_to_the_opportunity(self):
        order = self._quote_opportunity()
        self.assertEqual(order.opportunity_id, self.lead)
        self.assertFalse(self.lead.subscription_count)
        order.action_confirm()
        subscription = order.subscription_ids
        self.assertEqual(subscription.state, "active")
        self.assertEqual(subscription.opportunity_id, self.lead)
        self.assertEqual(self.lead.subscription_ids, subscription)
        self.assertEqual(self.lead.subscription_count, 1)
        self.assertEqual(self.lead.action_view_subscriptions()["res_id"], subscription.id)
        self.assertEqual(subscription.action_view_opportunity()["res_id"], self.lead.id)

    def test_upsells_and_renewals_keep_the_opportunity(self):
        self._quote_opportunity().action_confirm()
        subscription = self.lead.subscription_ids.with_user(self.salesperson)
        for kind in ("upsell", "change", "renewal"):
            self.assertEqual(subscription._create_quote(kind).opportunity_id, self.lead)
        self.assertEqual(self.lead.quotation_count, 3)

    def test_recurring_revenue_where_the_feature_is_used(self):
        group = self.env.ref("crm.group_use_recurring_revenues")
        self._quote_opportunity().action_confirm()
        self.assertFalse(self.lead.recurring_revenue)
        self.salesperson.group_ids += group
        self._quote_opportunity().action_confirm()
        self.assertEqual(self.lead.recurring_revenue_monthly, 60.0)

    def test_subscriptions_of_merged_opportunities_stay(self):
        self._quote_opportunity().action_confirm()
        other = self.lead.with_env(self.env).copy({"name": "Hosting for Acme, again"})
        subscriptions = self.lead.subscription_ids
        merged = (other | self.lead.with_env(self.env)).merge_opportunity(auto_unlink=False)
        self.assertEqual(merged.subscription_ids.ids, subscriptions.ids)

    def test_forms_show_the_buttons(self):
        lead = self.env["crm.lead"].with_user(self.salesperson).get_view(view_type="form")
        self.assertIn("action_view_subscriptions", lead["arch"])
        Subscription = self.env["subscription.subscription"].with_user(self.salesperson)
        self.assertIn("action_view_opportunity", Subscription.get_view(view_type="form")["arch"])
