import io
from unittest.mock import patch

from lxml import html
from pypdf import PdfReader

from odoo.tests import HttpCase, freeze_time, new_test_user, tagged

from .common import shows
from .declaration_common import NOW, DeclarationCommon

TERMINATE, WITHDRAW = "/subscription/terminate", "/subscription/withdraw"
KUENDIGEN, WIDERRUFEN = "/vertrag/kuendigen", "/vertrag/widerrufen"


class LegalButtonsCommon(DeclarationCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.env.flush_all()

    def _get_page(self, path):
        page = self.url_open(path)
        self.assertEqual(page.status_code, 200)
        return html.fromstring(page.text)

    def _get_form(self, path=TERMINATE):
        """What a browser would send: all inputs as they are."""
        form = self._get_page(path).xpath("//form[@method='post']")[0]
        return dict(form.form_values())

    def _send(self, path=TERMINATE, form=None, **values):
        stated = {
            "declarant": "Erika Mustermann",
            "contract": self.subscription.name,
            "email": "erika@example.com",
        }
        data = {**(form or self._get_form(path)), **stated, **values}
        return self.url_open(path, data=data)

    def _get_declarations(self):
        self.env.invalidate_all()
        return self.env["subscription.declaration"].sudo().search([])

    def _get_labels(self, page, path="//a | //button"):
        return [" ".join(node.text_content().split()) for node in page.xpath(path)]


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestLegalButtons(LegalButtonsCommon):
    """Anybody terminates and withdraws in two steps, without login and without JavaScript."""

    @shows("LAW-05", "LAW-07", "LAW-15")
    def test_the_buttons_are_on_every_page_and_lead_straight_to_the_form(self):
        new_test_user(self.env, "portal_user", "base.group_portal", password="portal_user")
        for login, path in ((None, "/web/login"), (None, TERMINATE), ("portal_user", "/my")):
            self.authenticate(login, login)
            with self.subTest(path=path):
                page = self._get_page(path)
                for target, label in (
                    (TERMINATE, "Terminate contracts here"),
                    (WITHDRAW, "Withdraw from contract"),
                ):
                    [link] = page.xpath(f"//nav[hasclass('o_legal_buttons')]//a[@href='{target}']")
                    self.assertEqual(link.text_content().strip(), label)
        answer = self.url_open(TERMINATE, allow_redirects=False)
        self.assertEqual(answer.status_code, 200)

    def test_who_sells_to_no_consumers_needs_no_buttons(self):
        self.env["res.company"].sudo().search([]).subscription_sells_to_consumers = False
        self.assertFalse(self._get_page("/web/login").xpath("//nav[hasclass('o_legal_buttons')]"))
        self.assertEqual(self.url_open(TERMINATE).status_code, 404)

    @shows("LAW-05")
    def test_the_form_asks_for_what_the_law_says_and_for_nothing_else(self):
        form = self._get_page(TERMINATE).xpath("//form[@method='post']")[0]
        seen = form.xpath(".//input[not(@type='hidden')] | .//textarea | .//select")
        names = {node.get("name") for node in seen if node.get("tabindex") != "-1"}
        self.assertEqual(
            names,
            {"termination_kind", "grounds", "declarant", "contract", "date_wished", "email"},
        )
        self.assertEqual(self._get_labels(form, ".//button"), ["Terminate now"])
        required = {node.get("name") for node in seen if node.get("required")}
        self.assertEqual(required, {"declarant", "contract", "email"})

    @shows("LAW-15")
    def test_the_form_to_withdraw(self):
        form = self._get_page(WITHDRAW).xpath("//form[@method='post']")[0]
        seen = form.xpath(".//input[not(@type='hidden')] | .//textarea | .//select")
        names = {node.get("name") for node in seen if node.get("tabindex") != "-1"}
        self.assertEqual(names, {"declarant", "contract", "email"})
        self.assertEqual(self._get_labels(form, ".//button"), ["Confirm withdrawal"])

    @shows("LAW-05", "LAW-15")
    def test_the_german_labels_are_those_of_the_law(self):
        for path, button in ((KUENDIGEN, "jetzt kündigen"), (WIDERRUFEN, "Widerruf bestätigen")):
            page = self._get_page(path)
            with self.subTest(path=path):
                self.assertEqual(self._get_labels(page, "//form//button"), [button])
                links = self._get_labels(page, "//nav[hasclass('o_legal_buttons')]//a")
                self.assertEqual(links, ["Verträge hier kündigen", "Vertrag widerrufen"])
                hrefs = page.xpath("//nav[hasclass('o_legal_buttons')]//a/@href")
                self.assertEqual(hrefs, [KUENDIGEN, WIDERRUFEN])

    @shows("LAW-05", "LAW-06", "LAW-07")
    def test_a_stranger_to_the_portal_terminates(self):
        page = self._send(date_wished="2027-03-31", submission="form")
        declaration = self._get_declarations()
        self.assertEqual(len(declaration), 1)
        self.assertTrue(page.url.endswith(declaration._get_page_url()))
        self.assertIn("11/27/2026, 14:03:05 (CET)", page.text)
        for text in ("Erika Mustermann", self.subscription.name, "03/31/2027", declaration.name):
            self.assertIn(text, page.text)
        self.assertEqual(str(self.subscription.date_end), "2027-03-31")
        mail = self._get_mails(declaration)
        self.assertEqual((len(mail), mail.email_to), (1, "erika@example.com"))
        self.assertIn("14:03:05", mail.body_html)
        self.assertIn("ends on 03/31/2027", mail.body_html)
        self.assertIn(mail.state, ("sent", "outgoing"))

    @shows("LAW-05")
    def test_an_extraordinary_termination_states_its_reason(self):
        page = self._send(termination_kind="extraordinary")
        self.assertIn("Please state the reason", page.text)
        self.assertFalse(self._get_declarations())
        page = self._send(termination_kind="extraordinary", grounds="Down for <b>two</b> weeks")
        declaration = self._get_declarations()
        self.assertEqual(declaration.termination_kind, "extraordinary")
        self.assertEqual(declaration.grounds, "Down for <b>two</b> weeks")
        self.assertIn("&lt;b&gt;two&lt;/b&gt;", page.text)
        self.assertIn("&lt;b&gt;two", self._get_mails(declaration).body_html)
        self.assertEqual(declaration.state, "matched")

    @shows("LAW-06", "LAW-15")
    def test_what_matches_nothing_is_accepted_and_confirmed(self):
        for path in (TERMINATE, WITHDRAW):
            with self.subTest(path=path):
                page = self._send(path, contract="my web space")
                declaration = self._get_declarations()[0]
                self.assertEqual(declaration.state, "new")
                self.assertIn("14:03:05", page.text)
                self.assertIn("my web space", self._get_mails(declaration).body_html)

    @shows("LAW-06")
    def test_the_receipt_is_a_pdf_that_shows_the_time(self):
        report = type(self.env["ir.actions.report"])
        render = report._render_qweb_pdf

        def really_render(report, *args, **kwargs):
            return render(report.with_context(force_report_rendering=True), *args, **kwargs)

        with patch.object(report, "_render_qweb_pdf", really_render):
            declaration = self._receive()
        self.env.flush_all()
        answer = self.url_open(f"{declaration._get_page_url()}/pdf")
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
        for part in ("11/27/2026, 14:03:05", "Erika Mustermann", self.subscription.name):
            self.assertIn(part, text)
        self.assertEqual(
            self._get_mails(declaration).attachment_ids.name, f"{declaration.name}.pdf"
        )

    def test_the_page_does_not_tell_whether_a_contract_exists(self):
        pages = []
        for contract in (self.subscription.name, "SUB999999"):
            page = html.fromstring(self._send(contract=contract).text)
            [receipt] = page.xpath("//div[hasclass('o_legal_receipt')]")
            text = receipt.text_content().replace(contract, "N")
            pages.append(text.replace(self._get_declarations()[0].name, "D"))
        self.assertEqual(*pages)

    def test_errors_are_bound_to_their_inputs_and_nothing_is_lost(self):
        answer = self._send(declarant="", email="no address", contract="x" * 600)
        self.assertIn("Nothing has been sent yet", answer.text)
        page = html.fromstring(answer.text)
        for name in ("declarant", "email", "contract"):
            [field] = page.xpath(f"//*[@name='{name}']")
            self.assertEqual(field.get("aria-invalid"), "true")
            error = field.get("aria-describedby").split()[-1]
            self.assertTrue(page.get_element_by_id(error).text_content().strip())
        self.assertEqual(page.get_element_by_id("email").get("value"), "no address")
        self.assertFalse(self._get_declarations())

    def test_days_are_read_as_people_write_them(self):
        for text in ("2027-04-30", "30.04.2027", "04/30/2027"):
            self._send(date_wished=text, contract=f"about {text}")
            self.assertEqual(str(self._get_declarations()[0].date_wished), "2027-04-30")
        self.assertIn("Please write the day like this", self._send(date_wished="soon").text)

    def test_who_is_logged_in_finds_the_form_filled_in(self):
        user = new_test_user(self.env, "erika", "base.group_portal", password="erika_erika")
        user.partner_id.write({"name": "Erika M.", "email": "em@example.com"})
        subscription = self._create_subscription(partner_id=user.partner_id.id)
        self.env.flush_all()
        self.authenticate("erika", "erika_erika")
        form = self._get_form()
        self.assertEqual(form["contract"], subscription.name)
        self.assertEqual((form["declarant"], form["email"]), ("Erika M.", "em@example.com"))
        self.assertEqual(self._get_form(f"{TERMINATE}?contract=SUB1")["contract"], "SUB1")
        self.assertFalse(self._get_declarations())
