"""The confirmation that each declaration gets at once: a page, a PDF and an e-mail (LAW-06)."""

import base64
import logging

from psycopg2 import OperationalError

from odoo import fields, models
from odoo.fields import Command, Domain
from odoo.tools import email_normalize

from .identity_text import has_link
from .subscription_message import LAYOUT_CONTEXT

_logger = logging.getLogger(__name__)

# In an hour; beyond them no e-mail is sent by itself, the page and the PDF confirm.
MAX_MAILS_TO_ADDRESS = 3
MAX_MAILS_FROM_SOURCE = 30
REPORT = "subscription_base.subscription_declaration_report"
TEMPLATE = "subscription_base.mail_template_declaration"


class SubscriptionDeclaration(models.Model):
    _inherit = "subscription.declaration"

    receipt = fields.Binary(attachment=True, readonly=True)
    receipt_name = fields.Char(compute="_compute_receipt_name")
    confirmed_at = fields.Datetime("E-Mail Sent", readonly=True)
    mail_failure = fields.Char("E-Mail Failed", compute="_compute_mail_failure")

    def _compute_receipt_name(self):
        for declaration in self:
            declaration.receipt_name = f"{declaration.name}.pdf"

    def _compute_mail_failure(self):
        """The reason of the last e-mail, if it could not be sent."""
        for declaration in self:
            mail = declaration._get_mails()[:1]
            failed = mail.state == "exception"
            declaration.mail_failure = failed and (
                mail.failure_reason or self.env._("It could not be sent.")
            )

    def _get_mails(self):
        """The confirmations, the latest first."""
        domain = [
            ("model", "=", self._name),
            ("res_id", "=", self.id),
            ("message_type", "=", "email_outgoing"),
        ]
        return self.env["mail.mail"].sudo().search(domain, order="id desc")

    def _get_page_url(self):
        """Where the customer sees it again; the link cannot be guessed."""
        self.ensure_one()
        return f"/subscription/declaration/{self.access_token}"

    def _get_content_rows(self):
        """What was declared, for the customer.

        :return: pairs of a label and a text.
        :rtype: list[tuple[str, str]]
        """
        self.ensure_one()
        kinds = dict(self._fields["termination_kind"]._description_selection(self.env))
        earliest = self.env._("as early as possible")
        rows = [(self.env._("Declaration"), self._get_statement())]
        if self.kind == "termination":
            rows += [
                (self.env._("Kind of termination"), kinds[self.termination_kind]),
                (self.env._("Reason"), self.grounds),
            ]
        rows += [
            (self.env._("Name"), self.declarant),
            (self.env._("Contract"), self.contract),
        ]
        if self.kind == "termination":
            wish = self.date_wished and self._format_date(self.date_wished)
            rows.append((self.env._("Requested end"), wish or earliest))
        rows += [
            (self.env._("E-mail"), self.email),
            (self.env._("Received"), self.received_text),
            (self.env._("Reference"), self.name),
        ]
        return [(label, text) for label, text in rows if text]

    def _get_statement(self):
        if self.kind == "withdrawal":
            return self.env._("I withdraw from the contract named below.")
        return self.env._("I terminate the contract named below.")

    def _get_mail_rows(self):
        """As :meth:`_get_content_rows`, without links that somebody else may have written.

        The form sends e-mail to any address, so nobody may use it to pass on links. What would
        become one is in the attached PDF only.
        """
        hidden = self.env._("see the attached PDF")
        free = {self.grounds, self.declarant, self.contract}
        return [
            (label, hidden if text in free and has_link(text) else text)
            for label, text in self._get_content_rows()
        ]

    def _format_date(self, day):
        return self.env["ir.qweb.field.date"].value_to_html(day, {})

    def _get_outcome_text(self):
        """What has become of the contract, for its customer.

        :rtype: str
        """
        self.ensure_one()
        values = {
            "contract": self.subscription_id.name,
            "day": self.date_end and self._format_date(self.date_end),
            "wish": self.date_wished and self._format_date(self.date_wished),
        }
        match self.outcome:
            case "ends":
                return self.env._("Your contract %(contract)s ends on %(day)s.", **values)
            case "ends_later":
                return self.env._(
                    "You wished for an end on %(wish)s. By what has been agreed, your contract "
                    "%(contract)s ends on %(day)s at the earliest, and it ends on that day.",
                    **values,
                )
            case "ended_before":
                return self.env._(
                    "Your contract %(contract)s had been terminated before. It ends on %(day)s.",
                    **values,
                )
            case "voided":
                return self.env._(
                    "Your contract %(contract)s was not binding yet. It is cancelled, and you owe "
                    "nothing for it.",
                    **values,
                )
            case "revoked":
                return self.env._("You have withdrawn from your contract %(contract)s.", **values)
            case _:
                return self.env._(
                    "We will match your declaration with your contract and let you know the result "
                    "without delay. You don't need to do anything."
                )

    def _confirm(self):
        """Make the receipt and send it; past the limits somebody sends it by hand."""
        self.ensure_one()
        self._make_receipt()
        if self._may_send():
            self._send_confirmation()
        else:
            self._hand_over(
                self.env._("The confirmation was not sent: too many e-mails within an hour.")
            )

    def _may_send(self):
        sent = self._get_recent_domain() & Domain("confirmed_at", "!=", False)
        to_address = self.search_count(sent & self._get_same_email_domain())
        from_source = self.search_count(sent & Domain("source", "=", self.source or "-"))
        return to_address < MAX_MAILS_TO_ADDRESS and from_source < MAX_MAILS_FROM_SOURCE

    def _make_receipt(self):
        """Keep the PDF. Without it the declaration is received nevertheless."""
        localized = self.with_context(lang=self.lang)
        try:
            with self.env.cr.savepoint():
                report = localized.env["ir.actions.report"].sudo()
                content, report_type = report._render_qweb_pdf(REPORT, self.ids)
        except OperationalError:
            raise
        except Exception:
            _logger.exception("The receipt of %s could not be printed", self.name)
            return
        if report_type == "pdf":
            self.sudo().receipt = base64.b64encode(content)

    def action_send_confirmation(self):
        """Send the confirmation once more."""
        self.check_access("write")
        for declaration in self:
            declaration._send_confirmation()
        return True

    def _send_confirmation(self):
        """Send what was declared, when it was received and what follows, after the commit.

        The customer of the contract is told as well when another address was stated: nobody's
        contract ends behind their back.
        """
        self.ensure_one()
        customer = self.partner_id
        known = self._get_customers(self.subscription_id).mapped("email_normalized")
        recipients = [{"email_to": self.email, "recipient_ids": []}]
        if self.outcome and customer.email and email_normalize(self.email) not in known:
            recipients.append({"email_to": False, "recipient_ids": [Command.link(customer.id)]})
        files = [(self.receipt_name, self.sudo().receipt)] if self.sudo().receipt else []
        template = self.env.ref(TEMPLATE).sudo().with_context(**LAYOUT_CONTEXT)
        mail_ids = [
            template.send_mail(self.id, email_values={**recipient, "attachments": files})
            for recipient in recipients
        ]
        self.sudo().confirmed_at = fields.Datetime.now()
        self.env["mail.mail"].sudo().browse(mail_ids).send_after_commit()
