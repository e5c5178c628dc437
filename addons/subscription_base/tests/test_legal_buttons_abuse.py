from odoo.exceptions import ConcurrencyError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import shows
from .declaration_common import NOW
from .test_legal_buttons import KUENDIGEN, TERMINATE, LegalButtonsCommon


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestLegalButtonsAbuse(LegalButtonsCommon):
    """Abuse is checked by a person; it never keeps a consumer from declaring."""

    def test_a_forged_link_changes_nothing(self):
        query = f"declarant=Erika+Mustermann&contract={self.subscription.name}"
        for path in (TERMINATE, KUENDIGEN):
            page = self.url_open(f"{path}?{query}&email=erika@example.com")
            self.assertEqual(page.status_code, 200)
        self.assertFalse(self._get_declarations())
        self.assertFalse(self.subscription.date_end)

    def test_a_wrong_token_is_refused_and_loses_no_text(self):
        for token in ("", "wrong", "wrongo99999999999"):
            page = self._send(csrf_token=token)
            self.assertEqual(page.status_code, 400)
            self.assertIn(self.subscription.name, page.text)
            self.assertIn("Please confirm once more", page.text)
        self.assertFalse(self._get_declarations())

    @shows("LAW-06")
    def test_a_form_that_is_sent_twice_declares_once(self):
        form = self._get_form()
        first, second = self._send(form=form), self._send(form=form)
        self.assertEqual(first.url, second.url)
        third = self._send()
        self.assertEqual(first.url, third.url)
        declaration = self._get_declarations()
        self.assertEqual(len(declaration), 1)
        self.assertEqual(len(self._get_mails(declaration)), 1)
        self._send(form=form, contract="corrected")
        self.assertEqual(len(self._get_declarations()), 2)

    def test_two_processes_that_receive_the_same_form_declare_once(self):
        first = self._receive()
        declarations = type(self.env["subscription.declaration"])
        self.patch(declarations, "_find_received", lambda self, values, key: self.browse())
        with mute_logger("odoo.sql_db"), self.assertRaises(ConcurrencyError):
            self._receive()
        self.assertEqual(self._get_declarations(), first)

    def test_a_program_is_served_but_ends_nothing(self):
        page = self._send(fax_number="123")
        declaration = self._get_declarations()
        self.assertIn("14:03:05", page.text)
        self.assertEqual(declaration.state, "matched")
        self.assertIn("is it a program", declaration.problem)
        self.assertFalse(self.subscription.date_end)

    def test_past_the_limit_it_is_stored_and_a_person_looks(self):
        for number in range(10):
            self._receive(f"other {number}", source=None, contract=f"x {number}", email="x@y.test")
        page = self._send(email="x@y.test")
        declaration = self._get_declarations()[0]
        self.assertIn("14:03:05", page.text)
        self.assertEqual(declaration.state, "matched")
        self.assertIn("named this e-mail address", declaration.problem)
        self.assertFalse(self.subscription.date_end)
        self.assertFalse(declaration.confirmed_at)
        self.assertFalse(self._get_mails(declaration))
        self.assertIn("somewhat later", page.text)
        declaration.action_send_confirmation()
        self.assertTrue(self._get_mails(declaration))

    def test_past_the_limit_of_a_place_a_person_looks(self):
        for number in range(11):
            declaration = self._receive(
                f"form {number}", contract=f"x {number}", email=f"x{number}@y.test"
            )
            self.assertTrue(declaration.confirmed_at)
        last = self._receive("last", email="erika@example.com")
        self.assertEqual(last.state, "matched")
        self.assertIn("from the same place", last.problem)
        self.assertTrue(last.confirmed_at)
        elsewhere = self._receive("elsewhere", source="there", date_wished="2027-12-31")
        self.assertEqual(elsewhere.state, "done")

    def test_the_mail_passes_no_links_on(self):
        declaration = self._receive(
            contract="Win at https://casino.test", declarant="Look at casino.test"
        )
        body = self._get_mails(declaration).body_html
        self.assertNotIn("casino", body)
        self.assertEqual(body.count("see the attached PDF"), 2)
        self.assertIn("casino", str(declaration._get_content_rows()))

    def test_too_much_is_refused_before_it_is_read(self):
        self.assertEqual(self._send(grounds="x" * 70_000).status_code, 413)
        self.assertFalse(self._get_declarations())

    def test_what_cannot_be_stored_is_left_out(self):
        self._send(declarant="Erika\x00Mustermann")
        self.assertEqual(self._get_declarations().declarant, "Erika Mustermann")

    def test_the_link_to_a_declaration_cannot_be_guessed(self):
        declaration = self._receive()
        self.env.flush_all()
        for token in (declaration.access_token[:-1], declaration.id, declaration.name, "%"):
            for suffix in ("", "/pdf"):
                answer = self.url_open(f"/subscription/declaration/{token}{suffix}")
                self.assertEqual(answer.status_code, 404)
        answer = self.url_open(declaration._get_page_url())
        self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
