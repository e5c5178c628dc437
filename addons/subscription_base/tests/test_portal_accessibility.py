from odoo.fields import Command
from odoo.tests import freeze_time, tagged

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

    @shows("LAW-18", "K3-45")
    def test_no_page_has_a_serious_fault_or_is_too_wide(self):
        self.customer.child_ids = [
            Command.create({"name": "Accounting", "type": "invoice", "city": "Town"})
        ]
        script = axe_check(self._get_pages(), FOREIGN, MISSING_LABEL % f"{self.url}/do/terminate")
        with self._on():
            self.browser_js("/my", script, login=self.user.login, timeout=600)
