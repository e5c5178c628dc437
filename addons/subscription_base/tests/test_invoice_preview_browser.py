from odoo.tests import HttpCase, tagged

from .common import SubscriptionCommon

OPEN_TAB = """
    const until = async (find) => {
        for (let tries = 0; tries < 200; tries++) {
            const found = find();
            if (found) {
                return found;
            }
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
        throw new Error("not found: " + find);
    };
    const find = (selector) => () => document.querySelector(selector);
    (async () => {
        (await until(find(".nav-link[name=next_invoices]"))).click();
        const table = await until(find(".o_subscription_invoice_preview table"));
        if (table.tBodies.length !== 12 || !table.textContent.includes("Hosting")) {
            throw new Error(table.textContent);
        }
        console.log("test successful");
    })().catch((error) => console.error(error));
"""


@tagged("post_install", "-at_install")
class TestInvoicePreviewBrowser(SubscriptionCommon, HttpCase):
    """The table of the next invoices in the forms."""

    def test_the_tab_of_a_subscription_and_of_a_plan(self):
        subscription = self._create_subscription()
        for record, action in (
            (subscription, "subscription_subscription_action"),
            (self.flat_plan, "subscription_plan_action"),
        ):
            with self.subTest(record._name):
                url = f"/odoo/action-subscription_base.{action}/{record.id}"
                self.browser_js(url, OPEN_TAB, login=self.env.user.login, timeout=120)
