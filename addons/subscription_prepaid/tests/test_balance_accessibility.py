from odoo.tests import HttpCase, tagged

from odoo.addons.account_payment.tests.common import AccountPaymentCommon
from odoo.addons.subscription_base.tests.axe_common import axe_check
from odoo.addons.subscription_base.tests.common import shows

from .allowance_common import AllowanceCommon
from .prepaid_common import PrepaidCommon

#: Odoo's own messages, and its warning of a provider in test mode.
FOREIGN = ("#discussion", "i[data-bs-toggle='tooltip']")


@tagged("post_install", "-at_install")
class TestBalanceAccessibility(PrepaidCommon, AllowanceCommon, AccountPaymentCommon, HttpCase):
    """The pages on which packages, packs and top-ups are ordered; today is 10 March 2026."""

    def _get_pages(self):
        ada = self._create_portal_user("ada")
        self.wallet = self._get_wallet(ada.partner_id)
        self._top_up(60.0)
        token = self._create_token(partner_id=ada.partner_id.id)
        contract = self._sell("2026-03-01", partner_id=ada.partner_id.id)
        metered = self._metered(partner_id=ada.partner_id.id, date_start="2026-03-01")
        url, packs = (f"/my/subscriptions/{one.id}" for one in (contract, metered))
        return [
            url,
            f"{url}/extend",
            f"{url}/extend?package_id={contract.plan_id.package_ids[:1].id}",
            f"{url}/advance",
            f"{packs}/packs",
            f"{packs}/packs?pack_id={self.pack.id}",
            "/my/balance",
            "/my/balance?amount=25",
            "/my/balance/recharge",
            f"/my/balance/recharge?threshold=10&amount=20&limit=&token={token.id}",
        ]

    @shows("LAW-18")
    def test_no_page_has_a_serious_fault_or_is_too_wide(self):
        script = axe_check(self._get_pages(), FOREIGN)
        self.env.flush_all()
        self.browser_js("/my", script, login="ada", timeout=600)
