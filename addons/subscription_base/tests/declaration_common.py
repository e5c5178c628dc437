import re

from odoo.fields import Command
from odoo.tests import new_test_user

from .common import SubscriptionCommon

NOW = "2026-11-27 13:03:05"  # 14:03:05 in Berlin


class DeclarationCommon(SubscriptionCommon):
    """Erika has a yearly contract that may be terminated with a month's notice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.tz = "Europe/Berlin"
        cls.company.email = "hosting@example.com"
        cls.erika = cls.env["res.partner"].create(
            {"name": "Erika Mustermann", "email": "erika@example.com", "ref": "K-4711"}
        )
        cls.yearly = cls._create_plan(
            "Yearly",
            [{"product_id": cls.hosting.id}],
            initial_term_length=12,
            notice_length=1,
        )
        cls.subscription = cls._create_subscription(
            cls.yearly, "2026-03-01", partner_id=cls.erika.id
        )
        cls.public_company = cls.env.ref("base.public_user").sudo().company_id
        (cls.company | cls.public_company).partner_id.lang = "en_US"
        cls.clerk = new_test_user(
            cls.env,
            "clerk",
            "subscription_base.group_subscription_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _values(self, **values):
        """The content of a declaration, as somebody who knows everything states it."""
        return {
            "kind": "termination",
            "termination_kind": "ordinary",
            "declarant": "Erika Mustermann",
            "contract": self.subscription.name,
            "email": "erika@example.com",
            "lang": "en_US",
            "company_id": self.company.id,
            **values,
        }

    def _receive(self, submission="form 1", source="here", is_suspicious=False, **values):
        declarations = self.env["subscription.declaration"].sudo()
        return declarations._receive(self._values(**values), submission, source, is_suspicious)

    def _get_mails(self, declaration):
        return declaration._get_mails().sorted("id")

    def _get_csrf_token(self, page):
        return re.search(r'name="csrf_token" value="([^"]+)"', page.text).group(1)
