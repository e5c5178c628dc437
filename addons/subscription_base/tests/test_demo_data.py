from odoo.modules import Manifest
from odoo.tests import freeze_time, tagged
from odoo.tools.convert import convert_file

from .common import SubscriptionCommon, shows

MODULE = "subscription_base"
START = "2026-05-01"


@tagged("post_install", "-at_install")
class TestDemoData(SubscriptionCommon):
    """The catalogue of the demo data, loaded as Odoo does into a database with demo data."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for path in Manifest.for_addon(MODULE)["demo"]:
            convert_file(cls.env(su=True), MODULE, path, {}, mode="init", noupdate=True)
        cls.env.invalidate_all()
        cls.partner_b.is_company = True

    def _plan(self, name):
        return self.env.ref(f"{MODULE}.demo_plan_{name}")

    def _subscribe(self, name):
        with freeze_time(f"{START} 08:00:00"):
            plan = self._plan(name)
            partner = self.partner_b if plan.customer_kind == "business" else self.partner_a
            return self._create_subscription(plan, START, partner_id=partner.id)

    def _use(self, subscription, meter, quantity, day="2026-05-20"):
        answer = self.env["subscription.usage"].record_usage(
            [
                {
                    "subscription": subscription.name,
                    "meter": meter,
                    "timestamp": f"{day}T12:00:00Z",
                    "quantity": quantity,
                    "key": f"{meter}-{day}",
                }
            ]
        )
        self.assertTrue(answer["accepted"], answer)

    def _amounts(self, subscription, day):
        """What the invoice of ``day`` states for each product, by its internal reference."""
        with freeze_time(f"{day} 08:00:00"):
            moves = self._bill(subscription, day)
        return {
            line.product_id.default_code: line.price_subtotal for line in moves.invoice_line_ids
        }

    def test_every_plan_can_be_subscribed_to_and_billed(self):
        plans = self.env["ir.model.data"].search(
            [("module", "=", MODULE), ("name", "=like", "demo_plan_%")]
        )
        self.assertEqual(len(plans), 17)
        for data in plans:
            with self.subTest(plan=data.name):
                subscription = self._subscribe(data.name.removeprefix("demo_plan_"))
                self.assertEqual(subscription.plan_id.state, "active")
                self._pay_in_advance(subscription)
                with freeze_time("2026-08-31 08:00:00"):
                    moves = self._bill(subscription, "2026-08-31")
                self.assertTrue(moves | subscription.proforma_ids.invoice_id)
                self.assertFalse(subscription.billing_error)

    def _pay_in_advance(self, subscription):
        """The money that the pro-forma invoice asks for, if there is one."""
        for proforma in subscription.proforma_ids:
            self.env["account.payment"].create(
                {
                    "partner_id": proforma.partner_id.id,
                    "amount": proforma.amount_total,
                    "date": START,
                    "memo": proforma.name,
                }
            ).action_post()
            with freeze_time(f"{START} 08:00:00"):
                proforma.sudo()._follow()

    @shows("PA-40")
    def test_software_clubs_magazines_and_hosting_run_on_the_same_models(self):
        software, club, magazine, hosting = (
            self._subscribe(name) for name in ("saas", "club", "magazine", "server")
        )
        self.assertEqual(
            len(
                {(each._name, each.line_ids._name) for each in (software, club, magazine, hosting)}
            ),
            1,
        )
        for subscription, amounts in (
            (software, {}),
            (club, {"CLUB": 25.0, "CLUB-ADMISSION": 40.0}),
            (magazine, {"MAG": 6.5}),
            (hosting, {"SRV": 20.0}),
        ):
            with self.subTest(plan=subscription.plan_id.name):
                self.assertEqual(self._amounts(subscription, START), amounts)
        # Software: 14 days of trial; then 10 seats at 12 and 5 at 10; calls beyond 5000 by 1000.
        self.assertEqual(self._amounts(software, "2026-05-15"), {"WORK-SEAT": 170.0})
        self._use(software, "workspace-calls", 7001)
        self.assertEqual(
            self._amounts(software, "2026-06-15"), {"WORK-SEAT": 170.0, "WORK-API": 6.0}
        )
        # Hosting: 1000 GB beyond 500 cost 20.00; never more than 50.00.
        self._use(hosting, "server-traffic", 1500)
        self._use(hosting, "server-traffic", 90000, "2026-06-20")
        self.assertEqual(self._amounts(hosting, "2026-06-01"), {"SRV": 20.0, "SRV-TRAFFIC": 20.0})
        self.assertEqual(self._amounts(hosting, "2026-07-01"), {"SRV": 20.0, "SRV-TRAFFIC": 50.0})
        # Magazine: each sixth issue is free; it ends after twelve.
        issues = [self._amounts(magazine, f"2026-{month:02}-01") for month in range(6, 13)]
        self.assertEqual([issue.get("MAG") for issue in issues], [6.5] * 4 + [0.0] + [6.5] * 2)
        self.assertEqual(str(magazine.date_end), "2027-04-30")

    def test_what_each_trade_agrees(self):
        software, club, hosting = (self._subscribe(name) for name in ("saas", "club", "server"))
        for day, handles in (("2026-05-14", ["boards"]), ("2026-05-15", ["boards", "export"])):
            with freeze_time(f"{day} 08:00:00"):
                entitlements = self.partner_a._get_entitlements(on=day).filtered(
                    lambda entitlement: entitlement.subscription_id == software
                )
                self.assertEqual(sorted(entitlements.feature_id.mapped("handle")), handles)
        with freeze_time("2026-06-10 08:00:00"):
            self.assertEqual(str(club.next_termination_date), "2027-04-30")
            self.assertEqual(str(hosting.next_termination_date), "2026-07-31")
