"""Actions that call another system, which answers or is asked again (docs/provisioning.md)."""

import json
import logging
import secrets
from datetime import timedelta, timezone
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from . import webhook_request
from .subscription_action_execute import RETRY_AFTER

_logger = logging.getLogger(__name__)

MANAGER = "subscription_base.group_subscription_manager"
TIMEOUT = 15.0  # seconds
#: How long the answer of a call is waited for before another process repeats it.
LEASE = timedelta(minutes=5)


class ResCompany(models.Model):
    _inherit = "res.company"

    subscription_private_webhooks = fields.Boolean(
        "Webhooks to Private Networks",
        help="Life-cycle actions may call this server itself and computers of your own network. "
        "Whoever sets up plans can then reach what the server can reach.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    subscription_private_webhooks = fields.Boolean(
        related="company_id.subscription_private_webhooks", readonly=False
    )


class SubscriptionPlanAction(models.Model):
    _inherit = "subscription.plan.action"

    webhook_url = fields.Char("URL", groups=MANAGER)
    webhook_secret = fields.Char(
        "Secret",
        default=lambda self: secrets.token_urlsafe(32),
        groups=MANAGER,
        help="Signs the calls: the receiver knows by it that they come from here.",
    )

    @api.constrains("action_type", "webhook_url", "webhook_secret")
    def _check_webhook(self):
        for action in self.filtered(lambda action: action.action_type == "webhook"):
            parts = urlsplit(action.webhook_url or "")
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValidationError(
                    self.env._(
                        "Enter the address that %s calls, such as https://example.com/hook.",
                        action.name,
                    )
                )
            if not action.webhook_secret:
                raise ValidationError(
                    self.env._("%s needs a secret that signs its calls.", action.name)
                )

    def action_new_secret(self):
        """Sign with another secret from now on."""
        self.check_access("write")
        for action in self:
            action.webhook_secret = secrets.token_urlsafe(32)
        return True


class SubscriptionActionRun(models.Model):
    _inherit = "subscription.action.run"

    def _execute_webhook(self):
        """Commit that the call is being made, make it, and note what came of it."""
        if self.state == "sending" and self.attempts > len(RETRY_AFTER):
            self._fail(self.env._("The server stopped during the call, each time it was made."))
            return
        moment = fields.Datetime.now() + LEASE
        self.write({"state": "sending", "attempts": self.attempts + 1, "next_try": moment})
        self.payload = self.payload or self._get_payload_text()
        self._wake(at=moment)
        request = self._prepare_request()
        self.env["ir.cron"]._commit_progress()
        error = self._call(**request)
        self.invalidate_recordset()  # what others have done meanwhile is to be seen
        run = self.try_lock_for_update()
        if run.state != "sending":
            return
        if error:
            run._fail(error)
        else:
            run._succeed()

    def _prepare_request(self):
        """All that the call needs: nothing is read from the database while it is made.

        :rtype: dict
        """
        action = self.action_id
        return {
            "url": action.webhook_url,
            "body": self.payload.encode(),
            "headers": {
                "Idempotency-Key": self.key,
                "X-Subscription-Event": self.event_id.event_type,
            },
            "secret": action.webhook_secret,
            "timeout": TIMEOUT,
            "allow_private": action.company_id.subscription_private_webhooks,
        }

    def _call(self, **request):
        """:return: what went wrong, in words; ``None`` when the receiver has accepted."""
        try:
            webhook_request.post(**request)
        except webhook_request.NotPublic:
            return self.env._(
                "The address is one of a private network. To call it all the same, allow it in "
                "the settings of subscriptions."
            )
        except webhook_request.Refused as refusal:
            return self.env._(
                "The receiver answered %(status)s: %(answer)s",
                status=refusal.status,
                answer=refusal.answer,
            )
        except (OSError, ValueError) as error:
            _logger.info("%s could not call its webhook", self, exc_info=True)
            return self.env._("The receiver could not be reached: %s", error)
        return None

    def _get_payload_text(self):
        return json.dumps(self._prepare_payload(), ensure_ascii=False, sort_keys=True, indent=1)

    def _prepare_payload(self):
        """What the receiver is told: what is ordered and by whom, never what it costs.

        :rtype: dict
        """
        self.ensure_one()
        event = self.event_id
        return {
            "key": self.key,
            "trigger": self.trigger,
            "event": {
                "id": event.id,
                "type": event.event_type,
                "date": event.date.replace(tzinfo=timezone.utc).isoformat(),
                "date_effective": _day(event.date_effective),
                "state": event.subscription_state,
            },
            "company": {"id": self.company_id.id, "name": self.company_id.name},
            "subscription": self.subscription_id._prepare_action_payload(),
        }


class SubscriptionSubscription(models.Model):
    _inherit = "subscription.subscription"

    def _prepare_action_payload(self):
        """The order data of a subscription for other systems: no price, no payment.

        :rtype: dict
        """
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line._is_current(self._get_today()))
        entitlements = self.env["subscription.entitlement"].search(
            [("subscription_id", "=", self.id)]
        )
        return {
            "id": self.id,
            "reference": self.name,
            "customer_reference": self.client_order_ref or None,
            "state": self.state,
            "date_start": _day(self.date_start),
            "date_end": _day(self.date_end),
            "plan": {
                "handle": self.plan_id.handle,
                "version": self.plan_id.version,
                "name": self.plan_id.name,
            },
            "customer": {
                "id": self.partner_id.id,
                "reference": self.partner_id.ref or None,
                "name": self.partner_id.name,
                "email": self.partner_id.email or None,
            },
            "lines": [
                {
                    "id": line.id,
                    "product": line.product_id.default_code or None,
                    "name": line.name,
                    "type": line.charge_type,
                    "quantity": line.quantity,
                }
                for line in lines
            ],
            "entitlements": [
                {
                    "feature": entitlement.feature_id.handle,
                    "state": entitlement.state,
                    "limit": entitlement.limit_quantity if entitlement.is_limited else None,
                    "date_from": _day(entitlement.date_from),
                    "date_to": _day(entitlement.date_to),
                }
                for entitlement in entitlements
            ],
        }


def _day(day):
    return day.isoformat() if day else None
