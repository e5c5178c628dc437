"""Actions that send an e-mail: to the company itself, or to the partner who delivers for it."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .subscription_message import LAYOUT_CONTEXT

TEMPLATES = {
    "company": "subscription_base.mail_template_action_company",
    "partner": "subscription_base.mail_template_action_fulfilment",
}


class SubscriptionPlanAction(models.Model):
    _inherit = "subscription.plan.action"

    recipient_type = fields.Selection(
        [("company", "The company"), ("partner", "A fulfilment partner")],
        "To",
        default="company",
        required=True,
    )
    email_to = fields.Char("Address", help="Another address than that of the company.")
    recipient_id = fields.Many2one(
        "res.partner",
        "Partner",
        check_company=True,
        ondelete="restrict",
        help="Who delivers for the company. The e-mail that comes with the add-on tells what is "
        "ordered, by whom and whereto: no price, no bank account, no payment.",
    )
    mail_template_id = fields.Many2one(
        "mail.template",
        "Text",
        compute="_compute_mail_template_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('model', '=', 'subscription.subscription')]",
        ondelete="restrict",
    )

    @api.depends("action_type", "recipient_type")
    def _compute_mail_template_id(self):
        """The text for this recipient, unless another one was chosen."""
        shipped = {
            kind: self.env.ref(name, raise_if_not_found=False) for kind, name in TEMPLATES.items()
        }
        for action in self:
            chosen = action.mail_template_id
            if action.action_type == "email" and (not chosen or chosen in shipped.values()):
                action.mail_template_id = shipped[action.recipient_type]

    @api.constrains("action_type", "recipient_type", "recipient_id", "mail_template_id")
    def _check_email(self):
        for action in self.filtered(lambda action: action.action_type == "email"):
            if not action.mail_template_id:
                raise ValidationError(
                    self.env._("Choose the text of the e-mail that %s sends.", action.name)
                )
            if action.mail_template_id.sudo().model != "subscription.subscription":
                raise ValidationError(
                    self.env._(
                        "%s is about other records. Choose an e-mail about subscriptions.",
                        action.mail_template_id.display_name,
                    )
                )
            if action.recipient_type == "partner" and not action.recipient_id:
                raise ValidationError(
                    self.env._("Choose the partner to whom %s writes.", action.name)
                )

    def _get_email(self):
        """The address to which the action writes.

        :raise UserError: when there is none.
        """
        self.ensure_one()
        reader = self._get_reader()
        chosen = self.recipient_type == "company" and self.email_to
        if address := chosen or reader.email:
            return address
        raise UserError(
            self.env._("%s has no e-mail address. Enter one, then try again.", reader.display_name)
        )

    def _get_reader(self):
        """Who gets the e-mail: the fulfilment partner, or the company's own contact."""
        is_partner = self.recipient_type == "partner"
        return self.recipient_id if is_partner else self.company_id.sudo().partner_id


class SubscriptionActionRun(models.Model):
    _inherit = "subscription.action.run"

    def _execute_email(self):
        self._execute_in_transaction(self._put_into_outbox)

    def _put_into_outbox(self):
        """Odoo's own queue sends the e-mail, and shows where that fails."""
        action = self.action_id
        recipients = {"email_to": action._get_email(), "recipient_ids": [], "email_cc": False}
        action.mail_template_id.with_context(**self._get_email_context()).send_mail(
            self.subscription_id.id, email_values=recipients
        )

    def _get_email_context(self):
        """What templates find in ``ctx``, in the language of the recipient."""
        lang = self.action_id._get_reader().lang or self.env.lang
        localized = self.with_context(lang=lang)
        return {
            "happened": localized._get_happened(),
            "event": localized.event_id,
            "reader_lang": lang,
            **LAYOUT_CONTEXT,
        }

    def _get_happened(self):
        """What has started the action, in words; of "another event", the kind of that event."""
        record, name = self.action_id, "trigger"
        if record.trigger in ("event", "any"):
            record, name = self.event_id, "event_type"
        return dict(record._fields[name]._description_selection(self.env))[record[name]]


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _get_fulfilment_lines(self):
        """What is to be delivered today: the products of the lines that run, without fees."""
        self.ensure_one()
        today = self._get_today()
        return self.line_ids.filtered(
            lambda line: line._is_current(today) and line.charge_type not in ("setup", "usage")
        )
