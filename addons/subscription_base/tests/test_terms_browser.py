from odoo.tests import HttpCase, tagged

from .common import shows


@tagged("post_install", "-at_install")
class TestTermsTimeline(HttpCase):
    """The timeline in the browser, wide and on a phone."""

    browser_size = "1366x900"

    def _open_plan(self):
        plan = self.env["subscription.plan"].create(
            {"name": "Timeline", "initial_term_length": 12, "trial_length": 14}
        )
        return f"/odoo/subscription-plans/{plan.id}"

    def _check(self, steps):
        """Do ``steps``, an async function that may use ``until(expression)``."""
        code = """
            (async () => {
                const until = async (check) => {
                    for (let i = 0; i < 100 && !check(); i++) {
                        await new Promise((done) => setTimeout(done, 100));
                    }
                    if (!check()) { throw new Error("not seen: " + check); }
                };
                %s
                console.log("test successful");
            })().catch((error) => console.error(error.message));
        """
        self.browser_js(
            self._open_plan(),
            code % steps,
            "!!document.querySelector('.o_form_view .nav-link[name=terms]')",
            login="admin",
        )

    @shows("RE-102")
    def test_the_timeline_is_shown_and_follows_the_fields(self):
        self._check(
            """
            const item = (kind) =>
                document.querySelector(`.o_subscription_timeline li[data-kind=${kind}]`);
            document.querySelector(".nav-link[name=terms]").click();
            await until(() => item("trial_end") && item("term_end") && item("notice_deadline"));
            if (item("minimum_end")) { throw new Error("no minimum term was set"); }
            const field = document.querySelector("[name=minimum_term_length] input");
            field.value = "3";
            field.dispatchEvent(new InputEvent("input", { bubbles: true }));
            field.dispatchEvent(new Event("change", { bubbles: true }));
            await until(() => item("minimum_end"));
            const [first, second] = document.querySelectorAll(".o_subscription_timeline li");
            if (first.getBoundingClientRect().top !== second.getBoundingClientRect().top) {
                throw new Error("the milestones are not side by side");
            }
            document.querySelector(".o_form_button_cancel")?.click();
            """
        )


@tagged("post_install", "-at_install")
class TestTermsTimelinePhone(TestTermsTimeline):
    browser_size = "375x667"
    touch_enabled = True

    def test_the_timeline_is_shown_and_follows_the_fields(self):
        self._check(
            """
            document.querySelector(".nav-link[name=terms]").click();
            await until(() => document.querySelector(".o_subscription_timeline li"));
            const list = document.querySelector(".o_subscription_timeline");
            const [first, second] = list.querySelectorAll("li");
            if (first.getBoundingClientRect().left !== second.getBoundingClientRect().left) {
                throw new Error("the milestones are not below each other");
            }
            if (list.scrollWidth > window.innerWidth) { throw new Error("too wide"); }
            """
        )
