from odoo.tests import tagged

from .common import shows
from .test_action import ActionCommon


@tagged("post_install", "-at_install")
class TestActionEmail(ActionCommon):
    """E-mails to the company, and to the partner who delivers for it."""

    def _get_mail(self, subscription, **values):
        self._create_action("activation", action_type="email", **values)
        subscription.action_start()
        before = self.env["mail.mail"].sudo().search([])
        self._run_actions()
        self.assertEqual(self._get_runs(subscription).mapped("state"), ["done"])
        mail = self.env["mail.mail"].sudo().search([]) - before
        self.assertEqual(len(mail), 1)
        return mail

    @shows("K3-34")
    def test_an_e_mail_to_the_company(self):
        self.company.email = "office@example.com"
        subscription = self._create_subscription(start=False)
        mail = self._get_mail(subscription)
        self.assertEqual((mail.email_to, mail.recipient_ids.ids), ("office@example.com", []))
        self.assertIn(subscription.name, mail.subject)
        self.assertIn("The service begins", mail.body_html)
        self.assertIn(mail.mail_message_id, subscription.message_ids)

    @shows("K3-34")
    def test_an_e_mail_to_the_address_that_was_chosen(self):
        subscription = self._create_subscription(start=False)
        mail = self._get_mail(subscription, email_to="ops@example.com")
        self.assertEqual(mail.email_to, "ops@example.com")

    def test_each_recipient_reads_the_own_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.company.partner_id.write({"email": "office@example.com", "lang": "de_DE"})
        self.assertEqual(self.partner_a.lang, "en_US")
        for name in ("company", "fulfilment"):
            template = self.env.ref(f"subscription_base.mail_template_action_{name}")
            template.with_context(lang="de_DE").body_html = "<p>Guten Tag</p>"
        subscription = self._create_subscription(start=False)
        self.assertIn("Guten Tag", self._get_mail(subscription).body_html)
        context = self._get_runs(subscription)._get_email_context()
        self.assertEqual(context["reader_lang"], "de_DE")
        self.assertEqual(context["event"].env.lang, "de_DE")

    def test_an_e_mail_to_a_partner_is_in_the_language_of_the_partner(self):
        self.env["res.lang"]._activate_lang("de_DE")
        template = self.env.ref("subscription_base.mail_template_action_fulfilment")
        template.with_context(lang="de_DE").body_html = "<p>Guten Tag</p>"
        partner = self.env["res.partner"].create(
            {"name": "Versand", "email": "ship@example.com", "lang": "de_DE"}
        )
        subscription = self._create_subscription(start=False)
        mail = self._get_mail(subscription, recipient_type="partner", recipient_id=partner.id)
        self.assertIn("Guten Tag", mail.body_html)

    def test_the_texts_can_be_shown_without_an_event(self):
        subscription = self._create_subscription(start=False)
        for name in ("company", "fulfilment"):
            template = self.env.ref(f"subscription_base.mail_template_action_{name}")
            body = template._render_field("body_html", subscription.ids)[subscription.id]
            subject = template._render_field("subject", subscription.ids)[subscription.id]
            self.assertIn(subscription.name, body)
            for text in ("<strong></strong>", "</strong>:"):
                self.assertNotIn(text, body)
            self.assertFalse(subject.rstrip().endswith(":"))

    def test_an_e_mail_about_another_event_names_it(self):
        self.company.email = "office@example.com"
        self._create_action("event", action_type="email", event_type="created")
        subscription = self._create_subscription(start=False)
        self._run_actions()
        self.assertEqual(subscription.message_ids[:1].subject, f"{subscription.name}: Created")

    @shows("K3-35")
    def test_an_e_mail_to_the_fulfilment_partner_holds_order_data_only(self):
        partner = self.env["res.partner"].create({"name": "Ship", "email": "ship@example.com"})
        bank = self.env["res.partner.bank"].create(
            {"acc_number": "DE89370400440532013000", "partner_id": self.partner_a.id}
        )
        self.hosting.default_code = "BOX"
        self.partner_a.write({"street": "Main Street 7", "city": "Gießen", "zip": "35390"})
        subscription = self._create_subscription(start=False, client_order_ref="PO 42")
        subscription.line_ids.write({"quantity": 3.0, "price_unit": 47.11})
        mail = self._get_mail(subscription, recipient_type="partner", recipient_id=partner.id)
        self.assertEqual(mail.email_to, "ship@example.com")
        body = f"{mail.subject} {mail.body_html}"
        for text in (subscription.name, "PO 42", "BOX", "Main Street 7", "Gießen", ">3<"):
            self.assertIn(text, body.replace("<t>", "").replace("</t>", ""), text)
        symbol = subscription.currency_id.symbol
        for secret in ("47.11", "47,11", "141.33", symbol, bank.acc_number, "IBAN"):
            self.assertNotIn(secret, body)
        self.assertFalse(mail.attachment_ids)

    def test_without_an_address_the_action_fails_and_says_so(self):
        self.company.email = False
        self._create_action("activation", action_type="email")
        subscription = self._create_subscription()
        self._run_actions()
        run = self._get_runs(subscription)
        self.assertEqual(run.state, "pending")
        self.assertIn("has no e-mail address", run.error)

    def test_the_text_follows_the_recipient_until_another_is_chosen(self):
        action = self._create_action(action_type="email")
        company, partner = (
            self.env.ref(f"subscription_base.mail_template_action_{kind}")
            for kind in ("company", "fulfilment")
        )
        self.assertEqual(action.mail_template_id, company)
        action.write({"recipient_type": "partner", "recipient_id": self.partner_b.id})
        self.assertEqual(action.mail_template_id, partner)
        own = company.copy()
        action.mail_template_id = own
        action.write({"recipient_type": "company"})
        self.assertEqual(action.mail_template_id, own)
