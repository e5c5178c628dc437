from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from ..models.subscription_legal_buttons import PATHS
from .axe_common import axe_check
from .common import shows
from .portal_common import TODAY, PortalCommon

#: Odoo's own messages below the page.
FOREIGN = ("#discussion",)
MISSING_LABEL = """
    await open(%r);
    frame.contentDocument.querySelector("label[for=reason]").remove();
    const found = (await judge()).map((violation) => violation.id);
    if (!found.includes("select-name")) { problems.push("a missing label is not seen: " + found); }
"""


@tagged("post_install", "-at_install")
class TestPortalAccessibility(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-03-01"):
            cls.ended = cls._create_subscription(
                cls.flat_plan, "2026-03-01", partner_id=cls.customer.id
            )
            cls.planned = cls._create_subscription(
                cls.plan, "2026-03-01", partner_id=cls.customer.id
            )
            cls.planned._plan_change(cls.pro)
        with freeze_time(TODAY):
            cls.ended._terminate()
            backup = cls.plan.component_ids.filtered("is_self_service")
            cls.planned._add_option(backup, TODAY)

    def _get_pages(self):
        seats = self._get_seats()
        return [
            "/my/subscriptions",
            "/my/subscriptions?filterby=all&search=nothing",
            self.url,
            f"{self.url}?done=quantity",
            f"{self.url}/usage",
            f"/my/subscriptions/{self.ended.id}",
            f"/my/subscriptions/{self.ended.id}/do/keep",
            f"/my/subscriptions/{self.planned.id}/do/cancel_change",
            f"/my/subscriptions/{self.planned.id}/do/remove",
            *(
                f"{self.url}/do/{action}"
                for action in ("plan", "interval", "add", "pause", "payment", "address")
            ),
            f"{self.url}/do/interval?plan={self.yearly.id}",
            f"{self.url}/do/quantity?line={seats.id}&quantity=99",
            f"{self.url}/do/quantity?line={seats.id}&quantity=4",
            f"{self.url}/do/terminate",
            f"{self.url}/do/terminate?step=preview",
        ]

    def _get_previews(self):
        backup = self._get_component(self.backup)
        pause = "date_start=2026-03-20&date_end=2026-03-25"
        return [
            f"{self.url}/do/plan?plan={self.pro.id}",
            f"{self.url}/do/add?option={backup.id}",
            f"{self.url}/do/pause?{pause}",
            f"{self.url}/do/address?partner_invoice_id={self.customer.child_ids[-1:].id}",
        ]

    def _get_public_pages(self):
        """What is ordered, paid and ended by a link or without one."""
        advance = self._create_plan(
            "In advance", [{"product_id": self.hosting.id}], release_policy="payment"
        )
        order, paid_first = self.env["sale.order"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "order_line": [
                        Command.create(
                            {"product_id": self.hosting.id, "subscription_plan_id": plan.id}
                        )
                    ],
                }
                for plan in (self.plan, advance)
            ]
        )
        order.action_quotation_sent()
        with freeze_time(TODAY):
            paid_first.action_confirm()
        proforma = paid_first.subscription_ids.proforma_ids
        self.assertTrue(proforma)
        return [
            order.get_portal_url(),
            proforma.get_portal_url(),
            self.subscription.get_portal_url(),
            *(path for paths in PATHS.values() for path in paths),
        ]

    @shows("LAW-18")
    def test_orders_and_declarations_have_no_serious_fault_without_a_login(self):
        script = axe_check(self._get_public_pages(), FOREIGN)
        with self._on():
            self.browser_js("/subscription/terminate", script, login=None, timeout=600)

    @shows("LAW-18")
    def test_no_page_has_a_serious_fault_or_is_too_wide(self):
        self.customer.child_ids = [
            Command.create({"name": "Accounting", "type": "invoice", "city": "Town"})
        ]
        pages = self._get_pages() + self._get_previews()
        script = axe_check(pages, FOREIGN, MISSING_LABEL % f"{self.url}/do/terminate")
        with self._on():
            self.browser_js("/my", script, login=self.user.login, timeout=600)
