"""Messages to customers: what happened asks for one, a job of its own writes and queues it.

A message is a record that is made in the transaction in which something happens, so that it is
there exactly if that has happened. A unique key keeps it from being made twice; a lock keeps it
from being sent twice.
"""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .subscription_conflict import is_conflict
from .subscription_message_rule import KINDS

_logger = logging.getLogger(__name__)

BATCH = 50
PAUSES = (5, 30, 120, 720, 1440)  # minutes to wait after the first, second, ... failure
CRON = "subscription_base.ir_cron_message"
WOKEN = "subscription_messages_woken"
#: How the layout of each e-mail to a customer looks: the company below, no button to the backend.
LAYOUT_CONTEXT = {
    "email_notification_allow_header": False,
    "email_notification_force_footer": True,
}


class SubscriptionMessage(models.Model):
    _name = "subscription.message"
    _description = "Message to a Customer"
    _order = "id desc"
    _rec_name = "kind"

    kind = fields.Selection(KINDS, "Message", required=True, readonly=True)
    key = fields.Char(required=True, readonly=True, help="What the message is about, once.")
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("sent", "Sent"),
            ("covered", "Covered by another"),
            ("skipped", "Not sent"),
            ("failed", "Failed"),
        ],
        "Status",
        default="waiting",
        required=True,
        readonly=True,
    )
    subscription_id = fields.Many2one(
        "subscription.subscription", required=True, index=True, ondelete="cascade", readonly=True
    )
    partner_id = fields.Many2one(related="subscription_id.partner_id")
    company_id = fields.Many2one(related="subscription_id.company_id", store=True, index=True)
    event_id = fields.Many2one(
        "subscription.event", index="btree_not_null", ondelete="cascade", readonly=True
    )
    move_id = fields.Many2one(
        "account.move", "Invoice", index="btree_not_null", ondelete="cascade", readonly=True
    )
    date_about = fields.Date("About", readonly=True, help="The day that the message is about.")
    reason = fields.Text(readonly=True, help="Why the message has not been sent.")
    attempts = fields.Integer(readonly=True)
    retry_at = fields.Datetime("Next Attempt", readonly=True)
    sent_at = fields.Datetime("Sent on", readonly=True)
    mail_message_id = fields.Many2one(
        "mail.message", "E-mail", index="btree_not_null", ondelete="set null", readonly=True
    )
    subject = fields.Char(related="mail_message_id.subject")
    delivery_error = fields.Char(compute="_compute_delivery_error", compute_sudo=True)

    _key_uniq = models.UniqueIndex(
        "(subscription_id, kind, key)", "The customer has been told this already."
    )
    _to_send_idx = models.Index("(id) WHERE state IN ('waiting', 'failed')")

    @api.depends("mail_message_id.notification_ids.notification_status")
    def _compute_delivery_error(self):
        for message in self:
            faults = message.mail_message_id.notification_ids.filtered(
                lambda notification: notification.notification_status in ("bounce", "exception")
            )
            message.delivery_error = faults[:1].failure_reason or (
                bool(faults) and self.env._("The e-mail could not be delivered.")
            )

    # Sending

    @api.model
    def _wake(self):
        """Let the job that sends messages run as soon as this transaction is committed."""
        hooks = self.env.cr.precommit
        if not hooks.data.get(WOKEN):
            hooks.data[WOKEN] = True
            hooks.add(self.env.ref(CRON).sudo()._trigger)

    @api.model
    def _cron_send(self):
        """Write and queue the messages that wait, batch by batch."""
        commit = self.env["ir.cron"]._commit_progress
        while messages := self._claim():
            messages._send()
            if not commit(len(messages), remaining=self.search_count(self._get_due_domain())):
                break

    @api.model
    def _get_due_domain(self):
        return [
            ("state", "in", ("waiting", "failed")),
            "|",
            ("retry_at", "=", False),
            ("retry_at", "<=", fields.Datetime.now()),
            ("attempts", "<=", len(PAUSES)),
        ]

    @api.model
    def _claim(self):
        """Lock the oldest messages that are due and that no other process is sending."""
        query = self.sudo()._search(self._get_due_domain(), order="id", limit=BATCH)
        rows = self.env.execute_query(
            SQL("%s FOR NO KEY UPDATE OF subscription_message SKIP LOCKED", query.select())
        )
        return self.sudo().browse(row[0] for row in rows)

    def _send(self):
        """Send the messages, each by itself: one that fails stops no other."""
        for message in self._cover():
            try:
                with self.env.cr.savepoint():
                    message._send_one()
            except Exception as error:
                message._postpone(error)

    def _cover(self):
        """Let the last of several changes of a subscription speak for all of them.

        :return: the messages that are left to send
        """
        covered = self.browse()
        changes = self.filtered(lambda message: message.kind == "changed")
        for messages in changes.grouped("subscription_id").values():
            covered += messages.sorted("id")[:-1]
        covered.state = "covered"
        return self - covered

    def _postpone(self, error):
        """Keep why a message could not be sent, and when to try again."""
        now = fields.Datetime.now()
        if is_conflict(error):
            self.retry_at = now + timedelta(minutes=1)
            return
        _logger.warning("message %s of %s failed", self.kind, self.subscription_id.name, exc_info=1)
        pause = PAUSES[min(self.attempts, len(PAUSES) - 1)]
        self.write(
            {
                "state": "failed",
                "reason": str(error),
                "attempts": self.attempts + 1,
                "retry_at": now + timedelta(minutes=pause),
            }
        )

    def _send_one(self):
        """Write the e-mail in the customer's language and hand it to the mail queue."""
        self.ensure_one()
        subscription = self.subscription_id
        is_sent, template = self.env["subscription.message.rule"]._resolve(
            self.kind, subscription.plan_id, subscription.company_id
        )
        if not template:
            raise UserError(self.env._("There is no template for this message any more."))
        if reason := self._get_obstacle(is_sent):
            self._skip(reason)
            return
        composer = self._prepare_composer(template)
        if not composer.partner_ids.filtered("email"):
            self._skip(self.env._("The customer has no e-mail address."))
            return
        _mails, posted = composer._action_send_mail()
        self.write(
            {
                "state": "sent",
                "reason": False,
                "retry_at": False,
                "sent_at": fields.Datetime.now(),
                "mail_message_id": posted.id,
            }
        )

    def _prepare_composer(self, template):
        """The e-mail as Odoo's composer would send it from the subscription's form."""
        subscription = self.subscription_id.with_company(self.company_id).with_context(
            **self._get_render_context()
        )
        composer = subscription.env["mail.compose.message"].with_context(
            default_composition_mode="comment",
            default_model=subscription._name,
            default_res_ids=subscription.ids,
            default_template_id=template.id,
        )
        composer = composer.create(
            {
                "message_type": "auto_comment",
                "subtype_id": self.env.ref("mail.mt_comment").id,
                "email_layout_xmlid": template.email_layout_xmlid
                or "mail.mail_notification_layout",
                "force_send": False,
                "notify_skip_followers": True,
            }
        )
        if attachments := self._get_attachments():
            composer.attachment_ids += attachments
        return composer

    def _get_render_context(self):
        """What templates find in ``ctx``, and how the layout of the e-mail looks."""
        return {
            "subscription_message": self.kind,
            "reminder_day": self.date_about,
            "message_day": self.date_about,
            **LAYOUT_CONTEXT,
            "mail_create_nosubscribe": True,
            "mail_post_autofollow": False,
        }

    def _get_attachments(self):
        """Documents that go with the message, such as the confirmation of a termination.

        :rtype: ir.attachment
        """
        self.ensure_one()
        subscription = self.subscription_id
        localized = subscription.with_context(lang=subscription.partner_id.lang)
        return localized._get_message_attachments(self.kind).with_env(self.env)

    def _get_obstacle(self, is_sent):
        """Why a message that waits is of no use any more; empty when it is.

        :param bool is_sent: whether its kind is sent at all, by the settings of now
        """
        self.ensure_one()
        subscription = self.subscription_id
        if not is_sent:
            return self.env._("Messages of this kind are switched off.")
        match self.kind:
            case "welcome" if subscription.state == "draft":
                return self.env._("The subscription is a draft again.")
            case "welcome" if subscription.state == "closed":
                return self.env._("The subscription was over before the message was sent.")
            case "terminated" if not subscription.date_end:
                return self.env._("The termination has been withdrawn.")
            case "continued" if subscription.date_end and subscription.termination_kind:
                return self.env._("The subscription has been terminated again.")
            case "ended" if subscription.state != "closed":
                return self.env._("The subscription runs again.")
        return ""

    def _skip(self, reason):
        self.write({"state": "skipped", "reason": reason, "retry_at": False})

    # Buttons

    def action_send_again(self):
        """Try messages again that have failed or were not sent."""
        self.check_access("read")
        self.subscription_id.check_access("write")
        tried = self.sudo().filtered(lambda message: message.state in ("failed", "skipped"))
        tried = tried.filtered("event_id")
        tried.write({"state": "waiting", "retry_at": False, "attempts": 0, "reason": False})
        tried._send()
        return True

    def action_open(self):
        """The subscription, where the e-mail is in the chatter; or the invoice that was sent."""
        self.ensure_one()
        record = self.move_id or self.subscription_id
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
        }
