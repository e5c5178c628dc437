import re

from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from ..models.subscription_self_permissions import PERMISSIONS
from ..models.subscription_self_service import ACTIONS, LOGIN_ACTIONS
from .common import shows
from .portal_common import TODAY, PortalCommon


@tagged("post_install", "-at_install")
class TestPortalPermissions(PortalCommon, AccountPaymentCommon):
    """What is not allowed has no button, and the server refuses it."""

    CHOICES = {
        "terminate": {"step": "preview"},
        "pause": {"date_start": "2026-03-20", "date_end": "2026-03-25"},
    }

    def _get_choices(self):
        seats = self._get_seats()
        backup = self._get_component(self.backup)
        return self.CHOICES | {
            "plan": {"plan": self.pro.id},
            "interval": {"plan": self.yearly.id},
            "quantity": {"line": seats.id, "quantity": "4"},
            "add": {"option": backup.id},
        }

    def _prepare_choice(self, action):
        """Make a subscription for which the customer can choose the action.

        :return: what is chosen.
        """
        with self._on("2026-03-01"):
            self.subscription = self._create_subscription(
                self.plan, "2026-03-01", partner_id=self.customer.id
            )
        self.url = f"/my/subscriptions/{self.subscription.id}"
        with self._on():
            if action == "cancel_change":
                self.subscription._plan_change(self.pro)
            elif action == "remove":
                line = self.subscription._add_option(self._get_component(self.backup), TODAY)
                return {"line": line.id}
            elif action == "resume":
                self.subscription._pause("2026-03-05")
            elif action == "keep":
                self.subscription._terminate()
            elif action == "payment":
                token = self.env["payment.token"].create(
                    {
                        "provider_id": self.provider.id,
                        "payment_method_id": self.payment_method_id,
                        "partner_id": self.customer.id,
                        "provider_ref": "saved",
                    }
                )
                return {"token": token.id}
            elif action == "address":
                office = self.customer.create(
                    {"parent_id": self.customer.id, "type": "invoice", "name": "Office"}
                )
                return {"partner_invoice_id": office.id}
        return {}

    @shows("K3-18")
    def test_each_action_that_is_switched_off_is_refused_by_the_server(self):
        self._login()
        for action, choice in self._get_choices().items():
            with self.subTest(action):
                self._assert_refused(action, choice)
        for action in ACTIONS.keys() - self._get_choices().keys():
            with self.subTest(action):
                self._assert_refused(action, self._prepare_choice(action))

    def _assert_refused(self, action, choice):
        field = f"allow_self_{ACTIONS[action]}"
        _page, data = self._look(action, **choice)
        self.assertTrue(data.get("key"), "the choice leads to no confirmation")
        self.plan[field] = "deny"
        self.env.flush_all()
        self.assertNotIn(f'data-action="{action}"', self._get().text)
        self.assertIn("done=refused", self._get(f"/do/{action}").headers["Location"])
        before = self._get_state()
        self.assertIn("done=refused", self._post(action, data).headers["Location"])
        self.assertEqual(self._get_state(), before)
        self.plan[field] = "allow"

    @shows("K3-22")
    def test_the_company_switches_each_permission(self):
        for permission in PERMISSIONS:
            field = f"allow_self_{permission}"
            self.plan[field] = False
            for allowed in (True, False):
                settings = self.env["res.config.settings"].create({field: allowed})
                settings.execute()
                self.assertEqual(self.subscription._may_self_service(permission), allowed)
        self.assertEqual(self.subscription._get_self_actions(), [])

    @shows("K3-23")
    def test_the_customer_beats_the_plan_and_the_plan_the_company(self):
        company, plan, contact = self.company, self.plan, self.user.partner_id
        subscription = self.subscription
        company.allow_self_terminate = True
        self.assertTrue(subscription._may_self_service("terminate"))
        plan.allow_self_terminate = "deny"
        self.assertFalse(subscription._may_self_service("terminate"))
        self.customer.allow_self_terminate = "allow"
        self.assertTrue(subscription._may_self_service("terminate"))
        of_contact = self._create_subscription(plan, partner_id=contact.id)
        self.assertTrue(of_contact._may_self_service("terminate"))
        contact.allow_self_terminate = "deny"
        self.assertFalse(of_contact._may_self_service("terminate"))
        self.assertTrue(subscription._may_self_service("terminate"))

    def test_an_unknown_permission_or_action_is_none(self):
        self.assertFalse(self.subscription._may_self_service("write"))
        self.assertTrue(self.subscription._get_self_obstacle("write"))
        self._login()
        self.assertEqual(self._get("/do/write").headers["Location"], "/my")


