from odoo.tests import freeze_time, tagged

from ..models.identity_text import contract_numbers, has_link, name_key
from .common import shows
from .declaration_common import NOW, DeclarationCommon


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestDeclarationMatch(DeclarationCommon):
    """Only a number and a person that agree are a match."""

    def _match(self, **values):
        return self.env["subscription.declaration"].sudo()._match(self._values(**values))

    def test_names_are_compared_as_people_write_them(self):
        key = name_key("Dr. Jürgen Groß")
        for name in ("GROSS, Juergen", "Herr Jürgen Groß", "jurgen gross".replace("u", "ue", 1)):
            self.assertEqual(name_key(name), key)
        self.assertNotEqual(name_key("Jürgen Klein"), key)
        self.assertFalse(name_key("Herr"))

    def test_numbers_are_found_in_sentences(self):
        text = "Contract: sub000012, customer no. K-4711 (web space)."
        self.assertEqual(contract_numbers(text), {"sub000012", "SUB000012", "K-4711"})
        self.assertFalse(contract_numbers("my web space"))

    def test_links_are_recognized(self):
        for text in ("see https://x.test/a", "www.x.test", "buy at x.shop now", "a@b.de"):
            self.assertTrue(has_link(text), text)
        for text in ("Down since 3.11. at noon", "Dr. Erika Mustermann", "K-4711", None):
            self.assertFalse(has_link(text), text)

    @shows("LAW-07")
    def test_each_number_of_a_contract_names_it(self):
        order = self.env["sale.order"].create({"partner_id": self.erika.id})
        self.subscription.sale_order_id = order
        invoice = self._bill(self.subscription, "2026-03-01")
        for number in (
            self.subscription.name,
            self.subscription.name.lower(),
            order.name,
            invoice.name,
            "customer number K-4711",
        ):
            with self.subTest(number=number):
                self.assertEqual(self._match(contract=number), self.subscription)

    @shows("LAW-07")
    def test_the_name_or_the_address_has_to_agree(self):
        agree = (
            {"declarant": "Somebody Else"},
            {"declarant": "Somebody Else", "email": "ERIKA@example.com"},
            {"email": "new@example.com"},
            {"email": "new@example.com", "declarant": "Mustermann, Erika"},
        )
        for values in agree:
            with self.subTest(values=values):
                self.assertEqual(self._match(**values), self.subscription)
        disagree = (
            {"declarant": "Somebody Else", "email": "new@example.com"},
            {"declarant": "Erika", "email": "new@example.com"},
            {"contract": "my web space"},
            {"contract": "SUB999999"},
            {"contract": "%"},
        )
        for values in disagree:
            with self.subTest(values=values):
                self.assertFalse(self._match(**values))

    def test_a_wrong_address_does_not_end_the_contract_of_a_stranger(self):
        declaration = self._receive(declarant="Mallory", email="mallory@example.com")
        self.assertEqual(declaration.state, "new")
        self.assertFalse(declaration.subscription_id)
        self.assertFalse(self.subscription.date_end)
        mail = self._get_mails(declaration)
        self.assertNotIn(self.subscription.partner_id.name, mail.body_html)
        self.assertNotIn("2027", mail.body_html)

    def test_the_customer_is_told_when_another_address_is_stated(self):
        declaration = self._receive(email="new@example.com")
        self.assertEqual(declaration.state, "done")
        first, second = self._get_mails(declaration)
        self.assertEqual(first.email_to, "new@example.com")
        self.assertEqual(second.recipient_ids, self.erika)
        self.assertIn("If you have not declared this", second.body_html)

    def test_a_customer_with_several_contracts_is_asked_about(self):
        second = self._create_subscription(partner_id=self.erika.id)
        declaration = self._receive(contract="K-4711")
        self.assertEqual(declaration.state, "new")
        self.assertIn(second.name, declaration.problem)
        self.assertFalse((self.subscription | second).filtered("date_end"))
        self.assertLessEqual(self.subscription | second, declaration.candidate_ids)

    def test_running_contracts_are_meant_rather_than_ended_ones(self):
        ended = self._create_subscription(partner_id=self.erika.id)
        ended.sudo().state = "closed"
        self.assertEqual(self._match(contract="K-4711"), self.subscription)
