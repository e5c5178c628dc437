"""Where a change came from is told by the request that made it (PA-14, SM-63)."""

from odoo.tests import freeze_time, new_test_user, tagged

from .common import shows
from .portal_common import TODAY, PortalCommon


@tagged("post_install", "-at_install")
class TestEventOriginHttp(PortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(
            cls.env,
            "origin_seller",
            "subscription_base.group_subscription_user",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def setUp(self):
        super().setUp()
        self.before = self.subscription.event_ids

    def _get_actors(self):
        """Origin and user of what has been recorded since the beginning of the test."""
        self.env.invalidate_all()
        events = self.subscription.event_ids - self.before
        return {(event.event_type, event.origin, event.user_id) for event in events}

    def _call_kw(self, method, **arguments):
        with freeze_time(TODAY):
            return self.make_jsonrpc_request(
                "/web/dataset/call_kw",
                {
                    "model": "subscription.subscription",
                    "method": method,
                    "args": [self.subscription.ids],
                    "kwargs": arguments,
                },
            )

    @shows("PA-14")
    def test_what_the_customer_does_in_the_portal(self):
        self._login()
        self._do("quantity", line=self._get_seats().id, quantity="4")
        self.assertEqual(self._get_actors(), {("quantity", "portal", self.user)})

    @shows("PA-14")
    def test_what_a_program_does_through_the_api(self):
        keys = self.env["res.users.apikeys"].with_user(self.seller).sudo()
        key = keys._generate("rpc", "test", None)
        seats = self._get_seats()
        with freeze_time(TODAY):
            answer = self.url_open(
                "/json/2/subscription.subscription/change_quantity",
                json={"ids": self.subscription.ids, "quantity": 4, "line_id": seats.id},
                headers={"Authorization": f"Bearer {key}"},
            )
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertEqual(self._get_actors(), {("quantity", "api", self.seller)})

    @shows("PA-14")
    def test_what_an_employee_does_at_the_screen(self):
        self._login(self.seller)
        self._call_kw("change_quantity", quantity=4, line_id=self._get_seats().id)
        self.assertEqual(self._get_actors(), {("quantity", "backend", self.seller)})

    def test_the_caller_cannot_say_where_it_comes_from(self):
        self._login(self.seller)
        context = {"default_origin": "system", "default_user_id": self.user.id, "cron_id": 1}
        self._call_kw("write", vals={"client_order_ref": "PO 9"}, context=context)
        self.assertEqual(self._get_actors(), {("amended", "backend", self.seller)})
