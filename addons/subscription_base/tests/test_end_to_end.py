from odoo.fields import Command
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import SubscriptionCommon

TODAY = "2026-06-15 09:00:00"


class EndToEndCommon(SubscriptionCommon, AccountPaymentCommon, HttpCase):
    """A salesperson, a customer and an accountant, each in their own browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.basic = cls._create_plan(
            "Web Basic",
            [{"product_id": cls.hosting.id}],
            schedule_type="month_fixed",
            fixed_day=1,
        )
        cls.hosting.product_tmpl_id.subscription_plan_ids = cls.basic
        company = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)]}
        cls.salesperson = new_test_user(
            cls.env, "sam", groups="sales_team.group_sale_salesman", name="Sam Sales", **company
        )
        cls.portal_user = new_test_user(
            cls.env, "carla", groups="base.group_portal", name="Carla Customer", **company
        )
        cls.customer = cls.portal_user.partner_id
        cls.customer.write(
            {
                "email": "carla@example.com",
                "street": "Main Street 1",
                "city": "X",
                "zip": "12345",
                "country_id": cls.env.ref("base.us").id,
            }
        )
        cls.dummy_provider.state = "disabled"
        demo = cls.env.ref("payment.payment_provider_demo").sudo()
        cls.provider = demo.copy({"company_id": cls.company.id, "state": "test"})
        cls.provider.write({"is_published": True, "allow_tokenization": True})


@tagged("post_install", "-at_install")
class TestEndToEnd(EndToEndCommon):
    """The whole life of a contract as people live it."""

    def test_life(self):
        with freeze_time(TODAY, tick=True):
            self.start_tour(
                "/odoo/action-sale.action_quotations_with_onboarding",
                "subscription_quote",
                login="sam",
            )
            order = self.env["sale.order"].search([("partner_id", "=", self.customer.id)])
            order.write({"require_payment": True, "require_signature": True, "state": "sent"})
            self.start_tour(order.get_portal_url(), "subscription_sign_and_pay", login="carla")
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.subscription_ids.state, "active")
