import re
from contextlib import contextmanager
from urllib.parse import urlencode

from lxml import html

from odoo.fields import Command
from odoo.tests import HttpCase, freeze_time, new_test_user

from .common import SubscriptionCommon

TODAY = "2026-03-10"
SEATS, ADD_ON, PAUSE_DAYS = 5.0, 12.0, 30


class PortalCommon(SubscriptionCommon, HttpCase):
    """A customer with a login whose subscription can be changed in all ways."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seat = cls._create_service("Seat", SEATS)
        cls.backup = cls._create_service("Backup", ADD_ON)
        cls.plan = cls._create_plan("Team monthly", cls._get_components())
        cls.yearly = cls._create_plan(
            "Team yearly",
            [
                {"product_id": cls.hosting.id, "price_unit": 300.0},
                {"product_id": cls.seat.id, "price_unit": 50.0},
            ],
            interval_count=12,
        )
        cls.pro = cls._create_plan(
            "Pro monthly",
            [
                {"product_id": cls.traffic.id, "price_unit": 90.0},
                {"product_id": cls.seat.id, "price_unit": SEATS},
            ],
        )
        cls.plan.write(
            {
                "self_plan_ids": [Command.set((cls.yearly | cls.pro).ids)],
                "self_pause_days": PAUSE_DAYS,
                "allow_self_pause": "allow",
            }
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Customer", "email": "customer@example.com", "country_id": cls._get_country()}
        )
        cls.user = cls._create_portal_user("portal_customer", cls.customer)
        cls.stranger = cls._create_portal_user("portal_stranger", cls.partner_b)
        with freeze_time("2026-03-01"):
            cls.subscription = cls._create_subscription(
                cls.plan, "2026-03-01", partner_id=cls.customer.id
            )
            cls._bill(cls.subscription, "2026-03-01")
        cls.url = f"/my/subscriptions/{cls.subscription.id}"

    @classmethod
    def _get_country(cls):
        return cls.company.account_fiscal_country_id.id

    @classmethod
    def _get_components(cls):
        return [
            {"product_id": cls.hosting.id},
            {
                "product_id": cls.seat.id,
                "is_self_quantity": True,
                "self_max_quantity": 10.0,
                "default_quantity": 2.0,
            },
            {"product_id": cls.backup.id, "is_optional": True, "is_self_service": True},
            {"product_id": cls.domain.id, "is_optional": True},
        ]

    @classmethod
    def _create_portal_user(cls, login, partner):
        user = new_test_user(
            cls.env,
            login,
            "base.group_portal",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        user.partner_id.write({"parent_id": partner.id, "type": "contact"})
        return user

    def _login(self, user=None):
        user = user or self.user
        self.authenticate(user.login, user.login)

    @contextmanager
    def _on(self, day=TODAY):
        with freeze_time(day):
            yield
        self.env.invalidate_all()

    def _get(self, suffix="", day=TODAY, **query):
        address = f"{self.url}{suffix}"
        with self._on(day):
            return self.url_open(
                f"{address}?{urlencode(query)}" if query else address, allow_redirects=False
            )

    def _post(self, action, data, day=TODAY, url=None):
        with self._on(day):
            return self.url_open(f"{url or self.url}/do/{action}", data=data, allow_redirects=False)

    def _look(self, action, day=TODAY, **choice):
        """The page that shows what a choice means, and the form that confirms it.

        :return: the page and what its form sends.
        """
        answer = self._get(f"/do/{action}", day, **choice)
        self.assertEqual(answer.status_code, 200)
        page = html.fromstring(answer.text)
        forms = page.xpath("//form[@method='post'][contains(@action, '/do/')]")
        data = {
            field.get("name"): field.get("value") or ""
            for form in forms
            for field in form.xpath(".//input[@name]")
        }
        return page, data

    def _do(self, action, day=TODAY, **choice):
        """Choose, look and confirm as the visitor does.

        :return: the answer to the confirmation.
        """
        _page, data = self._look(action, day, **choice)
        self.assertTrue(data.get("key"), "the choice leads to no confirmation")
        answer = self._post(action, data, day)
        self.assertEqual(answer.status_code, 303)
        self.assertIn(f"done={action}", answer.headers["Location"])
        return answer

    def _text(self, page, path):
        """The text of an element, with single spaces."""
        text = " ".join(page.xpath(f"{path}//text()")).replace("\ufeff", "")
        return re.sub(r"\s+", " ", text).replace(" :", ":").strip()

    def _get_seats(self):
        return self.subscription.line_ids.filtered(lambda line: line.product_id == self.seat)

    def _get_component(self, product):
        return self.plan.component_ids.filtered(lambda own: own.product_id == product)

    def _bill_on(self, day):
        """Bill the subscription as of a day; the invoice, if there is one."""
        with self._on(day):
            return self._bill(self.subscription, day)

    def _get_state(self):
        """Whatever an action could change."""
        self.env.invalidate_all()
        subscription = self.subscription
        return (
            subscription.state,
            subscription.date_end,
            subscription.plan_id,
            subscription.payment_token_id,
            subscription.partner_invoice_id,
            subscription.partner_shipping_id,
            subscription.self_service_revision,
            subscription.event_ids.ids,
            subscription.pause_ids.ids,
            subscription.migration_ids.mapped("state"),
            subscription.line_ids.mapped(lambda line: (line.id, line.quantity, line.date_end)),
        )
