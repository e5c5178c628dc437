"""Saved payment methods that expire: who is told when (requirement PA-34)."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..billing import due_notice
from .subscription_conflict import is_conflict
from .subscription_message import LAYOUT_CONTEXT
from .subscription_subscription import RUNNING_STATES

_logger = logging.getLogger(__name__)

FARTHEST = timedelta(days=366)


class PaymentToken(models.Model):
    _inherit = "payment.token"

    expiry_served = fields.Date(
        readonly=True,
        copy=False,
        help="The day of the latest notice about the expiry; each is given once.",
    )

    @api.model
    def _remind_of_expiry(self):
        """Give the notices that are due, also those that an outage has delayed; each once.

        A method that cannot be served stops no other one.
        """
        commit = self.env["ir.cron"]._commit_progress
        for token in self._get_expiring():
            if not token.try_lock_for_update(allow_referencing=True):
                continue
            token.invalidate_recordset(["expiry_served"])
            try:
                with self.env.cr.savepoint():
                    token._serve_due_notice()
            except Exception as error:
                if is_conflict(error):
                    raise
                _logger.exception("the notice about the expiry of %s is given later", token)
            commit()

    @api.model
    def _get_expiring(self):
        """Saved methods of running subscriptions that have expired or do so within a year."""
        used = self.env["subscription.subscription"]._read_group(
            Domain("payment_token_id.expires_on", "<=", fields.Date.today() + FARTHEST)
            & Domain("state", "in", RUNNING_STATES),
            ["payment_token_id"],
        )
        return self.union(*(token for (token,) in used)).filtered("active")

    def _serve_due_notice(self):
        self.ensure_one()
        company = self.company_id
        notice = due_notice(
            self.expires_on,
            company._get_card_notice_days(),
            self.expiry_served or None,
            self.env["subscription.billing.run"]._get_today(company),
        )
        if not notice:
            return
        self.expiry_served = notice.day
        subscriptions = self._get_subscriptions()
        subscriptions._log_expiry(
            "card_expired" if notice.is_expired else "card_expiring", self.expires_on
        )
        if notice.is_expired or not self.partner_id.email:
            for subscription in subscriptions:
                subscription._ask_for_payment_method(subscription._get_payment_warning() or "")
        else:
            self._send_expiry_notice()

    def _send_expiry_notice(self):
        """Ask the customer to choose another payment method in time."""
        self.ensure_one()
        template = self.env.ref("subscription_base.mail_template_card_expiring")
        template.with_context(**LAYOUT_CONTEXT).send_mail(self.id)

    def _get_choice_path(self):
        """The page of the portal on which the customer chooses another payment method.

        :return: that of the subscription; their list, where there are several.
        :rtype: str
        """
        subscriptions = self._get_subscriptions()
        if len(subscriptions) == 1 and not subscriptions._get_self_obstacle("payment"):
            return f"/my/subscriptions/{subscriptions.id}/do/payment"
        return "/my/subscriptions"


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _log_expiry(self, event_type, day):
        """Record that the saved payment method expires, or has expired, on ``day``."""
        self.env["subscription.event"].sudo().create(
            [
                {
                    "subscription_id": subscription.id,
                    "event_type": event_type,
                    "date_effective": day,
                    "description": self.env._(
                        "%(method)s is valid until %(day)s",
                        method=subscription.sudo().payment_token_id.display_name,
                        day=format_date(self.env, day),
                    ),
                }
                for subscription in self
            ]
        )


class SubscriptionPaymentAttempt(models.Model):
    _inherit = "subscription.payment.attempt"

    @api.model
    def _cron_follow_up(self):
        result = super()._cron_follow_up()
        self.env["payment.token"]._remind_of_expiry()
        return result