@tagged("post_install", "-at_install")
class TestPortalSecurity(PortalCommon):
    """Forged, foreign, late and doubled requests change nothing."""

    def _look_to_terminate(self, **query):
        _page, data = self._look("terminate", step="preview", **query)
        return data

    def _assert_nothing(self, send):
        before = self._get_state()
        answer = send()
        self.assertEqual(self._get_state(), before)
        return answer

    def test_what_is_sent_twice_is_done_once(self):
        self._login()
        data = self._look_to_terminate()
        self.assertIn("done=terminate", self._post("terminate", data).headers["Location"])
        self._assert_nothing(lambda: self._post("terminate", data))
        seats = self._get_seats()
        self.subscription.action_withdraw_termination()
        _page, data = self._look("quantity", line=seats.id, quantity="4")
        self._post("quantity", data)
        answer = self._assert_nothing(lambda: self._post("quantity", data))
        self.assertEqual(answer.status_code, 200)

    def test_looking_changes_nothing(self):
        self._login()
        data = self._look_to_terminate()
        for action in ACTIONS:
            self._assert_nothing(lambda action=action: self._get(f"/do/{action}", **data))
            self._assert_nothing(lambda action=action: self._get(f"/do/{action}"))

    def test_a_wrong_or_missing_csrf_token_changes_nothing(self):
        self._login()
        data = self._look_to_terminate()
        for token in ("", "wrong"):
            with mute_logger("odoo.http"):
                answer = self._assert_nothing(
                    lambda token=token: self._post("terminate", data | {"csrf_token": token})
                )
            self.assertEqual(answer.status_code, 400)

    def test_a_key_is_good_for_what_was_shown_only(self):
        self._login()
        data = self._look_to_terminate()
        forged = data | {"key": "0" * 64}
        self._assert_nothing(lambda: self._post("terminate", forged))
        self._assert_nothing(lambda: self._post("terminate", {**data, "key": ""}))
        self._assert_nothing(lambda: self._post("terminate", {**data, "text": "another"}))
        self._assert_nothing(lambda: self._post("pause", data))
        self._assert_nothing(lambda: self._post("terminate", data, day="2026-04-02"))

    def test_a_price_that_has_changed_meanwhile_is_shown_again(self):
        self._login()
        component = self._get_component(self.backup)
        _page, data = self._look("add", option=component.id)
        self.tax_sale_a.amount = 20.0
        self.env.flush_all()
        answer = self._assert_nothing(lambda: self._post("add", data))
        self.assertIn("Something has changed", answer.text)
        self.assertIn("62.40", answer.text)

    def test_others_change_nothing(self):
        self._login()
        data = self._look_to_terminate()
        self.logout()
        page = self.url_open("/web/login").text
        data["csrf_token"] = re.search(r'csrf_token: "(\w+)"', page).group(1)
        self.assertEqual(
            self._assert_nothing(lambda: self._post("terminate", data)).headers["Location"], "/my"
        )
        self._login(self.stranger)
        page = self.url_open("/my").text
        data["csrf_token"] = re.search(r'csrf_token: "(\w+)"', page).group(1)
        for url in (self.url, "/my/subscriptions/0"):
            answer = self._assert_nothing(lambda url=url: self._post("terminate", data, url=url))
            self.assertEqual(answer.headers["Location"], "/my")

    def test_the_link_of_another_subscription_changes_nothing(self):
        with freeze_time("2026-03-01"):
            other = self._create_subscription(self.flat_plan, partner_id=self.customer.id)
        token = other._portal_ensure_token()
        self.env.flush_all()
        data = self._look_to_terminate(access_token=self.subscription._portal_ensure_token())
        data["access_token"] = token
        self._assert_nothing(lambda: self._post("terminate", data))

    def test_a_link_may_terminate_but_shows_no_cards_and_addresses(self):
        token = self.subscription._portal_ensure_token()
        self.env.flush_all()
        data = self._look_to_terminate(access_token=token)
        self.assertEqual(data["access_token"], token)
        for action in LOGIN_ACTIONS:
            answer = self._get(f"/do/{action}", access_token=token)
            self.assertIn("done=login", answer.headers["Location"])
        answer = self._post("terminate", data)
        self.assertIn(f"access_token={token}", answer.headers["Location"])
        self.env.invalidate_all()
        self.assertTrue(self.subscription.date_end)

    def test_an_ended_subscription_can_do_nothing(self):
        self._login()
        data = self._look_to_terminate()
        with freeze_time("2026-03-05"):
            self.subscription._close("2026-03-05")
            self._bill(self.subscription, "2026-03-06")
        with freeze_time("2026-03-10"):
            self.subscription._follow_calendar(self.subscription._get_today())
        self.assertEqual(self.subscription.state, "closed")
        for action in ACTIONS:
            self._assert_nothing(lambda action=action: self._post(action, data))

    def test_portal_users_have_no_access_to_the_records(self):
        for model in ("subscription.subscription", "subscription.line", "subscription.plan"):
            self.assertFalse(self.env[model].with_user(self.user).has_access("read"))
