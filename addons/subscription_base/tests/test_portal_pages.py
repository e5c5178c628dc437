from lxml import html

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import shows
from .portal_common import PortalCommon


@tagged("post_install", "-at_install")
class TestPortalPages(PortalCommon):
    @shows("K3-17")
    def test_the_home_page_counts_and_the_list_leads_on(self):
        self._login()
        self.assertIn("/my/subscriptions", self.url_open("/my").text)
        counters = self.make_jsonrpc_request("/my/counters", {"counters": ["subscription_count"]})
        self.assertEqual(counters, {"subscription_count": 1})
        with self._on():
            page = html.fromstring(self.url_open("/my/subscriptions").text)
        (row,) = page.xpath("//div[contains(@class, 'o_subscription_table')]//tbody/tr")
        self.assertEqual(row.xpath(".//a/@href"), [self.url])
        text = self._text(row, ".")
        for shown in ("Team monthly", self.subscription.name, "Active", "46.00", "monthly"):
            self.assertIn(shown, text)
        self.assertIn("04/01/2026", text)

    @shows("K3-17")
    def test_the_page_tells_all_and_offers_what_is_allowed(self):
        self._login()
        page = html.fromstring(self._get().text)
        facts = self._text(page, "//dl")
        for shown in (
            "Price now",
            "46.00",
            "Next invoice",
            "04/01/2026",
            "03/01/2026",
            "Can end on",
        ):
            self.assertIn(shown, facts)
        self.assertIn("03/31/2026", facts)
        (move,) = self.subscription._get_portal_moves()
        moves = self._text(page, "//ul[contains(@class, 'o_subscription_moves')]")
        for shown in (move.name, "46.00", "Full period"):
            self.assertIn(shown, moves)
        self.assertEqual(
            page.xpath("//@data-action"),
            ["plan", "interval", "quantity", "add", "pause", "terminate", "payment", "address"],
        )

    def test_ended_ones_are_listed_apart_and_drafts_not_at_all(self):
        with freeze_time("2026-03-01"):
            ended = self._create_subscription(
                self.flat_plan, "2026-01-01", partner_id=self.customer.id
            )
            ended._close("2026-01-31")
            self._bill(ended, "2026-03-01")
            ended._follow_calendar(ended._get_today())
            draft = self._create_subscription(
                self.flat_plan, "2026-01-01", start=False, partner_id=self.customer.id
            )
            archived = ended.copy({"active": False})
        self.assertEqual(ended.state, "closed")
        self._login()
        for filterby, shown in (
            ("active", self.subscription),
            ("ended", ended),
            ("all", self.subscription | ended),
            ("nonsense", self.subscription),
        ):
            with self._on():
                page = html.fromstring(self.url_open(f"/my/subscriptions?filterby={filterby}").text)
            links = page.xpath("//tbody//a/@href")
            self.assertEqual(set(links), {f"/my/subscriptions/{s.id}" for s in shown}, filterby)
        for hidden in draft | archived:
            with self._on():
                answer = self.url_open(f"/my/subscriptions/{hidden.id}", allow_redirects=False)
            self.assertEqual(answer.status_code, 303)
        self.url = f"/my/subscriptions/{ended.id}"
        page = html.fromstring(self._get().text)
        self.assertIn("Ended on 01/31/2026", self._text(page, "//body"))
        self.assertEqual(page.xpath("//@data-action"), [])

    def test_search_order_and_pages(self):
        with freeze_time("2026-03-01"):
            for number in range(21):
                self._create_subscription(
                    self.flat_plan, f"2026-02-{number + 1:02}", partner_id=self.customer.id
                )
        self._login()
        with self._on():
            first = html.fromstring(self.url_open("/my/subscriptions").text)
            second = html.fromstring(self.url_open("/my/subscriptions/page/2?sortby=newest").text)
            found = html.fromstring(self.url_open("/my/subscriptions?search=team").text)
            none = html.fromstring(self.url_open("/my/subscriptions?search=nothing").text)
        self.assertEqual([len(p.xpath("//tbody/tr")) for p in (first, second)], [20, 2])
        self.assertEqual(first.xpath("//tbody//a/@href")[0], self.url)
        self.assertEqual(found.xpath("//tbody//a/@href"), [self.url])
        self.assertIn("No subscription fits", self._text(none, "//main"))

    def test_who_has_none_is_told_so(self):
        self._login(self.stranger)
        with self._on():
            page = html.fromstring(self.url_open("/my/subscriptions").text)
        self.assertIn("You have no subscription yet", self._text(page, "//main"))

    def test_the_price_after_the_trial_and_of_a_planned_plan_are_shown(self):
        with freeze_time("2026-03-01"):
            trial = self._create_subscription(
                self.flat_plan,
                "2026-03-01",
                partner_id=self.customer.id,
                trial_length=1,
                trial_unit="month",
            )
        with freeze_time("2026-03-10"):
            now, then = trial._get_price_steps()
            self.assertEqual(
                (now.prices, then.kind, str(then.day)), ((), "trial_end", "2026-04-01")
            )
            self.assertEqual(then.prices[0].total, 34.5)
            self.subscription._plan_change(self.yearly)
            now, then = self.subscription._get_price_steps()
        self.assertEqual((now.monthly, then.kind, str(then.day)), (46.0, "plan", "2026-04-01"))
        self.assertEqual((then.prices[0].frequency, then.prices[0].total), ("yearly", 460.0))
        self._login()
        page = html.fromstring(self._get().text)
        self.assertIn("change to Team yearly 460.00", self._text(page, "//dl").replace("$ ", ""))

    def test_others_learn_nothing(self):
        foreign = self._get().headers["Location"]
        self.assertEqual(self._get().status_code, 303)
        self._login(self.stranger)
        self.assertEqual(self._get().headers["Location"], foreign)
        self.assertEqual(self._get(access_token="guess").headers["Location"], foreign)
        self.url = "/my/subscriptions/0"
        self.assertEqual(self._get().headers["Location"], foreign)

    def test_a_link_opens_its_own_subscription_only(self):
        with freeze_time("2026-03-01"):
            other = self._create_subscription(self.flat_plan, partner_id=self.customer.id)
        token = self.subscription._portal_ensure_token()
        answer = self._get(access_token=token)
        page = html.fromstring(answer.text)
        self.assertNotIn("Payment and addresses", answer.text)
        actions = page.xpath("//a[@data-action]/@href")
        self.assertTrue(actions)
        self.assertTrue(all(f"access_token={token}" in href for href in actions))
        self.assertEqual(answer.headers["Referrer-Policy"], "same-origin")
        self.url = f"/my/subscriptions/{other.id}"
        self.assertEqual(self._get(access_token=token).status_code, 303)

    def test_subscriptions_of_another_company_are_not_shown(self):
        other = self.setup_other_company()["company"]
        self.user.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        self._login()
        self.assertEqual(self._get().status_code, 303)
        with self._on():
            self.assertNotIn(self.subscription.name, self.url_open("/my/subscriptions").text)

    def test_an_invoice_of_somebody_else_is_not_linked(self):
        (move,) = self.subscription._get_portal_moves()
        self.assertTrue(move._may_be_opened_from(self.subscription, by_token=True))
        with freeze_time("2026-03-01"):
            paid_by_other = self._create_subscription(
                self.flat_plan, partner_id=self.customer.id, partner_invoice_id=self.partner_b.id
            )
            invoice = self._bill(paid_by_other, "2026-03-01")
        self.assertFalse(invoice._may_be_opened_from(paid_by_other, by_token=False))
